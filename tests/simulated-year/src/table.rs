//! The results as text.

use crate::parameters as p;
use crate::results::Results;

/// The two arms side by side.
#[must_use]
pub fn arms(without: &Results, with: &Results) -> String {
    let share = |count: fn(&Results) -> usize| {
        move |results: &Results| percent(count(results), results.referrals)
    };
    type Cell = Box<dyn Fn(&Results) -> String>;
    let rows: Vec<(&str, Cell)> = vec![
        (
            "referrals",
            Box::new(|results| results.referrals.to_string()),
        ),
        (
            "completed: the patient was seen",
            Box::new(share(|results| results.completed)),
        ),
        (
            "never had a date",
            Box::new(share(|results| results.never_a_date)),
        ),
        (
            "report received",
            Box::new(share(|results| results.report_received)),
        ),
        (
            "loop closed: report acknowledged",
            Box::new(share(|results| results.loop_closed)),
        ),
        (
            "ended for a reason, and dealt with",
            Box::new(share(|results| results.ended_with_reason)),
        ),
        (
            "open at the end of the year",
            Box::new(share(|results| results.open)),
        ),
        (
            "patient told",
            Box::new(share(|results| results.patient_informed)),
        ),
        (
            "days to the visit, median",
            Box::new(|results| days(results.days_to_visit)),
        ),
        (
            "days to the closed loop, median",
            Box::new(|results| days(results.days_to_closure)),
        ),
        (
            "limits found passed",
            Box::new(|results| results.breaches.to_string()),
        ),
        (
            "escalations",
            Box::new(|results| results.escalated.to_string()),
        ),
        (
            "reminders",
            Box::new(|results| results.reminders.to_string()),
        ),
        (
            "waiting reports applied",
            Box::new(|results| results.unparked.to_string()),
        ),
        (
            "open referrals looked at, day by day",
            Box::new(|results| results.looked_at.to_string()),
        ),
    ];
    let mut lines = vec![format!("{:<38}{:>12}{:>12}", "", "without", "with")];
    lines.extend(
        rows.iter()
            .map(|(name, cell)| format!("{name:<38}{:>12}{:>12}", cell(without), cell(with))),
    );
    lines.push(format!(
        "without is set to meet what was published: {:.1}% completed, {:.1}% never had a date",
        100.0 * p::PUBLISHED_COMPLETED,
        100.0 * p::PUBLISHED_NEVER_A_DATE
    ));
    lines.join("\n")
}

/// With chasing, by how much of what is late the offices act on in a business day.
#[must_use]
pub fn sensitivity(years: &[(f64, Results)]) -> String {
    let mut lines = vec![format!(
        "{:<22}{:>12}{:>14}{:>13}{:>20}{:>8}",
        "acted on a day", "completed", "never a date", "loop closed", "ended for a reason", "open"
    )];
    lines.extend(years.iter().map(|(acted_on, results)| {
        let share = |count| percent(count, results.referrals);
        format!(
            "{:<22}{:>12}{:>14}{:>13}{:>20}{:>8}",
            if *acted_on > 0.0 {
                format!("{:.0}%", 100.0 * acted_on)
            } else {
                "without the sweep".to_owned()
            },
            share(results.completed),
            share(results.never_a_date),
            share(results.loop_closed),
            share(results.ended_with_reason),
            share(results.open)
        )
    }));
    lines.join("\n")
}

/// A share of referrals.
#[must_use]
pub fn rate(count: usize, of: usize) -> f64 {
    let exact = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    exact(count) / exact(of.max(1))
}

fn percent(count: usize, of: usize) -> String {
    format!("{:.1}%", 100.0 * rate(count, of))
}

fn days(days: Option<i64>) -> String {
    days.map_or_else(|| "-".to_owned(), |days| days.to_string())
}
