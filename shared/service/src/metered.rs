//! Counts what a request asks of the database; every answer tells it in `server-timing`.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ports::{Answer, Answered, DatabaseError, Outgoing, Platform, SendError, Setting, Statement};

/// What one request has cost so far. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    round_trips: AtomicU64,
    rows_read: AtomicU64,
    rows_written: AtomicU64,
    /// Whether the platform counts rows at all.
    rows_are_counted: AtomicBool,
}

impl Meter {
    /// How many batches were sent.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.0.round_trips.load(Ordering::Relaxed)
    }

    fn count(&self, answer: &Answer) {
        for (total, rows) in [
            (&self.0.rows_read, answer.rows_read),
            (&self.0.rows_written, answer.rows_written),
        ] {
            if let Some(rows) = rows {
                total.fetch_add(rows, Ordering::Relaxed);
                self.0.rows_are_counted.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The header's value: `db` is the number of round trips. Rows are told with what was `answered` alone: how many were read would say
    /// whether what somebody may not see is there.
    #[must_use]
    pub fn server_timing(&self, answered: bool) -> String {
        let mut text = format!("db;desc=\"{}\"", self.round_trips());
        if answered && self.0.rows_are_counted.load(Ordering::Relaxed) {
            for (name, count) in [
                ("rows-read", &self.0.rows_read),
                ("rows-written", &self.0.rows_written),
            ] {
                text.push_str(&format!(
                    ", {name};desc=\"{}\"",
                    count.load(Ordering::Relaxed)
                ));
            }
        }
        text
    }
}

/// A platform whose batches are counted.
#[derive(Debug, Clone)]
pub struct Metered<P> {
    platform: P,
    meter: Meter,
}

impl<P> Metered<P> {
    /// Counts what goes to `platform` on `meter`.
    pub fn new(platform: P, meter: Meter) -> Self {
        Self { platform, meter }
    }

    /// Where it is counted.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }
}

impl<P: Platform> Platform for Metered<P> {
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Answer, DatabaseError>> + Send {
        let batch = self.platform.batch(statements);
        async move {
            self.meter.0.round_trips.fetch_add(1, Ordering::Relaxed);
            let answer = batch.await?;
            self.meter.count(&answer);
            Ok(answer)
        }
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

    fn send(&self, request: Outgoing) -> impl Future<Output = Result<Answered, SendError>> + Send {
        self.platform.send(request)
    }

    fn send_and_read(
        &self,
        request: Outgoing,
        bytes_max: usize,
    ) -> impl Future<Output = Result<(Answered, Vec<u8>), SendError>> + Send {
        self.platform.send_and_read(request, bytes_max)
    }

    fn after(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.platform.after(work);
    }

    fn setting(&self, setting: Setting) -> impl Future<Output = Option<String>> + Send {
        self.platform.setting(setting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_only_where_the_platform_counts_them() {
        let meter = Meter::default();
        assert_eq!(meter.server_timing(true), "db;desc=\"0\"");
        meter.count(&Answer::default());
        assert_eq!(meter.server_timing(true), "db;desc=\"0\"");
        meter.count(&Answer {
            rows_read: Some(3),
            rows_written: Some(0),
            ..Answer::default()
        });
        assert_eq!(
            meter.server_timing(true),
            "db;desc=\"0\", rows-read;desc=\"3\", rows-written;desc=\"0\""
        );
        assert_eq!(meter.server_timing(false), "db;desc=\"0\"");
    }
}
