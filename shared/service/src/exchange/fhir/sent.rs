//! What comes in as a resource, read once; and a referral as a ServiceRequest alone.

use domain::request::Identifier;
use domain::time_zone::TimeZone;
use formats::fhir::{self, ATTACHED, Entry, Shown};
use formats::said::Said;
use http::StatusCode;
use http::header::{HeaderName, LOCATION};
use ports::Platform;
use serde_json::{Value, json};

use super::opened::open;
use super::{answer, base, check_accept, versioned};
use crate::auth::Credentials;
use crate::call::Call;
use crate::exchange::hl7::invalid;
use crate::exchange::matching;
use crate::exchange::media::{FHIR_JSON, FHIR_XML, Syntax};
use crate::exchange::take::{Created, Taken, take};
use crate::exchange::work::{Attached, Sayable, Spoken};
use crate::http::{Fault, Problem, Reply};
use crate::messages::{Format, Message, Seen, id_of};

/// What a resource or an entry of a Bundle says, read once: FHIR's times carry their offset.
pub(super) struct Read(pub(super) Result<Entry, Vec<formats::said::Fault>>);

impl Sayable for Read {
    fn say(&self, _: Option<&TimeZone>) -> Result<Spoken, Problem> {
        let entry = self.0.as_ref().map_err(|faults| invalid(faults.clone()))?;
        let said = entry.said.clone().map_err(invalid)?;
        let documents = entry.attachments.iter().enumerate();
        Ok(Spoken {
            said,
            documents: documents
                .map(|(place, attachment)| Attached {
                    url: Some(format!("{ATTACHED}{place}")),
                    media_type: attachment
                        .media_type
                        .clone()
                        .unwrap_or_else(|| "application/octet-stream".to_owned()),
                    bytes: attachment.content.clone(),
                })
                .collect(),
        })
    }
}

impl Read {
    /// What a single resource or a whole Bundle says: one thing.
    pub(super) fn one(root: &Value) -> Self {
        let fault = |at: &str, code, detail: &str| {
            Err(vec![formats::said::Fault {
                at: at.to_owned(),
                code,
                detail: detail.to_owned(),
            }])
        };
        Self(match fhir::read_entries(root) {
            Err(faults) => Err(faults),
            Ok(mut entries) => match (entries.pop(), entries.is_empty()) {
                (Some(entry), true) => Ok(entry),
                (Some(_), false) => fault(
                    "Bundle.entry",
                    "too-many",
                    "says several things: a message or a document says one",
                ),
                (None, _) => fault("Bundle.entry", "required", "says nothing of a referral"),
            },
        })
    }

    /// Everything that was kept as text.
    pub(super) fn warnings(&self) -> Vec<Value> {
        let warnings = match &self.0 {
            Ok(Entry {
                said: Ok(Said::Referral(new)),
                ..
            }) => new.warnings.as_slice(),
            Ok(Entry {
                said: Ok(Said::Event(happened)),
                ..
            }) => happened.warnings.as_slice(),
            _ => &[],
        };
        warnings
            .iter()
            .map(|warning| json!({"at": warning.at, "detail": warning.detail}))
            .collect()
    }
}

/// The message that the body is, of which `root` is the JSON.
pub(super) fn message<P: Platform>(call: &Call<P>, root: &Value, read: &Read) -> Message {
    let is_xml = Syntax::is_xml(call.media_type());
    Message {
        id: id_of(Format::Fhir, essence(root).as_bytes()),
        format: Format::Fhir,
        media_type: if is_xml { FHIR_XML } else { FHIR_JSON }.to_owned(),
        control_id: control_id(root),
        content: call.body_bytes().to_vec(),
        warnings: Value::from(read.warnings()).to_string(),
        received_at: call.now,
    }
}

/// The content without what changes when it is sent again: a Bundle's own id and time, and the header's id of a message.
fn essence(root: &Value) -> String {
    let mut essence = root.clone();
    if let Value::Object(members) = &mut essence
        && members.get("resourceType").and_then(Value::as_str) == Some("Bundle")
    {
        for name in ["id", "identifier", "timestamp", "meta"] {
            members.remove(name);
        }
        if members.get("type").and_then(Value::as_str) == Some("message")
            && let Some(Value::Object(header)) = essence.pointer_mut("/entry/0")
        {
            header.remove("fullUrl");
            if let Some(Value::Object(resource)) = header.get_mut("resource") {
                resource.remove("id");
            }
        }
    }
    essence.to_string()
}

/// The sender's id of a message: a Bundle's identifier. Others have none.
fn control_id(root: &Value) -> Option<String> {
    let text = |pointer: &str| root.pointer(pointer).and_then(Value::as_str);
    let is_bundle = text("/resourceType") == Some("Bundle");
    let value = text("/identifier/value").filter(|_| is_bundle)?;
    Some(format!(
        "{}|{value}",
        text("/identifier/system").unwrap_or_default()
    ))
}

/// Sends a referral.
pub(super) async fn create<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let credentials = Credentials::of_member(&call)?;
    let root = body_of(&call, &["ServiceRequest"]).await?;
    if let Some(identifier) = if_none_exist(&call)?
        && let Some(id) = existing(&call, &credentials, &identifier).await?
    {
        return found(&call, &id, StatusCode::OK).await;
    }
    let read = Read::one(&root);
    let message = message(&call, &root, &read);
    match take(&call, &message, &read, None).await? {
        Taken::Created(created) => Ok(made(&call, &created, &read)),
        Taken::Duplicate(Seen {
            referral_id: Some(id),
            ..
        }) => found(&call, &id, StatusCode::OK).await,
        Taken::Repeated(Seen {
            referral_id: Some(id),
            ..
        }) => found(&call, &id, StatusCode::CREATED).await,
        Taken::Duplicate(_) | Taken::Repeated(_) => Err(Problem::NotFound),
        Taken::Told { .. } | Taken::Unmatched(_) => {
            Err(Problem::internal("a ServiceRequest was taken as an event"))
        }
    }
}

/// The body as JSON, of one of these types; what came as XML too. Nobody without a live key is told what is wrong with it.
pub(super) async fn body_of<P: Platform>(
    call: &Call<P>,
    types: &[&'static str],
) -> Result<Value, Problem> {
    let body = if Syntax::is_xml(call.media_type()) {
        from_xml(call.body_bytes())
    } else {
        call.json_unchecked()
    };
    let kind = body
        .as_ref()
        .ok()
        .and_then(|body| body.get("resourceType"))
        .and_then(Value::as_str);
    let is_right = kind.is_some_and(|kind| types.contains(&kind));
    if is_right {
        return body;
    }
    let problem = body.err().unwrap_or_else(|| {
        Problem::Invalid(vec![Fault::at(
            "resourceType",
            "not-supported",
            format!("must be {}", types.join(" or ")),
        )])
    });
    let credentials = Credentials::of_member(call)?;
    Err(credentials.refused(call, problem).await)
}

/// XML as the JSON that says the same.
fn from_xml(bytes: &[u8]) -> Result<Value, Problem> {
    let fault = || {
        let detail = "must be UTF-8";
        Problem::Invalid(vec![Fault::at("Resource", "structure", detail)])
    };
    let text = std::str::from_utf8(bytes).map_err(|_| fault())?;
    fhir::from_xml(text).map_err(invalid)
}

/// The identifier of `If-None-Exist: identifier=system|value`.
fn if_none_exist<P>(call: &Call<P>) -> Result<Option<Identifier>, Problem> {
    let invalid = Problem::InvalidHeader {
        name: "If-None-Exist",
        rule: "must be identifier=system|value",
    };
    let Some(value) = call.headers.get("if-none-exist") else {
        return Ok(None);
    };
    let Ok(text) = value.to_str() else {
        return Err(invalid);
    };
    let text = text.split_once('?').map_or(text, |(_, query)| query);
    let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
    match pairs.as_slice() {
        [(name, token)] if name == "identifier" => match token.split_once('|') {
            Some((system, value)) if !system.is_empty() && !value.is_empty() => {
                Ok(Some(Identifier {
                    system: system.to_owned(),
                    value: value.to_owned(),
                }))
            }
            _ => Err(invalid),
        },
        _ => Err(invalid),
    }
}

/// The caller's referral that has an identifier.
async fn existing<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    identifier: &Identifier,
) -> Result<Option<String>, Problem> {
    let [records, ..] = matching::statements(
        credentials.hash(),
        std::slice::from_ref(identifier),
        None,
        None,
        None,
    );
    let answer = call
        .platform
        .batch(vec![credentials.statement(), records])
        .await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    match answer.rows(1) {
        [] => Ok(None),
        [row] => Ok(row.text("id").map(str::to_owned)),
        _ => Err(Problem::Ambiguous),
    }
}

/// The answer for a referral that is there already.
async fn found<P: Platform>(
    call: &Call<P>,
    id: &str,
    status: StatusCode,
) -> Result<Reply, Problem> {
    let opened = open(call, id).await?;
    let resource = fhir::service_request(&opened.shown());
    let location = format!("{}/ServiceRequest/{id}", base(call));
    Ok(versioned(
        answer(status, &resource).header(LOCATION, &location),
        opened.version,
    ))
}

/// The answer for a referral that was made, in the form that the caller prefers.
fn made<P: Platform>(call: &Call<P>, created: &Created, read: &Read) -> Reply {
    let record = &created.record;
    let shown = Shown {
        id: &record.id,
        version: record.version.unsigned_abs(),
        request: &created.request,
        referral: &record.referral,
        events: &[],
        last_modified: call.now,
    };
    let prefers = call
        .headers
        .get(HeaderName::from_static("prefer"))
        .and_then(|prefer| prefer.to_str().ok())
        .unwrap_or_default();
    let reply = if prefers.contains("return=minimal") {
        Reply::empty(StatusCode::CREATED)
    } else if prefers.contains("return=OperationOutcome") {
        answer(StatusCode::CREATED, &warned(read))
    } else {
        answer(StatusCode::CREATED, &fhir::service_request(&shown))
    };
    let location = format!("{}/ServiceRequest/{}", base(call), record.id);
    versioned(reply.header(LOCATION, &location), record.version)
}

/// What was kept as text, as an OperationOutcome.
pub(super) fn warned(read: &Read) -> Value {
    let warnings = match &read.0 {
        Ok(Entry {
            said: Ok(Said::Referral(new)),
            ..
        }) => new.warnings.as_slice(),
        Ok(Entry {
            said: Ok(Said::Event(happened)),
            ..
        }) => happened.warnings.as_slice(),
        _ => &[],
    };
    fhir::operation_outcome(&[], warnings)
}
