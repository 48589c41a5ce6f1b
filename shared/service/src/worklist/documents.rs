//! `GET /worklist/documents/{id}`: a document, to who stored it and to the other side of the referral that names it: the referrer, and of what
//! the referrer has stored the recipient that has the referral.

use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use ports::{Platform, Statement};

use super::reads;
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Problem, Reply};

/// By the primary keys of all tables.
const DOCUMENT: &str = "
SELECT d.media_type AS document_type, d.content AS document_content
FROM documents d LEFT JOIN referrals f ON f.id = d.referral_id
WHERE d.id = ?2 AND (SELECT organization_id FROM keys WHERE hash = ?1)
  IN (d.organization, f.referrer, CASE WHEN d.organization = f.referrer THEN f.recipient END)";

/// Reads a document.
pub(crate) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let statement = Statement::new(
        DOCUMENT,
        [credentials.hash().into(), call.parameter("id").into()],
    );
    let answer = call
        .platform
        .batch(vec![
            credentials.statement(),
            statement,
            reads::of_document(&call, &credentials),
        ])
        .await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let row = answer.first(1).ok_or(Problem::NotFound)?;
    let content = row
        .blob("document_content")
        .ok_or_else(|| Problem::internal("a document has no content"))?;
    reads::stored(answer.rows(2))?;
    let media_type = row.text("document_type").unwrap_or_default();
    Ok(file(media_type, content))
}

/// A document as an answer. It is somebody else's file: a browser keeps it beside the page, and should one show it after all, it runs
/// nothing, and as nothing of ours.
pub(in crate::worklist) fn file(media_type: &str, content: &[u8]) -> Reply {
    Reply::bytes(StatusCode::OK, "application/octet-stream", content.to_vec())
        .header(CONTENT_TYPE, media_type)
        .header(CONTENT_DISPOSITION, "attachment")
        .header(CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
}
