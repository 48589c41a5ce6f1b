//! Lists page by page: in every order and with every filter each page follows the one before, and together they are the list.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;

use client::NOW_MS;
use network::Network;
use serde_json::{Value, json};

const HOUR_MS: i64 = 3_600_000;

/// Referrals of `north` in many places: some over, one of them with something to look at, some at `lungs` after `heart`.
fn busy() -> Network {
    let network = Network::new();
    for index in 0..24 {
        network.platform.set_now(NOW_MS + index * HOUR_MS);
        let id =
            network.refer_as(["routine", "urgent", "stat"][usize::try_from(index % 3).unwrap()]);
        let tell = |who: &str, kind: &str, data: Value| {
            network.event(who, &id, kind, data);
        };
        match index % 8 {
            0 => {}
            1 => tell("heart", "referral.accepted", json!({})),
            2 | 3 => {
                let outcome = json!({"summary": "s", "next_steps": [], "visit_on": "2026-03-02"});
                tell("heart", "referral.accepted", json!({}));
                tell("heart", "referral.outcome", outcome);
                tell(
                    "north",
                    "referral.acknowledged",
                    json!({"care_plan_changed": false}),
                );
                tell("north", "patient.informed", json!({"channel": "phone"}));
            }
            4 => tell("heart", "referral.declined", json!({"reason": "capacity"})),
            5 => {
                tell("heart", "referral.declined", json!({"reason": "capacity"}));
                tell(
                    "north",
                    "referral.acknowledged",
                    json!({"resolution": "managed-here"}),
                );
                tell("north", "patient.informed", json!({"channel": "phone"}));
            }
            6 => {
                let to = json!({"organization": "lungs", "service": "main"});
                tell(
                    "heart",
                    "referral.redirected",
                    json!({"to": to, "reason": "r"}),
                );
            }
            _ => tell(
                "north",
                "referral.entered_in_error",
                json!({"reason": "test"}),
            ),
        }
    }
    network
}

fn ids(listed: &Value) -> Vec<String> {
    let items = listed["items"].as_array().unwrap();
    let ids = items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned());
    ids.collect()
}

fn page(network: &Network, who: &str, query: &str) -> Value {
    let path = format!("/worklist/referrals?{query}");
    network.worklist().get(&path, network.key(who)).ok(200)
}

/// Every page of two, one after the other.
fn paged(network: &Network, who: &str, query: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let listed = page(network, who, &format!("{query}&limit=2{cursor}"));
        all.extend(ids(&listed));
        let Some(next) = listed["next"].as_str() else {
            return all;
        };
        cursor = format!("&cursor={next}");
    }
}

/// What a filter leaves of the whole list.
fn fits(item: &Value, filter: &str, who: &str) -> bool {
    let turn = item["turn"].as_str();
    let is_sent = item["referrer"] == who;
    match filter.split_once('=') {
        Some(("status", statuses)) => statuses.split(',').any(|one| item["status"] == one),
        Some(("attention", what)) => item["attention"].as_array().unwrap().contains(&what.into()),
        Some(("turn", _)) => turn == Some(if is_sent { "referrer" } else { "recipient" }),
        Some(("direction", way)) => (way == "sent") == is_sent,
        Some(("urgency", urgency)) => item["urgency"] == urgency,
        _ => true,
    }
}

#[test]
fn pages_follow_one_another_in_every_order_with_every_filter() {
    let network = busy();
    for who in ["north", "heart", "lungs"] {
        for sort in ["pressing", "newest", "oldest"] {
            let whole = page(&network, who, &format!("sort={sort}&limit=200"));
            let whole = whole["items"].as_array().unwrap();
            assert_eq!(
                whole.len(),
                match who {
                    "north" => 21,
                    "heart" => 21,
                    _ => 3,
                }
            );
            for filter in [
                "",
                "status=sent",
                "status=closed",
                "status=accepted,declined",
                "attention=unacknowledged",
                "turn=mine",
                "direction=sent",
                "direction=received",
                "urgency=stat",
            ] {
                let mut wanted: Vec<String> = whole
                    .iter()
                    .filter(|item| fits(item, filter, who))
                    .map(|item| item["id"].as_str().unwrap().to_owned())
                    .collect();
                // A leg that is past is nobody's turn, and presses nobody.
                if who == "heart" && filter == "attention=unacknowledged" {
                    wanted.retain(|id| network.read(who, id)["recipient"]["organization"] == who);
                }
                let got = paged(&network, who, &format!("sort={sort}&{filter}"));
                assert_eq!(got, wanted, "{who} {sort} {filter}");
            }
        }
    }
}

#[test]
fn newest_and_oldest_are_each_others_reverse() {
    let network = busy();
    let mut newest = paged(&network, "north", "sort=newest");
    let oldest = paged(&network, "north", "sort=oldest");
    newest.reverse();
    assert_eq!(newest, oldest);
    let mut sorted = oldest.clone();
    sorted.sort();
    assert_eq!(oldest, sorted);
}

#[test]
fn what_is_over_comes_after_everything_that_is_open() {
    let network = busy();
    let listed = page(&network, "north", "limit=200");
    let turns = listed["items"].as_array().unwrap().iter();
    let over: Vec<bool> = turns.map(|item| item["turn"].is_null()).collect();
    let first = over.iter().position(|over| *over).unwrap();
    assert!(over[first..].iter().all(|over| *over), "{over:?}");
}
