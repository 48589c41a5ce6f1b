//! A year of referrals is accounted for, never forgets one while it is open, and goes better when somebody is told what is late.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

use simulated_year::parameters as p;
use simulated_year::results::{Results, live};
use simulated_year::table::rate;
use simulated_year::year::Arm;

const SEED: u64 = 2026;
/// Half of what the program lives through: enough to tell the arms apart, in half the time.
const REFERRALS: usize = p::REFERRALS / 2;

/// Every referral is counted once: its loop is closed, it ended for a reason, or it is open.
fn assert_accounted_for(year: &Results) {
    assert_eq!(year.referrals, REFERRALS);
    assert_eq!(
        year.loop_closed + year.ended_with_reason + year.open,
        year.referrals
    );
    assert!(year.completed + year.never_a_date <= year.referrals);
    // The invariant itself is looked at while the year goes by: it would have ended with an error.
    assert!(year.looked_at > 0);
}

/// A count is what was published, as near as chance lets it be.
#[track_caller]
fn assert_near(count: usize, published: f64) {
    let referrals = f64::from(u32::try_from(REFERRALS).unwrap());
    let standard_error = (published * (1.0 - published) / referrals).sqrt();
    let share = rate(count, REFERRALS);
    let off = (share - published).abs();
    assert!(
        off < p::CALIBRATION_STANDARD_ERRORS * standard_error,
        "{share}, not {published}"
    );
}

#[test]
fn a_year_is_accounted_for_and_chasing_closes_more_loops() {
    let acted_on = p::SHARE_ACTED_ON_A_DAY;
    let years = live(&[Arm::Without, Arm::With { acted_on }], REFERRALS, SEED).unwrap();
    let [without, with] = years.as_slice() else {
        unreachable!("two were asked for")
    };
    assert_accounted_for(without);
    assert_accounted_for(with);

    assert_near(without.completed, p::PUBLISHED_COMPLETED);
    assert_near(without.never_a_date, p::PUBLISHED_NEVER_A_DATE);

    assert!(with.completed > without.completed);
    assert!(with.loop_closed > without.loop_closed);
    assert!(with.never_a_date < without.never_a_date);
    assert!(with.open < without.open);
    assert!(with.breaches > 0);
}
