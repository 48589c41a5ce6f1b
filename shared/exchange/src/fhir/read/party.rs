//! Who sends and who receives: an organisation, its service, and the clinician in it.

use domain::request::{Identifier, Requester};

use super::super::{OUR_ORGANIZATION, OUR_SERVICE};
use super::node::Node;
use super::person::line_name;
use super::reader::{Reader, Target};
use crate::said::PartyName;

/// US national provider identifiers: what a clinician is known by first.
const NPI: &str = "http://hl7.org/fhir/sid/us-npi";

/// What references to a party say together.
#[derive(Default)]
pub(super) struct Party {
    pub name: PartyName,
    pub person: Option<Requester>,
    /// Written by us of an office outside the network, or an office that is known by nothing but how to reach it.
    pub is_outside: bool,
}

impl<'a> Reader<'_, 'a> {
    /// Reads one more Reference to a party.
    pub fn party(&mut self, reference: Node<'a>, party: &mut Party) {
        let target = self.follow(reference);
        self.take_party(&target, party, 0);
    }

    fn take_party(&mut self, target: &Target<'a>, party: &mut Party, depth: u8) {
        let Some(resource) = &target.resource else {
            self.take_name(target, party);
            return;
        };
        match resource.kind() {
            "Organization" => self.take_organization(resource, party),
            "HealthcareService" => {
                self.take_service(resource, party);
                self.take_linked(resource, "providedBy", party, depth);
            }
            "PractitionerRole" => {
                self.take_linked(resource, "organization", party, depth);
                for service in resource.items("healthcareService") {
                    let target = self.follow(service);
                    match &target.resource {
                        Some(found) => self.take_service(found, party),
                        None => self.take_name(&target, party),
                    }
                }
                self.take_person(resource, target, party);
            }
            "Practitioner" => {
                let name = line_name(resource).or_else(|| target.display().map(str::to_owned));
                let identifier = self.clinician_identifier(resource);
                let phone = self.telecom(resource, "phone").map(str::to_owned);
                party.person = person(name, identifier, phone);
            }
            _ => {}
        }
    }

    /// Follows a further reference of a party's resource; two steps lead to any organisation, and no cycle can be longer.
    fn take_linked(&mut self, resource: &Node<'a>, name: &str, party: &mut Party, depth: u8) {
        if depth < 2
            && let Some(reference) = resource.child(name)
        {
            let target = self.follow(reference);
            self.take_party(&target, party, depth.saturating_add(1));
        }
    }

    fn take_organization(&mut self, organization: &Node<'a>, party: &mut Party) {
        for one in organization.items("identifier") {
            if one.text("system") == Some(OUR_ORGANIZATION) {
                party.name.id = one.text("value").map(str::to_owned);
            } else {
                party.name.identifiers.extend(self.identifier(&one));
            }
        }
        party.name.name = line_name(organization);
        party.name.phone = self.telecom(organization, "phone").map(str::to_owned);
        party.name.fax = self.telecom(organization, "fax").map(str::to_owned);
        party.is_outside = organization.extension("outside").is_some();
    }

    fn take_service(&mut self, service: &Node<'a>, party: &mut Party) {
        let own = service
            .items("identifier")
            .into_iter()
            .find(|one| one.text("system") == Some(OUR_SERVICE));
        party.name.service = own.and_then(|one| one.text("value")).map(str::to_owned);
    }

    /// What a Reference says that leads nowhere here: our own ids, or a logical reference.
    fn take_name(&mut self, target: &Target<'a>, party: &mut Party) {
        if let Some(id) = target.our_id("Organization") {
            party.name.id = Some(id.to_owned());
        }
        if let Some(id) = target.our_id("HealthcareService") {
            party.name.service = Some(id.to_owned());
        }
        let identifier = target
            .reference
            .child("identifier")
            .and_then(|identifier| self.identifier(&identifier));
        if matches!(target.kind(), "Practitioner" | "PractitionerRole") {
            let name = target.display().map(str::to_owned);
            if let Some(person) = person(name, identifier, None) {
                party.person = Some(person);
            }
            return;
        }
        if target.kind() == "HealthcareService" {
            return;
        }
        party.name.identifiers.extend(identifier);
        if party.name.name.is_none() {
            party.name.name = target.display().map(str::to_owned);
        }
    }

    /// The clinician of a PractitionerRole.
    fn take_person(&mut self, role: &Node<'a>, to_role: &Target<'a>, party: &mut Party) {
        let mut phone = self.telecom(role, "phone").map(str::to_owned);
        let mut name = to_role.display().map(str::to_owned);
        let mut identifier = None;
        if let Some(reference) = role.child("practitioner") {
            let target = self.follow(reference);
            if let Some(practitioner) = &target.resource {
                identifier = self.clinician_identifier(practitioner);
                name = line_name(practitioner).or(name);
                phone = phone.or_else(|| self.telecom(practitioner, "phone").map(str::to_owned));
            } else if let Some(one) = target.reference.child("identifier") {
                identifier = self.identifier(&one);
            }
            name = target.display().map(str::to_owned).or(name);
        }
        let identifier = identifier.or_else(|| self.clinician_identifier(role));
        if let Some(person) = person(name, identifier, phone) {
            party.person = Some(person);
        }
    }

    fn clinician_identifier(&mut self, resource: &Node<'a>) -> Option<Identifier> {
        let mut all = resource.items("identifier");
        all.sort_by_key(|one| one.text("system") != Some(NPI));
        all.retain(|one| one.text("system").is_some());
        let first = all.into_iter().next()?;
        self.identifier(&first)
    }
}

/// A clinician, where a name or an id says who. One known by the id alone is called by it.
fn person(
    name: Option<String>,
    identifier: Option<Identifier>,
    phone: Option<String>,
) -> Option<Requester> {
    let name = name.or_else(|| identifier.as_ref().map(|id| id.value.clone()))?;
    Some(Requester {
        identifier,
        name,
        phone,
    })
}
