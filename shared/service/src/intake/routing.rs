//! `route` in place of a recipient: the best fit becomes the recipient, and the referral says why.

use domain::matching::{Exclusion, Fit, Matches};
use domain::policy::Policy;
use domain::request::{Free, Recipient};
use domain::time::Timestamp;
use ports::Row;
use serde_json::{Value, json};

use super::candidates::{Wanted, candidates, days, reasons};
use crate::http::{Fault, Problem};
use crate::json::from_value;
use crate::recipients::Offer;

/// The recipient that was found.
pub(super) struct Chosen {
    /// What it takes.
    pub(super) offer: Offer,
    /// Why it, as it is stored and shown.
    pub(super) routed: Free,
}

/// The best fit among the rows of [`Wanted::statement`].
///
/// # Errors
/// [`Problem::Invalid`] when no service fits, with how many there are and why they do not.
pub(super) fn choose(
    wanted: &Wanted,
    rows: &[Row],
    policy: &Policy,
    now: Timestamp,
) -> Result<Chosen, Problem> {
    let candidates = candidates(rows)?;
    let matches = wanted.rank(&candidates, policy, now);
    let Some(best) = matches.fits.first() else {
        let fault = Fault::at("/route/specialty", "no-match", why_none(&matches));
        return Err(Problem::Invalid(vec![fault]));
    };
    let candidate = best.candidate;
    Ok(Chosen {
        routed: from_value(routed(wanted, best, matches.fits.len()))?,
        offer: Offer {
            recipient: Recipient::Member {
                organization: candidate.organization.clone(),
                service: Some(candidate.service.clone()),
            },
            specialty: Some(candidate.offered.specialty.clone()),
            requirements: candidate.offered.requirements.clone(),
            limits: candidate.offered.limits.clone(),
        },
    })
}

/// What was asked for is kept as it was decided on: with the patient's language where the route named none.
fn routed(wanted: &Wanted, best: &Fit<'_>, fits: usize) -> Value {
    let mut asked = json!({ "specialty": wanted.specialty });
    let members = [
        ("near", &wanted.asked.near),
        ("language", &wanted.asked.language),
    ];
    for (name, value) in members {
        if let (Value::Object(asked), Some(value)) = (&mut asked, value) {
            asked.insert(name.to_owned(), value.as_str().into());
        }
    }
    json!({
        "asked": asked,
        "expected_days": days(best.expected),
        "reasons": reasons(best),
        "alternatives": fits.saturating_sub(1),
    })
}

/// A service may have more than one reason, and counts for each.
fn why_none(matches: &Matches<'_>) -> String {
    let excluded = &matches.excluded;
    if excluded.is_empty() {
        return "must be the specialty of a service in the network".to_owned();
    }
    let counts: Vec<String> = Exclusion::ALL
        .iter()
        .filter_map(|reason| {
            let count = excluded
                .iter()
                .filter(|excluded| excluded.reasons.contains(reason))
                .count();
            (count > 0).then(|| format!("{count} {}", reason.as_str()))
        })
        .collect();
    format!(
        "no service of this specialty can take it; excluded: {} ({})",
        excluded.len(),
        counts.join(", ")
    )
}
