//! Who hears of an event.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

mod lives;

use domain::event::{Author, Event};
use domain::kind::EventKind;
use domain::notices::hearers;
use domain::status::Side;
use lives::shelf::{Received, Shelf};
use serde_json::{Value, json};

/// Who hears of the event that `data` makes, and as what.
fn heard(kind: EventKind, side: Side, data: Value) -> Vec<(String, EventKind)> {
    let mut shelf = Shelf::new();
    let before = shelf.referral.clone();
    let event = lives::event("e-1", kind, side, 60_000, data);
    assert_eq!(shelf.receive(&event), Received::Stored, "{kind:?}");
    named(&event, &before, &shelf.referral)
}

fn named(
    event: &Event,
    before: &domain::referral::Referral,
    after: &domain::referral::Referral,
) -> Vec<(String, EventKind)> {
    hearers(event, Some(before), after)
        .into_iter()
        .map(|hears| (hears.organization.to_owned(), hears.told_as))
        .collect()
}

fn only(organization: &str, kind: EventKind) -> Vec<(String, EventKind)> {
    vec![(organization.to_owned(), kind)]
}

#[test]
fn the_party_that_did_not_send_it_hears_of_an_event() {
    let kind = EventKind::ReferralAccepted;
    assert_eq!(heard(kind, Side::Recipient, json!({})), only("north", kind));
    let kind = EventKind::ReferralNote;
    assert_eq!(heard(kind, Side::Referrer, json!({})), only("heart", kind));
}

#[test]
fn a_redirected_referral_is_sent_to_the_new_recipient_and_the_old_one_is_told() {
    let to = json!({"to": {"organization": "lungs", "service": "s2"}, "reason": "r"});
    assert_eq!(
        heard(EventKind::ReferralRedirected, Side::Referrer, to.clone()),
        [
            ("lungs".to_owned(), EventKind::ReferralSent),
            ("heart".to_owned(), EventKind::ReferralRedirected),
        ]
    );
    assert_eq!(
        heard(EventKind::ReferralRedirected, Side::Recipient, to),
        [
            ("north".to_owned(), EventKind::ReferralRedirected),
            ("lungs".to_owned(), EventKind::ReferralSent),
        ]
    );
}

#[track_caller]
fn check_system(kind: EventKind, data: Value, want: &[&str]) {
    let shelf = Shelf::new();
    let mut event = lives::event("e-1", kind, Side::Referrer, 60_000, data);
    event.by = Author {
        organization: None,
        side: None,
        label: None,
    };
    let heard = named(&event, &shelf.referral, &shelf.referral);
    let organizations: Vec<&str> = heard.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(organizations, want);
}

#[test]
fn both_sides_hear_what_the_system_found_and_the_networks_office_what_is_escalated_to_it() {
    let breach = json!({"limit": "decided", "due_at": "2026-03-09T09:00:00Z"});
    check_system(EventKind::ReferralOverdue, breach, &["north", "heart"]);
    let level = |tell: &str, to: Value| json!({"limit": "decided", "due_at": "2026-03-09T09:00:00Z", "level": 2, "tell": tell, "to": to});
    let kind = EventKind::ReferralEscalated;
    check_system(kind, level("network", json!("office")), &["office"]);
    check_system(kind, level("network", Value::Null), &["north", "heart"]);
    check_system(kind, level("both", json!("office")), &["north", "heart"]);
}
