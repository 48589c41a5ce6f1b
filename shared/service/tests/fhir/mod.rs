//! The FHIR door, natively: over the real router and a real SQLite.

#![allow(dead_code, reason = "each file of tests uses its part of it")]

use axum::body::Body;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use service::exchange;
use tower_service::Service;

use crate::network::Network;

/// An answer.
pub struct Said {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Said {
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The places of the issues of an OperationOutcome.
    #[track_caller]
    pub fn expressions(&self, status: u16) -> Vec<String> {
        let outcome = self.ok(status);
        assert_eq!(outcome["resourceType"], "OperationOutcome", "{}", self.text);
        let issues = outcome["issue"].as_array().unwrap();
        issues
            .iter()
            .map(|issue| {
                issue["expression"][0]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// What a page of a search found: `Type/id`, in order.
    pub fn found(&self) -> Vec<String> {
        let bundle = self.ok(200);
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .map(|entry| &entry["resource"])
            .map(|resource| {
                let text = |name: &str| resource[name].as_str().unwrap().to_owned();
                format!("{}/{}", text("resourceType"), text("id"))
            })
            .collect()
    }
}

/// A call with a key as it is.
pub fn send(
    network: &Network,
    method: &str,
    path: &str,
    key: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Said {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:3000")
        .header("authorization", format!("Bearer {key}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let mut router = exchange::router(network.platform.clone());
    let response = pollster::block_on(router.call(request)).unwrap();
    let (parts, body) = response.into_parts();
    let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
    Said {
        status: parts.status.as_u16(),
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

/// A call with an organisation's key, of a resource.
pub fn fhir(network: &Network, method: &str, path: &str, by: &str, body: &Value) -> Said {
    let text = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let headers = [("content-type", "application/fhir+json")];
    send(network, method, path, network.key(by), &headers, &text)
}

pub fn get(network: &Network, path: &str, by: &str) -> Said {
    fhir(network, "GET", path, by, &Value::Null)
}

/// What a schedule does.
pub fn deliver(network: &Network) -> Value {
    let scopes = json!({"scopes": ["sweep:run"]});
    let made = network
        .directory_post_with("/directory/organizations/north/keys", scopes)
        .ok(201);
    let key = made["key"].as_str().unwrap();
    send(network, "POST", "/fhir/$deliver", key, &[], "").ok(200)
}
