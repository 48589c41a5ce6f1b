//! Documents of reports: `POST /status/documents`. The body is the document itself; an outcome names it by its id.

use http::StatusCode;
use ports::{Platform, Statement, Value};
use serde_json::json;

use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Problem, Reply};
use crate::ids;
use crate::receipts::{self, Answered, Owner, Receipt};

/// The most bytes of a document: D1 holds values of up to 2 MB. A larger one is linked by its URL.
pub const DOCUMENT_BYTES_MAX: usize = 1_500_000;

/// What a document is when nobody says.
const MEDIA_TYPE_UNKNOWN: &str = "application/octet-stream";

/// Stores a document.
pub(super) async fn store<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let receipt = Receipt::of(&call);
    let mut statements = vec![credentials.statement()];
    statements.extend(
        receipt
            .as_ref()
            .map(|receipt| receipt.read_for(&credentials)),
    );
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    if let Some(receipt) = &receipt
        && let Some(answered) = receipt.check(answer.first(1))?
    {
        return Reply::replay(&answered);
    }
    let bytes = call.body_bytes().len();
    if bytes == 0 {
        let fault = crate::http::Fault::at("", "required", "must be the document itself");
        return Err(Problem::Invalid(vec![fault]));
    }
    let id = ids::new_id("doc", &call.platform);
    let media_type = call.media_type().unwrap_or(MEDIA_TYPE_UNKNOWN);
    let stored = json!({"id": id, "type": media_type, "bytes": bytes});
    let mut statements: Vec<Statement> = Vec::new();
    if let Some(receipt) = &receipt {
        let answered = Answered {
            status: StatusCode::CREATED.as_u16(),
            referral: None,
            answer: Some(stored.to_string()),
        };
        let owner = Owner::Organization(&member.organization);
        statements.push(receipt.write(owner, &answered, call.now_milliseconds()));
    }
    statements.push(Statement::new(
        "INSERT INTO documents (id, organization, media_type, content, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        [
            id.as_str().into(),
            member.organization.as_str().into(),
            media_type.into(),
            Value::Blob(call.body_bytes().to_vec()),
            call.now_milliseconds().into(),
        ],
    ));
    match call.platform.batch(statements).await {
        Ok(_) => Ok(Reply::json(StatusCode::CREATED, &stored)?
            .location(&format!("/worklist/documents/{id}"))),
        Err(error) if receipts::is_taken(&error) => Err(Problem::IdempotencyInFlight),
        Err(error) => Err(Problem::from(error)),
    }
}
