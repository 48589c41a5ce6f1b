//! The views of what comes from and goes to other systems, and the search: what is in them, who sees it, and what is on record.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;

use axum::Router;
use axum::body::Body;
use client::{ADMIN_KEY, Client};
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use network::{Answering, Network};
use ports::{Platform, Statement};
use runtime::Native;
use serde_json::json;
use service::{exchange, status, worklist};
use tower_service::Service;

const HOUR_MS: i64 = 60 * 60 * 1000;
const UNMATCHED: &str = "/worklist/pages/unmatched";
const DELIVERIES: &str = "/worklist/pages/deliveries";

/// What a router answers to a key: the status and the text.
fn ask(
    network: &Network,
    router: fn(Native) -> Router,
    request: http::request::Builder,
    key: &str,
    body: &str,
) -> (u16, String) {
    let request = request
        .header("host", "localhost")
        .header("authorization", format!("Bearer {key}"))
        .body(Body::from(body.to_owned()))
        .unwrap();
    let mut router = router(network.platform.clone());
    let (parts, body) = pollster::block_on(router.call(request))
        .unwrap()
        .into_parts();
    let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (parts.status.as_u16(), text)
}

fn get(network: &Network, path: &str, key: &str) -> (u16, String) {
    ask(network, worklist::router, Request::get(path), key, "")
}

fn search(network: &Network, organization: &str, form: &str) -> (u16, String) {
    let request = Request::post("/worklist/pages/search")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let key = network.key(organization);
    ask(network, worklist::router, request, key, form)
}

fn key(network: &Network, scopes: &[&str]) -> String {
    let path = "/directory/organizations/north/keys";
    let made = network.directory_post_with(path, json!({ "scopes": scopes }));
    made.ok(201)["key"].as_str().unwrap().to_owned()
}

/// How often somebody of an organisation did `action`, by the record of reads.
fn recorded(network: &Network, organization: &str, action: &str) -> i64 {
    let statement = Statement::new(
        "SELECT count(*) AS times FROM reads WHERE organization = ?1 AND action = ?2",
        [organization.into(), action.into()],
    );
    let answer = pollster::block_on(network.platform.batch(vec![statement])).unwrap();
    answer.first(0).unwrap().integer("times").unwrap()
}

/// An order status from heart that names an order and a patient.
fn send_acceptance(network: &Network, order: &str, patient: &str) {
    let message = [
        "MSH|^~\\&|EHR|HEART^1.2.9^ISO|LOOP|NORTH^1.2.3^ISO|20260302085900+0000||OSU^O51^OSU_O51|1|P|2.5.1".to_owned(),
        format!("PID|1||{patient}^^^&1.2.3.4&ISO||<b>Rivera</b>^Ana||19800229|F"),
        format!("ORC|OK|{order}^^1.2.3^ISO|h-7^^1.2.9^ISO||IP"),
        String::new(),
    ];
    let request = Request::post("/hl7").header(CONTENT_TYPE, "application/hl7-v2");
    let heart = network.key("heart");
    let (status, text) = ask(
        network,
        exchange::router,
        request,
        heart,
        &message.join("\r"),
    );
    assert!(status == 200 && text.contains("MSA|AE"), "{text}");
}

#[test]
fn a_message_that_fits_no_referral_is_shown_to_its_sender_alone_until_it_is_placed() {
    let network = Network::new();
    let referral = network.refer();
    send_acceptance(&network, "order-1", "p-2");
    let (status, html) = get(&network, UNMATCHED, network.key("heart"));
    assert_eq!(status, 200);
    for shown in [
        "It names another patient",
        "order-1^^1.2.3^ISO",
        "&#60;b&#62;Rivera&#60;/b&#62;",
        "<h2 id=\"msg-",
        ">Accepted <span",
        "data-match=\"msg-",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    assert_eq!(recorded(&network, "heart", "message"), 1);
    for other in ["north", "lungs"] {
        let (_, html) = get(&network, UNMATCHED, network.key(other));
        assert!(html.contains("Nothing waits"), "{html}");
        assert_eq!(recorded(&network, other, "message"), 0);
    }

    let id = html.split("data-match=\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let path = format!("/status/unmatched/{id}/match");
    let body = json!({ "referral": referral });
    client.post(&path, network.key("heart"), body).ok(202);
    let (_, html) = get(&network, UNMATCHED, network.key("heart"));
    assert!(html.contains("Nothing waits"), "{html}");
}

#[test]
fn who_may_not_say_where_a_message_belongs_is_not_asked() {
    let network = Network::new();
    let path = "/directory/organizations/heart/keys";
    let made = network.directory_post_with(path, json!({"scopes": ["referrals:read"]}));
    let reader = made.ok(201)["key"].as_str().unwrap().to_owned();
    send_acceptance(&network, "order-9", "p-9");
    let (_, html) = get(&network, UNMATCHED, &reader);
    assert!(html.contains("msg-") && !html.contains("<form"), "{html}");
    let writer = key(&network, &["events:write"]);
    assert_eq!(get(&network, UNMATCHED, &writer).0, 403);
}

#[test]
fn messages_come_in_pages_with_the_oldest_first() {
    let network = Network::new();
    for number in 1..=11 {
        send_acceptance(&network, &format!("order-{number}"), "p-9");
        network.platform.advance(1);
    }
    let shown = |path: &str| {
        let (status, html) = get(&network, path, network.key("heart"));
        assert_eq!(status, 200, "{html}");
        let next = html.split("rel=\"next\" href=\"").nth(1);
        let next = next.and_then(|rest| rest.split('"').next());
        (
            html.matches("<li class=\"card\"").count(),
            next.map(str::to_owned),
        )
    };
    let (count, next) = shown(UNMATCHED);
    assert_eq!(count, 10);
    assert_eq!(shown(&next.unwrap()), (1, None));
    let (status, _) = get(
        &network,
        &format!("{UNMATCHED}?cursor=x"),
        network.key("heart"),
    );
    assert_eq!(status, 422);
}

#[test]
fn a_search_finds_what_its_caller_may_see_and_is_on_record() {
    let network = Network::new();
    let referral = network.refer();
    for (organization, form, found) in [
        ("north", "text=rivera", true),
        ("heart", "text=p-1", true),
        ("heart", "text=angina%3F", true),
        ("lungs", "text=rivera", false),
        ("north", "text=%3Cscript%3E", false),
    ] {
        let (status, html) = search(&network, organization, form);
        assert_eq!(status, 200);
        assert_eq!(html.contains(&referral), found, "{organization} {form}");
        assert!(!html.contains("<script>"));
        assert_eq!(html.contains("as they are written here"), !found);
    }
    assert_eq!(recorded(&network, "north", "search"), 1);
    assert_eq!(recorded(&network, "lungs", "search"), 0);
    for form in [
        "",
        "text=",
        "text=%20",
        &format!("text={}", "x".repeat(101)),
    ] {
        assert_eq!(search(&network, "north", form).0, 422, "{form}");
    }
    assert_eq!(
        search(&network, "north", &format!("text={}", "é".repeat(100))).0,
        200
    );
}

#[test]
fn what_a_search_finds_comes_in_pages_by_a_form() {
    let network = Network::new();
    for _ in 0..26 {
        network.refer();
    }
    let (_, first) = search(&network, "north", "text=rivera");
    assert_eq!(first.matches("data-row").count(), 25);
    let cursor = first.split("name=\"cursor\" value=\"").nth(1).unwrap();
    let cursor = cursor.split('"').next().unwrap();
    let cursor: String = form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
    let (_, second) = search(&network, "north", &format!("text=rivera&cursor={cursor}"));
    assert_eq!(second.matches("data-row").count(), 1);
    assert!(!second.contains("name=\"cursor\""));
}

#[test]
fn what_was_not_delivered_is_shown_with_its_reason_until_it_arrives() {
    let network = Network::new();
    let admin = key(&network, &["directory:write"]);
    let (status, html) = get(&network, DELIVERIES, &admin);
    assert_eq!(status, 200);
    assert!(html.contains("no address is set up") && html.contains("all that was sent arrived"));

    network.endpoint("north", "https://north.example/hooks");
    network.sweep();
    network.answer("north.example", Answering::Status(503));
    let referral = network.refer();
    network.event("heart", &referral, "referral.accepted", json!({}));
    network.sweep();
    let (_, html) = get(&network, DELIVERIES, &admin);
    for shown in [
        "https://north.example/hooks",
        "Answered with status 503",
        "Next try",
        "Failing",
        &referral,
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    assert!(!html.contains("Rivera"));

    // Tried for three days, it is given up, and the address is switched off.
    for _ in 0..100 {
        network.platform.advance(HOUR_MS);
        network.sweep();
    }
    let (_, html) = get(&network, &format!("{DELIVERIES}?state=dead"), &admin);
    for shown in [
        "Given up",
        "it failed for three days",
        "/resend\"",
        "/enable\"",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    let (_, html) = get(&network, &format!("{DELIVERIES}?state=waiting"), &admin);
    assert!(html.contains("all that was sent arrived"), "{html}");
    assert_eq!(
        get(&network, &format!("{DELIVERIES}?state=x"), &admin).0,
        422
    );
    assert_eq!(
        get(&network, &format!("{DELIVERIES}?cursor=x"), &admin).0,
        422
    );
    // Another organisation's are not there, and not everybody's key opens it.
    let made = network.directory_post_with(
        "/directory/organizations/heart/keys",
        json!({"scopes": ["directory:write"]}),
    );
    let heart = made.ok(201)["key"].as_str().unwrap().to_owned();
    let (_, html) = get(&network, DELIVERIES, &heart);
    assert!(!html.contains("north.example"), "{html}");
    assert_eq!(get(&network, DELIVERIES, network.key("north")).0, 403);
    assert_eq!(get(&network, DELIVERIES, ADMIN_KEY).0, 401);
}
