//! The invariant: no referral is open without somebody whose turn it is, and a time at which it is looked at again.

use anyhow::{Result, bail};

use crate::calendar::{HOUR_MS, instant};
use crate::deployment::rows;
use crate::parameters as p;
use crate::year::Year;

/// Open by what happened, without asking whose turn it is: not ended; or ended and not acknowledged; or acknowledged, and the
/// patient not told. Those of them that nobody has to act on, or that nobody looks at. Reads every row.
const FORGOTTEN: &str = "
SELECT id, status FROM referrals WHERE created_at <= ?1 AND (turn IS NULL OR next_due_at IS NULL) AND (
  status IN ('sent', 'info-requested', 'accepted', 'scheduled', 'no-show', 'appointment-cancelled', 'seen',
    'cancellation-requested', 'completed')
  OR (status = 'closed' AND state ->> '$.closure.patient_informed_at' IS NULL)
  OR (status IN ('declined', 'not-completed', 'cancelled') AND state ->> '$.resolution' IS NULL))";

/// How many are open, and since when the sweep could have looked at the one that has waited longest: since it was due, or since it
/// was written, where what came late was due before it came.
const OPEN: &str = "
SELECT count(*) AS open, min(max(next_due_at, updated_at)) AS earliest FROM referrals
WHERE created_at <= ?1 AND turn IS NOT NULL";

impl Year {
    /// Looks at every referral.
    ///
    /// # Errors
    /// When one is open and forgotten, or was to be looked at and the sweep has passed it by.
    pub fn watch(&mut self) -> Result<()> {
        let forgotten = rows(&self.deployment, FORGOTTEN)?;
        if let Some(row) = forgotten.first() {
            let (id, status) = (row.text("id"), row.text("status"));
            bail!(
                "{}: {id:?} is {status:?}, and nobody looks at it",
                instant(self.now_ms)
            );
        }
        let open = rows(&self.deployment, OPEN)?;
        let Some(row) = open.first() else {
            return Ok(());
        };
        let earliest = row.integer("earliest").unwrap_or(i64::MAX);
        if self.arm.is_swept() && earliest < self.now_ms - p::SWEEP_EVERY_HOURS * HOUR_MS {
            bail!(
                "{}: the sweep has passed by what was due at {}",
                instant(self.now_ms),
                instant(earliest)
            );
        }
        self.looked_at += u64::try_from(row.integer("open").unwrap_or(0)).unwrap_or(0);
        Ok(())
    }
}
