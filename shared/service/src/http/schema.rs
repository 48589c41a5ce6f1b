//! Shapes as JSON Schema (2020-12), for OpenAPI 3.1. Native only: the functions serve the text that this wrote.

use serde_json::{Map, Value, json};

use super::shape::{Field, Object, Shape};
use super::text::{SLUG_CHARS_MAX, TextKind};

/// Whether a schema says what is taken or what is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A body that callers send: an optional member may be `null` too.
    Request,
    /// A body that they get: an optional member is there or not.
    Answer,
}

/// The named schemas of a document. Answers come first: where one object differs by direction, theirs keeps the plain name.
#[derive(Debug, Default)]
pub struct Schemas(Map<String, Value>);

impl Schemas {
    /// The schemas by name.
    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }

    /// The schema of a shape; objects become references to named schemas.
    pub fn schema(&mut self, shape: &Shape, direction: Direction) -> Value {
        match shape {
            Shape::Text { kind, min, max } => text(*kind, *min, *max),
            Shape::Code(codes) => json!({ "type": "string", "enum": codes }),
            Shape::Instant => json!({ "type": "string", "format": "date-time" }),
            Shape::Date => json!({ "type": "string", "format": "date" }),
            Shape::Integer { min, max } => {
                json!({ "type": "integer", "minimum": min, "maximum": max })
            }
            Shape::Number => json!({ "type": "number" }),
            Shape::Boolean => json!({ "type": "boolean" }),
            Shape::List { of, min, max } => {
                let mut schema = json!({ "type": "array", "items": self.schema(of, direction), "maxItems": max });
                if *min > 0 {
                    set(&mut schema, "minItems", json!(min));
                }
                schema
            }
            Shape::Object(object) => self.reference(object, direction),
            Shape::Either(shapes) => {
                let schemas: Vec<_> = shapes
                    .iter()
                    .map(|shape| self.schema(shape, direction))
                    .collect();
                json!({ "anyOf": schemas })
            }
            Shape::Nullable(shape) => or_null(self.schema(shape, direction)),
            Shape::AnyObject => json!({ "type": "object" }),
            Shape::Any => json!({}),
        }
    }

    fn reference(&mut self, object: &Object, direction: Direction) -> Value {
        let schema = self.object(object, direction);
        let mut name = object.name.to_owned();
        if self.0.get(&name).is_some_and(|known| *known != schema) {
            name.push_str("Input");
        }
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        self.0.insert(name, schema);
        reference
    }

    fn object(&mut self, object: &Object, direction: Direction) -> Value {
        let mut properties = Map::new();
        for field in object.fields {
            properties.insert(field.name.to_owned(), self.field(field, direction));
        }
        let required: Vec<_> = object
            .fields
            .iter()
            .filter(|field| field.required)
            .map(|field| field.name)
            .collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            set(&mut schema, "required", json!(required));
        }
        schema
    }

    fn field(&mut self, field: &Field, direction: Direction) -> Value {
        let mut schema = self.schema(&field.shape, direction);
        if direction == Direction::Request && !field.required {
            schema = or_null(schema);
        }
        if !field.doc.is_empty() {
            set(&mut schema, "description", json!(field.doc));
        }
        schema
    }
}

fn set(schema: &mut Value, keyword: &str, value: Value) {
    if let Value::Object(members) = schema {
        members.insert(keyword.to_owned(), value);
    }
}

/// The schema, or `null`.
fn or_null(mut schema: Value) -> Value {
    if let Some(Value::String(one)) = schema.get("type").cloned() {
        set(&mut schema, "type", json!([one, "null"]));
        // An enumeration lists `null` too, or it would still refuse it.
        if let Some(Value::Array(codes)) = schema.get_mut("enum") {
            codes.push(Value::Null);
        }
        return schema;
    }
    if schema == json!({}) {
        return schema;
    }
    let null = json!({ "type": "null" });
    if let Some(Value::Array(schemas)) = schema.get_mut("anyOf") {
        if !schemas.contains(&null) {
            schemas.push(null);
        }
        return schema;
    }
    if matches!(schema.get("type"), Some(Value::Array(_))) {
        return schema;
    }
    json!({ "anyOf": [schema, null] })
}

fn text(kind: TextKind, min: usize, max: usize) -> Value {
    let mut schema = json!({ "type": "string", "maxLength": max });
    if min > 0 {
        set(&mut schema, "minLength", json!(min));
    }
    let (keyword, value) = match kind {
        TextKind::Line => ("pattern", r"^[^\u0000-\u001f\u007f-\u009f]*$"),
        TextKind::Prose => (
            "pattern",
            r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$",
        ),
        TextKind::Slug => {
            set(&mut schema, "maxLength", json!(max.min(SLUG_CHARS_MAX)));
            ("pattern", "^[a-z0-9][a-z0-9.-]*$")
        }
        TextKind::Uri | TextKind::Url => ("format", "uri"),
        TextKind::Email => ("format", "email"),
        TextKind::Phone => ("pattern", r"^[0-9 +\-.()/x#*]*$"),
        TextKind::Language => ("pattern", "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"),
        TextKind::Allowed => ("pattern", "^[0-9]+(h|d|bd)$"),
        TextKind::TimeZone => ("description", "A name of the IANA time zone database."),
    };
    set(&mut schema, keyword, json!(value));
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    static PART: Object = Object {
        name: "Part",
        fields: &[
            Field::required("id", Shape::slug(), "Its id."),
            Field::optional("kind", Shape::Code(&["a", "b"]), ""),
        ],
    };
    static WHOLE: Shape = Shape::list(&Shape::Object(&PART), 2);

    #[test]
    fn an_optional_member_may_be_null_in_a_request_and_not_in_an_answer() {
        let mut schemas = Schemas::default();
        let answer = schemas.schema(&WHOLE, Direction::Answer);
        let request = schemas.schema(&WHOLE, Direction::Request);
        assert_eq!(
            answer,
            json!({"type": "array", "items": {"$ref": "#/components/schemas/Part"}, "maxItems": 2})
        );
        assert_eq!(request["items"]["$ref"], "#/components/schemas/PartInput");
        let id = json!({"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z0-9][a-z0-9.-]*$", "description": "Its id."});
        assert_eq!(
            schemas.into_json(),
            json!({
                "Part": {"type": "object", "required": ["id"],
                    "properties": {"id": id, "kind": {"type": "string", "enum": ["a", "b"]}}},
                "PartInput": {"type": "object", "required": ["id"],
                    "properties": {"id": id, "kind": {"type": ["string", "null"], "enum": ["a", "b", null]}}},
            })
        );
    }
}
