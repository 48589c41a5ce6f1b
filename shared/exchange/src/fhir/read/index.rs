//! Where everything in a Bundle is: built once, so that each reference is one look-up.
//!
//! A reference resolves, in this order: `#id` among what its own resource contains; the `fullUrl` it names; a relative one
//! against the base of its own resource's `fullUrl`, then as `Type/id` of any resource in the Bundle; by identifier (logical, or conditional as
//! `Type?identifier=system|value`) where only one resource has it. Each is looked for in the Bundle that the resource is in, then in those
//! around it, then in all of them: a document within a message has a copy of the patient (FHIR R4, Bundle, "Resolving references in Bundles", and References, "Logical references").

use std::borrow::Borrow;
use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::super::limits::{DEPTH_MAX, RESOURCES_MAX};
use super::node::Node;
use crate::said::Fault;

#[derive(Debug, Clone, Copy)]
enum Found {
    One(usize),
    Many,
}

/// What a reference leads to.
pub(super) enum Resolved<'a> {
    /// A resource that came along.
    Here(Node<'a>),
    /// Something that did not.
    Elsewhere,
    /// It can only be here, and is not.
    Missing,
    /// More than one is called so.
    Ambiguous,
}

/// Every resource of a Bundle, or one resource with what it contains, by name.
#[derive(Default)]
pub(super) struct Index<'a> {
    pub resources: Vec<Node<'a>>,
    /// What `meta.security` says, of all of them.
    pub labels: Vec<Node<'a>>,
    urls: Vec<Option<&'a str>>,
    /// By address: an entry reached by way of its Bundle is the same resource.
    by_address: BTreeMap<usize, usize>,
    by_name: Scoped<String>,
    contained: BTreeMap<(usize, &'a str), Found>,
    by_identifier: Scoped<(&'a str, &'a str)>,
    /// Which Bundle each resource is an entry of.
    bundles: Vec<Option<usize>>,
}

/// Names by the Bundle that they stand in; under none, those of all of them.
type Scoped<K> = BTreeMap<Option<usize>, BTreeMap<K, Found>>;

struct Waiting<'a> {
    value: &'a Value,
    at: String,
    url: Option<&'a str>,
    container: Option<usize>,
    bundle: Option<usize>,
}

impl<'a> Index<'a> {
    /// Reads what `root` holds: the entries of a Bundle, or the resource itself; and `known` beside it.
    ///
    /// # Errors
    /// [`DEPTH_MAX`] or [`RESOURCES_MAX`] exceeded.
    pub fn of(root: &'a Value, known: &'a [Value]) -> Result<Self, Fault> {
        let name = kind_of(root).unwrap_or("Resource");
        if std::iter::once(root).chain(known).any(is_too_deep) {
            return Err(too_much(name, "is nested deeper", DEPTH_MAX));
        }
        let mut index = Self::default();
        let mut waiting = VecDeque::from([Waiting {
            value: root,
            at: name.to_owned(),
            url: None,
            container: None,
            bundle: None,
        }]);
        for value in known {
            waiting.push_back(Waiting {
                value,
                at: kind_of(value).unwrap_or("Resource").to_owned(),
                url: None,
                container: None,
                bundle: None,
            });
        }
        while let Some(next) = waiting.pop_front() {
            if index.resources.len() > RESOURCES_MAX {
                return Err(too_much(name, "holds more resources", RESOURCES_MAX));
            }
            index.take(next, &mut waiting);
        }
        Ok(index)
    }

    fn take(&mut self, next: Waiting<'a>, waiting: &mut VecDeque<Waiting<'a>>) {
        let here = self.resources.len();
        let node = Node {
            value: next.value,
            at: next.at,
            home: next.container.unwrap_or(here),
        };
        if let Some(container) = next.container {
            if let Some(id) = node.text("id") {
                note(&mut self.contained, (container, id), here);
            }
        } else {
            for contained in node.items("contained") {
                waiting.push_back(Waiting {
                    value: contained.value,
                    at: contained.at,
                    url: None,
                    container: Some(here),
                    bundle: next.bundle,
                });
            }
            if let Some(id) = node.text("id") {
                let name = format!("{}/{id}", node.kind());
                note_within(&mut self.by_name, next.bundle, &name, here);
            }
            if let Some(url) = next.url {
                note_within(&mut self.by_name, next.bundle, &url.to_owned(), here);
            }
        }
        if node.kind() == "Bundle" {
            for entry in node.items("entry") {
                if let Some(resource) = entry.child("resource") {
                    waiting.push_back(Waiting {
                        value: resource.value,
                        at: resource.at,
                        url: entry.text("fullUrl"),
                        container: None,
                        bundle: Some(here),
                    });
                }
            }
        }
        for identifier in node.items("identifier") {
            if let (Some(system), Some(value)) =
                (identifier.text("system"), identifier.text("value"))
            {
                note_within(&mut self.by_identifier, next.bundle, &(system, value), here);
            }
        }
        if let Some(meta) = node.child("meta") {
            self.labels.extend(meta.items("security"));
        }
        self.by_address.insert(address(next.value), here);
        self.urls.push(next.url);
        self.bundles.push(next.bundle);
        self.resources.push(node);
    }

    /// The resource of this place in the index.
    pub fn root(&self) -> Option<Node<'a>> {
        self.resources.first().cloned()
    }

    /// The resource of an entry of a Bundle, at home in itself.
    pub fn resource_of(&self, entry: &Node<'a>) -> Option<Node<'a>> {
        let value = entry.value.get("resource")?;
        let place = self.by_address.get(&address(value))?;
        self.resources.get(*place).cloned()
    }

    /// What a Reference leads to.
    pub fn resolve(&self, reference: &Node<'a>) -> Resolved<'a> {
        if let Some(text) = reference.text("reference") {
            return self.resolve_text(text, reference.home);
        }
        let identifier = reference
            .child("identifier")
            .and_then(|identifier| Some((identifier.text("system")?, identifier.text("value")?)));
        match identifier.and_then(|key| self.look_up(&self.by_identifier, &key, reference.home)) {
            Some(found) => self.found(found),
            None => Resolved::Elsewhere,
        }
    }

    /// Where a Reference leads on the web: itself, or against the base of its own resource's `fullUrl`.
    pub fn url_of(&self, reference: &Node<'a>) -> Option<String> {
        let text = reference.text("reference")?;
        let base = if is_absolute(text) {
            ""
        } else {
            self.urls.get(reference.home)?.and_then(base_of)?
        };
        let url = format!("{base}{text}");
        (url.starts_with("http://") || url.starts_with("https://")).then_some(url)
    }

    /// A name as it is meant by the resource `home`.
    fn look_up<K: Ord + Borrow<Q>, Q: Ord + ?Sized>(
        &self,
        names: &Scoped<K>,
        name: &Q,
        home: usize,
    ) -> Option<Found> {
        let mut scope = self.bundles.get(home).copied().flatten();
        while let Some(bundle) = scope {
            if let Some(found) = names.get(&scope).and_then(|names| names.get(name)) {
                return Some(*found);
            }
            scope = self.bundles.get(bundle).copied().flatten();
        }
        names.get(&None)?.get(name).copied()
    }

    fn resolve_text(&self, text: &'a str, home: usize) -> Resolved<'a> {
        if text == "#" {
            return self.found(Found::One(home));
        }
        if let Some(id) = text.strip_prefix('#') {
            return self
                .contained
                .get(&(home, id))
                .map_or(Resolved::Missing, |found| self.found(*found));
        }
        let text = text.split("/_history/").next().unwrap_or(text);
        let named = |name: &str| self.look_up(&self.by_name, name, home);
        if let Some(found) = named(text).filter(|_| is_absolute(text)) {
            return self.found(found);
        }
        if text.starts_with("urn:") {
            return Resolved::Missing;
        }
        if is_absolute(text) {
            return Resolved::Elsewhere;
        }
        if let Some((_, token)) = text.split_once("?identifier=") {
            let found = token
                .split_once('|')
                .and_then(|key| self.look_up(&self.by_identifier, &key, home));
            return found.map_or(Resolved::Elsewhere, |found| self.found(found));
        }
        let beside = self
            .urls
            .get(home)
            .copied()
            .flatten()
            .and_then(base_of)
            .and_then(|base| named(&format!("{base}{text}")));
        match beside.or_else(|| named(text)) {
            Some(found) => self.found(found),
            None => Resolved::Elsewhere,
        }
    }

    fn found(&self, found: Found) -> Resolved<'a> {
        match found {
            Found::One(place) => self
                .resources
                .get(place)
                .map_or(Resolved::Missing, |node| Resolved::Here(node.clone())),
            Found::Many => Resolved::Ambiguous,
        }
    }
}

fn note_within<K: Ord + Clone>(
    names: &mut Scoped<K>,
    bundle: Option<usize>,
    name: &K,
    here: usize,
) {
    note(names.entry(None).or_default(), name.clone(), here);
    if bundle.is_some() {
        note(names.entry(bundle).or_default(), name.clone(), here);
    }
}

fn note<K: Ord>(names: &mut BTreeMap<K, Found>, name: K, here: usize) {
    names
        .entry(name)
        .and_modify(|found| {
            if !matches!(found, Found::One(place) if *place == here) {
                *found = Found::Many;
            }
        })
        .or_insert(Found::One(here));
}

fn kind_of(value: &Value) -> Option<&str> {
    value
        .get("resourceType")
        .and_then(Value::as_str)
        .filter(|kind| {
            !kind.is_empty()
                && kind.len() < 64
                && kind.bytes().all(|byte| byte.is_ascii_alphabetic())
        })
}

fn too_much(name: &str, what: &str, limit: usize) -> Fault {
    Fault {
        at: name.to_owned(),
        code: "too-long",
        detail: format!("{what} than {limit}"),
    }
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

fn is_absolute(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://") || text.starts_with("urn:")
}

/// `http://host/fhir/` of `http://host/fhir/Type/id`.
fn base_of(url: &str) -> Option<&str> {
    let (rest, _) = url.rsplit_once('/')?;
    let (base, _) = rest.rsplit_once('/')?;
    url.get(..base.len().saturating_add(1))
}

/// Without recursion, because what is too deep must not be followed.
fn is_too_deep(root: &Value) -> bool {
    let mut waiting = vec![(root, 0_usize)];
    while let Some((value, depth)) = waiting.pop() {
        if depth > DEPTH_MAX {
            return true;
        }
        let depth = depth.saturating_add(1);
        match value {
            Value::Array(items) => waiting.extend(items.iter().map(|item| (item, depth))),
            Value::Object(members) => waiting.extend(members.values().map(|item| (item, depth))),
            _ => {}
        }
    }
    false
}
