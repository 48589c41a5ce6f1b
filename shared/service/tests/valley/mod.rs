//! A network over the real routers: `north` refers, `heart` and `lung` receive, `other` has no part in anything.

#![allow(dead_code, reason = "each file of tests uses its part of it")]

use ports::{Row, Statement};
use runtime::Native;
use serde_json::{Value, json};
use service::{directory, intake, status, sweep, worklist};

use super::client::{ADMIN_KEY, Answer, Client};

/// The organisations, each with a service of its own name and a key of every scope.
pub const ORGANIZATIONS: [&str; 4] = ["north", "heart", "lung", "other"];

/// The scopes of a usual key.
pub const SCOPES: [&str; 5] = [
    "referrals:write",
    "referrals:read",
    "events:write",
    "measures:read",
    "directory:write",
];

/// The network and its functions on one platform.
pub struct Valley {
    pub directory: Client<Native>,
    pub intake: Client<Native>,
    pub status: Client<Native>,
    pub sweep: Client<Native>,
    pub worklist: Client<Native>,
    keys: Vec<(&'static str, String)>,
}

impl Valley {
    /// The network on an empty platform.
    pub fn new(platform: &Native) -> Self {
        let on = || platform.clone();
        let mut valley = Self {
            directory: Client::new(on(), directory::router, directory::operations),
            intake: Client::new(on(), intake::router, intake::operations),
            status: Client::new(on(), status::router, status::operations),
            sweep: Client::new(on(), sweep::router, sweep::operations),
            worklist: Client::new(on(), worklist::router, worklist::operations),
            keys: Vec::new(),
        };
        for id in ORGANIZATIONS {
            let body = json!({"id": id, "name": id, "network": "valley", "roles": ["referrer", "recipient"]});
            valley.post("/directory/organizations", body);
            let path = format!("/directory/organizations/{id}/services");
            valley.post(&path, json!({"id": id, "specialty": "cardiology"}));
            let key = valley.add_key(id, json!({"scopes": SCOPES, "label": id, "person": "Kim"}));
            valley.keys.push((id, key));
        }
        valley
    }

    fn post(&self, path: &str, body: Value) -> Value {
        self.directory.post(path, ADMIN_KEY, body).ok(201)
    }

    /// The text of a new key.
    pub fn add_key(&self, organization: &str, body: Value) -> String {
        let path = format!("/directory/organizations/{organization}/keys");
        let key = self.post(&path, body);
        key["key"].as_str().unwrap().to_owned()
    }

    /// The usual key of an organisation.
    pub fn key(&self, organization: &str) -> &str {
        let known = self.keys.iter().find(|(id, _)| *id == organization);
        &known.unwrap().1
    }

    /// The id of a new referral of `north` to `heart`.
    pub fn refer(&self) -> String {
        let body = json!({
            "patient": {
                "identifier": {"system": "urn:oid:2.999.1", "value": "4711"},
                "name": {"family": "Chalmers", "given": ["Peter"]},
                "birth_date": "1974-12-25",
            },
            "recipient": {"organization": "heart", "service": "heart"},
            "service": {"system": "http://snomed.info/sct", "code": "183519002", "display": "Referral to cardiology"},
            "urgency": "routine",
            "clinical_question": "Is the exertional chest pain cardiac?",
            "role": "evaluate",
            "supporting": [{"kind": "lab", "code": "2160-0", "display": "Creatinine", "date": "2026-02-27"}],
            "preparation": {"agreed": "yes", "barriers": []},
        });
        let key = self.key("north");
        let answer = self
            .intake
            .ask("POST", "/intake/referrals", key, Some(&body), &[]);
        answer.ok(201)["id"].as_str().unwrap().to_owned()
    }

    /// The answer to an event.
    pub fn event(&self, organization: &str, referral: &str, kind: &str, data: Value) -> Answer {
        let path = format!("/status/referrals/{referral}/events");
        let body = json!({"type": kind, "data": data});
        self.status.post(&path, self.key(organization), body)
    }

    /// An event that must be stored.
    #[track_caller]
    pub fn tell(&self, organization: &str, referral: &str, kind: &str, data: Value) -> Value {
        self.event(organization, referral, kind, data).ok(202)
    }

    /// The answer of the worklist.
    pub fn read(&self, path: &str, key: &str) -> Answer {
        self.worklist.ask("GET", path, key, None, &[])
    }

    /// The rows of a statement.
    pub fn rows(&self, sql: &'static str) -> Vec<Row> {
        use ports::Platform;
        let batch = self.worklist.platform.batch(vec![Statement::new(sql, [])]);
        pollster::block_on(batch).unwrap().rows(0).to_vec()
    }
}
