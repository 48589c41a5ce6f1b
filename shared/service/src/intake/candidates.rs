//! The services of a specialty in the caller's network, with what is needed to rank them: read in one statement.

use domain::limits::LimitName;
use domain::matching::{Asked, Candidate, Days, Excluded, Fit, Matches, WAITS_MAX, What, rank};
use domain::policy::Policy;
use domain::request::{Coding, Request, Urgency};
use domain::time::Timestamp;
use ports::{Row, Statement};
use serde_json::{Value, json};

use crate::auth::Credentials;
use crate::call::read;
use crate::http::Problem;
use crate::json::{from_text, to_value};

/// The most services that are looked at, the first by organisation and service: each costs [`WAITS_MAX`] rows of waits.
pub(super) const CANDIDATES_MAX: usize = 100;

/// By `services_by_specialty`, which ends in the primary key and so is in the order asked for, the primary keys of
/// `organizations` and `keys`, and for each service the end of its part of the primary key of `visit_waits`.
const CANDIDATES: &str = "
SELECT s.organization_id AS match_organization, s.id AS match_service, s.document AS match_document,
       o.document ->> '$.name' AS match_name, o.document ->> '$.roles' AS match_roles, o.active AS match_active,
       (SELECT json_group_array(hours) FROM (
          SELECT w.urgency, w.hours FROM visit_waits w WHERE w.organization = s.organization_id AND w.service = s.id
          ORDER BY w.referral_id DESC LIMIT ?4)
        WHERE urgency = ?3 AND hours IS NOT NULL) AS match_waits
FROM keys k JOIN organizations c ON c.id = k.organization_id
JOIN services s ON s.network = c.network AND s.specialty = ?2
JOIN organizations o ON o.id = s.organization_id
WHERE k.hash = ?1 ORDER BY s.organization_id, s.id LIMIT ?5";

/// What is wanted of the network's services.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) specialty: String,
    pub(super) asked: Asked,
}

impl Wanted {
    /// What the body of a match asks for, whose shape was checked.
    pub(super) fn of_match(body: &Value) -> Result<Self, Problem> {
        let code = body.get("code").filter(|code| !code.is_null());
        Ok(Self {
            specialty: text(body, "specialty").unwrap_or_default(),
            asked: Asked {
                code: code.cloned().map(read::<Coding>).transpose()?,
                urgency: text(body, "urgency")
                    .and_then(|code| Urgency::parse(&code))
                    .unwrap_or(Urgency::Routine),
                language: text(body, "language"),
                near: text(body, "near"),
            },
        })
    }

    /// What the route of a request asks for; what it leaves open the request says.
    pub(super) fn of_route(route: &Value, request: &Request) -> Self {
        Self {
            specialty: text(route, "specialty").unwrap_or_default(),
            asked: Asked {
                // A draft may not say yet what for.
                code: Some(request.service.clone()).filter(|code| !code.code.is_empty()),
                urgency: request.urgency,
                language: text(route, "language").or_else(|| request.patient.language.clone()),
                near: text(route, "near"),
            },
        }
    }

    /// Reads the services of the specialty.
    pub(super) fn statement(&self, credentials: &Credentials) -> Statement {
        Statement::new(
            CANDIDATES,
            [
                credentials.hash().into(),
                self.specialty.as_str().into(),
                self.asked.urgency.as_str().into(),
                limit(WAITS_MAX),
                // One more than are looked at: it tells whether there are more.
                limit(CANDIDATES_MAX.saturating_add(1)),
            ],
        )
    }

    /// Ranks what was read.
    pub(super) fn rank<'a>(
        &self,
        candidates: &'a [Candidate],
        policy: &Policy,
        now: Timestamp,
    ) -> Matches<'a> {
        let allowed = policy.allowed(LimitName::Seen, self.asked.urgency);
        rank(&self.asked, candidates, allowed, now.date())
    }
}

fn limit(rows: usize) -> ports::Value {
    i64::try_from(rows).unwrap_or(i64::MAX).into()
}

fn text(body: &Value, name: &str) -> Option<String> {
    body.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// The candidates of the rows of [`Wanted::statement`].
///
/// # Errors
/// [`Problem::Internal`] when a stored service is not what we write.
pub(super) fn candidates(rows: &[Row]) -> Result<Vec<Candidate>, Problem> {
    rows.iter().take(CANDIDATES_MAX).map(candidate).collect()
}

fn candidate(row: &Row) -> Result<Candidate, Problem> {
    let text = |column| row.text(column).unwrap_or_default();
    Ok(Candidate {
        organization: text("match_organization").to_owned(),
        name: text("match_name").to_owned(),
        service: text("match_service").to_owned(),
        organization_active: row.flag("match_active"),
        is_recipient: text("match_roles").contains("recipient"),
        offered: from_text(text("match_document"))?,
        waits_hours: from_text(text("match_waits"))?,
    })
}

/// The days of a sum or an addend: a whole number where it is one.
pub(super) fn days(days: Days) -> Value {
    let quarters = i32::try_from(days.quarters()).unwrap_or(i32::MAX);
    if quarters % 4 == 0 {
        (quarters / 4).into()
    } else {
        (f64::from(quarters) / 4.0).into()
    }
}

/// The addends of a place, each with what it rests on.
pub(super) fn reasons(fit: &Fit<'_>) -> Value {
    fit.addends
        .iter()
        .map(|addend| {
            json!({
                "what": addend.what.as_str(),
                "days": days(addend.days),
                "detail": detail(addend.what, fit.candidate),
            })
        })
        .collect()
}

fn detail(what: What, candidate: &Candidate) -> String {
    match what {
        What::PastWaits => format!(
            "the median of the last {} visits",
            candidate.waits_hours.len()
        ),
        What::NextAvailable => "until the first free day that the service tells".to_owned(),
        What::TimeAllowed => "the time allowed until the visit, as nothing is known".to_owned(),
        What::Near => "a location has what was asked for".to_owned(),
        What::NotNear => "no location has what was asked for: half of the time allowed".to_owned(),
        What::LanguageSpoken => "the service lists the language".to_owned(),
        What::InterpreterNeeded => {
            "the service does not list the language: a quarter of the time allowed".to_owned()
        }
    }
}

/// A place in the list of a match.
pub(super) fn place(rank: usize, fit: &Fit<'_>) -> Result<Value, Problem> {
    let candidate = fit.candidate;
    let offered = &candidate.offered;
    let mut place = json!({
        "rank": rank,
        "organization": candidate.organization,
        "name": candidate.name,
        "service": candidate.service,
        "specialty": offered.specialty,
        "locations": offered.locations,
        "languages": offered.languages,
        "expected_days": days(fit.expected),
        "reasons": reasons(fit),
        "requirements": to_value(&offered.requirements)?,
    });
    if let (Value::Object(members), Some(day)) = (&mut place, offered.next_available) {
        members.insert("next_available".to_owned(), day.to_string().into());
    }
    Ok(place)
}

/// A service that cannot take it, with every reason.
pub(super) fn excluded(excluded: &Excluded<'_>) -> Value {
    let reasons: Vec<_> = excluded.reasons.iter().map(|it| it.as_str()).collect();
    json!({
        "organization": excluded.candidate.organization,
        "service": excluded.candidate.service,
        "reasons": reasons,
    })
}
