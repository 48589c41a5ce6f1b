//! XML out: the elements in the order of their type.

use serde_json::{Map, Value};

use super::super::limits::DEPTH_MAX;
use super::table::{Spec, is_resource, likely, specs};

/// Writes a resource as XML. What is deeper than may be read is left out.
#[must_use]
pub fn to_xml(resource: &Value) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    write_resource(&mut out, resource, true, 0);
    out
}

fn write_resource(out: &mut String, resource: &Value, is_root: bool, depth: usize) {
    let Some(members) = resource.as_object() else {
        return;
    };
    let Some(kind) = members
        .get("resourceType")
        .and_then(Value::as_str)
        .filter(|kind| is_name(kind))
    else {
        return;
    };
    let namespace = if is_root {
        " xmlns=\"http://hl7.org/fhir\""
    } else {
        ""
    };
    out.push_str(&format!("<{kind}{namespace}>"));
    write_members(out, members, kind, Within::Resource, depth);
    out.push_str(&format!("</{kind}>"));
}

/// Which of its members are attributes: of an element its `id`, of an extension its `url` too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Resource,
    Element,
    Extension,
}

fn write_members(
    out: &mut String,
    members: &Map<String, Value>,
    kind: &str,
    within: Within,
    depth: usize,
) {
    if depth > DEPTH_MAX {
        return;
    }
    let in_resource = is_resource(kind);
    let mut left: Vec<&str> = names_of(members, within == Within::Resource);
    if within == Within::Extension {
        left.retain(|name| *name != "url");
    }
    for spec in specs(kind) {
        let (now, later): (Vec<&str>, Vec<&str>) =
            left.into_iter().partition(|name| spec.matches(name));
        left = later;
        for name in now {
            write_member(out, members, name, spec, depth);
        }
    }
    for name in left {
        write_member(out, members, name, likely(name, in_resource), depth);
    }
}

/// The names of what is written as elements: `_name` goes with its name, and outside of a resource `id` and of an extension `url` are
/// attributes.
fn names_of(members: &Map<String, Value>, in_resource: bool) -> Vec<&str> {
    let mut names: Vec<&str> = members
        .keys()
        .map(|name| name.strip_prefix('_').unwrap_or(name))
        .filter(|name| is_name(name) && *name != "resourceType" && (in_resource || *name != "id"))
        .collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    names
}

fn write_member(
    out: &mut String,
    members: &Map<String, Value>,
    name: &str,
    spec: Spec,
    depth: usize,
) {
    let value = members.get(name);
    let beside = members.get(&format!("_{name}"));
    let of_type = spec.type_of(name);
    let one = |out: &mut String, value: Option<&Value>, beside: Option<&Value>| {
        write_one(
            out,
            name,
            value.unwrap_or(&Value::Null),
            beside.unwrap_or(&Value::Null),
            of_type,
            depth,
        );
    };
    match (value, beside) {
        (Some(Value::Array(all)), beside) => {
            let beside = beside.and_then(Value::as_array);
            for (n, value) in all.iter().enumerate() {
                one(out, Some(value), beside.and_then(|beside| beside.get(n)));
            }
        }
        (value, beside) => one(out, value, beside),
    }
}

fn write_one(
    out: &mut String,
    name: &str,
    value: &Value,
    beside: &Value,
    of_type: &str,
    depth: usize,
) {
    if of_type == "xhtml" {
        // Text of the sender's, or ours, that is XML already; anything else would break the document.
        let xhtml = value
            .as_str()
            .filter(|text| roxmltree::Document::parse(text).is_ok());
        out.push_str(xhtml.unwrap_or_default());
        return;
    }
    if of_type == "Resource" {
        out.push_str(&format!("<{name}>"));
        write_resource(out, value, false, depth.saturating_add(2));
        out.push_str(&format!("</{name}>"));
        return;
    }
    let (members, text) = match value {
        Value::Object(members) => (Some(members), None),
        Value::String(text) => (beside.as_object(), Some(text.clone())),
        Value::Bool(_) | Value::Number(_) => (beside.as_object(), Some(value.to_string())),
        _ => (beside.as_object(), None),
    };
    if members.is_none() && text.is_none() {
        return;
    }
    out.push('<');
    out.push_str(name);
    let is_extension = matches!(name, "extension" | "modifierExtension");
    for (attribute, wanted) in [("id", true), ("url", is_extension)] {
        let value = members
            .and_then(|members| members.get(attribute))
            .and_then(Value::as_str);
        if let Some(value) = value.filter(|_| wanted) {
            write_attribute(out, attribute, value);
        }
    }
    if let Some(text) = &text {
        write_attribute(out, "value", text);
    }
    // The end is known only when what is within has been written.
    out.push('>');
    let start = out.len();
    if let Some(members) = members {
        let within = if is_extension {
            Within::Extension
        } else {
            Within::Element
        };
        write_members(out, members, of_type, within, depth.saturating_add(2));
    }
    if out.len() == start {
        out.pop();
        out.push_str("/>");
    } else {
        out.push_str(&format!("</{name}>"));
    }
}

fn write_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for one in value.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            // XML has no way to write the other control characters.
            one if one.is_control() || matches!(one, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}')
            }
            one => out.push(one),
        }
    }
    out.push('"');
}

/// Whether a name may be an element's: FHIR's are letters and digits.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
