//! What a search asks for, read from its parameters; every fault of them at once.

use domain::status::BusinessStatus;
use formats::fhir;
use ports::{Statement, Value as Bound};
use serde_json::Value;

use super::parameters::Kind;
use super::range::Range;
use super::sql;
use crate::auth::Credentials;
use crate::http::{Fault, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Problem};

/// The one that comes in a body alone.
pub(super) const PATIENT: &str = "patient";

/// How many referrals a page looks at, at most: what it costs does not grow with their number. Where few of them are asked for, a page
/// may be short, or empty, and still have a next one.
const WALK_MAX: i64 = 500;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    ids: Option<Vec<String>>,
    /// The referrals whose Tasks are asked for.
    orders: Option<Vec<String>>,
    identifier: Option<(String, String)>,
    statuses: Option<Vec<String>>,
    business_statuses: Option<Vec<String>>,
    owner: Option<String>,
    requester: Option<String>,
    authored: Range,
    modified: Range,
    pub(super) patient_key: Option<String>,
    pub(super) patient_of: Option<String>,
    pub(super) count: usize,
    pub(super) includes_focus: bool,
    pub(super) includes_patient: bool,
    after: Option<(i64, String, i64)>,
}

impl Asked {
    pub(super) fn read(
        kind: Kind,
        pairs: &[(String, String)],
        in_body: bool,
    ) -> Result<Self, Problem> {
        let mut asked = Self {
            kind,
            ids: None,
            orders: None,
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
            after: None,
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
            "owner" | "performer" => self.owner = Some(id_of(value, "Organization/")),
            "requester" => self.requester = Some(id_of(value, "Organization/")),
            "based-on" | "focus" => {
                let orders = value
                    .split(',')
                    .map(|order| id_of(order, "ServiceRequest/"));
                self.orders = Some(orders.collect());
            }
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
            "_cursor" => match cursor(value) {
                Some(after) => self.after = Some(after),
                None => return fault(known, "unreadable", "must be the one of a page before"),
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

    /// Reads a page; and where it walks through all that the caller may see, how far it looked.
    pub(super) fn statements(&self, credentials: &Credentials) -> Vec<Statement> {
        let list = |codes: &Option<Vec<String>>| -> Bound {
            codes
                .as_ref()
                .map(|codes| Value::from(codes.clone()).to_string())
                .into()
        };
        let (system, value) = self.identifier.clone().unzip();
        let rows = i64::try_from(self.count).unwrap_or(i64::MAX);
        let (updated, id, leg) = self.from();
        let of_tasks = self.ids.iter().flatten().map(|id| fhir::leg_of(id).0);
        let of_orders = self.orders.iter().flatten().map(String::as_str);
        let referrals = Value::from_iter(of_tasks.chain(of_orders)).to_string();
        let walk = [
            Bound::from(credentials.hash()),
            updated.into(),
            id.into(),
            self.modified.until.into(),
            WALK_MAX.into(),
        ];
        let mut parameters = walk.to_vec();
        parameters.extend([
            leg.into(),
            list(&self.statuses),
            list(&self.business_statuses),
            self.owner.clone().into(),
            self.requester.clone().into(),
            self.authored.from.into(),
            self.authored.until.into(),
            self.patient_key.clone().into(),
            self.patient_of.clone().into(),
            list(&self.ids),
            system.into(),
            value.into(),
            referrals.into(),
            // One more than the page has: it tells whether there is a next one.
            rows.saturating_add(1).into(),
            list(&self.orders),
        ]);
        let is_named = self.ids.is_some()
            || self.orders.is_some()
            || self.identifier.is_some()
            || self.patient_key.is_some()
            || self.patient_of.is_some();
        let page = Statement {
            sql: sql::page(self.kind, is_named),
            parameters,
        };
        let mut statements = vec![page];
        if !is_named {
            statements.push(Statement::new(sql::WALK_END, walk));
        }
        statements
    }

    /// Where the page begins: after the page before, or with the range of time that is asked for.
    fn from(&self) -> (i64, &str, i64) {
        match &self.after {
            Some((updated, id, leg)) if *updated >= self.modified.from => (*updated, id, *leg),
            _ => (self.modified.from, "", 0),
        }
    }
}

/// When a referral was changed, its id, and the number of a leg.
fn cursor(value: &str) -> Option<(i64, String, i64)> {
    let mut parts = value.splitn(3, '.');
    let updated = parts.next()?.parse().ok()?;
    let id = parts.next()?.to_owned();
    Some((updated, id, parts.next()?.parse().ok()?))
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

/// The id of `{kind}{id}`, of the whole URL of one, or alone.
fn id_of(value: &str, kind: &str) -> String {
    value
        .rsplit_once(kind)
        .map_or(value, |(_, id)| id)
        .to_owned()
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
