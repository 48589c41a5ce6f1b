//! The connections of senders, and the one thread that hands on.

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::time::Timestamp;
use formats::hl7::{self, Outcome};
use formats::said::Fault;

use crate::frame;
use crate::relay::{Answer, Target, pause};
use crate::spool::Spool;

/// Connections at once; ours: an engine holds one open, a handful of systems are in front of it.
const CONNECTIONS_MAX: usize = 64;
/// How long a connection may be idle, or a sender slow to take its answer.
const IDLE: Duration = Duration::from_secs(60 * 60);
/// How long a sender is kept waiting for the function's answer; past it the message is handed on all the same, and the sender,
/// who hears nothing, sends it again, as MLLP has it.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// How often the spool is looked at where nobody says that something came.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// When a sender is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// When the function has answered, with its answer.
    Function,
    /// When the message is on disk, with CA (or AA in original mode).
    Stored,
}

/// Who waits for the answer to which file.
type Senders = HashMap<PathBuf, SyncSender<Option<Vec<u8>>>>;

/// What all threads share.
struct Shared {
    spool: Spool,
    mode: Mode,
    senders: Mutex<Senders>,
    arrived: Condvar,
    connections: AtomicUsize,
}

/// Takes messages from `listener` and hands them on to `target`, for ever.
///
/// # Errors
/// Where no thread can be started.
pub fn run(listener: &TcpListener, spool: Spool, target: Target, mode: Mode) -> io::Result<()> {
    let shared = Arc::new(Shared {
        spool,
        mode,
        senders: Mutex::default(),
        arrived: Condvar::new(),
        connections: AtomicUsize::new(0),
    });
    let handing_on = Arc::clone(&shared);
    thread::Builder::new()
        .name("hand on".to_owned())
        .spawn(move || hand_on(&handing_on, &target))?;
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        if shared.connections.fetch_add(1, Ordering::SeqCst) >= CONNECTIONS_MAX {
            shared.connections.fetch_sub(1, Ordering::SeqCst);
            eprintln!("a connection too many was closed");
            continue;
        }
        let shared = Arc::clone(&shared);
        thread::Builder::new()
            .name("sender".to_owned())
            .spawn(move || {
                if let Err(error) = receive(&shared, &stream) {
                    eprintln!("a connection ended: {error}");
                }
                shared.connections.fetch_sub(1, Ordering::SeqCst);
            })?;
    }
    Ok(())
}

/// One sender.
fn receive(shared: &Shared, stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_write_timeout(Some(IDLE))?;
    let mut from = BufReader::new(stream);
    let mut to = stream;
    while let Some(message) = frame::read(&mut from)? {
        let answer = match shared.mode {
            Mode::Stored => {
                shared.spool.store(&message)?;
                shared.arrived.notify_all();
                acknowledgement(&message, &Outcome::Accepted)
            }
            Mode::Function => {
                let answer = store_and_wait(shared, &message)?;
                match answer.recv_timeout(ANSWER_WITHIN) {
                    Ok(answer) => answer,
                    // Nothing is answered: the sender must not take its own for delivered before it is.
                    Err(_) => return Ok(()),
                }
            }
        };
        if let Some(answer) = answer {
            frame::write(&mut to, &answer)?;
        }
    }
    Ok(())
}

/// Puts a message on disk, and who waits for its answer on the list, before the other thread can have answered.
fn store_and_wait(shared: &Shared, message: &[u8]) -> io::Result<Receiver<Option<Vec<u8>>>> {
    let (answer, waits) = sync_channel(1);
    let mut senders = shared.senders()?;
    let path = shared.spool.store(message)?;
    senders.insert(path, answer);
    drop(senders);
    shared.arrived.notify_all();
    Ok(waits)
}

impl Shared {
    fn senders(&self) -> io::Result<MutexGuard<'_, Senders>> {
        self.senders.lock().map_err(|_| broken())
    }

    /// The messages that wait, as soon as there is one.
    fn waiting(&self) -> io::Result<Vec<PathBuf>> {
        let mut senders = self.senders()?;
        loop {
            let waiting = self.spool.waiting()?;
            if !waiting.is_empty() {
                return Ok(waiting);
            }
            // Stored without the list being held, a message could be missed by a moment: look again once a second.
            (senders, _) = self
                .arrived
                .wait_timeout(senders, LOOK_AGAIN)
                .map_err(|_| broken())?;
        }
    }
}

fn broken() -> io::Error {
    io::Error::other("a thread failed while it held the list")
}

/// Hands on what is on disk, the oldest first, and waits for what comes.
fn hand_on(shared: &Shared, target: &Target) {
    let mut failures: u32 = 0;
    loop {
        match all(shared, target, &mut failures) {
            Ok(None) => {}
            Ok(Some(reason)) => {
                failures = failures.saturating_add(1);
                eprintln!(
                    "not handed on, tried again in {} s: {reason}",
                    pause(failures).as_secs()
                );
                thread::sleep(pause(failures));
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                eprintln!("the spool cannot be read or written: {error}");
                thread::sleep(pause(failures));
            }
        }
    }
}

/// Hands on all that waits; why not, where one stays, and with it those behind it.
fn all(shared: &Shared, target: &Target, failures: &mut u32) -> io::Result<Option<String>> {
    for path in shared.waiting()? {
        if let Some(reason) = one(shared, target, &path)? {
            return Ok(Some(reason));
        }
        *failures = 0;
    }
    Ok(None)
}

/// Hands on one message; why not, where it stays.
fn one(shared: &Shared, target: &Target, path: &Path) -> io::Result<Option<String>> {
    let message = std::fs::read(path)?;
    let answer = match target.post(&message) {
        Answer::Later(reason) => return Ok(Some(reason)),
        Answer::Taken(answer) => {
            shared.spool.done(path)?;
            answer
        }
        Answer::Refused(status) => {
            shared.spool.refused(path)?;
            eprintln!(
                "refused with status {status}: kept for a person as {}",
                path.with_extension("refused").display()
            );
            let fault = Fault {
                at: "MSH".to_owned(),
                code: "refused",
                detail: format!("the receiving system refused it with status {status}"),
            };
            acknowledgement(&message, &Outcome::Rejected(vec![fault]))
        }
    };
    if let Some(sender) = shared.senders()?.remove(path) {
        // Nobody listens when the sender has gone; the message has arrived all the same.
        let _ = sender.try_send(answer);
    }
    Ok(None)
}

/// Our own answer; the accept acknowledgement in enhanced mode, because no application has seen it yet.
fn acknowledgement(message: &[u8], outcome: &Outcome) -> Option<Vec<u8>> {
    let mut header = hl7::header(message).ok()?;
    if header.accept_ack.is_some() {
        header.application_ack = None;
    }
    let control_id = format!("{}-R", header.control_id);
    hl7::acknowledge(&header, outcome, now()?, &control_id).map(String::into_bytes)
}

#[allow(
    clippy::disallowed_methods,
    reason = "a native program: no port stands between it and the clock"
)]
fn now() -> Option<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Timestamp::from_millisecond(i64::try_from(since.as_millis()).ok()?).ok()
}
