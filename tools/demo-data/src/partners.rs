//! The systems of partners, which take what they are sent until they are cut off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ports::{Answered, SendError};
use runtime::NativeBuilder;

/// Whether they answer. Clones share it.
#[derive(Debug, Clone)]
pub struct Partners(Arc<AtomicBool>);

impl Partners {
    /// Partners that answer what a deployment over `database` sends.
    pub fn of(database: NativeBuilder) -> (Self, NativeBuilder) {
        let partners = Self(Arc::new(AtomicBool::new(true)));
        let up = partners.0.clone();
        let database = database.partner(move |_| match up.load(Ordering::Relaxed) {
            true => Ok(Answered {
                status: 204,
                retry_after: None,
            }),
            false => Err(SendError::Unreachable),
        });
        (partners, database)
    }

    /// From now on none answers.
    pub fn cut_off(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
