//! What the entries of a Bundle say, each by itself.

use serde_json::Value;

use super::attachments::Attachment;
use super::index::Index;
use super::node::Node;
use super::reader::Reader;
use crate::said::{Fault, Said};

/// What one entry of a Bundle says.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Which entry: `Bundle.entry[index]`; of a message, a document or a single resource 0.
    pub index: usize,
    /// What it says, or everything that is wrong with it.
    pub said: Result<Said, Vec<Fault>>,
    /// The documents that came within it.
    pub attachments: Vec<Attachment>,
}

/// Reads a Bundle entry by entry, as a batch is answered; or a ServiceRequest or a Task alone. An entry that only others refer
/// to (a Patient, an Organization), or that says nothing of a referral, is not listed.
///
/// # Errors
/// What is wrong with the whole: no such type, too many resources, too deep.
pub fn read_entries(root: &Value) -> Result<Vec<Entry>, Vec<Fault>> {
    let index = Index::of(root, &[]).map_err(|fault| vec![fault])?;
    let mut reader = Reader::new(&index);
    let Some(node) = index.root() else {
        return Ok(Vec::new());
    };
    let entries = match (node.kind(), node.text("type")) {
        ("ServiceRequest", _) => vec![entry(&index, 0, |reader, _| {
            reader
                .referral(&node, None, &[])
                .map(|one| Said::Referral(Box::new(one)))
        })],
        ("Task", _) => vec![task_entry(&index, 0, &node, node.text("id"))],
        ("Bundle", Some("message")) => vec![entry(&index, 0, |reader, attached| {
            reader.message(&node, attached)
        })],
        ("Bundle", Some("document")) => vec![entry(&index, 0, |reader, attached| {
            reader.document_bundle(&node, attached)
        })],
        ("Bundle", Some("transaction" | "batch")) => interactions(&index, &node),
        ("Bundle", _) => {
            reader.fault(
                node.path("type"),
                "not-supported",
                "must be transaction, batch, message or document",
            );
            Vec::new()
        }
        _ => {
            reader.fault(
                node.path("resourceType"),
                "not-supported",
                "must be Bundle, ServiceRequest or Task",
            );
            Vec::new()
        }
    };
    if reader.faults.is_empty() {
        Ok(entries)
    } else {
        Err(reader.faults)
    }
}

/// One entry, read with faults and warnings of its own.
fn entry<'i, 'a>(
    index: &'i Index<'a>,
    place: usize,
    read: impl FnOnce(&mut Reader<'i, 'a>, &mut Vec<Attachment>) -> Option<Said>,
) -> Entry {
    let mut reader = Reader::new(index);
    let mut attachments = Vec::new();
    let said = read(&mut reader, &mut attachments);
    Entry {
        index: place,
        said: reader.finish(said),
        attachments,
    }
}

fn task_entry<'a>(index: &Index<'a>, place: usize, task: &Node<'a>, id: Option<&str>) -> Entry {
    entry(index, place, |reader, attached| {
        reader
            .task(task, id, attached)
            .map(|one| Said::Event(Box::new(one)))
    })
}

/// An entry of a transaction or batch, and what is to be done with it.
struct Interaction<'a> {
    place: usize,
    resource: Node<'a>,
    entry: Node<'a>,
    method: &'a str,
}

fn interactions<'a>(index: &Index<'a>, bundle: &Node<'a>) -> Vec<Entry> {
    let all: Vec<Interaction<'a>> = bundle
        .items("entry")
        .into_iter()
        .enumerate()
        .filter_map(|(place, entry)| {
            let request = entry.child("request");
            let method = request
                .and_then(|request| request.text("method"))
                .unwrap_or("POST");
            Some(Interaction {
                place,
                resource: index.resource_of(&entry)?,
                entry,
                method,
            })
        })
        .collect();
    let reader = Reader::new(index);
    let tasks: Vec<(&Interaction<'a>, Vec<Node<'a>>, bool)> = all
        .iter()
        .filter(|one| one.resource.kind() == "Task")
        .map(|one| {
            (
                one,
                reader.orders_of(&one.resource),
                reader.only_asks(&one.resource),
            )
        })
        .collect();
    let orders = all
        .iter()
        .filter(|one| one.resource.kind() == "ServiceRequest")
        .count();
    let beside: Vec<Node<'a>> = if orders == 1 {
        all.iter().map(|one| one.resource.clone()).collect()
    } else {
        Vec::new()
    };
    let mut entries = Vec::new();
    for one in &all {
        let is_order = one.resource.kind() == "ServiceRequest";
        if !is_order && one.resource.kind() != "Task" {
            continue;
        }
        let of_order = tasks
            .iter()
            .find(|(_, orders, _)| orders.iter().any(|order| order.is(&one.resource)));
        let refusal = match (one.method, is_order) {
            ("POST", _) | ("PUT", false) => None,
            ("PUT", true) if of_order.is_some() => None,
            ("PUT", true) => Some("a referral is not replaced: send what changed as an event"),
            _ => Some("only POST and PUT of a ServiceRequest or a Task are taken"),
        };
        if let Some(detail) = refusal {
            entries.push(entry(index, one.place, |reader, _| {
                reader.fault(one.entry.path("request.method"), "not-supported", detail);
                None
            }));
        } else if is_order {
            match of_order {
                // The Task tells what happened to it: it is there to say which referral is meant.
                Some((_, _, false)) => {}
                found => {
                    let task = found.map(|(task, ..)| &task.resource);
                    entries.push(entry(index, one.place, |reader, _| {
                        let referral = reader.referral(&one.resource, task, &beside);
                        referral.map(|one| Said::Referral(Box::new(one)))
                    }));
                }
            }
        } else {
            let asks = tasks
                .iter()
                .any(|(task, orders, asks)| *asks && task.place == one.place && !orders.is_empty());
            if !asks {
                let url = one
                    .entry
                    .child("request")
                    .and_then(|request| request.text("url"));
                let id = url.and_then(|url| url.strip_prefix("Task/"));
                entries.push(task_entry(index, one.place, &one.resource, id));
            }
        }
    }
    entries
}
