//! What a component prints: whole lines on the host's stderr, each with the component's name before it.

use std::io::Write;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

/// A line longer than this is cut into several.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// The stdout and stderr of one instance.
#[derive(Clone)]
pub(crate) struct Output {
    component: Arc<str>,
    line: Arc<Mutex<Vec<u8>>>,
}

impl Output {
    pub(crate) fn new(component: Arc<str>) -> Self {
        Self {
            component,
            line: Arc::default(),
        }
    }

    fn push(&self, bytes: &[u8]) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        for &byte in bytes {
            if byte != b'\n' {
                line.push(byte);
            }
            if byte == b'\n' || line.len() >= LINE_BYTES_MAX {
                self.print(&line);
                line.clear();
            }
        }
    }

    fn print(&self, line: &[u8]) {
        let mut whole = format!("[{}] ", self.component).into_bytes();
        whole.extend_from_slice(line);
        whole.push(b'\n');
        // Nobody is left to tell when stderr is closed.
        let _ = std::io::stderr().lock().write_all(&whole);
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::strong_count(&self.line) == 1 && !line.is_empty() {
            self.print(&line);
            line.clear();
        }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Output {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
