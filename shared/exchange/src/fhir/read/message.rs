//! A message Bundle, as BSeR sends a referral and everything that happens to it.

use super::super::codes::MESSAGE_EVENT;
use super::attachments::Attachment;
use super::node::Node;
use super::party::Party;
use super::reader::Reader;
use crate::said::{PartyName, Said};

/// BSeR's one event: REF/RRI, patient referral.
const REFERRAL: &str = "I12";

impl<'a> Reader<'_, 'a> {
    /// Reads a message: a Task that only asks, with its ServiceRequest, is a new referral; any other Task is an event.
    pub fn message(&mut self, bundle: &Node<'a>, attached: &mut Vec<Attachment>) -> Option<Said> {
        let resources: Vec<Node<'a>> = bundle
            .items("entry")
            .iter()
            .filter_map(|entry| self.index.resource_of(entry))
            .collect();
        let Some(header) = resources
            .first()
            .filter(|first| first.kind() == "MessageHeader")
        else {
            self.fault(
                bundle.path("entry[0].resource"),
                "required",
                "must be the MessageHeader",
            );
            return None;
        };
        self.refuse_modifiers(header);
        self.message_event(header);
        let Some(focus) = header.items("focus").into_iter().next() else {
            self.fault(header.path("focus"), "required", "is required: the Task");
            return None;
        };
        let target = self.follow(focus);
        let Some(focus) = target.resource else {
            self.fault(
                target.reference.at,
                "not-found",
                "must lead to the Task, in the same Bundle",
            );
            return None;
        };
        let said = match focus.kind() {
            "ServiceRequest" => self.referral(&focus, None, &resources),
            "Task" if self.only_asks(&focus) => match self.order_of(&focus, &resources) {
                Some(order) => self.referral(&order, Some(&focus), &resources),
                None => {
                    return self
                        .task(&focus, None, attached)
                        .map(|one| Said::Event(Box::new(one)));
                }
            },
            "Task" => {
                return self
                    .task(&focus, None, attached)
                    .map(|one| Said::Event(Box::new(one)));
            }
            _ => {
                self.fault(
                    target.reference.at,
                    "business-rule",
                    "must lead to a Task or a ServiceRequest",
                );
                None
            }
        };
        let mut said = said?;
        if said.sender.is_none() {
            let mut party = Party::default();
            if let Some(sender) = header.child("sender") {
                self.party(sender, &mut party);
            }
            said.sender = (party.name != PartyName::default()).then_some(party.name);
        }
        Some(Said::Referral(Box::new(said)))
    }

    fn message_event(&mut self, header: &Node<'a>) {
        match header.child("eventCoding") {
            Some(event)
                if event.text("system") == Some(MESSAGE_EVENT)
                    && event.text("code") == Some(REFERRAL) => {}
            Some(event) => self.fault(event.at, "not-supported", "must be I12 of v2-0003"),
            None => self.fault(
                header.path("eventCoding"),
                "required",
                "is required: I12 of v2-0003",
            ),
        }
    }

    /// The ServiceRequests that a Task is about, where they came along.
    pub fn orders_of(&self, task: &Node<'a>) -> Vec<Node<'a>> {
        let mut references = task.items("basedOn");
        references.extend(task.child("focus"));
        let mut orders: Vec<Node<'a>> = Vec::new();
        for reference in references {
            if let super::index::Resolved::Here(found) = self.index.resolve(&reference)
                && found.kind() == "ServiceRequest"
                && !orders.iter().any(|order| order.is(&found))
            {
                orders.push(found);
            }
        }
        orders
    }

    /// The one ServiceRequest of a message's Task; where the Task refers to none, the only one in the message.
    fn order_of(&self, task: &Node<'a>, resources: &[Node<'a>]) -> Option<Node<'a>> {
        self.orders_of(task).into_iter().next().or_else(|| {
            let mut orders = resources
                .iter()
                .filter(|one| one.kind() == "ServiceRequest");
            let first = orders.next();
            first.filter(|_| orders.next().is_none()).cloned()
        })
    }

    pub fn is_a(&mut self, resource: &Node<'a>, kind: &str) -> bool {
        let is_so = resource.kind() == kind;
        if !is_so {
            let detail = format!("must be {kind}");
            self.fault(resource.path("resourceType"), "structure", &detail);
        }
        is_so
    }
}
