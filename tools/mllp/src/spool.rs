//! The messages that were taken and not yet handed on: a folder with one file each, in the order of arrival.
//!
//! A file appears whole or not at all: it is written under another name, synced and renamed, and the folder is synced. Files are
//! their owner's alone, for they are patients' data.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

/// Messages that wait at most; ours: past it none is taken, and senders keep their own.
pub const WAITING_MAX: usize = 100_000;

const WAITING: &str = "hl7";
const REFUSED: &str = "refused";

/// The folder.
pub struct Spool {
    folder: PathBuf,
    counts: Mutex<Counts>,
}

/// Known without reading the folder again.
struct Counts {
    /// The number of the newest message.
    last: u64,
    /// How many wait.
    waiting: usize,
}

impl Spool {
    /// Opens the folder, or makes it. Files that a kill left half written were never acknowledged, and are taken away.
    ///
    /// # Errors
    /// Of the file system.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        own_alone(folder)?;
        let mut counts = Counts {
            last: 0,
            waiting: 0,
        };
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|name| name == "part") {
                fs::remove_file(&path)?;
            }
            counts.last = counts.last.max(number(&path).unwrap_or(0));
            counts.waiting += usize::from(is_waiting(&path));
        }
        Ok(Self {
            folder: folder.to_owned(),
            counts: Mutex::new(counts),
        })
    }

    /// Puts a message on disk: when this returns, a kill does not lose it.
    ///
    /// # Errors
    /// Of the file system, and where [`WAITING_MAX`] wait already.
    pub fn store(&self, message: &[u8]) -> io::Result<PathBuf> {
        // Held to the end, so that the order of the names is that of the arrivals.
        let mut counts = self.counts()?;
        if counts.waiting >= WAITING_MAX {
            return Err(io::Error::other("too many messages wait"));
        }
        let next = counts.last + 1;
        let part = self.folder.join(format!("{next:020}.part"));
        let path = self.folder.join(format!("{next:020}.{WAITING}"));
        let mut file = create_own(&part)?;
        file.write_all(message)?;
        file.sync_all()?;
        fs::rename(&part, &path)?;
        self.sync_folder()?;
        counts.last = next;
        counts.waiting += 1;
        Ok(path)
    }

    /// The messages that wait, the oldest first.
    ///
    /// # Errors
    /// Of the file system.
    pub fn waiting(&self) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if is_waiting(&path) {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// The message was handed on.
    ///
    /// # Errors
    /// Of the file system.
    pub fn done(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)?;
        self.gone()
    }

    /// The message was refused for good: it stays, under another name, for a person to look at.
    ///
    /// # Errors
    /// Of the file system.
    pub fn refused(&self, path: &Path) -> io::Result<()> {
        fs::rename(path, path.with_extension(REFUSED))?;
        self.gone()
    }

    fn gone(&self) -> io::Result<()> {
        let mut counts = self.counts()?;
        counts.waiting = counts.waiting.saturating_sub(1);
        drop(counts);
        self.sync_folder()
    }

    fn counts(&self) -> io::Result<MutexGuard<'_, Counts>> {
        self.counts
            .lock()
            .map_err(|_| io::Error::other("a thread failed while it wrote to the spool"))
    }

    fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }
}

fn is_waiting(path: &Path) -> bool {
    path.extension().is_some_and(|name| name == WAITING)
}

fn number(path: &Path) -> Option<u64> {
    path.file_stem()?.to_str()?.parse().ok()
}

fn create_own(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn own_alone(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
}

#[cfg(not(unix))]
fn own_alone(_: &Path) -> io::Result<()> {
    Ok(())
}
