//! `/worklist/pages/recipients`: who else in the network could take a referral, for the form that sends it on. Asked when the form is
//! opened and while somebody searches, so that no view carries a network's services and none of them is out of reach.
//!
//! It shows nothing of a patient, and so leaves no record.

use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Value, json};

use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Problem, Reply, Route};

pub(in crate::worklist::page) static RECIPIENTS: Route = super::super::view(
    "/worklist/pages/recipients",
    "page_recipients",
    Access::Scope(Scope::EventsWrite),
);

/// The most that are offered at once: what a person looks through before searching.
const OFFERED_MAX: i64 = 50;

/// Who in the reader's network takes referrals and is not whom the referral is with, those of its specialty first: by
/// `services_by_specialty` and the primary keys.
const OFFERED: &str = "
SELECT s.organization_id AS organization, s.id AS service, s.specialty, o.document ->> '$.name' AS name
FROM keys k JOIN organizations own ON own.id = k.organization_id
JOIN services s ON s.network = own.network JOIN organizations o ON o.id = s.organization_id
LEFT JOIN referrals f ON f.id = ?2 AND k.organization_id IN (f.referrer, f.recipient)
WHERE k.hash = ?1 AND s.active AND o.active AND instr(o.document ->> '$.roles', '\"recipient\"') > 0
  AND (f.id IS NULL OR f.recipient IS NOT s.organization_id OR f.service IS NOT s.id)
  AND instr(lower(coalesce(o.document ->> '$.name', '') || ' ' || s.id || ' ' || s.specialty), lower(?3)) > 0
ORDER BY s.specialty IS NOT f.specialty, name, s.id LIMIT ?4";

/// Gives `items`, each with the value that the form sends and the text that a person reads; `more` where there are others.
pub(in crate::worklist::page) async fn offered<P: Platform>(
    call: Call<P>,
) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = |name| call.query(name).unwrap_or_default();
    let statement = Statement::new(
        OFFERED,
        [
            credentials.hash().into(),
            asked("referral").into(),
            asked("text").into(),
            (OFFERED_MAX + 1).into(),
        ],
    );
    let answer = call
        .platform
        .batch(vec![credentials.statement(), statement])
        .await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let most = usize::try_from(OFFERED_MAX).unwrap_or(usize::MAX);
    let rows = answer.rows(1);
    let items: Value = rows.iter().take(most).filter_map(choice).collect();
    let body = json!({ "items": items, "more": rows.len() > most });
    Reply::json(StatusCode::OK, &body)
}

fn choice(row: &Row) -> Option<Value> {
    let (organization, service) = (row.text("organization")?, row.text("service")?);
    let name = row.text("name").unwrap_or(organization);
    let specialty = row.text("specialty").unwrap_or_default();
    Some(json!({
        "value": format!("{organization}/{service}"),
        "text": format!("{name}, {service} ({specialty})"),
    }))
}
