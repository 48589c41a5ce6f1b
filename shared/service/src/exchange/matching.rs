//! To which referral a message belongs: by an id with its assigner, and the patient agrees. Anything else is a person's to say.
//!
//! Invariant: a wrong match is worse than none. Equal numbers of two assigners name two patients; an id that names two referrals
//! names neither.

use domain::merges::Merge;
use domain::request::{Coding, Identifier, Name, Patient};
use formats::said::PatientName;
use ports::{Answer, Row, Statement};
use serde_json::Value;

use crate::http::Problem;
use crate::referrals::sql::{record_columns, record_tables};
use crate::referrals::{Loaded, patient_key};

/// What every id of a referral of ours begins with.
const OWN_ID_PREFIX: &str = "ref-";
/// How many characters such an id has: the prefix and a ULID. What follows names a leg.
const OWN_ID_CHARS: usize = 30;

/// How many referrals are looked at by ids, and how many by the patient: with as many nobody can tell which it is.
const LOOKED_AT_MAX: usize = 20;

/// The referrals of the caller's organisation that ids of a message name: `?1` is the key's hash, `?2` a JSON list of
/// [system, value], `?3` one of our own ids. By the primary keys of all tables.
macro_rules! named {
    () => {
        "SELECT f.id FROM (
    SELECT i.referral_id AS id FROM json_each(?2) j CROSS JOIN referral_identifiers i
    WHERE i.system = j.value ->> 0 AND i.value = j.value ->> 1
    UNION SELECT value FROM json_each(?3)) n
  JOIN referrals f ON f.id = n.id JOIN keys k ON k.hash = ?1
  WHERE k.organization_id IN (f.referrer, f.recipient) OR EXISTS (SELECT 1 FROM past_recipients p
    WHERE p.organization = k.organization_id AND p.referral_id = f.id)
  LIMIT 20"
    };
}

/// Where the network's policy allows it, the referrals that the caller's organisation sent or has now whose patient has one of the ids `?4` (a JSON
/// list of patient keys), or what stands for one, and that were sent in the policy's days before `?5`, or 5 minutes after it (a message may say its
/// time to the minute, by a clock of its own): by `referrals_by_patient` and the primary keys.
macro_rules! of_patient {
    () => {
        "SELECT f.id FROM keys k JOIN organizations o ON o.id = k.organization_id JOIN networks n ON n.id = o.network
  JOIN referrals f ON f.patient_key IN (SELECT value FROM json_each(?4)
    UNION SELECT m.survivor_key FROM json_each(?4) j JOIN merged_patients m ON m.patient_key = j.value)
  WHERE k.hash = ?1 AND n.policy ->> '$.match_by_patient_days' > 0 AND k.organization_id IN (f.referrer, f.recipient)
    AND f.status <> 'entered-in-error'
    AND f.created_at BETWEEN ?5 - (n.policy ->> '$.match_by_patient_days') * 86400000 AND ?5 + 300000
  LIMIT 20"
    };
}

/// Both.
macro_rules! candidates {
    () => {
        concat!(
            "(SELECT id FROM (",
            named!(),
            ") UNION SELECT id FROM (",
            of_patient!(),
            "))"
        )
    };
}

/// By the primary keys of all tables.
const RECORDS: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", f.request, f.id IN (",
    named!(),
    ") AS is_named FROM ",
    record_tables!(),
    " WHERE f.id IN ",
    candidates!()
);

/// By the primary key of `events`; nothing unless the fold needs them, as for every event.
const HISTORY: &str = concat!(
    "SELECT e.referral_id AS event_referral, e.seq AS event_seq, e.body AS event_body, e.hash AS event_hash
FROM referrals f JOIN events e ON e.referral_id = f.id
WHERE f.id IN ", candidates!(), "
  AND (f.folded_until >= ?6 OR EXISTS (SELECT 1 FROM pending_events p WHERE p.referral_id = f.id))
ORDER BY e.referral_id, e.seq"
);

/// By the primary key of `pending_events`.
const PENDING: &str = concat!(
    "SELECT p.referral_id AS event_referral, p.id AS event_id, p.body AS event_body
FROM pending_events p WHERE p.referral_id IN ",
    candidates!()
);

/// Which ids of the message's patient (`?4`, a JSON list of patient keys), and of the referrals' own patients, are no more: as the referrers
/// have said. By the primary key of `merged_patients`.
const MERGED: &str = concat!(
    "SELECT m.organization AS merged_of, m.system AS merged_system, m.merged AS merged_from, m.survivor AS merged_to
FROM referrals f JOIN merged_patients m ON m.organization = f.referrer
  AND m.patient_key IN (SELECT value FROM json_each(?4) UNION ALL SELECT f.patient_key)
WHERE f.id IN ",
    candidates!()
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

/// Reads the referrals to which a message may belong, for [`Found::from_rows`]; and their events, where one happened at or after
/// `events_from_ms`. By the patient alone where the message is of `at_ms`.
pub(super) fn statements(
    key_hash: &str,
    about: &[Identifier],
    patient: Option<&PatientName>,
    at_ms: Option<i64>,
    events_from_ms: Option<i64>,
) -> [Statement; STATEMENTS] {
    let ids: Vec<Value> = about
        .iter()
        .map(|identifier| Value::from(vec![identifier.system.as_str(), identifier.value.as_str()]))
        .collect();
    let ids = Value::from(ids).to_string();
    let own = Value::from(own_ids(about)).to_string();
    let patient = patient.map_or(&[][..], |patient| &patient.identifiers);
    let keys: Vec<String> = patient.iter().map(patient_key).collect();
    let keys = Value::from(keys).to_string();
    let named = || -> [ports::Value; 5] {
        [
            key_hash.into(),
            ids.as_str().into(),
            own.as_str().into(),
            keys.as_str().into(),
            at_ms.into(),
        ]
    };
    let mut history = Statement::new(HISTORY, named());
    history
        .parameters
        .push(events_from_ms.unwrap_or(NEVER_MS).into());
    [
        Statement::new(RECORDS, named()),
        history,
        Statement::new(PENDING, named()),
        Statement::new(MERGED, named()),
    ]
}

/// Patients' ids that are no more, as each referrer has said.
#[derive(Debug, Default)]
struct Merged(Vec<(String, Merge)>);

impl Merged {
    /// From the last rows of [`statements`].
    fn from_rows(rows: &[Row]) -> Self {
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

    /// Whether a message means the referral's patient.
    fn agree(&self, loaded: &Loaded, named: Option<&PatientName>) -> bool {
        let record = &loaded.record;
        let of_now = |id: &Identifier| self.survivor(&record.referral.referrer, id);
        match (&record.request, named) {
            (Some(request), Some(named)) => agree(&request.patient, named, of_now),
            _ => false,
        }
    }

    /// What stands for `id` with this referrer.
    fn survivor(&self, referrer: &str, id: &Identifier) -> Identifier {
        let mut said = self.0.iter().filter(|(by, _)| by == referrer);
        let merge = said.find(|(_, merge)| merge.from == *id);
        merge.map_or(id, |(_, merge)| &merge.to).clone()
    }
}

/// How a message was found to be of a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By an id.
    Id,
    /// By the patient, the service and the time, because the policy allows it and no id says anything.
    Patient,
}

/// The referrals to which a message may belong.
#[derive(Debug)]
pub(super) struct Found {
    named: Vec<Loaded>,
    of_patient: Vec<Loaded>,
    merged: Merged,
}

impl Found {
    /// From the rows of [`statements`], the first of which is number `from` of the batch.
    ///
    /// # Errors
    /// [`Problem::Internal`] when a row is not what we write.
    pub(super) fn from_rows(answer: &Answer, from: usize) -> Result<Self, Problem> {
        let rows = |place: usize| answer.rows(from.saturating_add(place));
        let is_named = |id: &str| {
            let row = rows(0).iter().find(|row| row.text("id") == Some(id));
            row.is_some_and(|row| row.flag("is_named"))
        };
        let found = Loaded::from_rows(rows(0), rows(1), rows(2))?;
        let (named, of_patient) = found
            .into_iter()
            .partition(|loaded| is_named(&loaded.record.id));
        Ok(Self {
            named,
            of_patient,
            merged: Merged::from_rows(rows(3)),
        })
    }

    /// The one to which the message belongs, and how that is known.
    ///
    /// # Errors
    /// [`Unmatched`] when it is not certain.
    pub(super) fn choose(self, said: &Said<'_>) -> Result<(Loaded, By), Unmatched> {
        let merged = self.merged;
        match <[Loaded; 1]>::try_from(self.named) {
            Ok([loaded]) => {
                let patient = loaded.record.request.as_ref().map(|it| &it.patient);
                match (patient, said.patient) {
                    (Some(_), Some(_)) if merged.agree(&loaded, said.patient) => {
                        Ok((loaded, By::Id))
                    }
                    // Nobody can guess an id of ours: who has it was told it with the patient.
                    (Some(_), None) if own_ids(said.about).contains(&loaded.record.id.as_str()) => {
                        Ok((loaded, By::Id))
                    }
                    (_, None) => Err(Unmatched::PatientNotNamed),
                    _ => Err(Unmatched::PatientDiffers),
                }
            }
            Err(named) if named.is_empty() => by_patient(self.of_patient, said, &merged),
            Err(_) => Err(Unmatched::Ambiguous),
        }
    }
}

/// What a message says of the referral to which it belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    /// Every id that it gives.
    pub(super) about: &'a [Identifier],
    /// The patient.
    pub(super) patient: Option<&'a PatientName>,
    /// The service.
    pub(super) service: Option<&'a Coding>,
}

/// The only one that fits the patient, and that nothing in the message speaks against.
fn by_patient(
    found: Vec<Loaded>,
    said: &Said<'_>,
    merged: &Merged,
) -> Result<(Loaded, By), Unmatched> {
    // An id of ours that nobody has is no missing one; and of so many perhaps not all were read.
    if !own_ids(said.about).is_empty() || found.len() >= LOOKED_AT_MAX {
        return Err(Unmatched::NoReferral);
    }
    let fitting = found
        .into_iter()
        .filter(|loaded| merged.agree(loaded, said.patient) && !speaks_against(loaded, said));
    let fitting: Vec<Loaded> = fitting.collect();
    match <[Loaded; 1]>::try_from(fitting) {
        Ok([loaded]) => Ok((loaded, By::Patient)),
        Err(fitting) if fitting.is_empty() => Err(Unmatched::NoReferral),
        Err(_) => Err(Unmatched::Ambiguous),
    }
}

/// Whether a message is of another referral: it gives a number of an assigner that has numbered this one otherwise, or another service of the
/// same code system.
fn speaks_against(loaded: &Loaded, said: &Said<'_>) -> bool {
    let referral = &loaded.record.referral;
    let fillers = referral.legs.iter().filter_map(|leg| leg.filler.as_ref());
    let numbered_otherwise = referral
        .placer
        .iter()
        .chain(fillers)
        .any(|own| said.about.iter().any(|given| given.system == own.system));
    let asked = loaded.record.request.as_ref().map(|it| &it.service);
    let of_another_service = said
        .service
        .zip(asked)
        .is_some_and(|(given, asked)| given.system == asked.system && given.code != asked.code);
    numbered_otherwise || of_another_service
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
