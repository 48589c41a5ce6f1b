//! From whom a ServiceRequest comes, to whom it goes, and by which id.

use domain::request::{External, Identifier, Recipient, Requester};

use super::super::codes::{FILLER, IDENTIFIER_TYPE, PLACER};
use super::node::Node;
use super::party::Party;
use super::reader::Reader;
use crate::said::PartyName;

impl<'a> Reader<'_, 'a> {
    pub(super) fn sender(
        &mut self,
        order: &Node<'a>,
        task: Option<&Node<'a>>,
    ) -> (Option<Requester>, Option<PartyName>) {
        let mut party = Party::default();
        let reference = order
            .child("requester")
            .or_else(|| task?.child("requester"));
        if let Some(reference) = reference {
            self.party(reference, &mut party);
        }
        let name = (party.name != PartyName::default()).then_some(party.name);
        (party.person, name)
    }

    pub(super) fn recipient(
        &mut self,
        order: &Node<'a>,
        task: Option<&Node<'a>>,
    ) -> (Recipient, PartyName) {
        let mut party = Party::default();
        let mut performers = order.items("performer");
        if performers.is_empty() {
            performers.extend(task.and_then(|task| task.child("owner")));
        }
        if performers.is_empty() {
            self.fault(
                order.path("performer"),
                "required",
                "is required: who is to do it",
            );
        }
        let organizations = performers.len();
        for performer in performers {
            self.party(performer, &mut party);
        }
        let name = party.name;
        let is_known = name.id.is_some() || !name.identifiers.is_empty() || name.service.is_some();
        let is_reachable = party.is_outside || name.phone.is_some() || name.fax.is_some();
        if is_known {
            let recipient = Recipient::Member {
                organization: name.id.clone().unwrap_or_default(),
                service: name.service.clone(),
            };
            return (recipient, name);
        }
        match &name.name {
            Some(text) if is_reachable => {
                let external = External {
                    name: text.clone(),
                    fax: name.fax.clone(),
                    phone: name.phone.clone(),
                };
                (Recipient::Outside { external }, name)
            }
            _ => {
                if organizations > 0 {
                    self.fault(
                        order.path("performer"),
                        "not-found",
                        "must lead to an Organization with an identifier or our id, or to an office with a phone or fax number",
                    );
                }
                let recipient = Recipient::Member {
                    organization: String::new(),
                    service: None,
                };
                (recipient, name)
            }
        }
    }

    /// The referrer's id: the ServiceRequest's PLAC, else its Task's, else the one identifier of no other type.
    pub(super) fn placer(
        &mut self,
        order: &Node<'a>,
        task: Option<&Node<'a>>,
    ) -> Option<Identifier> {
        let own = self.identifier_of_type(order, PLACER);
        let from_task = task.and_then(|task| self.identifier_of_type(task, PLACER));
        if let (Some(own), Some(of_task), Some(task)) = (&own, &from_task, task)
            && own != of_task
        {
            self.warn(
                task.path("identifier"),
                "has another placer's id than its ServiceRequest; the ServiceRequest's counts",
            );
        }
        own.or(from_task).or_else(|| {
            let mut untyped = order.items("identifier");
            untyped.retain(|one| {
                one.child("type").is_none_or(|concept| {
                    let code = self.code_in(&concept, IDENTIFIER_TYPE);
                    code != Some(FILLER)
                })
            });
            match untyped.as_slice() {
                [one] => self.identifier(one),
                _ => None,
            }
        })
    }
}
