//! A platform on which somebody else writes between a read and what follows from it.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use ports::{Answer, DatabaseError, Platform, Setting, Statement};

/// The platform under test; once a batch has read the row of `referral`, the other writer's batch runs before its answer.
#[derive(Debug, Clone)]
pub struct Meanwhile<P> {
    platform: P,
    referral: Arc<str>,
    others: Arc<Mutex<Option<Vec<Statement>>>>,
}

impl<P> Meanwhile<P> {
    /// `statements` run when `referral` has been read for the first time.
    pub fn new(platform: P, referral: &str, statements: Vec<Statement>) -> Self {
        Self {
            platform,
            referral: referral.into(),
            others: Arc::new(Mutex::new(Some(statements))),
        }
    }

    /// Whether the other writer has written.
    pub fn has_happened(&self) -> bool {
        let others = self.others.lock();
        others.unwrap_or_else(PoisonError::into_inner).is_none()
    }

    fn take(&self) -> Vec<Statement> {
        let others = self.others.lock();
        let taken = others.unwrap_or_else(PoisonError::into_inner).take();
        taken.unwrap_or_default()
    }
}

impl<P: Platform> Platform for Meanwhile<P> {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Answer, DatabaseError> {
        let answer = self.platform.batch(statements).await?;
        let is_read = answer
            .rows(0)
            .iter()
            .any(|row| row.text("id") == Some(&*self.referral) && row.text("state").is_some());
        if is_read {
            self.platform.batch(self.take()).await?;
        }
        Ok(answer)
    }

    fn now(&self) -> i64 {
        self.platform.now()
    }

    fn random(&self) -> [u8; 16] {
        self.platform.random()
    }

    fn report(&self, fault: &str) {
        self.platform.report(fault);
    }

    fn setting(&self, setting: Setting) -> impl Future<Output = Option<String>> + Send {
        self.platform.setting(setting)
    }
}
