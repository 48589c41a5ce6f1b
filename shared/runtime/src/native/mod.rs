//! Native: SQLite in a file or in memory, a clock that tests move, settings given by the caller. For tests and tools.

mod deferred;
mod sqlite;

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use ports::{Answer, Answered, DatabaseError, Outgoing, Platform, SendError, Setting, Statement};
use rusqlite::Connection;

use deferred::Deferred;

/// Why a native platform could not be opened or migrated.
#[derive(Debug, thiserror::Error)]
pub enum NativeError {
    /// SQLite could not open the file.
    #[error("the database could not be opened")]
    Open(#[source] rusqlite::Error),
    /// A migration failed; those before it took effect, this one did not.
    #[error("migration {number} failed")]
    Migration {
        /// Its place in the list, from 1.
        number: usize,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

/// The platform port over one SQLite connection. Clones share the connection and the clock.
///
/// A batch holds the thread while it runs: right for tests and tools, not for a server under load.
#[derive(Debug, Clone)]
pub struct Native {
    connection: Arc<Mutex<Connection>>,
    clock: Arc<Mutex<Clock>>,
    settings: Arc<HashMap<&'static str, String>>,
    partner: Partner,
    deferred: Deferred,
}

/// Answers what is sent to partners: a test's own stand-in for all of them.
type Answers = dyn Fn(Outgoing) -> Result<(Answered, Vec<u8>), SendError> + Send + Sync;

#[derive(Clone)]
struct Partner(Arc<Answers>);

impl std::fmt::Debug for Partner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Partner")
    }
}

/// Where the time comes from.
#[derive(Debug, Clone, Copy)]
enum Clock {
    /// The computer's.
    System,
    /// Stands at this instant until a test moves it.
    Fixed { unix_milliseconds: i64 },
}

/// What a [`Native`] is opened with.
#[derive(Debug, Clone)]
pub struct NativeBuilder {
    path: Option<PathBuf>,
    clock: Clock,
    settings: HashMap<&'static str, String>,
    partner: Partner,
    migrations: Vec<String>,
}

impl Native {
    /// An empty database in memory.
    #[must_use]
    pub fn in_memory() -> NativeBuilder {
        NativeBuilder::new(None)
    }

    /// The database in the file at `path`, made when there is none. Open it twice for two connections.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> NativeBuilder {
        NativeBuilder::new(Some(path.into()))
    }

    /// Sets the clock; it stands there until it is set again.
    pub fn set_now(&self, unix_milliseconds: i64) {
        *self.clock() = Clock::Fixed { unix_milliseconds };
    }

    /// Moves the clock on from where it stands and stops it there.
    pub fn advance(&self, milliseconds: i64) {
        self.set_now(self.now().saturating_add(milliseconds));
    }

    /// The work that was left for after an answer, the oldest first. Nobody else does it.
    pub async fn work_on(&self) {
        while let Some(work) = self.deferred.next() {
            work.await;
        }
    }

    fn clock(&self) -> std::sync::MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NativeBuilder {
    fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            clock: Clock::System,
            settings: HashMap::new(),
            partner: Partner(Arc::new(|_| Err(SendError::Unreachable))),
            migrations: Vec::new(),
        }
    }

    /// Starts with the clock standing at this instant instead of the computer's clock.
    #[must_use]
    pub fn now(mut self, unix_milliseconds: i64) -> Self {
        self.clock = Clock::Fixed { unix_milliseconds };
        self
    }

    /// Gives the functions a setting.
    #[must_use]
    pub fn setting(mut self, setting: Setting, value: impl Into<String>) -> Self {
        self.settings.insert(setting.name(), value.into());
        self
    }

    /// Answers every request to a partner; without it nobody can be reached.
    #[must_use]
    pub fn partner(
        self,
        answer: impl Fn(Outgoing) -> Result<Answered, SendError> + Send + Sync + 'static,
    ) -> Self {
        self.partner_with_body(move |request| Ok((answer(request)?, Vec::new())))
    }

    /// The same with the bodies of the answers.
    #[must_use]
    pub fn partner_with_body(
        mut self,
        answer: impl Fn(Outgoing) -> Result<(Answered, Vec<u8>), SendError> + Send + Sync + 'static,
    ) -> Self {
        self.partner = Partner(Arc::new(answer));
        self
    }

    /// Runs these SQL texts in order when the database is opened, each as one transaction. One may hold several statements.
    /// Nothing is remembered: for a file that is opened again, leave out what it has.
    #[must_use]
    pub fn migrations<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.migrations.extend(texts.into_iter().map(Into::into));
        self
    }

    /// Opens the database and migrates it.
    ///
    /// # Errors
    /// [`NativeError::Open`] when the file cannot be opened, [`NativeError::Migration`] when a migration fails.
    pub fn open(self) -> Result<Native, NativeError> {
        let connection = sqlite::open(self.path.as_deref()).map_err(NativeError::Open)?;
        for (index, text) in self.migrations.iter().enumerate() {
            sqlite::migrate(&connection, text).map_err(|source| NativeError::Migration {
                number: index + 1,
                source,
            })?;
        }
        Ok(Native {
            connection: Arc::new(Mutex::new(connection)),
            clock: Arc::new(Mutex::new(self.clock)),
            settings: Arc::new(self.settings),
            partner: self.partner,
            deferred: Deferred::default(),
        })
    }
}

impl Platform for Native {
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Answer, DatabaseError>> + Send {
        let connection = Arc::clone(&self.connection);
        async move {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            sqlite::batch(&connection, &statements)
        }
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "this is the port that the others take the clock from"
    )]
    fn now(&self) -> i64 {
        match *self.clock() {
            Clock::Fixed { unix_milliseconds } => unix_milliseconds,
            Clock::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|since| i64::try_from(since.as_millis()).ok())
                .unwrap_or(0),
        }
    }

    fn random(&self) -> [u8; 16] {
        crate::random::sixteen_bytes()
    }

    fn report(&self, fault: &str) {
        eprintln!("{fault}");
    }

    fn send(&self, request: Outgoing) -> impl Future<Output = Result<Answered, SendError>> + Send {
        std::future::ready((self.partner.0)(request).map(|(answered, _)| answered))
    }

    fn send_and_read(
        &self,
        request: Outgoing,
        bytes_max: usize,
    ) -> impl Future<Output = Result<(Answered, Vec<u8>), SendError>> + Send {
        let answer = (self.partner.0)(request).map(|(answered, mut body)| {
            body.truncate(bytes_max);
            (answered, body)
        });
        std::future::ready(answer)
    }

    fn after(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.deferred.add(work);
    }

    fn setting(&self, setting: Setting) -> impl Future<Output = Option<String>> + Send {
        std::future::ready(self.settings.get(setting.name()).cloned())
    }
}
