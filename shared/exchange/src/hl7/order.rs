//! Orders: what belongs to one ORC, and OMG^O19, which asks for a referral or brings its result.

use domain::kind::EventKind;
use domain::payload::{Payload, Remark};

use crate::hl7::reading::Reading;
use crate::hl7::tokens::{Part, Segment, Tokens};
use crate::hl7::{faults, order_status, reason, referral, result};

/// Orders of one message; ours: a referral is one, and what stands before the first is read again for each.
pub const ORDERS_MAX: usize = 50;

/// One order: what stands before the first (patient, allergies, insurance), and its own segments from its ORC on.
pub(crate) struct Group<'t, 'a> {
    head: Vec<&'t Segment<'a>>,
    own: Vec<&'t Segment<'a>>,
    empty: Part<'a>,
}

impl<'t, 'a> Group<'t, 'a> {
    /// The whole message as one.
    pub fn whole(tokens: &'t Tokens<'a>) -> Self {
        Self {
            head: Vec::new(),
            own: tokens.segments().iter().collect(),
            empty: tokens.field("", 0),
        }
    }

    /// The first segment of a name, its own before those before.
    pub fn first(&self, name: &str) -> Option<&'t Segment<'a>> {
        self.own
            .iter()
            .chain(&self.head)
            .find(|one| one.name() == name)
            .copied()
    }

    /// Its own segments of a name.
    pub fn own(&self, name: &'static str) -> impl Iterator<Item = &'t Segment<'a>> {
        self.own
            .iter()
            .copied()
            .filter(move |one| one.name() == name)
    }

    /// All segments of a name.
    pub fn all(&self, name: &'static str) -> impl Iterator<Item = &'t Segment<'a>> {
        self.head
            .iter()
            .chain(&self.own)
            .copied()
            .filter(move |one| one.name() == name)
    }

    /// Its own segments, in order.
    pub fn segments(&self) -> impl Iterator<Item = &'t Segment<'a>> {
        self.own.iter().copied()
    }

    /// A field of the first segment of a name, or an empty one.
    pub fn field(&self, name: &str, number: usize) -> Part<'a> {
        self.first(name)
            .map_or(self.empty, |segment| segment.field(number))
    }

    /// Where a field stands.
    pub fn at(&self, name: &str, number: usize) -> String {
        self.first(name)
            .map_or_else(|| format!("{name}-{number}"), |segment| segment.at(number))
    }

    /// The text of its notes.
    pub fn notes(&self) -> Option<String> {
        let lines: Vec<String> = self
            .own("NTE")
            .flat_map(|note| note.field(3).repetitions())
            .filter_map(Part::text)
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Takes in what belongs to another group of the same order.
    pub fn absorb(&mut self, other: Self) {
        self.own.extend(other.own);
    }
}

/// The orders of a message: each begins with its ORC, or with an OBR that has none. Results that come with an order (ORC-1
/// `PR`) belong to it.
pub(crate) fn groups<'t, 'a>(reading: &mut Reading<'t, 'a>) -> Vec<Group<'t, 'a>> {
    let tokens = reading.tokens;
    let mut groups: Vec<Group<'t, 'a>> = Vec::new();
    let mut head: Vec<&Segment<'a>> = Vec::new();
    let mut is_open = false;
    for segment in tokens.segments() {
        let is_prior = segment.name() == "ORC"
            && segment.field(1).value().as_deref() == Some("PR")
            && !groups.is_empty();
        let begins = match segment.name() {
            "ORC" => !is_prior,
            "OBR" => !is_open || groups.last().is_some_and(|group| group.first_is("OBR")),
            _ => false,
        };
        let is_next_patient = head.iter().any(|one| one.name() == "PID");
        if segment.name() == "PID" && is_next_patient && !is_open_order(&groups, is_open) {
            head.retain(|one| one.name() == "MSH");
            is_open = false;
        }
        if begins {
            if groups.len() >= ORDERS_MAX {
                reading.fault(
                    segment.at(1),
                    faults::LIMIT,
                    format!("more than {ORDERS_MAX} orders"),
                );
                break;
            }
            groups.push(Group {
                head: head.clone(),
                own: vec![segment],
                empty: tokens.field("", 0),
            });
            is_open = true;
        } else if is_open && let Some(group) = groups.last_mut() {
            group.own.push(segment);
        } else {
            head.push(segment);
        }
    }
    groups
}

/// Whether a PID now would be of the results that come with an order.
fn is_open_order(groups: &[Group<'_, '_>], is_open: bool) -> bool {
    is_open
        && groups
            .last()
            .is_some_and(|group| group.field("ORC", 1).value().as_deref() == Some("NW"))
}

impl Group<'_, '_> {
    fn first_is(&self, name: &str) -> bool {
        self.own.first().is_some_and(|one| one.name() == name)
    }
}

/// Reads OMG^O19.
pub(crate) fn read(reading: &mut Reading<'_, '_>) {
    let groups = groups(reading);
    if groups.is_empty() {
        reading.fault("ORC", faults::SEGMENT, "an order has an ORC segment");
    }
    for group in &groups {
        let control = group.field("ORC", 1).value();
        match control.as_deref() {
            Some("NW") => referral::from_order(reading, group),
            Some("RE") => result::order(reading, group),
            Some("XO" | "XX") => referral::correction(reading, group),
            Some("CA" | "DC") => {
                let (placer, filler) = reading.order_ids(group, false);
                let patient = reading.patient(group.first("PID"));
                let at = group.at("ORC", 16);
                let reason = reason::needed(reading, at, group.field("ORC", 16), group.notes());
                let data = Payload::Remark(Remark {
                    reason: Some(reason),
                    note: None,
                    documents: Vec::new(),
                });
                let about = placer.into_iter().chain(filler).collect();
                reading.happened(
                    EventKind::ReferralCancellationRequested,
                    data,
                    order_status::when(group),
                    about,
                    patient,
                );
            }
            Some(_) => reading.fault(
                group.at("ORC", 1),
                faults::TABLE,
                "OMG^O19 is read with NW, XO, CA, DC and RE here",
            ),
            None => reading.fault(group.at("ORC", 1), faults::REQUIRED, "is empty"),
        }
    }
}
