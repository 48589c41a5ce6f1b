//! `GET /fhir/Binary/{id}`: a message as it came, in whatever format, to who sent it and to the parties of its referral; or a stored
//! document, to whoever may read it below `/worklist/documents`.
//!
//! What is not modelled is kept, not dropped: this is where it can be read. The event that a message made names it (`source_id`).

use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use ports::{Platform, Statement};

use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Problem, Reply};
use crate::worklist::documents;
use crate::worklist::reads::{self, Action};

/// By the primary keys of all tables. The same content may have come from two organisations; each sees its own first.
const MESSAGE: &str = "
SELECT m.media_type AS message_type, m.content AS message_content, m.referral_id AS message_referral
FROM keys k JOIN exchange_messages m ON m.id = ?2
LEFT JOIN referrals f ON f.id = m.referral_id
WHERE k.hash = ?1 AND (m.organization = k.organization_id OR k.organization_id IN (f.referrer, f.recipient))
ORDER BY m.organization <> k.organization_id LIMIT 1";

/// What the id of a stored document begins with.
const DOCUMENT_PREFIX: &str = "doc-";

/// Reads a message or a document.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    if call.parameter("id").starts_with(DOCUMENT_PREFIX) {
        return documents::read(call).await;
    }
    let credentials = Credentials::of_member(&call)?;
    let id = call.parameter("id");
    let message = Statement::new(MESSAGE, [credentials.hash().into(), id.into()]);
    let answer = call
        .platform
        .batch(vec![credentials.statement(), message])
        .await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let row = answer.first(1).ok_or(Problem::NotFound)?;
    let content = row
        .blob("message_content")
        .ok_or_else(|| Problem::internal("a message has no content"))?;
    let about: Vec<&str> = row.text("message_referral").into_iter().collect();
    let record = reads::of_shown(&call, &credentials, Action::Message, &about);
    let recorded = call.platform.batch(vec![record]).await?;
    reads::stored(recorded.rows(0))?;
    let media_type = row.text("message_type").unwrap_or_default();
    // Somebody else's file: a browser must not run it as a page of ours.
    Ok(
        Reply::bytes(StatusCode::OK, "application/octet-stream", content.to_vec())
            .header(CONTENT_TYPE, media_type)
            .header(CONTENT_DISPOSITION, "attachment"),
    )
}
