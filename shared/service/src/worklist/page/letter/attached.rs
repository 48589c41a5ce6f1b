//! What came with a referral, to the office that has a letter: where it is, and the documents that are stored here.
//!
//! A document is served only where the referral of the session's own leg names it and its referrer has stored it.

use domain::request::Supporting;
use ports::{Platform, Statement};

use super::leg::{confined, present};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Problem, Reply, Route};
use crate::referrals::{Key, Record, Selector, stored_id};
use crate::worklist::documents::file;
use crate::worklist::page::LETTER_PATH;
use crate::worklist::reads;

pub(super) static DOCUMENT: Route = super::super::view(
    "/worklist/pages/letter/{id}/documents/{document}",
    "page_letter_document",
    Access::Letter(Scope::ReferralsRead),
);

/// Where the office finds what an item names: by our own route where it is stored here.
pub(super) fn address(referral: &str, item: &Supporting) -> Option<String> {
    let url = item.url.as_deref()?;
    Some(match stored_id(url) {
        Some(id) => format!("{LETTER_PATH}/{referral}/documents/{id}"),
        None => url.to_owned(),
    })
}

/// Serves one.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let [id, document] = ["id", "document"].map(|name| call.parameter(name));
    let selector = Selector {
        key: Key::Id(id.to_owned()),
        events_from_ms: None,
        with_request: true,
    };
    let [record, ..] = selector.statements();
    let content = Statement::new(CONTENT, [id.into(), document.into()]);
    let answer = call
        .platform
        .batch(vec![credentials.statement(), record, content])
        .await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let confined = confined(caller.member()?, id)?;
    let record = answer
        .first(1)
        .map(Record::from_row)
        .transpose()?
        .ok_or(Problem::NotFound)?;
    let request = record
        .request
        .as_ref()
        .filter(|_| present(&record, confined).is_some())
        .ok_or(Problem::NotFound)?;
    let supporting = request.supporting.iter().chain(&record.referral.supplied);
    let is_named = supporting
        .filter_map(|item| stored_id(item.url.as_deref()?))
        .any(|named| named == document);
    let row = answer
        .first(2)
        .filter(|_| is_named)
        .ok_or(Problem::NotFound)?;
    let bytes = row
        .blob("content")
        .ok_or_else(|| Problem::internal("a document has no content"))?;
    let record = reads::of_attached(&call, &credentials, id, document);
    reads::stored(call.platform.batch(vec![record]).await?.rows(0))?;
    Ok(file(row.text("media_type").unwrap_or_default(), bytes))
}

/// By the primary keys of both tables: only what the referrer itself has stored.
const CONTENT: &str = "
SELECT d.media_type, d.content FROM referrals f JOIN documents d ON d.id = ?2 AND d.organization = f.referrer WHERE f.id = ?1";
