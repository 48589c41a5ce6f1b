//! Where a referral may go: an organisation of the network with a service that takes referrals, or an office outside.

use domain::checklist::Requirement;
use domain::policy::Limits;
use domain::request::Recipient;
use ports::{Row, Statement, Value};
use serde_json::Value as Json;

use crate::http::{Fault, Problem};
use crate::json::from_text;

/// Faults of a recipient that its shape does not show: exactly one of the two forms must be there.
pub fn faults(recipient: Option<&Json>, pointer: &str) -> Vec<Fault> {
    let has = |name: &str| {
        recipient
            .and_then(|recipient| recipient.get(name))
            .is_some_and(|member| !member.is_null())
    };
    match (
        recipient.is_some_and(Json::is_object),
        has("organization"),
        has("external"),
    ) {
        (true, false, false) => vec![Fault::at(
            format!("{pointer}/organization"),
            "required",
            "is required, or external for an office outside the network",
        )],
        (true, true, true) => vec![Fault::at(
            format!("{pointer}/external"),
            "ambiguous",
            "must not stand beside organization",
        )],
        _ => Vec::new(),
    }
}

/// Reads the organisation and the service that `recipient` names; nothing for an office outside.
pub fn statement(recipient: Option<&Recipient>) -> Statement {
    let (organization, service) = match recipient {
        Some(Recipient::Member {
            organization,
            service,
        }) => (Value::from(organization.as_str()), service.clone().into()),
        Some(Recipient::Outside { .. }) | None => (Value::Null, Value::Null),
    };
    Statement::new(OFFER, [organization, service])
}

/// By the primary keys of both tables.
const OFFER: &str = "
SELECT o.network AS offer_network, o.active AS offer_active, o.document ->> '$.roles' AS offer_roles,
       s.id AS offer_service, s.active AS offer_service_active, s.specialty AS offer_specialty,
       s.document ->> '$.requirements' AS offer_requirements, s.document ->> '$.limits' AS offer_limits
FROM organizations o
LEFT JOIN services s ON s.organization_id = o.id AND s.id = coalesce(?2, o.document ->> '$.default_service')
WHERE o.id = ?1";

/// Reads the organisations of the caller's network that identifiers or an id name, and of each the service, or the one for
/// senders that name none: one row, or the names are unknown or mean several.
pub fn statement_by_names(
    key_hash: &str,
    identifiers: &[domain::request::Identifier],
    id: Option<&str>,
    service: Option<&str>,
) -> Statement {
    let list: Vec<Json> = identifiers
        .iter()
        .map(|identifier| Json::from(vec![identifier.system.as_str(), identifier.value.as_str()]))
        .collect();
    Statement::new(
        OFFER_BY_NAMES,
        [
            key_hash.into(),
            Json::from(list).to_string().into(),
            service.map(str::to_owned).into(),
            id.map(str::to_owned).into(),
        ],
    )
}

/// By the primary keys of all tables.
const OFFER_BY_NAMES: &str = "
SELECT o.id AS offer_organization, o.network AS offer_network, o.active AS offer_active,
       o.document ->> '$.roles' AS offer_roles, s.id AS offer_service, s.active AS offer_service_active,
       s.specialty AS offer_specialty, s.document ->> '$.requirements' AS offer_requirements,
       s.document ->> '$.limits' AS offer_limits
FROM keys k JOIN organizations c ON c.id = k.organization_id
JOIN organizations o ON o.network = c.network AND o.id IN (
  SELECT i.organization_id FROM json_each(?2) j CROSS JOIN organization_identifiers i
  WHERE i.network = c.network AND i.system = j.value ->> 0 AND i.value = j.value ->> 1
  UNION SELECT ?4)
LEFT JOIN services s ON s.organization_id = o.id AND s.id = coalesce(?3, o.document ->> '$.default_service')
WHERE k.hash = ?1
LIMIT 2";

/// What the recipient takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The recipient with its service named.
    pub recipient: Recipient,
    /// The service's specialty.
    pub specialty: Option<String>,
    /// What the service asks for.
    pub requirements: Vec<Requirement>,
    /// The time that the service allows itself, where it is not the network's.
    pub limits: Limits,
}

impl Offer {
    /// What somebody takes of whom the directory knows nothing.
    #[must_use]
    pub fn unknown(recipient: Recipient) -> Self {
        Self {
            recipient,
            specialty: None,
            requirements: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// What `recipient` takes, by the row of [`statement`]. `pointer` says where it stood in the request.
    ///
    /// # Errors
    /// [`Problem::Invalid`] when it is not in `network` or has no such service, [`Problem::RecipientInactive`].
    pub fn from_row(
        recipient: Recipient,
        row: Option<&Row>,
        network: &str,
        pointer: &str,
    ) -> Result<Self, Problem> {
        let Recipient::Member { organization, .. } = recipient else {
            return Ok(Self::unknown(recipient));
        };
        let fault = |member: &str, code, detail| {
            Problem::Invalid(vec![Fault::at(format!("{pointer}/{member}"), code, detail)])
        };
        let Some(row) = row.filter(|row| row.text("offer_network") == Some(network)) else {
            return Err(fault(
                "organization",
                "unknown",
                "must be an organisation of the network",
            ));
        };
        let takes_referrals = row
            .text("offer_roles")
            .is_some_and(|roles| roles.contains("recipient"));
        if !takes_referrals {
            return Err(fault(
                "organization",
                "not-a-recipient",
                "must have the role recipient",
            ));
        }
        if !row.flag("offer_active") {
            return Err(Problem::RecipientInactive);
        }
        let Some(service) = row.text("offer_service") else {
            return Err(fault(
                "service",
                "unknown",
                "must be a service of the organisation",
            ));
        };
        if !row.flag("offer_service_active") {
            return Err(Problem::RecipientInactive);
        }
        let requirements = row.text("offer_requirements").unwrap_or("[]");
        Ok(Self {
            recipient: Recipient::Member {
                organization,
                service: Some(service.to_owned()),
            },
            specialty: row.text("offer_specialty").map(str::to_owned),
            requirements: from_text(requirements)?,
            limits: row
                .text("offer_limits")
                .map(from_text)
                .transpose()?
                .unwrap_or_default(),
        })
    }
}
