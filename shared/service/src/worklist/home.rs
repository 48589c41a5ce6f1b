//! The first page: where things are. The worklist itself is read over the API.

use http::StatusCode;

use crate::http::{Problem, Reply};

const PAGE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Referral Loop</title>
<h1>Referral Loop</h1>
<p>The functions answer here. What each one serves is described by its OpenAPI document:</p>
<ul>
<li><a href=\"/directory/openapi.json\">directory</a></li>
<li><a href=\"/intake/openapi.json\">intake</a></li>
<li><a href=\"/status/openapi.json\">status</a></li>
<li><a href=\"/sweep/openapi.json\">sweep</a></li>
<li><a href=\"/worklist/openapi.json\">worklist</a></li>
</ul>
</html>
";

/// The page.
pub(super) async fn page() -> Result<Reply, Problem> {
    Ok(Reply::bytes(
        StatusCode::OK,
        "text/html; charset=utf-8",
        PAGE,
    ))
}

/// Leads to it.
pub(super) async fn lead() -> Result<Reply, Problem> {
    Ok(Reply::empty(StatusCode::TEMPORARY_REDIRECT).location("/worklist/"))
}
