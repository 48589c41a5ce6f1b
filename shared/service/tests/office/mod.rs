//! An office without software in the small network, and what it does by the link in its letter.

#![allow(dead_code, reason = "each file of tests uses its part of it")]

use ports::Platform;
use runtime::Native;
use serde_json::{Value, json};
use service::{intake, status, worklist};

use crate::client::{ADMIN_KEY, Answer, Client};
use crate::network::Network;

pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
pub const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");
pub const EXTERNAL: &str = "Eastside Heart";

/// A letter as it was made.
pub struct Made {
    pub id: String,
    pub token: String,
    pub code: String,
}

/// `north` and what it sends to `office`, a member without software.
pub fn network() -> Network {
    let network = Network::new();
    let office = json!({"id": "office", "name": "Dr. Okafor", "network": "valley", "roles": ["recipient"],
        "connected": false, "default_service": "main", "contact": "555 0177"});
    network
        .directory_post_with("/directory/organizations", office)
        .ok(201);
    let service = json!({"id": "main", "specialty": "cardiology"});
    network
        .directory_post_with("/directory/organizations/office/services", service)
        .ok(201);
    let contact = json!({"name": "North Clinic", "contact": "Call 555 0100"});
    let patched = network.directory().call(
        "PATCH",
        "/directory/organizations/north",
        ADMIN_KEY,
        Some(&contact),
    );
    assert_eq!(patched.status, 200, "{}", patched.body);
    network
}

/// A referral with `members` besides or in place of the usual ones: its id.
pub fn refer_as(network: &Network, recipient: &Value, patient: &str, members: Value) -> String {
    let mut body = json!({
        "patient": {"identifier": {"system": "urn:oid:1.2.3.4", "value": patient},
            "name": {"family": "Rivera", "given": ["Ana"]}, "birth_date": "1980-02-29"},
        "recipient": recipient,
        "service": {"system": "http://snomed.info/sct", "code": "183519002", "display": "Cardiology"},
        "urgency": "routine", "clinical_question": "Is this angina?", "role": "evaluate",
        "preparation": {"agreed": "yes"},
    });
    let Value::Object(members) = members else {
        panic!("members are an object");
    };
    body.as_object_mut().unwrap().extend(members);
    let intake = Client::new(network.platform.clone(), intake::router, Vec::new);
    let sent = intake
        .post("/intake/referrals", network.key("north"), body)
        .ok(201);
    sent["id"].as_str().unwrap().to_owned()
}

pub fn refer(network: &Network, patient: &str) -> String {
    refer_as(
        network,
        &json!({"organization": "office", "service": "main"}),
        patient,
        json!({}),
    )
}

pub fn refer_outside(network: &Network, patient: &str) -> String {
    refer_as(
        network,
        &json!({"external": {"name": EXTERNAL, "fax": "555 0188"}}),
        patient,
        json!({}),
    )
}

pub fn worklist(network: &Network) -> Client<Native> {
    Client::new(
        network.platform.clone(),
        worklist::router,
        worklist::operations,
    )
}

pub fn letters(id: &str) -> String {
    format!("/worklist/referrals/{id}/letters")
}

pub fn made(answer: Answer) -> Made {
    let body = answer.ok(201);
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let link = text("link");
    let (path, token) = link.split_once('#').unwrap();
    assert_eq!(path, "http://localhost:3000/worklist/pages/letter");
    Made {
        id: text("id"),
        token: token.to_owned(),
        code: text("code"),
    }
}

pub fn make(network: &Network, id: &str) -> Made {
    made(worklist(network).post(&letters(id), network.key("north"), json!({})))
}

pub fn try_to_open(network: &Network, token: &str, code: &str) -> Answer {
    let body = json!({"token": token, "code": code});
    worklist(network).call_with(
        "POST",
        "/worklist/letters/open",
        "",
        Some(&body),
        &[SAME_ORIGIN],
    )
}

/// What the names of the cookies begin with that letters open.
pub const LETTER_COOKIE: &str = "__Host-rl-letter-";

/// The cookie of the session that a letter opens.
pub fn open(network: &Network, letter: &Made) -> String {
    let answer = try_to_open(network, &letter.token, &letter.code);
    assert_eq!(answer.status, 204, "{}", answer.body);
    answer
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

pub fn with_cookie(
    client: &Client<Native>,
    method: &str,
    path: &str,
    cookie: &str,
    body: Option<&Value>,
) -> Answer {
    // As the page of the letter that the cookie is of.
    let name = cookie.strip_prefix(LETTER_COOKIE).unwrap();
    let (referral, _) = name.split_once('=').unwrap();
    let headers = [("cookie", cookie), ("rl-letter", referral), SAME_ORIGIN];
    client.ask(method, path, "", body, &headers)
}

/// Says something that must count.
pub fn tell(network: &Network, id: &str, cookie: &str, kind: &str, data: Value) {
    let told = say(network, id, cookie, kind, data).ok(202);
    assert_eq!(told["result"], "applied", "{kind}");
}

pub fn say(network: &Network, id: &str, cookie: &str, kind: &str, data: Value) -> Answer {
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let body = json!({"type": kind, "data": data});
    with_cookie(
        &client,
        "POST",
        &format!("/status/referrals/{id}/events"),
        cookie,
        Some(&body),
    )
}

pub fn listed(network: &Network, id: &str) -> Vec<Value> {
    let list = worklist(network)
        .get(&letters(id), network.key("north"))
        .ok(200);
    list["items"].as_array().unwrap().clone()
}

pub fn later(network: &Network, milliseconds: i64) {
    let now = network.platform.now();
    network.platform.set_now(now + milliseconds);
}
