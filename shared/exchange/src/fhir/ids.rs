//! The FHIR id of a leg's Task: the referral's for the first, `{id}-{n}` for the n-th.

/// How many digits a leg's number may have.
const LEG_DIGITS_MAX: usize = 4;

/// The id of a leg's Task.
#[must_use]
pub fn task_id(referral: &str, leg: u32) -> String {
    if leg <= 1 {
        referral.to_owned()
    } else {
        format!("{referral}-{leg}")
    }
}

/// The referral and the leg that a Task's id means. No referral's id ends as a leg's does: what follows its last hyphen is
/// longer.
#[must_use]
pub fn leg_of(task_id: &str) -> (&str, u32) {
    task_id
        .rsplit_once('-')
        .filter(|(_, leg)| leg.len() <= LEG_DIGITS_MAX && !leg.starts_with('0'))
        .and_then(|(referral, leg)| Some((referral, leg.parse().ok()?)))
        .filter(|(_, leg)| *leg > 1)
        .unwrap_or((task_id, 1))
}
