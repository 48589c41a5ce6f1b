//! XML in (FHIR R4, "XML Representation of Resources").

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Number, Value};

use super::super::limits::DEPTH_MAX;
use super::table::{Spec, is_resource, likely, specs};
use crate::said::Fault;

/// FHIR's namespace.
const FHIR: &str = "http://hl7.org/fhir";

/// How many nodes of XML are read. Ours: the largest body that is taken holds fewer.
const NODES_MAX: u32 = 500_000;

/// Reads one resource.
///
/// # Errors
/// One fault: no well-formed XML, a document type (never read, because entities may be made to grow), another namespace, too deep.
pub fn from_xml(text: &str) -> Result<Value, Vec<Fault>> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES_MAX,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        fault(
            "Resource",
            "structure",
            &format!(
                "must be well-formed XML, without a document type (line {})",
                error.pos().row
            ),
        )
    })?;
    let root = document.root_element();
    if root.tag_name().namespace() != Some(FHIR) {
        return Err(fault(
            "Resource",
            "structure",
            "must be in the namespace http://hl7.org/fhir",
        ));
    }
    resource(root, text, 0)
}

fn fault(at: &str, code: &'static str, detail: &str) -> Vec<Fault> {
    vec![Fault {
        at: at.to_owned(),
        code,
        detail: detail.to_owned(),
    }]
}

fn resource(node: Node<'_, '_>, text: &str, depth: usize) -> Result<Value, Vec<Fault>> {
    let kind = node.tag_name().name();
    let mut members = members(node, text, kind, true, depth)?;
    members.insert("resourceType".to_owned(), kind.into());
    Ok(Value::Object(members))
}

/// An element's children as members, by the specs of its type.
fn members(
    node: Node<'_, '_>,
    text: &str,
    kind: &str,
    in_resource: bool,
    depth: usize,
) -> Result<Map<String, Value>, Vec<Fault>> {
    if depth > DEPTH_MAX {
        return Err(fault(
            "Resource",
            "too-long",
            &format!("is nested deeper than {DEPTH_MAX}"),
        ));
    }
    let specs = specs(kind);
    let mut members = Map::new();
    for name in ["id", "url"] {
        if let Some(value) = node.attribute(name) {
            members.insert(name.to_owned(), value.into());
        }
    }
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        let spec = specs
            .iter()
            .find(|spec| spec.matches(name))
            .copied()
            .unwrap_or_else(|| likely(name, in_resource));
        let of_type = spec.type_of(name);
        if of_type == "xhtml" {
            let xhtml = text.get(child.range()).unwrap_or_default();
            members.insert(name.to_owned(), xhtml.into());
        } else if of_type == "Resource" {
            let inner = child.children().find(Node::is_element);
            if let Some(inner) = inner {
                let value = resource(inner, text, depth.saturating_add(2))?;
                put(&mut members, name, spec, value);
            }
        } else if is_primitive(child, of_type) {
            put_primitive(&mut members, child, name, spec, text, depth)?;
        } else {
            let within = self::members(
                child,
                text,
                of_type,
                is_resource(of_type),
                depth.saturating_add(2),
            )?;
            // An element of no known type that says nothing is the same as one without children: not there.
            if !(of_type.is_empty() && within.is_empty()) {
                put(&mut members, name, spec, Value::Object(within));
            }
        }
    }
    Ok(members)
}

/// Whether an element is a primitive: by its type, else by its value.
fn is_primitive(node: Node<'_, '_>, of_type: &str) -> bool {
    match of_type {
        "b" | "n" => true,
        "" => {
            node.attribute("value").is_some()
                || node
                    .children()
                    .filter(Node::is_element)
                    .all(|child| child.has_tag_name((FHIR, "extension")))
        }
        _ => false,
    }
}

/// Puts a value where one is wanted, or one more where several are. What was to be one and comes again becomes several.
fn put(members: &mut Map<String, Value>, name: &str, spec: Spec, value: Value) {
    match members.get_mut(name) {
        Some(Value::Array(all)) => all.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
        None => {
            let value = if spec.repeats {
                Value::Array(vec![value])
            } else {
                value
            };
            members.insert(name.to_owned(), value);
        }
    }
}

/// A primitive, and beside it `_name` with its id and extensions, in step where it repeats.
fn put_primitive(
    members: &mut Map<String, Value>,
    node: Node<'_, '_>,
    name: &str,
    spec: Spec,
    text: &str,
    depth: usize,
) -> Result<(), Vec<Fault>> {
    let value = node
        .attribute("value")
        .map_or(Value::Null, |value| primitive(value, spec.type_of(name)));
    let beside = self::members(node, text, "Element", false, depth.saturating_add(2))?;
    let beside_name = format!("_{name}");
    if !spec.repeats {
        if !value.is_null() {
            put(members, name, spec, value);
        }
        if !beside.is_empty() {
            members.insert(beside_name, Value::Object(beside));
        }
        return Ok(());
    }
    let before = match members.get(name) {
        Some(Value::Array(all)) => all.len(),
        _ => 0,
    };
    put(members, name, spec, value);
    if beside.is_empty() && !members.contains_key(&beside_name) {
        return Ok(());
    }
    let all = members
        .entry(beside_name)
        .or_insert_with(|| Value::Array(vec![Value::Null; before]));
    if let Value::Array(all) = all {
        all.resize(before, Value::Null);
        all.push(if beside.is_empty() {
            Value::Null
        } else {
            Value::Object(beside)
        });
    }
    Ok(())
}

/// A number or a flag as JSON writes it; what is none stays text, so that the reader finds the fault.
fn primitive(value: &str, of_type: &str) -> Value {
    match of_type {
        "b" => value
            .parse::<bool>()
            .map_or_else(|_| value.into(), Value::Bool),
        "n" => number(value).map_or_else(|| value.into(), Value::Number),
        _ => value.into(),
    }
}

fn number(value: &str) -> Option<Number> {
    value
        .parse::<i64>()
        .map(Number::from)
        .ok()
        .or_else(|| value.parse::<f64>().ok().and_then(Number::from_f64))
}
