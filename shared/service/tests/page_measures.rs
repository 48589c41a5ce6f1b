//! The measures as people read them: the numbers of the API in tables and charts, and nothing of few in what is handed on.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;

use axum::body::Body;
use client::{ADMIN_KEY, Answer, NOW_MS};
use http::Request;
use http_body_util::BodyExt;
use network::Network;
use serde_json::{Value, json};
use service::worklist;
use tower_service::Service;

const PATH: &str = "/worklist/pages/measures";

/// An answer to a key, with its text.
fn get(network: &Network, path: &str, key: &str, language: &str) -> (Answer, String) {
    let request = Request::get(path)
        .header("host", "localhost")
        .header("authorization", format!("Bearer {key}"))
        .header("accept-language", language)
        .body(Body::empty())
        .unwrap();
    let mut router = worklist::router(network.platform.clone());
    let (parts, body) = pollster::block_on(router.call(request))
        .unwrap()
        .into_parts();
    let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
    let answer = Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: Value::Null,
    };
    (answer, String::from_utf8_lossy(&bytes).into_owned())
}

fn reader(network: &Network, organization: &str) -> String {
    let path = format!("/directory/organizations/{organization}/keys");
    let made = network.directory_post_with(&path, json!({"scopes": ["measures:read"]}));
    made.ok(201)["key"].as_str().unwrap().to_owned()
}

fn shown(network: &Network, query: &str) -> String {
    let key = reader(network, "north");
    let (answer, html) = get(network, &format!("{PATH}?{query}"), &key, "en");
    assert_eq!(answer.status, 200, "{html}");
    html
}

/// Sixteen referrals to `heart` and two to `lungs`: twelve accepted, three declined, one closed.
fn busy() -> Network {
    let network = Network::new();
    for index in 0..16 {
        let id = network.refer();
        if index < 3 {
            let reason = json!({"reason": "capacity"});
            network.event("heart", &id, "referral.declined", reason);
            continue;
        }
        if index < 15 {
            network.event("heart", &id, "referral.accepted", json!({}));
        }
        if index == 14 {
            let outcome = json!({"summary": "s", "next_steps": [], "visit_on": "2026-03-02"});
            network.event("heart", &id, "referral.outcome", outcome);
            let read = json!({"care_plan_changed": false});
            network.event("north", &id, "referral.acknowledged", read);
        }
    }
    for _ in 0..2 {
        let id = network.refer();
        let to = json!({"to": {"organization": "lungs", "service": "main"}, "reason": "r"});
        network.event("heart", &id, "referral.redirected", to);
    }
    network
}

/// The cells of the row that begins with `head` in the table called `caption`.
fn row(html: &str, caption: &str, head: &str) -> Vec<String> {
    let table = html
        .split("<table>")
        .find(|table| table.contains(&format!("<caption class=\"unseen\">{caption}</caption>")))
        .unwrap_or_else(|| panic!("no table {caption} in {html}"));
    let row = table
        .split("<tr>")
        .find(|row| row.contains(&format!("<th scope=\"row\">{head}</th>")))
        .unwrap_or_else(|| panic!("no row {head} in {table}"));
    row.split("<td class=\"number\">")
        .skip(1)
        .map(|cell| cell.split('<').next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_tables_say_what_the_api_answers() {
    let network = busy();
    let api = network
        .worklist()
        .get(
            "/worklist/measures?by=recipient",
            &reader(&network, "north"),
        )
        .ok(200);
    let html = shown(&network, "by=recipient");
    assert!(html.contains("<strong data-total>18</strong>"), "{html}");
    let number = |pointer: &str| api.pointer(pointer).unwrap().to_string();
    for (caption, head, pointer) in [
        ("From sent to closed", "Sent", "/total"),
        ("From sent to closed", "Accepted", "/reached/accepted"),
        ("From sent to closed", "Loop closed", "/reached/closed"),
        ("Rates", "Report received", "/completion/numerator"),
        (
            "Why referrals were declined",
            "No capacity",
            "/decline_reasons/capacity",
        ),
        (
            "By status",
            "Accepted, to be scheduled",
            "/by_status/accepted",
        ),
        (
            "Open by stage",
            "Declined, to be dealt with",
            "/open_by_stage/declined",
        ),
        (
            "How long each stage took",
            "Sent to decided",
            "/days_to_decision/count",
        ),
        ("By recipient", "lungs", "/groups/1/total"),
        ("Month by month", "2026-03", "/total"),
        (
            "Breaches by recipient",
            "heart",
            "/groups/0/breached/numerator",
        ),
    ] {
        assert_eq!(
            row(&html, caption, head)[0],
            number(pointer),
            "{caption}, {head}"
        );
    }
    assert_eq!(row(&html, "Rates", "Loop closed"), ["1", "18", "6 %"]);
}

#[test]
fn every_figure_is_a_chart_with_a_title_and_a_description_and_leads_to_its_numbers_as_csv() {
    let network = busy();
    let html = shown(&network, "from=2026-03-01&to=2026-04-01&by=urgency");
    let charts = html.matches("<svg class=\"chart\"").count();
    assert!(charts > 8, "{charts}");
    let named = html.matches("role=\"img\" aria-labelledby=").count();
    assert_eq!(charts, named);
    assert!(!html.contains("style="), "the policy forbids it");
    let csv =
        |by: &str| format!("href=\"/worklist/measures.csv?from=2026-03-01&#38;to=2026-04-01{by}\"");
    for by in ["", "&#38;by=month", "&#38;by=recipient", "&#38;by=urgency"] {
        assert!(html.contains(&csv(by)), "{by} {html}");
    }
}

#[test]
fn the_version_to_hand_on_hides_what_stands_for_few() {
    let network = busy();
    let html = shown(&network, "audience=others&by=recipient");
    assert_eq!(
        row(&html, "Why referrals were declined", "No capacity"),
        ["hidden"]
    );
    assert_eq!(
        row(&html, "Rates", "Loop closed"),
        ["hidden", "18", "hidden"]
    );
    // Two with the one, sixteen with the other: they are shown as one, whose numbers are those of all.
    assert_eq!(row(&html, "By recipient", "Others, each with few")[0], "18");
    assert!(!html.contains("lungs"), "{html}");
    assert!(!html.contains("wait for a person now"), "{html}");
    network
        .directory()
        .call(
            "PUT",
            "/directory/networks/valley/policy",
            ADMIN_KEY,
            Some(&json!({"small_cells": 1})),
        )
        .ok(200);
    let html = shown(&network, "audience=others&by=recipient");
    assert_eq!(row(&html, "By recipient", "lungs")[0], "2");
}

#[test]
fn a_period_is_chosen_by_address_and_is_the_last_twelve_months_otherwise() {
    let network = busy();
    network.platform.set_now(NOW_MS + 370 * 86_400_000);
    let html = shown(&network, "");
    assert!(
        html.contains("No referral was sent in this period."),
        "{html}"
    );
    assert!(
        html.contains("<time>2026-04-01</time> to <time>2027-03-31</time>"),
        "{html}"
    );
    let html = shown(&network, "from=2026-03-01&to=2026-03-31&by=&direction=sent");
    assert!(html.contains("<strong data-total>18</strong>"), "{html}");
    assert!(
        html.contains("<time>2026-03-01</time> to <time>2026-03-30</time>"),
        "{html}"
    );
    let (wrong, _) = get(
        &network,
        &format!("{PATH}?from=soon"),
        &reader(&network, "north"),
        "en",
    );
    assert_eq!(wrong.status, 422);
}

#[test]
fn it_speaks_the_readers_language_and_shows_the_readers_side() {
    let network = busy();
    let key = reader(&network, "heart");
    let (answer, html) = get(
        &network,
        &format!("{PATH}?direction=received"),
        &key,
        "es-MX",
    );
    assert_eq!(answer.status, 200);
    assert_eq!(row(&html, "Por qué se rechazaron", "Sin capacidad"), ["3"]);
    assert!(
        html.contains("aria-current=\"page\">Indicadores</a>"),
        "{html}"
    );
    assert!(
        !html.contains("Breaches by recipient") && !html.contains("por destinatario<"),
        "{html}"
    );
    assert!(html.contains("<strong data-total>16</strong>"), "{html}");
}

#[test]
fn a_key_without_the_scope_sees_no_measures() {
    let network = Network::new();
    let (answer, _) = get(&network, PATH, network.key("north"), "en");
    assert_eq!(answer.status, 403);
    let (answer, html) = get(&network, PATH, "rl_nobodys", "en");
    assert_eq!(answer.status, 401);
    assert!(html.contains("Your key"), "{html}");
}
