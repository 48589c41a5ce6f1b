//! The two sides of a referral as a letter names them.

use domain::request::Recipient;
use ports::{Row, Statement};

use crate::referrals::Record;

/// A side.
#[derive(Debug, Clone, Default)]
pub(super) struct Party {
    /// Its name.
    pub(super) name: String,
    /// How people reach it.
    pub(super) contact: Option<String>,
}

/// Both.
#[derive(Debug, Clone)]
pub(super) struct Parties {
    pub(super) referrer: Party,
    pub(super) recipient: Party,
}

impl Parties {
    /// Reads them of the referral with this id.
    pub(super) fn statement(referral: &str) -> Statement {
        Statement::new(PARTIES, [referral.into()])
    }

    /// From the rows of [`Parties::statement`].
    pub(super) fn new(record: &Record, rows: &[Row]) -> Self {
        let member = |id: &str| {
            let row = rows.iter().find(|row| row.text("id") == Some(id));
            Party {
                name: row
                    .and_then(|row| row.text("name"))
                    .unwrap_or(id)
                    .to_owned(),
                contact: row.and_then(|row| row.text("contact")).map(str::to_owned),
            }
        };
        let referral = &record.referral;
        let recipient = match referral.leg().map(|leg| &leg.recipient) {
            Some(Recipient::Member { organization, .. }) => member(organization),
            Some(Recipient::Outside { external }) => Party {
                name: external.name.clone(),
                contact: contact(external.phone.as_deref(), external.fax.as_deref()),
            },
            None => Party::default(),
        };
        Self {
            referrer: member(&referral.referrer),
            recipient,
        }
    }
}

fn contact(phone: Option<&str>, fax: Option<&str>) -> Option<String> {
    let fax = fax.map(|fax| format!("fax {fax}"));
    let ways: Vec<_> = phone.map(str::to_owned).into_iter().chain(fax).collect();
    (!ways.is_empty()).then(|| ways.join(", "))
}

/// By the primary keys of both tables.
const PARTIES: &str = "
SELECT o.id, o.document ->> '$.name' AS name, o.document ->> '$.contact' AS contact
FROM referrals f JOIN organizations o ON o.id IN (f.referrer, f.recipient) WHERE f.id = ?1";
