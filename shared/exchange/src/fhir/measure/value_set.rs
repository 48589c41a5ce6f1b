//! A ValueSet as it is loaded: its codes, by expansion or by listing them.
//!
//! Nothing is left out in silence: what lists its codes in a way that is not read here, or only a part of them, is a fault.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::limits::FAULTS_MAX;
use crate::said::Fault;

/// How many codes one value set may have. The measure's largest has fewer than 300.
pub const CODES_MAX: usize = 10_000;

/// How many other value sets one may name.
const MEMBERS_MAX: usize = 100;

/// What a ValueSet says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its OID where it has one, otherwise its URL: by this it is found.
    pub key: String,
    /// Its URL, without the version.
    pub url: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its codes, each with its system.
    pub codes: BTreeSet<(String, String)>,
    /// The keys of value sets whose codes are its codes too.
    pub members: BTreeSet<String>,
}

/// Reads a ValueSet.
///
/// # Errors
/// Every fault: no name to find it by, no codes, codes that are defined by a rule, an expansion that is not whole.
pub fn value_set(resource: &Value) -> Result<Content, Vec<Fault>> {
    let mut reader = Reading::default();
    let (url, pinned) =
        match text(resource, "url").map(|url| url.split_once('|').unwrap_or((url, ""))) {
            Some((url, version)) => (Some(url), Some(version).filter(|one| !one.is_empty())),
            None => (None, None),
        };
    let key = value_set_key(resource);
    if key.is_none() {
        reader.fault("ValueSet.url", "required", "is required");
    }
    // An expansion that lists nothing may be a page's or an engine's leftover: what defines the set says whether it is empty.
    let is_listed = |expansion: &&Value| items(expansion, "contains").next().is_some();
    let expansion = resource.get("expansion");
    match (
        expansion.filter(is_listed),
        resource.get("compose"),
        expansion,
    ) {
        (Some(expansion), ..) | (None, None, Some(expansion)) => reader.expansion(expansion),
        (None, Some(compose), _) => reader.compose(compose),
        (None, None, None) => reader.fault(
            "ValueSet.expansion",
            "required",
            "is required, or compose with its concepts",
        ),
    }
    if reader.codes.len() > CODES_MAX || reader.members.len() > MEMBERS_MAX {
        let detail =
            format!("may have at most {CODES_MAX} codes and {MEMBERS_MAX} other value sets");
        reader.fault("ValueSet", "too-long", &detail);
    }
    if !reader.faults.is_empty() {
        return Err(reader.faults);
    }
    Ok(Content {
        key: key.unwrap_or_default().to_owned(),
        url: url.map(str::to_owned),
        version: text(resource, "version").or(pinned).map(str::to_owned),
        codes: reader.codes,
        members: reader.members,
    })
}

/// By what a ValueSet is found: the OID of its URL or of an identifier, otherwise its URL, otherwise the OID that is its id.
#[must_use]
pub fn value_set_key(resource: &Value) -> Option<&str> {
    let url = text(resource, "url").map(|url| url.split('|').next().unwrap_or(url));
    let by_identifier =
        || items(resource, "identifier").find_map(|one| oid_of(text(one, "value")?));
    url.and_then(oid_of)
        .or_else(by_identifier)
        .or(url)
        .or_else(|| text(resource, "id").and_then(oid_of))
}

/// The OID that a URL ends with, or that stands alone or behind `urn:oid:`; without a version.
#[must_use]
pub fn oid_of(name: &str) -> Option<&str> {
    let name = name.split('|').next().unwrap_or(name);
    let last = name.rsplit(['/', ':']).next().unwrap_or(name);
    let arcs = last.split('.');
    let is_oid = arcs.clone().count() > 2
        && arcs
            .clone()
            .all(|arc| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit()));
    is_oid.then_some(last)
}

#[derive(Default)]
struct Reading {
    codes: BTreeSet<(String, String)>,
    members: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl Reading {
    fn fault(&mut self, at: &str, code: &'static str, detail: &str) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault {
                at: at.to_owned(),
                code,
                detail: detail.to_owned(),
            });
        }
    }

    fn expansion(&mut self, expansion: &Value) {
        let mut listed: u64 = 0;
        let mut left: Vec<&Value> = items(expansion, "contains").collect();
        while let Some(one) = left.pop() {
            listed = listed.saturating_add(1);
            left.extend(items(one, "contains"));
            if one.get("abstract").and_then(Value::as_bool) == Some(true) {
                continue;
            }
            match (text(one, "system"), text(one, "code")) {
                (Some(system), Some(code)) => {
                    self.codes.insert((system.to_owned(), code.to_owned()));
                }
                // A heading has neither.
                (_, None) => {}
                (None, Some(_)) => self.fault(
                    "ValueSet.expansion.contains.system",
                    "required",
                    "is required with a code",
                ),
            }
        }
        let total = expansion.get("total").and_then(Value::as_u64);
        if total.is_some_and(|total| total > listed) {
            self.fault(
                "ValueSet.expansion.total",
                "incomplete",
                "says that there are more codes than are listed: send the whole expansion",
            );
        }
    }

    fn compose(&mut self, compose: &Value) {
        const INCLUDE: &str = "ValueSet.compose.include";
        for include in items(compose, "include") {
            let members: Vec<&str> = items(include, "valueSet")
                .filter_map(Value::as_str)
                .collect();
            let concepts: Vec<&Value> = items(include, "concept").collect();
            let has_filter = items(include, "filter").next().is_some();
            match (
                text(include, "system"),
                members.as_slice(),
                concepts.is_empty(),
            ) {
                _ if has_filter => self.fault(
                    INCLUDE,
                    "not-supported",
                    "a filter is not worked out here: send the expansion",
                ),
                (None, [member], true) => {
                    let member = member.split('|').next().unwrap_or(member);
                    self.members
                        .insert(oid_of(member).unwrap_or(member).to_owned());
                }
                (Some(system), [], false) => {
                    for concept in concepts {
                        match text(concept, "code") {
                            Some(code) => {
                                self.codes.insert((system.to_owned(), code.to_owned()));
                            }
                            None => self.fault(INCLUDE, "required", "a concept needs its code"),
                        }
                    }
                }
                _ => self.fault(
                    INCLUDE,
                    "not-supported",
                    "lists the concepts of one system, or names one value set: send the expansion",
                ),
            }
        }
        if items(compose, "exclude").next().is_some() {
            self.fault(
                "ValueSet.compose.exclude",
                "not-supported",
                "is not worked out here: send the expansion",
            );
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
