//! Work that a request leaves for after its answer, until a test does it.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A queue of work. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Deferred(Arc<Mutex<VecDeque<Work>>>);

impl Deferred {
    pub(super) fn add(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.queue().push_back(Box::pin(work));
    }

    pub(super) fn next(&self) -> Option<Work> {
        self.queue().pop_front()
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, VecDeque<Work>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Deferred {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Deferred")
    }
}
