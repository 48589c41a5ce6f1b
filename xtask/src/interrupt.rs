//! Ctrl-C, SIGTERM and our own end: every program that we started ends with us.
//!
//! A server runs in a process group of its own and stops when its standard input closes, which also happens when this
//! program is killed. What is still there after [`STOP_SECONDS_MAX`] is killed with its whole group.

use std::{
    process::{self, Child, ChildStdin},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use nix::{
    sys::{
        signal::{Signal, kill, killpg},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};

/// How long a server may take to stop before it is killed.
const STOP_SECONDS_MAX: u64 = 5;
const POLL_MILLISECONDS: u64 = 20;
/// What a shell reports for a program that Ctrl-C ended.
const EXIT_INTERRUPTED: i32 = 130;

static STOPPING: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<Vec<Started>> = Mutex::new(Vec::new());

/// A program that this one started.
#[derive(Debug)]
struct Started {
    pid: Pid,
    /// Of a server: closing it tells the server to stop.
    stdin: Option<ChildStdin>,
}

/// Stops everything on Ctrl-C and SIGTERM, then ends this program.
///
/// # Errors
/// When the handler cannot be installed.
pub fn install() -> Result<()> {
    ctrlc::set_handler(|| {
        STOPPING.store(true, Ordering::SeqCst);
        let running = std::mem::take(&mut *lock());
        for started in running {
            started.stop();
        }
        process::exit(EXIT_INTERRUPTED);
    })
    .context("installing the handler for Ctrl-C")
}

/// Does not return once this program is being stopped: what ends now was ended by us, and is no failure to report.
pub fn hold_while_stopping() {
    while STOPPING.load(Ordering::SeqCst) {
        thread::park();
    }
}

/// A program that is remembered, to be stopped with this one.
#[derive(Debug, Clone, Copy)]
pub struct Running(Pid);

/// Remembers a program until [`ended`] or [`stop`]. With its standard input it is a server, the first of its process group.
pub fn started(child: &Child, stdin: Option<ChildStdin>) -> Running {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
    lock().push(Started { pid, stdin });
    Running(pid)
}

/// Forgets a program that has ended.
pub fn ended(running: Running) {
    take(running);
}

/// Stops a server and all that it started.
pub fn stop(running: Running) {
    if let Some(started) = take(running) {
        started.stop();
    }
}

fn take(running: Running) -> Option<Started> {
    let mut all = lock();
    let index = all.iter().position(|started| started.pid == running.0)?;
    Some(all.swap_remove(index))
}

impl Started {
    fn stop(self) {
        let Some(stdin) = self.stdin else {
            let _ = kill(self.pid, Signal::SIGTERM);
            return;
        };
        drop(stdin);
        let polls = STOP_SECONDS_MAX * 1000 / POLL_MILLISECONDS;
        for _ in 0..polls {
            match waitpid(self.pid, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => {
                    thread::sleep(Duration::from_millis(POLL_MILLISECONDS));
                }
                _ => break,
            }
        }
        // Ends nothing when the server has taken its own processes with it, as it should.
        let _ = killpg(self.pid, Signal::SIGKILL);
    }
}

fn lock() -> MutexGuard<'static, Vec<Started>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
