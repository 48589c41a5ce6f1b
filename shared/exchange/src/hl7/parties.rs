//! Who refers to whom: MSH-4 and 6, PRD, ORC-12 (contract: organisations are named by their identifiers there).

use domain::request::{External, Recipient, Requester};

use crate::hl7::local::{self, Local};
use crate::hl7::names;
use crate::hl7::order::Group;
use crate::hl7::patient;
use crate::hl7::reading::Reading;
use crate::hl7::tokens::Segment;
use crate::said::PartyName;

/// The clinician: ORC-12 or OBR-16; in REF the provider with the role RP.
pub(crate) fn requester(group: &Group<'_, '_>) -> Option<Requester> {
    if let Some(prd) = provider(group, &["RP"]) {
        return Some(Requester {
            identifier: names::provider_ids(prd.field(7)).into_iter().next(),
            name: patient::readable(prd.field(2), 1, 5)?,
            phone: prd.field(5).repetitions().find_map(patient::phone),
        });
    }
    [("ORC", 12, 14), ("OBR", 16, 17)]
        .into_iter()
        .find_map(|(name, person, phone)| {
            let person = group.field(name, person).first();
            Some(Requester {
                identifier: names::person_id(person),
                name: patient::readable(person, 2, 6)?,
                phone: group
                    .field(name, phone)
                    .repetitions()
                    .find_map(patient::phone),
            })
        })
}

/// A provider by its roles (table 0286), in that order.
fn provider<'t, 'a>(group: &Group<'t, 'a>, roles: &[&str]) -> Option<&'t Segment<'a>> {
    roles.iter().find_map(|role| {
        group.all("PRD").find(|prd| {
            prd.field(1)
                .repetitions()
                .any(|one| one.part(1).as_deref() == Some(*role))
        })
    })
}

pub(crate) fn sender(reading: &Reading<'_, '_>, group: &Group<'_, '_>) -> PartyName {
    let mut party = reading.header.sending_facility.name();
    if let Some(prd) = provider(group, &["RP"]) {
        party.identifiers.extend(names::provider_ids(prd.field(7)));
    }
    let orderer = group.field("ORC", 12).first();
    party.identifiers.extend(names::person_id(orderer));
    party
        .identifiers
        .extend(names::assigner_in(orderer.component(9)).map(|uri| names::as_identifier(&uri)));
    party
}

/// MSH-6, and in REF the provider with the role RT or IR.
pub(crate) fn recipient(
    reading: &Reading<'_, '_>,
    group: &Group<'_, '_>,
    locals: &[Local],
) -> PartyName {
    let mut party = reading.header.receiving_facility.name();
    if let Some(prd) = provider(group, &["RT", "IR"]) {
        // The provider whom the referral names comes before the gateway that the message is sent through.
        let mut ids = names::provider_ids(prd.field(7));
        ids.append(&mut party.identifiers);
        party.identifiers = ids;
        party.id = prd.field(7).part(1).or(party.id);
        party.name = patient::readable(prd.field(2), 1, 5);
        party.phone = prd.field(5).repetitions().find_map(patient::phone);
    }
    party.service = local::get(locals, "recipient-service").map(str::to_owned);
    party
}

pub(crate) fn placeholder(party: &PartyName) -> Recipient {
    match &party.id {
        Some(id) => Recipient::Member {
            organization: id.clone(),
            service: party.service.clone(),
        },
        None => {
            let by_id = || party.identifiers.first().map(|id| id.value.clone());
            let name = party.name.clone().or_else(by_id).unwrap_or_default();
            Recipient::Outside {
                external: External {
                    name,
                    fax: None,
                    phone: party.phone.clone(),
                },
            }
        }
    }
}
