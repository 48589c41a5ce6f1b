//! A small network on the native platform, with partners whose systems answer as a test says.

#![allow(dead_code, reason = "each file of tests uses its part of it")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ports::{Answered, Outgoing, Platform, SendError, Statement};
use runtime::Native;
use serde_json::{Value, json};
use service::{directory, intake, status, sweep, worklist};

use crate::client::{ADMIN_KEY, Answer, Client, bare};

/// How a partner's system answers.
#[derive(Debug, Clone)]
pub enum Answering {
    Status(u16),
    RetryAfter(u16, &'static str),
    /// 200 with this body.
    Saying(&'static str),
    Nothing(SendError),
}

/// A message that came to a partner's system.
#[derive(Debug, Clone)]
pub struct Received {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub text: String,
    pub body: Value,
    accepted: bool,
}

pub fn header(message: &Received, name: &str) -> String {
    let found = message.headers.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.clone()).unwrap()
}

type Happening = Box<dyn FnOnce() + Send>;

/// All partners' systems.
#[derive(Default)]
struct Partners {
    answers: HashMap<String, Answering>,
    of_referral: HashMap<(String, String), Answering>,
    during: HashMap<String, Happening>,
    received: Vec<Received>,
}

/// What an endpoint's creation answered.
pub struct Endpoint {
    pub id: String,
    pub secret: String,
}

/// The functions over one platform: `north` refers to `heart` or `lungs`.
#[derive(Clone)]
pub struct Network {
    pub platform: Native,
    partners: Arc<Mutex<Partners>>,
    keys: Arc<HashMap<&'static str, String>>,
    orders: Arc<Mutex<u32>>,
}

fn host(url: &str) -> String {
    url.split('/').nth(2).unwrap_or(url).to_owned()
}

fn take(partners: &Mutex<Partners>, request: Outgoing) -> Result<(Answered, Vec<u8>), SendError> {
    let host = host(&request.url);
    // HL7 v2 is no JSON.
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let happening = partners.lock().unwrap().during.remove(&host);
    if let Some(happen) = happening {
        happen();
    }
    let mut partners = partners.lock().unwrap();
    let referral = body["data"]["referral"]["id"].as_str().unwrap_or_default();
    let answering = partners
        .of_referral
        .get(&(host.clone(), referral.to_owned()))
        .or_else(|| partners.answers.get(&host))
        .cloned()
        .unwrap_or(Answering::Status(200));
    let accepted = matches!(
        answering,
        Answering::Status(200..=299) | Answering::Saying(_)
    );
    partners.received.push(Received {
        url: request.url,
        headers: request.headers,
        text: request.body,
        body,
        accepted,
    });
    match answering {
        Answering::Status(status) => Ok((
            Answered {
                status,
                retry_after: None,
            },
            Vec::new(),
        )),
        Answering::RetryAfter(status, after) => Ok((
            Answered {
                status,
                retry_after: Some(after.to_owned()),
            },
            Vec::new(),
        )),
        Answering::Saying(text) => Ok((
            Answered {
                status: 200,
                retry_after: None,
            },
            text.as_bytes().to_vec(),
        )),
        Answering::Nothing(error) => Err(error),
    }
}

impl Network {
    pub fn new() -> Self {
        let partners = Arc::new(Mutex::new(Partners::default()));
        let answering = partners.clone();
        let platform = bare()
            .partner_with_body(move |request| take(&answering, request))
            .open()
            .unwrap();
        let directory = Client::new(platform.clone(), directory::router, directory::operations);
        let mut keys = HashMap::new();
        for id in ["north", "heart", "lungs"] {
            let organization = json!({"id": id, "name": id, "network": "valley", "roles": ["referrer", "recipient"], "default_service": "main"});
            directory
                .post("/directory/organizations", ADMIN_KEY, organization)
                .ok(201);
            let path = format!("/directory/organizations/{id}");
            let service = json!({"id": "main", "specialty": "cardiology"});
            directory
                .post(&format!("{path}/services"), ADMIN_KEY, service)
                .ok(201);
            let scopes = json!({"scopes": ["referrals:write", "referrals:read", "events:write"]});
            let key = directory
                .post(&format!("{path}/keys"), ADMIN_KEY, scopes)
                .ok(201);
            keys.insert(id, key["key"].as_str().unwrap().to_owned());
        }
        Self {
            platform,
            partners,
            keys: Arc::new(keys),
            orders: Arc::default(),
        }
    }

    pub fn key(&self, organization: &str) -> &str {
        &self.keys[organization]
    }

    pub fn directory(&self) -> Client<Native> {
        Client::new(
            self.platform.clone(),
            directory::router,
            directory::operations,
        )
    }

    pub fn worklist(&self) -> Client<Native> {
        Client::new(self.platform.clone(), worklist::router, Vec::new)
    }

    pub fn directory_post(&self, path: &str) -> Answer {
        self.directory().call("POST", path, ADMIN_KEY, None)
    }

    pub fn directory_post_with(&self, path: &str, body: Value) -> Answer {
        self.directory().post(path, ADMIN_KEY, body)
    }

    pub fn endpoint(&self, organization: &str, url: &str) -> Endpoint {
        let path = format!("/directory/organizations/{organization}/endpoints");
        let made = self
            .directory_post_with(&path, json!({ "url": url }))
            .ok(201);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Endpoint {
            id: text("id"),
            secret: text("secret"),
        }
    }

    pub fn endpoint_state(&self, organization: &str, id: &str) -> Value {
        let path = format!("/directory/organizations/{organization}/endpoints");
        let listed = self.directory().get(&path, ADMIN_KEY).ok(200);
        let items = listed["items"].as_array().unwrap();
        items.iter().find(|item| item["id"] == id).unwrap().clone()
    }

    pub fn deliveries(&self, organization: &str, state: &str) -> Vec<Value> {
        let path = format!("/directory/organizations/{organization}/deliveries?state={state}");
        let listed = self.directory().get(&path, ADMIN_KEY).ok(200);
        listed["items"].as_array().unwrap().clone()
    }

    /// A referral from `north` to `heart`: its id.
    pub fn refer(&self) -> String {
        self.refer_as("routine")
    }

    pub fn refer_as(&self, urgency: &str) -> String {
        let mut orders = self.orders.lock().unwrap();
        *orders += 1;
        let body = json!({
            "patient": {
                "identifier": {"system": "urn:oid:1.2.3.4", "value": format!("p-{orders}")},
                "name": {"family": "Rivera", "given": ["Ana"]},
                "birth_date": "1980-02-29",
            },
            "recipient": {"organization": "heart", "service": "main"},
            "service": {"system": "http://snomed.info/sct", "code": "183519002"},
            "urgency": urgency,
            "clinical_question": "Is this angina?",
            "role": "evaluate",
            "preparation": {"agreed": "yes"},
            "placer": {"system": "urn:oid:1.2.3", "value": format!("order-{orders}")},
        });
        let intake = Client::new(self.platform.clone(), intake::router, Vec::new);
        let sent = intake
            .post("/intake/referrals", self.key("north"), body)
            .ok(201);
        sent["id"].as_str().unwrap().to_owned()
    }

    /// An event that must count.
    pub fn event(&self, organization: &str, referral: &str, kind: &str, data: Value) -> Value {
        let client = Client::new(self.platform.clone(), status::router, Vec::new);
        let path = format!("/status/referrals/{referral}/events");
        let body = json!({"type": kind, "data": data});
        let answer = client.post(&path, self.key(organization), body).ok(202);
        assert_eq!(answer["result"], "applied", "{kind}");
        answer
    }

    pub fn timeline(&self, referral: &str) -> Vec<Value> {
        let path = format!("/worklist/referrals/{referral}/events");
        let listed = self.worklist().get(&path, self.key("north")).ok(200);
        listed["items"].as_array().unwrap().clone()
    }

    pub fn read(&self, organization: &str, referral: &str) -> Value {
        let path = format!("/worklist/referrals/{referral}");
        self.worklist().get(&path, self.key(organization)).ok(200)
    }

    pub fn attention(&self, referral: &str) -> Vec<String> {
        let read = self.read("north", referral);
        let attention = read["attention"].as_array().unwrap();
        attention
            .iter()
            .map(|what| what.as_str().unwrap().to_owned())
            .collect()
    }

    pub fn sweep(&self) -> Value {
        self.sweep_as(ADMIN_KEY)
    }

    pub fn sweep_as(&self, key: &str) -> Value {
        let client = Client::new(self.platform.clone(), sweep::router, sweep::operations);
        client.call("POST", "/sweep", key, None).ok(200)
    }

    /// Does what was left for after an answer.
    pub fn work_on(&self) {
        pollster::block_on(self.platform.work_on());
    }

    pub fn key_in_another_network(&self) -> String {
        let organization =
            json!({"id": "far", "name": "far", "network": "elsewhere", "roles": ["referrer"]});
        self.directory_post_with("/directory/organizations", organization)
            .ok(201);
        let scopes = json!({"scopes": ["sweep:run"]});
        let key = self
            .directory_post_with("/directory/organizations/far/keys", scopes)
            .ok(201);
        key["key"].as_str().unwrap().to_owned()
    }

    /// How the system at a host answers from now on.
    pub fn answer(&self, host: &str, answering: Answering) {
        let mut partners = self.partners.lock().unwrap();
        partners.of_referral.retain(|(known, _), _| known != host);
        partners.answers.insert(host.to_owned(), answering);
    }

    /// How it answers to messages about one referral.
    pub fn answer_for(&self, host: &str, referral: &str, answering: Answering) {
        let key = (host.to_owned(), referral.to_owned());
        self.partners
            .lock()
            .unwrap()
            .of_referral
            .insert(key, answering);
    }

    /// What happens while the next message to a host is on its way.
    pub fn during(&self, host: &str, happen: impl FnOnce() + Send + 'static) {
        self.partners
            .lock()
            .unwrap()
            .during
            .insert(host.to_owned(), Box::new(happen));
    }

    pub fn received(&self, host_wanted: &str) -> Vec<Received> {
        let partners = self.partners.lock().unwrap();
        let came = partners.received.iter();
        came.filter(|message| host(&message.url) == host_wanted)
            .cloned()
            .collect()
    }

    pub fn accepted(&self, host_wanted: &str) -> Vec<Received> {
        self.received(host_wanted)
            .into_iter()
            .filter(|message| message.accepted)
            .collect()
    }

    /// Leaves everything that is due as somebody leaves it who took it and was killed.
    pub fn take_a_lease_and_die(&self) {
        let until = self.platform.now() + 60_000;
        let statement = Statement::new(
            "UPDATE deliveries SET lease = 'dead', leased_until = ?1",
            [until.into()],
        );
        pollster::block_on(self.platform.batch(vec![statement])).unwrap();
    }
}
