//! `GET /fhir/Task?…`, `POST /fhir/Task/_search`, and the same of ServiceRequest: what the caller's organisation may see.
//!
//! What names a patient comes in a body alone: in a URL it is refused, because URLs are logged. A parameter that is not known is
//! refused too: leaving a filter out would show more than was asked for. Pages are by id, so that what comes or goes meanwhile
//! shifts nothing.

use domain::status::{BusinessStatus, TaskStatus};
use domain::time::{Date, Timestamp};
use formats::fhir;
use http::StatusCode;
use ports::{Platform, Row, Statement, Value as Bound};
use serde_json::Value;

use super::opened::Opened;
use super::{answer, base, check_accept, parameter};
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Fault, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Parameter, Problem, Reply};
use crate::referrals::sql::{record_columns, record_tables};
use crate::referrals::{Loaded, Record};
use crate::worklist::reads::{self, Action};

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Legs, as Tasks.
    Task,
    /// Referrals, as ServiceRequests.
    ServiceRequest,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Task => "Task",
            Self::ServiceRequest => "ServiceRequest",
        }
    }

    const fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::Task => TASK_PARAMETERS,
            Self::ServiceRequest => SERVICE_REQUEST_PARAMETERS,
        }
    }

    const fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::Task => TaskStatus::CODES,
            Self::ServiceRequest => REQUEST_STATUSES,
        }
    }

    const fn sql(self) -> &'static str {
        match self {
            Self::Task => TASKS,
            Self::ServiceRequest => SERVICE_REQUESTS,
        }
    }
}

/// The statuses that a ServiceRequest of ours has.
const REQUEST_STATUSES: &[&str] = &["active", "completed", "revoked", "entered-in-error"];

/// The parameters of a search of ServiceRequests by URL, as the CapabilityStatement lists them.
pub(super) const SERVICE_REQUEST_PARAMETERS: &[Parameter] = &[
    parameter("_id", "Only these; several separated by commas."),
    parameter(
        "identifier",
        "Only with this placer's or filler's id: system|value.",
    ),
    parameter(
        "status",
        "Only with this status; several separated by commas.",
    ),
    parameter(
        "performer",
        "Only for this organisation: Organization/{id}.",
    ),
    parameter("requester", "Only of this organisation: Organization/{id}."),
    parameter(
        "authored",
        "When it was sent: a date or an instant, after eq, gt, ge, lt or le.",
    ),
    parameter("_lastUpdated", "When it last changed, likewise."),
    parameter("_count", "How many at most; 50 by default, 200 at most."),
    parameter("_include", "ServiceRequest:patient."),
    parameter("_format", "json."),
    parameter(
        "_cursor",
        "Where the page begins: a link of the page before has it.",
    ),
    parameter(
        "_patient-of",
        "Only of the patient of this referral: a link of the page before has it.",
    ),
];

/// The parameters of a search of Tasks by URL, likewise.
pub(super) const TASK_PARAMETERS: &[Parameter] = &[
    parameter("_id", "Only these Tasks; several separated by commas."),
    parameter(
        "identifier",
        "Only with this placer's or filler's id: system|value.",
    ),
    parameter(
        "status",
        "Only with this status; several separated by commas.",
    ),
    parameter(
        "business-status",
        "Only with this code; several separated by commas.",
    ),
    parameter("owner", "Only for this organisation: Organization/{id}."),
    parameter("requester", "Only of this organisation: Organization/{id}."),
    parameter(
        "authored-on",
        "When it was sent: a date or an instant, after eq, gt, ge, lt or le.",
    ),
    parameter("modified", "When it last changed, likewise."),
    parameter("_lastUpdated", "The same as modified."),
    parameter(
        "_count",
        "How many Tasks at most; 50 by default, 200 at most.",
    ),
    parameter("_include", "Task:focus, Task:patient, or both."),
    parameter("_format", "json."),
    parameter(
        "_cursor",
        "Where the page begins: a link of the page before has it.",
    ),
    parameter(
        "_patient-of",
        "Only of the patient of this referral: a link of the page before has it.",
    ),
];

/// The one that comes in a body alone.
const PATIENT: &str = "patient";

/// The media type of a search's body.
const FORM: &str = "application/x-www-form-urlencoded";

/// What both searches read: by `referrals_by_referrer`, `referrals_by_recipient` and the primary key of `past_recipients` whichever of
/// the caller's referrals it may see, with each leg of them that it may; then by the primary keys.
macro_rules! found {
    ($status:literal, $id:literal, $which:literal) => {
        concat!(
            "SELECT ",
            record_columns!(),
            ", f.request, f.updated_at AS found_modified, leg.value ->> '$.leg' AS found_leg
FROM ",
            record_tables!(),
            " JOIN json_each(f.state, '$.legs') leg
WHERE f.id IN (SELECT id FROM referrals WHERE referrer = (SELECT organization_id FROM keys WHERE hash = ?1)
    UNION SELECT id FROM referrals WHERE recipient = (SELECT organization_id FROM keys WHERE hash = ?1)
    UNION SELECT referral_id FROM past_recipients WHERE organization = (SELECT organization_id FROM keys WHERE hash = ?1))
  AND (SELECT organization_id FROM keys WHERE hash = ?1) IN (f.referrer, leg.value ->> '$.recipient.organization')
  AND (f.id, leg.value ->> '$.leg') > (?2, ?3)
  AND (?4 IS NULL OR ",
            $status,
            " IN (SELECT value FROM json_each(?4)))
  AND (?5 IS NULL OR leg.value ->> '$.business_status' IN (SELECT value FROM json_each(?5)))
  AND (?6 IS NULL OR leg.value ->> '$.recipient.organization' = ?6)
  AND (?7 IS NULL OR f.referrer = ?7)
  AND f.created_at BETWEEN ?8 AND ?9 AND f.updated_at BETWEEN ?10 AND ?11
  AND (?12 IS NULL OR f.patient_key = ?12)
  AND (?13 IS NULL OR f.patient_key = (SELECT p.patient_key FROM referrals p WHERE p.id = ?13
    AND (SELECT organization_id FROM keys WHERE hash = ?1) IN (p.referrer, p.recipient)))
  AND (?14 IS NULL OR ",
            $id,
            " IN (SELECT value FROM json_each(?14)))
  AND (?15 IS NULL OR f.id IN (SELECT referral_id FROM referral_identifiers WHERE system = ?15 AND value = ?16))
",
            $which,
            "
ORDER BY f.id, leg.value ->> '$.leg' LIMIT ?17"
        )
    };
}

/// Every leg that the caller may see.
const TASKS: &str = found!(
    "leg.value ->> '$.task_status'",
    "f.id || CASE leg.value ->> '$.leg' WHEN 1 THEN '' ELSE '-' || (leg.value ->> '$.leg') END",
    ""
);

/// The last such leg of each referral. Its status is what `formats` writes: active until the loop is closed.
const SERVICE_REQUESTS: &str = found!(
    "CASE WHEN f.status = 'entered-in-error' THEN f.status WHEN f.status = 'closed' THEN 'completed'
    WHEN f.turn IS NOT NULL THEN 'active' WHEN f.status = 'cancelled' THEN 'revoked' ELSE 'completed' END",
    "f.id",
    "  AND leg.key = (SELECT max(l.key) FROM json_each(f.state, '$.legs') l
    WHERE (SELECT organization_id FROM keys WHERE hash = ?1) IN (f.referrer, l.value ->> '$.recipient.organization'))"
);

/// A day without leap seconds, as Unix time has it.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Later than any time.
const NEVER_MS: i64 = (1 << 53) - 1;

/// Searches by what stands in the URL.
pub(super) async fn by_query<P: Platform>(call: Call<P>, kind: Kind) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let pairs = call.query_pairs().to_vec();
    let asked = Asked::read(kind, &pairs, false);
    search(&call, kind, asked, &pairs).await
}

/// Searches by what stands in the body, and in the URL.
pub(super) async fn by_body<P: Platform>(call: Call<P>, kind: Kind) -> Result<Reply, Problem> {
    check_accept(&call)?;
    call.bearer()?;
    if !call.body_bytes().is_empty() && call.media_type() != Some(FORM) {
        return Err(Problem::WrongContentType { takes: FORM });
    }
    let in_url = Asked::read(kind, call.query_pairs(), false);
    let mut pairs = call.query_pairs().to_vec();
    pairs.extend(form_urlencoded::parse(call.body_bytes()).into_owned());
    let asked = in_url.and_then(|_| Asked::read(kind, &pairs, true));
    pairs.retain(|(name, _)| name.split([':', '.']).next() != Some(PATIENT));
    search(&call, kind, asked, &pairs).await
}

/// A range of time in milliseconds, both ends in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    from: i64,
    until: i64,
}

impl Range {
    const ALWAYS: Self = Self {
        from: 0,
        until: NEVER_MS,
    };

    /// What a parameter leaves of the range: a prefix and a date or an instant.
    fn narrow(&mut self, text: &str) -> Option<()> {
        let is_prefixed = text.starts_with(|letter: char| letter.is_ascii_lowercase());
        let (prefix, value) = if is_prefixed {
            text.split_at_checked(2)?
        } else {
            ("eq", text)
        };
        let (first, last) = match value.parse::<Date>() {
            Ok(_) => {
                let start: Timestamp = format!("{value}T00:00:00Z").parse().ok()?;
                let start = start.as_millisecond();
                (start, start + DAY_MS - 1)
            }
            // A `+` that was not encoded arrives as a space.
            Err(_) => {
                let instant: Timestamp = value.replace(' ', "+").parse().ok()?;
                (instant.as_millisecond(), instant.as_millisecond())
            }
        };
        let (from, until) = match prefix {
            "eq" => (first, last),
            "gt" => (last + 1, NEVER_MS),
            "ge" => (first, NEVER_MS),
            "lt" => (0, first - 1),
            "le" => (0, last),
            _ => return None,
        };
        self.from = self.from.max(from);
        self.until = self.until.min(until);
        Some(())
    }
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    kind: Kind,
    ids: Option<Vec<String>>,
    identifier: Option<(String, String)>,
    statuses: Option<Vec<String>>,
    business_statuses: Option<Vec<String>>,
    owner: Option<String>,
    requester: Option<String>,
    authored: Range,
    modified: Range,
    patient_key: Option<String>,
    patient_of: Option<String>,
    count: usize,
    includes_focus: bool,
    includes_patient: bool,
    after: (String, i64),
}

impl Asked {
    fn read(kind: Kind, pairs: &[(String, String)], in_body: bool) -> Result<Self, Problem> {
        let mut asked = Self {
            kind,
            ids: None,
            identifier: None,
            statuses: None,
            business_statuses: None,
            owner: None,
            requester: None,
            authored: Range::ALWAYS,
            modified: Range::ALWAYS,
            patient_key: None,
            patient_of: None,
            count: PAGE_SIZE_DEFAULT,
            includes_focus: false,
            includes_patient: false,
            after: (String::new(), 0),
        };
        let faults: Vec<Fault> = pairs
            .iter()
            .filter_map(|(name, value)| asked.take(name, value, in_body).err())
            .collect();
        Problem::unless_empty(faults)?;
        Ok(asked)
    }

    fn take(&mut self, name: &str, value: &str, in_body: bool) -> Result<(), Fault> {
        let fault = |name: &'static str, code, detail: &str| Err(Fault::query(name, code, detail));
        if name.split([':', '.']).next() == Some(PATIENT) {
            return self.take_patient(name, value, in_body);
        }
        let Some(known) = self
            .kind
            .parameters()
            .iter()
            .map(|parameter| parameter.name)
            .find(|known| *known == name)
        else {
            return fault(
                "_search",
                "not-supported",
                "a parameter is not known here: the CapabilityStatement lists those that are",
            );
        };
        match known {
            "status" => self.statuses = Some(codes(known, value, self.kind.statuses())?),
            "business-status" => {
                self.business_statuses = Some(codes(known, value, BusinessStatus::CODES)?);
            }
            "owner" | "performer" => self.owner = Some(organization(value)),
            "requester" => self.requester = Some(organization(value)),
            "_id" => self.ids = Some(value.split(',').map(str::to_owned).collect()),
            "identifier" => match value.split_once('|') {
                Some((system, id)) if !system.is_empty() && !id.is_empty() => {
                    self.identifier = Some((system.to_owned(), id.to_owned()));
                }
                _ => return fault(known, "unreadable", "must be system|value"),
            },
            "authored-on" | "authored" | "modified" | "_lastUpdated" => {
                let range = if known.starts_with("authored") {
                    &mut self.authored
                } else {
                    &mut self.modified
                };
                if range.narrow(value).is_none() {
                    let detail = "must be a date or an instant, after eq, gt, ge, lt or le";
                    return fault(known, "not-a-date", detail);
                }
            }
            "_count" => match value.parse::<usize>() {
                Ok(count) if count >= 1 => self.count = count.min(PAGE_SIZE_MAX),
                _ => return fault(known, "out-of-range", "must be a whole number from 1"),
            },
            "_include" => match (self.kind, value) {
                (Kind::Task, "Task:focus") => self.includes_focus = true,
                (Kind::Task, "Task:patient") | (Kind::ServiceRequest, "ServiceRequest:patient") => {
                    self.includes_patient = true;
                }
                _ => return fault(known, "unknown-code", "must be one that is listed"),
            },
            "_cursor" => match value.split_once('.').map(|(id, leg)| (id, leg.parse())) {
                Some((id, Ok(leg))) => self.after = (id.to_owned(), leg),
                _ => return fault(known, "unreadable", "must be the one of a page before"),
            },
            "_patient-of" => self.patient_of = Some(value.to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn take_patient(&mut self, name: &str, value: &str, in_body: bool) -> Result<(), Fault> {
        if !in_body {
            let detail = "names a patient, which no URL may: send it in the body of POST _search";
            return Err(Fault::query(PATIENT, "not-in-a-url", detail));
        }
        let reference = value.strip_prefix("Patient/").unwrap_or(value);
        match (name, value.split_once('|')) {
            ("patient:identifier" | "patient.identifier", Some((system, id)))
                if !system.is_empty() && !id.is_empty() =>
            {
                self.patient_key = Some(format!("{system}|{id}"));
            }
            ("patient" | "patient:Patient", None) if !reference.is_empty() => {
                self.patient_of = Some(reference.to_owned());
            }
            _ => {
                let detail = "must be Patient/{id}, or patient:identifier=system|value";
                return Err(Fault::query(PATIENT, "unreadable", detail));
            }
        }
        Ok(())
    }

    fn statement(&self, credentials: &Credentials) -> Statement {
        let list = |codes: &Option<Vec<String>>| -> Bound {
            codes
                .as_ref()
                .map(|codes| Value::from(codes.clone()).to_string())
                .into()
        };
        let (system, value) = self.identifier.clone().unzip();
        let rows = i64::try_from(self.count).unwrap_or(i64::MAX);
        Statement::new(
            self.kind.sql(),
            [
                credentials.hash().into(),
                self.after.0.as_str().into(),
                self.after.1.into(),
                list(&self.statuses),
                list(&self.business_statuses),
                self.owner.clone().into(),
                self.requester.clone().into(),
                self.authored.from.into(),
                self.authored.until.into(),
                self.modified.from.into(),
                self.modified.until.into(),
                self.patient_key.clone().into(),
                self.patient_of.clone().into(),
                list(&self.ids),
                system.into(),
                value.into(),
                // One more than the page has: it tells whether there is a next one.
                rows.saturating_add(1).into(),
            ],
        )
    }
}

fn codes(name: &'static str, value: &str, known: &[&str]) -> Result<Vec<String>, Fault> {
    // `system|code` names the system of the code too; there is one.
    let codes: Vec<String> = value
        .split(',')
        .map(|code| {
            code.rsplit_once('|')
                .map_or(code, |(_, code)| code)
                .to_owned()
        })
        .collect();
    if codes.iter().all(|code| known.contains(&code.as_str())) {
        Ok(codes)
    } else {
        let detail = format!("must be of {}", known.join(", "));
        Err(Fault::query(name, "unknown-code", detail))
    }
}

/// `Organization/{id}`, the whole URL of one, or the id alone.
fn organization(value: &str) -> String {
    value
        .rsplit_once("Organization/")
        .map_or(value, |(_, id)| id)
        .to_owned()
}

async fn search<P: Platform>(
    call: &Call<P>,
    kind: Kind,
    asked: Result<Asked, Problem>,
    pairs: &[(String, String)],
) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(call)?;
    let mut statements = vec![credentials.statement()];
    statements.extend(
        asked
            .as_ref()
            .ok()
            .map(|asked| asked.statement(&credentials)),
    );
    let read = call.platform.batch(statements).await?;
    let caller = credentials.caller(read.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let organization = &caller.member()?.organization;
    let asked = asked?;
    let rows = read.rows(1);
    let page = rows.get(..asked.count).unwrap_or(rows);
    let mut matches = Vec::new();
    let mut included = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    for row in page {
        let opened = opened(row, organization)?;
        let leg = row
            .integer("found_leg")
            .and_then(|leg| u32::try_from(leg).ok());
        let shown = opened.shown();
        matches.push(match kind {
            Kind::Task => fhir::task(&shown, opened.leg(leg.unwrap_or(1))?),
            Kind::ServiceRequest => fhir::service_request(&shown),
        });
        if ids.last() != Some(&opened.id) {
            if asked.includes_focus {
                included.push(fhir::service_request(&shown));
            }
            if asked.includes_patient {
                included.push(fhir::patient(&opened.id, &opened.request.patient));
            }
            ids.push(opened.id);
        }
    }
    let next = page
        .last()
        .filter(|_| rows.len() > page.len())
        .map(|last| next(call, &asked, pairs, last));
    let url = with_query(call, kind, pairs);
    let bundle = fhir::searchset(&base(call), &url, next.as_deref(), None, matches, included);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    reads::record_page(call, &credentials, Action::Search, &ids).await?;
    Ok(answer(StatusCode::OK, &bundle))
}

fn opened(row: &Row, organization: &str) -> Result<Opened, Problem> {
    let loaded = Loaded {
        record: Record::from_row(row)?,
        history: None,
        pending: Vec::new(),
    };
    let mut opened = Opened::new(loaded, organization)?;
    if let Some(at) = row.integer("found_modified")
        && let Ok(at) = Timestamp::from_millisecond(at)
    {
        opened.last_modified = at;
    }
    Ok(opened)
}

/// The address of the next page. A patient is named by a referral of theirs, which names nobody to who cannot read it.
fn next<P: Platform>(
    call: &Call<P>,
    asked: &Asked,
    pairs: &[(String, String)],
    last: &Row,
) -> String {
    let id = last.text("id").unwrap_or_default().to_owned();
    let leg = last.integer("found_leg").unwrap_or(1);
    let mut pairs: Vec<_> = pairs
        .iter()
        .filter(|(name, _)| !["_cursor", "_patient-of"].contains(&name.as_str()))
        .cloned()
        .collect();
    if asked.patient_key.is_some() || asked.patient_of.is_some() {
        pairs.push(("_patient-of".to_owned(), id.clone()));
    }
    pairs.push(("_cursor".to_owned(), format!("{id}.{leg}")));
    with_query(call, asked.kind, &pairs)
}

fn with_query<P: Platform>(call: &Call<P>, kind: Kind, pairs: &[(String, String)]) -> String {
    let url = format!("{}/{}", base(call), kind.as_str());
    if pairs.is_empty() {
        return url;
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{url}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)], in_body: bool) -> Result<Asked, Problem> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Asked::read(Kind::Task, &pairs, in_body)
    }

    #[test]
    fn a_range_narrows_with_each_bound() {
        let mut range = Range::ALWAYS;
        range.narrow("ge2026-03-02").unwrap();
        range.narrow("lt2026-03-03").unwrap();
        assert_eq!(range.until - range.from, DAY_MS - 1);
        let mut day = Range::ALWAYS;
        day.narrow("2026-03-02").unwrap();
        assert_eq!(day, range);
        let mut after = Range::ALWAYS;
        after.narrow("gt2026-03-02T09:00:00Z").unwrap();
        assert_eq!(after.from, 1_772_442_000_001);
        for bad in ["", "x", "ne2026-03-02", "gt", "ge2026"] {
            assert!(Range::ALWAYS.clone().narrow(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_patient_is_named_in_a_body_alone() {
        for name in ["patient", "patient:identifier", "patient.identifier"] {
            assert!(read(&[(name, "urn:x|7")], false).is_err(), "{name}");
        }
        let asked = read(&[("patient:identifier", "urn:x|7")], true).unwrap();
        assert_eq!(asked.patient_key.as_deref(), Some("urn:x|7"));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (name, value) in [
            ("code", "x"),
            ("status", "done"),
            ("_include", "Task:owner"),
            ("_count", "0"),
            ("identifier", "7"),
        ] {
            assert!(read(&[(name, value)], false).is_err(), "{name}");
        }
        assert_eq!(
            read(&[("_count", "1000")], false).unwrap().count,
            PAGE_SIZE_MAX
        );
    }
}
