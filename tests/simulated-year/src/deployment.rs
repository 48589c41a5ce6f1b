//! What the year asks of a deployment beside requests with a key: signed webhooks, and rows to check and count.

use anyhow::Result;
use in_process::{Answer, Deployment};
use ports::{Platform, Row, Statement};
use standardwebhooks::Webhook;

/// One webhook of a source, signed with its secret by the reference library of Standard Webhooks.
///
/// # Errors
/// When it cannot be signed or made.
pub fn webhook(
    deployment: &Deployment,
    (source, secret): &(String, String),
    id: &str,
    body: &str,
) -> Result<Answer> {
    let seconds = deployment.now_ms().div_euclid(1_000);
    let signature = Webhook::new(secret)?.sign(id, seconds, body.as_bytes())?;
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ];
    let path = format!("/status/webhooks/{source}");
    deployment.send("POST", &path, "application/json", headers, body.to_owned())
}

/// The rows of one statement, whose only parameter is the time.
///
/// # Errors
/// When it fails.
pub fn rows(deployment: &Deployment, sql: &'static str) -> Result<Vec<Row>> {
    let statement = Statement::new(sql, [deployment.now_ms().into()]);
    let answer = pollster::block_on(deployment.platform().batch(vec![statement]))
        .map_err(|error| anyhow::anyhow!("{error:?}"))?;
    Ok(answer.rows(0).to_vec())
}
