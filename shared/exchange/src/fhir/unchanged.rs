//! Whether a Task that comes back says anything: one that was read here and is put back as it was does not.

use serde_json::Value;

use super::codes::EXTENSION;

/// What changes by itself, or is put in by whoever keeps a copy.
const NOT_SAID: &[&str] = &["meta", "lastModified", "text"];

/// Whether a Task was read here: it says after which event.
#[must_use]
pub fn was_read_here(task: &Value) -> bool {
    let extensions = task.get("extension").and_then(Value::as_array);
    extensions.into_iter().flatten().any(|extension| {
        let url = extension.get("url").and_then(Value::as_str);
        url.and_then(|url| url.strip_prefix(EXTENSION)) == Some("event")
    })
}

/// Whether a Task says the same as the Task as it stands.
#[must_use]
pub fn is_unchanged(task: &Value, stands: &Value) -> bool {
    said(task) == said(stands)
}

fn said(task: &Value) -> Value {
    let mut said = task.clone();
    if let Value::Object(members) = &mut said {
        members.retain(|name, _| !NOT_SAID.contains(&name.as_str()));
    }
    said
}
