//! What a JSON body looks like, as data: one description that is checked at run time and published as JSON Schema.
//!
//! Ours, because callers get every fault of a body at once, and what is checked cannot drift from what is published.
//! serde stops at the first member of a wrong type, and the JSON Schema libraries are larger than the functions that would
//! use them. A body without faults always fits the Rust type that the use case reads it into.
//!
//! Members that the shape does not know are ignored, and `null` for an optional member is as good as leaving it out.

use serde_json::Value;

use super::problem::{Fault, Place};
use super::text::{self, TextKind};

/// How many faults of one body are told; the caller mends those and sees the rest.
pub const FAULTS_MAX: usize = 100;

/// What a JSON value may be.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A string of `min..=max` characters (Unicode scalar values) of one kind.
    Text {
        /// What the string says.
        kind: TextKind,
        /// The fewest characters; with 1 or more it must not be blank either.
        min: usize,
        /// The most characters.
        max: usize,
    },
    /// One of these strings.
    Code(&'static [&'static str]),
    /// An instant with its offset, RFC 3339.
    Instant,
    /// A day of the calendar, `YYYY-MM-DD`.
    Date,
    /// A whole number in `min..=max`.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `min..=max` values of one shape.
    List {
        /// The shape of each.
        of: &'static Shape,
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// An object with these members.
    Object(&'static Object),
    /// The first of these that takes the value's JSON type. No two may take the same one.
    Either(&'static [Shape]),
    /// The shape, or `null`.
    Nullable(&'static Shape),
    /// An object with members of any name and kind.
    AnyObject,
    /// Any JSON value.
    Any,
}

/// The members of an object.
#[derive(Debug)]
pub struct Object {
    /// Its name in the published description, `UpperCamelCase` and one of its kind.
    pub name: &'static str,
    /// Its members.
    pub fields: &'static [Field],
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The member's name.
    pub name: &'static str,
    /// What it may be.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, for the published description.
    pub doc: &'static str,
}

/// A text of the published description; the functions do not carry it, because they serve the description as it was written.
const fn published(doc: &'static str) -> &'static str {
    if cfg!(target_family = "wasm") {
        ""
    } else {
        doc
    }
}

impl Field {
    /// A member that must be there.
    #[must_use]
    pub const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self {
            name,
            shape,
            required: true,
            doc: published(doc),
        }
    }

    /// A member that may be left out, or `null`.
    #[must_use]
    pub const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self {
            name,
            shape,
            required: false,
            doc: published(doc),
        }
    }
}

impl Shape {
    /// One line of `1..=max` characters.
    #[must_use]
    pub const fn line(max: usize) -> Self {
        Self::text(TextKind::Line, max)
    }

    /// Running text of `1..=max` characters, with line breaks.
    #[must_use]
    pub const fn prose(max: usize) -> Self {
        Self::text(TextKind::Prose, max)
    }

    /// A string of one kind of `1..=max` characters.
    #[must_use]
    pub const fn text(kind: TextKind, max: usize) -> Self {
        Self::Text { kind, min: 1, max }
    }

    /// An identifier that people choose and URLs carry.
    #[must_use]
    pub const fn slug() -> Self {
        Self::text(TextKind::Slug, text::SLUG_CHARS_MAX)
    }

    /// Up to `max` values of one shape.
    #[must_use]
    pub const fn list(of: &'static Shape, max: usize) -> Self {
        Self::List { of, min: 0, max }
    }

    /// Every fault of `value`, in the order of the shape; none when it fits.
    #[must_use]
    pub fn faults(&self, value: &Value) -> Vec<Fault> {
        let mut walk = Walk {
            pointer: String::new(),
            faults: Vec::new(),
        };
        walk.value(self, value);
        walk.faults
    }

    /// The value without the members that the shape does not know, for a value without faults: what is stored is what is
    /// documented.
    #[must_use]
    pub fn known(&self, value: Value) -> Value {
        match (self, value) {
            (Self::Object(object), Value::Object(mut members)) => {
                let known = object.fields.iter().filter_map(|field| {
                    let member = members.remove(field.name)?;
                    Some((field.name.to_owned(), field.shape.known(member)))
                });
                Value::Object(known.collect())
            }
            (Self::List { of, .. }, Value::Array(items)) => {
                Value::Array(items.into_iter().map(|item| of.known(item)).collect())
            }
            (Self::Either(shapes), value) => {
                match shapes.iter().find(|shape| shape.takes_type_of(&value)) {
                    Some(shape) => shape.known(value),
                    None => value,
                }
            }
            (Self::Nullable(shape), value) => shape.known(value),
            (_, value) => value,
        }
    }

    /// Whether the value's JSON type is one that this shape is written in.
    fn takes_type_of(&self, value: &Value) -> bool {
        match self {
            Self::Text { .. } | Self::Code(_) | Self::Instant | Self::Date => value.is_string(),
            Self::Integer { .. } | Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::List { .. } => value.is_array(),
            Self::Object(_) | Self::AnyObject => value.is_object(),
            Self::Either(shapes) => shapes.iter().any(|shape| shape.takes_type_of(value)),
            Self::Nullable(shape) => value.is_null() || shape.takes_type_of(value),
            Self::Any => true,
        }
    }

    /// What a caller is told to send instead of a value of another type.
    fn article(&self) -> &'static str {
        match self {
            Self::Text { .. } | Self::Code(_) | Self::Instant | Self::Date => "a string",
            Self::Integer { .. } => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::List { .. } => "a list",
            Self::Object(_) | Self::AnyObject => "an object",
            Self::Either(_) => "of one of the documented types",
            Self::Nullable(shape) => shape.article(),
            Self::Any => "any value",
        }
    }
}

/// Removes every member that is `null`: after this, one that was optional is simply absent.
pub(crate) fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

/// One walk over a value: where it is, and what it has found. No deeper than the shape, which is data of the program.
struct Walk {
    pointer: String,
    faults: Vec<Fault>,
}

impl Walk {
    fn value(&mut self, shape: &Shape, value: &Value) {
        if !shape.takes_type_of(value) {
            self.fault("type", format!("must be {}", shape.article()));
            return;
        }
        match (shape, value) {
            (Shape::Text { kind, min, max }, Value::String(given)) => {
                self.text(*kind, *min, *max, given);
            }
            (Shape::Code(codes), Value::String(given)) if !codes.contains(&given.as_str()) => {
                self.fault(
                    "unknown-code",
                    format!("must be one of: {}", codes.join(", ")),
                );
            }
            (Shape::Instant, Value::String(given)) if !text::is_instant(given) => {
                self.fault(
                    "not-an-instant",
                    "must be an RFC 3339 instant with its offset, such as 2026-03-02T09:00:00Z",
                );
            }
            (Shape::Date, Value::String(given)) if !text::is_date(given) => {
                self.fault("not-a-date", "must be a day of the calendar, YYYY-MM-DD");
            }
            (Shape::Integer { min, max }, Value::Number(given)) => match given.as_i64() {
                Some(number) if (*min..=*max).contains(&number) => {}
                Some(_) => self.fault("out-of-range", format!("must be between {min} and {max}")),
                None => self.fault("type", "must be a whole number"),
            },
            (Shape::List { of, min, max }, Value::Array(items)) => self.list(of, *min, *max, items),
            (Shape::Object(object), Value::Object(members)) => {
                for field in object.fields {
                    self.member(field, members.get(field.name));
                }
            }
            (Shape::Either(shapes), _) => {
                if let Some(shape) = shapes.iter().find(|shape| shape.takes_type_of(value)) {
                    self.value(shape, value);
                }
            }
            (Shape::Nullable(shape), _) if !value.is_null() => self.value(shape, value),
            _ => {}
        }
    }

    fn text(&mut self, kind: TextKind, min: usize, max: usize, given: &str) {
        let characters = given.chars().count();
        if min > 0 && given.trim().is_empty() {
            self.fault("blank", "must not be empty");
        } else if characters < min {
            self.fault("too-short", format!("must have at least {min} characters"));
        } else if characters > max {
            self.fault("too-long", format!("must have at most {max} characters"));
        } else if !kind.accepts(given) {
            self.fault(kind.fault_code(), kind.rule());
        }
    }

    fn list(&mut self, of: &Shape, min: usize, max: usize, items: &[Value]) {
        if items.len() < min {
            self.fault("too-few", format!("must have at least {min} items"));
        } else if items.len() > max {
            self.fault("too-many", format!("must have at most {max} items"));
            return;
        }
        for (index, item) in items.iter().enumerate() {
            self.below(&index.to_string(), |walk| walk.value(of, item));
        }
    }

    fn member(&mut self, field: &Field, member: Option<&Value>) {
        match member {
            None | Some(Value::Null) if field.required => {
                self.below(field.name, |walk| walk.fault("required", "is required"));
            }
            None | Some(Value::Null) => {}
            Some(value) => self.below(field.name, |walk| walk.value(&field.shape, value)),
        }
    }

    /// Goes down one step of the pointer (RFC 6901), does `step`, and comes back.
    fn below(&mut self, name: &str, step: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&name.replace('~', "~0").replace('/', "~1"));
        step(self);
        self.pointer.truncate(length);
    }

    fn fault(&mut self, code: &'static str, detail: impl Into<String>) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault {
                place: Place::Body(self.pointer.clone()),
                code,
                detail: detail.into(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    static INNER: Object = Object {
        name: "Inner",
        fields: &[
            Field::required("system", Shape::text(TextKind::Uri, 20), ""),
            Field::optional("a/b~c", Shape::Boolean, ""),
        ],
    };
    static OUTER: Object = Object {
        name: "Outer",
        fields: &[
            Field::required("id", Shape::slug(), ""),
            Field::required("name", Shape::line(5), ""),
            Field::optional("kind", Shape::Code(&["a", "b"]), ""),
            Field::optional("at", Shape::Instant, ""),
            Field::optional("on", Shape::Date, ""),
            Field::optional("count", Shape::Integer { min: 1, max: 3 }, ""),
            Field::optional(
                "inner",
                Shape::List {
                    of: &Shape::Either(&[Shape::line(3), Shape::Object(&INNER)]),
                    min: 1,
                    max: 2,
                },
                "",
            ),
            Field::optional("note", Shape::Nullable(&Shape::line(5)), ""),
            Field::optional("free", Shape::AnyObject, ""),
        ],
    };

    #[track_caller]
    fn check(value: Value, want: &[(&str, &str)]) {
        let faults = Shape::Object(&OUTER).faults(&value);
        let got: Vec<_> = faults
            .iter()
            .map(|fault| match &fault.place {
                Place::Body(pointer) => (pointer.as_str(), fault.code),
                Place::Query(name) => (*name, fault.code),
            })
            .collect();
        assert_eq!(got, want, "{value}");
    }

    #[test]
    fn a_body_that_fits_has_no_fault() {
        check(json!({"id": "a", "name": "n"}), &[]);
        check(
            json!({"id": "a-1.b", "name": "ünïcö", "kind": "b", "at": "2026-03-02T09:00:00+01:00", "on": "2024-02-29",
                "count": 3, "inner": ["abc", {"system": "urn:x"}], "note": null, "free": {"x": [1]}, "unknown": 1}),
            &[],
        );
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_pointer() {
        check(
            json!({"name": "toolong", "kind": "c", "at": "2026-03-02", "on": "2026-02-29", "count": 4,
                "inner": ["abcd", {"a/b~c": 1}], "note": 5, "free": []}),
            &[
                ("/id", "required"),
                ("/name", "too-long"),
                ("/kind", "unknown-code"),
                ("/at", "not-an-instant"),
                ("/on", "not-a-date"),
                ("/count", "out-of-range"),
                ("/inner/0", "too-long"),
                ("/inner/1/system", "required"),
                ("/inner/1/a~1b~0c", "type"),
                ("/note", "type"),
                ("/free", "type"),
            ],
        );
    }

    #[test]
    fn limits_hold_at_the_bound_and_fail_one_past_it() {
        check(json!({"id": "a".repeat(64), "name": "12345"}), &[]);
        check(
            json!({"id": "a".repeat(65), "name": "123456"}),
            &[("/id", "too-long"), ("/name", "too-long")],
        );
        let inner = |count: usize| json!({"id": "a", "name": "n", "inner": vec!["x"; count]});
        check(inner(2), &[]);
        check(inner(3), &[("/inner", "too-many")]);
        check(inner(0), &[("/inner", "too-few")]);
    }

    #[test]
    fn a_body_of_another_type_is_one_fault_at_the_root() {
        check(json!([]), &[("", "type")]);
        check(Value::Null, &[("", "type")]);
    }

    #[test]
    fn null_is_as_good_as_absent_for_an_optional_member_only() {
        check(
            json!({"id": null, "name": " ", "kind": null}),
            &[("/id", "required"), ("/name", "blank")],
        );
    }

    #[test]
    fn a_detail_never_repeats_the_value() {
        let secret = "Jane Doe 1970";
        let faults = Shape::Object(&OUTER).faults(
            &json!({"id": secret, "name": secret, "kind": secret, "at": secret, "inner": [secret]}),
        );
        assert_eq!(faults.len(), 5);
        assert!(faults.iter().all(|fault| !fault.detail.contains("Jane")));
    }

    #[test]
    fn faults_are_told_up_to_a_limit() {
        static MANY: Shape = Shape::list(&Shape::Boolean, 1000);
        assert_eq!(MANY.faults(&json!(vec![1; 500])).len(), FAULTS_MAX);
    }

    #[test]
    fn members_that_the_shape_does_not_know_are_dropped() {
        let value = json!({"id": "a", "name": "n", "x": 1, "kind": null, "free": {"x": 1},
            "inner": ["abc", {"system": "urn:x", "x": 1}]});
        assert_eq!(
            Shape::Object(&OUTER).known(value),
            json!({"id": "a", "name": "n", "kind": null, "free": {"x": 1}, "inner": ["abc", {"system": "urn:x"}]})
        );
    }

    #[test]
    fn nulls_are_removed_at_every_depth() {
        let mut value = json!({"a": null, "b": [{"c": null, "d": 1}, null]});
        remove_nulls(&mut value);
        assert_eq!(value, json!({"b": [{"d": 1}, null]}));
    }
}
