//! What may grow, and how far.

use crate::asks::{Ask, Growth};
use crate::costs::Cost;

/// How much the work of what must not grow may differ, in percent: pages hold other rows.
const MORE_MAX_PERCENT: i64 = 25;

/// Steps of SQLite's machine for each sum that is read; those that were received are sorted within a month.
const STEPS_A_SUM_MAX: i64 = 50;

/// Bytes of a sum. Measured at 1,000,000 referrals, where a sum is of 140; the most that it can have, with every wait that is told
/// apart and every code, is 30 kB.
const BYTES_A_SUM_MAX: usize = 8_000;

/// Rows and steps around the sums: who asks, the policy, names.
const ROWS_AROUND_MAX: usize = 40;
const STEPS_AROUND_MAX: i64 = 10_000;

/// What is over budget in what `who` was answered at the sizes, the smallest first.
#[must_use]
pub fn faults(ask: &Ask, who: &str, costs: &[Cost]) -> Vec<String> {
    let mut faults = Vec::new();
    let name = ask.name;
    let Some(first) = costs.first() else {
        return vec![format!("{name}: nothing was measured")];
    };
    for cost in costs {
        faults.extend(cost.scans.iter().map(|step| format!("{name}: {step}")));
        if cost.steps == 0 {
            faults.push(format!("{name}, {who}: read nothing"));
        }
        let is_grown = cost.steps * 100 > first.steps * (100 + MORE_MAX_PERCENT);
        if is_grown && (who == "north" || ask.grows_with == Growth::Nothing) {
            faults.push(format!(
                "{name}, {who}: {} steps, then {}",
                first.steps, cost.steps
            ));
        }
        if let Growth::Sums(most) = ask.grows_with {
            let steps_max = i64::try_from(most).unwrap_or(i64::MAX) * STEPS_A_SUM_MAX;
            if cost.rows > most + ROWS_AROUND_MAX
                || cost.steps > steps_max + STEPS_AROUND_MAX
                || cost.bytes > most * BYTES_A_SUM_MAX
            {
                faults.push(format!(
                    "{name}, {who}: {} rows of {} bytes in {} steps",
                    cost.rows, cost.bytes, cost.steps
                ));
            }
        }
    }
    faults.dedup();
    faults
}
