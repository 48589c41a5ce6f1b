//! How long patients wait for a visit: one row a leg whose patient was seen, written with the event that says so.

use domain::referral::Referral;
use domain::request::Urgency;
use domain::status::Status;
use ports::{Statement, Value};
use serde_json::json;

/// A leg's wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    organization: String,
    service: String,
    urgency: Urgency,
    /// From sent to seen; `None` when it turned out that nobody was seen.
    hours: Option<i64>,
}

/// The waits that became known, moved or went between `before` and `after`.
#[must_use]
pub fn waits(before: &Referral, after: &Referral) -> Vec<Wait> {
    let (known, mut changed) = (all(before), all(after));
    let gone = known
        .iter()
        .filter(|wait| !changed.iter().any(|other| other.is_of_service(wait)))
        .map(|wait| Wait {
            hours: None,
            ..wait.clone()
        })
        .collect::<Vec<_>>();
    changed.retain(|wait| !known.contains(wait));
    changed.extend(gone);
    changed
}

/// The waits of a referral, one a service: of several legs to one the last. What was entered in error is in no measure.
fn all(referral: &Referral) -> Vec<Wait> {
    let mut waits: Vec<Wait> = Vec::new();
    if referral.status() == Status::EnteredInError {
        return waits;
    }
    for leg in &referral.legs {
        let recipient = (leg.recipient.organization(), leg.recipient.service());
        let ((Some(organization), Some(service)), Some(seen_at)) = (recipient, leg.seen_at) else {
            continue;
        };
        let wait = Wait {
            organization: organization.to_owned(),
            service: service.to_owned(),
            urgency: referral.urgency(),
            // Who was seen before the referral was written down, or on the day itself, has not waited.
            hours: Some((seen_at.duration_since(leg.started_at).as_secs() / 3_600).max(0)),
        };
        waits.retain(|other| !other.is_of_service(&wait));
        waits.push(wait);
    }
    waits
}

impl Wait {
    fn is_of_service(&self, other: &Self) -> bool {
        self.organization == other.organization && self.service == other.service
    }

    /// Writes it, where the referral's tail is `tail_hash`: the row that the same batch has just written.
    pub(super) fn statement(&self, referral_id: &str, tail_hash: &str) -> Statement {
        let parameters: [Value; 6] = [
            self.organization.as_str().into(),
            self.service.as_str().into(),
            referral_id.into(),
            self.urgency.as_str().into(),
            self.hours.into(),
            tail_hash.into(),
        ];
        Statement::new(WRITE, parameters)
    }

    /// The same as a row of [`waits_statement`].
    pub fn row(&self, referral_id: &str, tail_hash: &str) -> serde_json::Value {
        json!({
            "organization": self.organization,
            "service": self.service,
            "id": referral_id,
            "urgency": self.urgency.as_str(),
            "hours": self.hours,
            "tail_hash": tail_hash,
        })
    }
}

/// Writes the waits of many referrals; nothing where there are none.
pub fn waits_statement(rows: impl Iterator<Item = serde_json::Value>) -> Option<Statement> {
    let rows: Vec<_> = rows.collect();
    let text = || serde_json::Value::from(rows.as_slice()).to_string();
    (!rows.is_empty()).then(|| Statement::new(WRITE_MANY, [text().into()]))
}

/// By the primary keys of both tables.
const WRITE: &str = "
INSERT INTO visit_waits (organization, service, referral_id, urgency, hours)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM referrals WHERE id = ?3 AND tail_hash = ?6)
ON CONFLICT (organization, service, referral_id) DO UPDATE SET urgency = excluded.urgency, hours = excluded.hours";

/// The same for each row of a list.
const WRITE_MANY: &str = "
INSERT INTO visit_waits (organization, service, referral_id, urgency, hours)
SELECT value ->> '$.organization', value ->> '$.service', value ->> '$.id', value ->> '$.urgency', value ->> '$.hours'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM referrals WHERE id = value ->> '$.id' AND tail_hash = value ->> '$.tail_hash')
ON CONFLICT (organization, service, referral_id) DO UPDATE SET urgency = excluded.urgency, hours = excluded.hours";
