//! To which referral a message belongs: by an id with its assigner, and the patient agrees. Anything else is a person's to say.
//!
//! Invariant: a wrong match is worse than none. Equal numbers of two assigners name two patients; an id that names two referrals
//! names neither.

use domain::merges::Merge;
use domain::request::{Identifier, Name, Patient};
use formats::said::PatientName;
use ports::{Row, Statement};
use serde_json::Value;

use crate::referrals::{Loaded, patient_key};
use crate::referrals::sql::{record_columns, record_tables};

/// What every id of a referral of ours begins with.
const OWN_ID_PREFIX: &str = "ref-";
/// How many characters such an id has: the prefix and a ULID. What follows names a leg.
const OWN_ID_CHARS: usize = 30;

/// The referrals of the caller's organisation that ids of a message name: `?1` is the key's hash, `?2` a JSON list of
/// [system, value], `?3` one of our own ids.
macro_rules! named {
    () => {
        "(SELECT f.id FROM (
    SELECT i.referral_id AS id FROM json_each(?2) j CROSS JOIN referral_identifiers i
    WHERE i.system = j.value ->> 0 AND i.value = j.value ->> 1
    UNION SELECT value FROM json_each(?3)) n
  JOIN referrals f ON f.id = n.id JOIN keys k ON k.hash = ?1
  WHERE k.organization_id IN (f.referrer, f.recipient) OR EXISTS (SELECT 1 FROM past_recipients p
    WHERE p.organization = k.organization_id AND p.referral_id = f.id)
  LIMIT 20)"
    };
}

/// By the primary keys of all tables.
const RECORDS: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", f.request FROM ",
    record_tables!(),
    " WHERE f.id IN ",
    named!()
);

/// By the primary key of `events`; nothing unless the fold needs them, as for every event.
const HISTORY: &str = concat!(
    "SELECT e.referral_id AS event_referral, e.seq AS event_seq, e.body AS event_body, e.hash AS event_hash
FROM referrals f JOIN events e ON e.referral_id = f.id
WHERE f.id IN ", named!(), "
  AND (f.folded_until >= ?4 OR EXISTS (SELECT 1 FROM pending_events p WHERE p.referral_id = f.id))
ORDER BY e.referral_id, e.seq"
);

/// By the primary key of `pending_events`.
const PENDING: &str = concat!(
    "SELECT p.referral_id AS event_referral, p.id AS event_id, p.body AS event_body
FROM pending_events p WHERE p.referral_id IN ",
    named!()
);

/// Which ids of the message's patient (`?4`, a JSON list of patient keys), and of the referrals' own patients, are no more: as the referrers
/// have said. By the primary key of `merged_patients`.
const MERGED: &str = concat!(
    "SELECT m.organization AS merged_of, m.system AS merged_system, m.merged AS merged_from, m.survivor AS merged_to
FROM referrals f JOIN merged_patients m ON m.organization = f.referrer
  AND m.patient_key IN (SELECT value FROM json_each(?4) UNION ALL SELECT f.patient_key)
WHERE f.id IN ",
    named!()
);

/// How many statements [`statements`] gives.
pub(super) const STATEMENTS: usize = 4;

/// Later than any event.
const NEVER_MS: i64 = (1 << 53) - 2;

/// Why a message fits no referral for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unmatched {
    /// No id of it names a referral of the sender's.
    NoReferral,
    /// Its ids name several.
    Ambiguous,
    /// It names another patient.
    PatientDiffers,
    /// It names no patient, and the referral by a number that is not ours.
    PatientNotNamed,
}

impl Unmatched {
    /// As it is stored and shown.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::NoReferral => "no-referral",
            Self::Ambiguous => "ambiguous",
            Self::PatientDiffers => "patient-differs",
            Self::PatientNotNamed => "patient-not-named",
        }
    }
}

/// Our own ids among those that a message gives, without the number of a leg.
fn own_ids(about: &[Identifier]) -> Vec<&str> {
    about
        .iter()
        .filter(|identifier| identifier.value.starts_with(OWN_ID_PREFIX))
        .filter_map(|identifier| identifier.value.get(..OWN_ID_CHARS))
        .collect()
}

/// Reads the referrals that a message names, for [`Loaded::from_rows`]; and their events, where one happened at or after
/// `events_from_ms`.
pub(super) fn statements(
    key_hash: &str,
    about: &[Identifier],
    patient: Option<&PatientName>,
    events_from_ms: Option<i64>,
) -> [Statement; STATEMENTS] {
    let ids: Vec<Value> = about
        .iter()
        .map(|identifier| Value::from(vec![identifier.system.as_str(), identifier.value.as_str()]))
        .collect();
    let ids = Value::from(ids).to_string();
    let own = Value::from(own_ids(about)).to_string();
    let named = || [key_hash.into(), ids.as_str().into(), own.as_str().into()];
    let mut history = Statement::new(HISTORY, named());
    history
        .parameters
        .push(events_from_ms.unwrap_or(NEVER_MS).into());
    let mut merged = Statement::new(MERGED, named());
    let patient = patient.map_or(&[][..], |patient| &patient.identifiers);
    let keys: Vec<String> = patient.iter().map(patient_key).collect();
    merged
        .parameters
        .push(Value::from(keys).to_string().into());
    [
        Statement::new(RECORDS, named()),
        history,
        Statement::new(PENDING, named()),
        merged,
    ]
}

/// Patients' ids that are no more, as each referrer has said.
#[derive(Debug, Default)]
pub(super) struct Merged(Vec<(String, Merge)>);

impl Merged {
    /// From the last rows of [`statements`].
    pub(super) fn from_rows(rows: &[Row]) -> Self {
        let of_row = |row: &Row| {
            let id = |column: &str| {
                Some(Identifier {
                    system: row.text("merged_system")?.to_owned(),
                    value: row.text(column)?.to_owned(),
                })
            };
            let (from, to) = (id("merged_from")?, id("merged_to")?);
            Some((row.text("merged_of")?.to_owned(), Merge { from, to }))
        };
        Self(rows.iter().filter_map(of_row).collect())
    }

    /// What stands for `id` with this referrer.
    fn survivor(&self, referrer: &str, id: &Identifier) -> Identifier {
        let mut said = self.0.iter().filter(|(by, _)| by == referrer);
        let merge = said.find(|(_, merge)| merge.from == *id);
        merge.map_or(id, |(_, merge)| &merge.to).clone()
    }
}

/// The one of `found` to which the message belongs.
///
/// # Errors
/// [`Unmatched`] when it is not certain.
pub(super) fn choose(
    found: Vec<Loaded>,
    about: &[Identifier],
    named: Option<&PatientName>,
    merged: &Merged,
) -> Result<Loaded, Unmatched> {
    let [loaded] = <[Loaded; 1]>::try_from(found).map_err(|found| {
        if found.is_empty() {
            Unmatched::NoReferral
        } else {
            Unmatched::Ambiguous
        }
    })?;
    let patient = loaded.record.request.as_ref().map(|it| &it.patient);
    let of_now = |id: &Identifier| merged.survivor(&loaded.record.referral.referrer, id);
    match (patient, named) {
        (Some(patient), Some(named)) if agree(patient, named, of_now) => Ok(loaded),
        // Nobody can guess an id of ours: who has it was told it with the patient.
        (Some(_), None) if own_ids(about).contains(&loaded.record.id.as_str()) => Ok(loaded),
        (_, None) => Err(Unmatched::PatientNotNamed),
        _ => Err(Unmatched::PatientDiffers),
    }
}

/// Whether a message means the referral's patient: by an identifier of the same assigner, which decides alone; where they have
/// no assigner in common, by family name, a given name and date of birth together.
///
/// `of_now` says which id stands for one that may be no more.
pub(super) fn agree(
    patient: &Patient,
    named: &PatientName,
    of_now: impl Fn(&Identifier) -> Identifier,
) -> bool {
    let own = of_now(&patient.identifier);
    let mut of_same_assigner = named
        .identifiers
        .iter()
        .filter(|identifier| identifier.system == own.system)
        .peekable();
    if of_same_assigner.peek().is_some() {
        return of_same_assigner.any(|identifier| of_now(identifier) == own);
    }
    let same_name = named
        .name
        .as_ref()
        .is_some_and(|name| is_same_name(&patient.name, name));
    same_name && named.birth_date == Some(patient.birth_date)
}

fn is_same_name(one: &Name, other: &Name) -> bool {
    let folded = |text: &str| text.trim().to_lowercase();
    let first = |name: &Name| name.given.first().map(|given| folded(given));
    folded(&one.family) == folded(&other.family)
        && first(one).is_some()
        && first(one) == first(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifier(system: &str, value: &str) -> Identifier {
        Identifier {
            system: system.to_owned(),
            value: value.to_owned(),
        }
    }

    fn name(family: &str, given: &[&str]) -> Name {
        Name {
            family: family.to_owned(),
            given: given.iter().map(|given| (*given).to_owned()).collect(),
        }
    }

    fn patient() -> Patient {
        Patient {
            identifier: identifier("urn:oid:1.2", "7"),
            name: name("Chalmers", &["Peter", "James"]),
            birth_date: "1974-12-25".parse().unwrap(),
            phone: None,
            email: None,
            language: None,
            contact_by: None,
        }
    }

    fn named(identifiers: &[(&str, &str)], who: Option<Name>, born: Option<&str>) -> PatientName {
        PatientName {
            identifiers: identifiers
                .iter()
                .map(|(system, value)| identifier(system, value))
                .collect(),
            name: who,
            birth_date: born.map(|day| day.parse().unwrap()),
        }
    }

    #[test]
    fn a_number_of_the_same_assigner_decides_alone() {
        let same = name("Chalmers", &["Peter"]);
        let born = Some("1974-12-25");
        let agrees = |named: PatientName| agree(&patient(), &named, Identifier::clone);
        assert!(agrees(named(&[("urn:oid:1.2", "7")], None, None)));
        assert!(agrees(named(
            &[("urn:oid:9", "1"), ("urn:oid:1.2", "7")],
            None,
            None
        )));
        assert!(!agrees(named(&[("urn:oid:1.2", "8")], Some(same), born)));
    }

    #[test]
    fn without_a_common_assigner_name_and_birth_date_must_both_agree() {
        let agrees = |who: Option<Name>, born: Option<&str>| {
            let named = named(&[("urn:oid:9", "7")], who, born);
            agree(&patient(), &named, Identifier::clone)
        };
        let born = Some("1974-12-25");
        assert!(agrees(Some(name("CHALMERS", &["peter"])), born));
        assert!(!agrees(Some(name("Chalmers", &["Peter"])), None));
        assert!(!agrees(
            Some(name("Chalmers", &["Peter"])),
            Some("1974-12-26")
        ));
        assert!(!agrees(Some(name("Chalmers", &["Anna"])), born));
        assert!(!agrees(Some(name("Chalmers", &[])), born));
        assert!(!agrees(None, born));
    }

    #[test]
    fn an_id_of_ours_is_known_with_and_without_the_number_of_a_leg() {
        let id = "ref-01j9zk3v8w7x2m4n6p8q0r2t4y";
        let about = [
            identifier("urn:x", id),
            identifier("urn:x", &format!("{id}-2")),
            identifier("urn:x", "ref-short"),
            identifier("urn:x", "7"),
        ];
        assert_eq!(own_ids(&about), [id, id]);
    }
}
