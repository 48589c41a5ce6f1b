//! The view of one referral: what it shows to whom, and the forms with which each side goes on.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;

use axum::body::Body;
use client::{Answer, Client};
use http::Request;
use http_body_util::BodyExt;
use network::Network;
use ports::Platform;
use runtime::Native;
use serde_json::{Value, json};
use service::{intake, status, worklist};
use tower_service::Service;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The view of a referral to somebody with an organisation's key.
fn view(network: &Network, organization: &str, id: &str) -> (Answer, String) {
    view_as(network, network.key(organization), "en", id)
}

fn view_as(network: &Network, key: &str, language: &str, id: &str) -> (Answer, String) {
    let request = Request::get(format!("/worklist/pages/referrals/{id}"))
        .header("host", "localhost:3000")
        .header("authorization", format!("Bearer {key}"))
        .header("accept-language", language)
        .body(Body::empty())
        .unwrap();
    let mut router = worklist::router(network.platform.clone());
    let answer = pollster::block_on(router.call(request)).unwrap();
    let (parts, body) = answer.into_parts();
    let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
    let answer = Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: Value::Null,
    };
    (answer, String::from_utf8_lossy(&bytes).into_owned())
}

fn shown(network: &Network, organization: &str, id: &str) -> String {
    let (answer, html) = view(network, organization, id);
    assert_eq!(answer.status, 200, "{html}");
    html
}

/// The text of a page or a part of it: without tags, with single spaces.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for character in html.chars() {
        match character {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            _ if !is_tag => text.push(character),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The element with an id, to the end of its kind.
fn part<'a>(html: &'a str, id: &str) -> &'a str {
    let start = html
        .find(&format!(" id=\"{id}\""))
        .unwrap_or_else(|| panic!("no {id} in {html}"));
    let tag_start = html[..start].rfind('<').unwrap();
    let tag = html[tag_start + 1..start].split(' ').next().unwrap();
    let end = html[start..].find(&format!("</{tag}>")).unwrap();
    &html[tag_start..start + end]
}

#[track_caller]
fn says(html: &str, id: &str, wanted: &str) {
    let text = words(part(html, id));
    assert!(text.contains(wanted), "{id}: {text}");
}

/// The events that the forms send, in their order.
fn forms(html: &str) -> Vec<&str> {
    let parts = html.split("data-event=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap()).collect()
}

fn later(network: &Network, milliseconds: i64) {
    network
        .platform
        .set_now(network.platform.now() + milliseconds);
}

/// To whom the form of heart's offers to send a referral on, by a text that is searched for.
fn recipients(network: &Network, id: &str, text: &str) -> Vec<String> {
    let client = Client::new(network.platform.clone(), worklist::router, Vec::new);
    let path = format!("/worklist/pages/recipients?referral={id}&text={text}");
    let answer = client
        .call("GET", &path, network.key("heart"), None)
        .ok(200);
    let items = answer["items"].as_array().unwrap().iter();
    items
        .map(|item| item["value"].as_str().unwrap().to_owned())
        .collect()
}

fn count(network: &Network, sql: String) -> i64 {
    let statement = ports::Statement::new(sql.leak(), []);
    let answer = pollster::block_on(<Native as Platform>::batch(
        &network.platform,
        vec![statement],
    ));
    let answer = answer.unwrap();
    answer.first(0).unwrap().integer("count").unwrap()
}

/// A request with everything in it, from `north` to `heart`.
fn full() -> Value {
    json!({
        "patient": {
            "identifier": {"system": "urn:oid:1.2.3.4", "value": "p-77"},
            "name": {"family": "Rivera", "given": ["Ana"]},
            "birth_date": "1980-02-29",
            "phone": "+1 555 0100",
            "language": "es",
        },
        "recipient": {"organization": "heart", "service": "main"},
        "service": {"system": "http://snomed.info/sct", "code": "183519002", "display": "Referral to cardiology"},
        "urgency": "urgent",
        "urgency_reason": "Pain at rest",
        "clinical_question": "Is this angina?",
        "summary": "Three weeks of chest pain.",
        "role": "evaluate",
        "preparation": {"agreed": "yes", "reason": "To be sure"},
        "reason": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I20.9", "display": "Angina pectoris"}],
        "scheduling": "recipient-calls",
        "coverage": {"payor": "Aetna", "member": "W-1"},
        "supporting": [
            {"kind": "lab", "display": "Troponin", "date": "2026-02-27", "value": "0.01 ng/mL"},
            {"kind": "document", "code": "59284-0", "display": "Consent, treatment, permit", "date": "2026-02-27"},
            {"kind": "note", "display": "Security labels: restrictions on use and redisclosure", "date": "2026-02-27",
             "value": {"security": [{"code": "42CFRPart2", "display": "42 CFR Part 2"}]}},
            {"kind": "imaging", "display": "Chest X-ray", "date": "2026-02-20", "url": "https://images.example/1"},
        ],
    })
}

fn send(network: &Network, body: Value) -> String {
    let intake = Client::new(network.platform.clone(), intake::router, Vec::new);
    let sent = intake.post("/intake/referrals", network.key("north"), body);
    sent.ok(201)["id"].as_str().unwrap().to_owned()
}

#[test]
fn it_says_who_what_how_urgent_and_whose_turn_it_is() {
    let network = Network::new();
    let id = send(&network, full());
    let html = shown(&network, "heart", &id);
    says(&html, "state", "Rivera, Ana born 1980-02-29 ● Your turn");
    says(&html, "state", "Referral to cardiology from north");
    says(&html, "state", "Status: Waiting for an answer Urgent");
    says(&html, "part-request", "Question Is this angina?");
    says(&html, "part-request", "Why it is urgent Pain at rest");
    says(&html, "part-request", "Reason Angina pectoris (I20.9)");
    says(&html, "part-patient", "Phone +1 555 0100");
    says(
        &html,
        "part-supporting",
        "Laboratory Troponin, 0.01 ng/mL, 2026-02-27",
    );
    assert!(html.contains("href=\"https://images.example/1\""));
    says(&html, "part-completeness", "✗ Medications missing");
    says(&html, "part-completeness", "✓ A coded reason there");
    says(&shown(&network, "north", &id), "state", "○ Their turn");
}

#[test]
fn what_must_travel_with_it_stands_above_everything_else() {
    let network = Network::new();
    let id = send(&network, full());
    for side in ["north", "heart"] {
        let html = shown(&network, side, &id);
        says(&html, "part-notices", "Coverage member: W-1, payor: Aetna");
        says(
            &html,
            "part-notices",
            "! Document Consent, treatment, permit",
        );
        says(
            &html,
            "part-notices",
            "! Restrictions on use and redisclosure",
        );
        says(&html, "part-notices", "42 CFR Part 2");
        assert!(html.find("part-notices") < html.find("part-request"));
    }
}

#[test]
fn each_side_is_offered_what_it_can_do_and_the_usual_first() {
    let network = Network::new();
    let id = network.refer();
    let html = shown(&network, "heart", &id);
    let offered = forms(&html);
    assert_eq!(
        offered[..3],
        [
            "referral.accepted",
            "referral.info_requested",
            "referral.declined"
        ]
    );
    // What is first is the one button that stands out.
    let summary = part(&html, "do-0-referral-accepted-open");
    assert!(summary.contains("class=\"button\""), "{summary}");
    let summary = part(&html, "do-0-referral-not-completed-open");
    assert!(
        summary.contains("class=\"button second danger\""),
        "{summary}"
    );
    let away = part(&html, "do-0-referral-not-completed");
    assert!(away.contains(" data-confirm") && away.contains(" data-if-match=\"1\""));
    assert!(!part(&html, "do-0-referral-accepted").contains("data-if-match"));
    assert!(part(&html, "do-0-referral-declined").contains(" data-confirm"));
    let html = shown(&network, "north", &id);
    assert!(!forms(&html).contains(&"referral.accepted"));
    assert!(
        !part(&html, "todo").contains("class=\"button\""),
        "it is theirs to go on"
    );
    assert!(forms(&html).contains(&"referral.cancellation_requested"));
}

#[test]
fn a_form_asks_with_the_control_that_fits() {
    let network = Network::new();
    let id = network.refer();
    network.event("heart", &id, "referral.accepted", json!({}));
    let html = shown(&network, "heart", &id);
    let book = part(&html, "do-0-appointment-scheduled");
    assert!(book.contains("<input type=\"datetime-local\" id=\"do-0-appointment-scheduled-start\" value=\"\" autocomplete=\"off\" required"));
    let report = part(&html, "do-0-referral-outcome");
    for control in [
        "data-member=\"visit_on\" data-as=\"text\"",
        "data-member=\"advice\" data-as=\"flag\"",
        "data-member=\"summary\" data-as=\"text\"",
        "data-member=\"next_steps\" data-as=\"rows\"",
        "data-member=\"documents\" data-as=\"documents\"",
        "<input type=\"date\"",
        "<input type=\"file\" multiple",
        "data-column=\"who\"",
    ] {
        assert!(report.contains(control), "{control}: {report}");
    }
    let redirect = part(&html, "do-0-referral-redirected");
    assert!(redirect.contains("<input type=\"search\""), "{redirect}");
    assert_eq!(
        recipients(&network, &id, ""),
        ["lungs/main", "north/main"],
        "it is at heart already"
    );
    assert_eq!(recipients(&network, &id, "LUNG"), ["lungs/main"]);
    assert_eq!(recipients(&network, &id, "nobody"), [""; 0]);
    let contact = part(&html, "do-0-patient-contacted");
    assert!(contact.contains("<option value=\"no-answer\">No answer</option>"));
}

#[test]
fn an_acknowledgement_is_of_the_report_that_was_read() {
    let network = Network::new();
    let id = network.refer();
    network.event("heart", &id, "referral.accepted", json!({}));
    let report = json!({"visit_on": "2026-03-02", "summary": "No angina.", "next_steps": [{"what": "Stop aspirin", "who": "GP"}]});
    let first = network.event("heart", &id, "referral.outcome", report);
    let html = shown(&network, "north", &id);
    let form = part(&html, "do-0-referral-acknowledged");
    let given = |event: &Value| {
        let event = event["event"].as_str().unwrap();
        format!("data-given=\"report\" value=\"{event}\"")
    };
    assert!(form.contains(&given(&first)), "{form}");
    assert!(form.contains("data-if-match=\"3\""));
    assert!(form.contains("data-member=\"care_plan_changed\" data-as=\"yes-no\""));
    says(&html, "part-reports", "Summary No angina.");
    says(&html, "part-reports", "Next steps Stop aspirin · GP");
    says(&html, "state", "To be read and acknowledged");
    assert!(part(&html, "state").contains("href=\"#do-0-referral-acknowledged\""));
    let amended = json!({"visit_on": "2026-03-02", "summary": "Angina after all."});
    let second = network.event("heart", &id, "referral.outcome_amended", amended);
    let html = shown(&network, "north", &id);
    assert!(part(&html, "do-0-referral-acknowledged").contains(&given(&second)));
}

#[test]
fn the_course_says_until_when_each_stage_might_last_what_ended_it_and_how_late() {
    let network = Network::new();
    let id = network.refer();
    later(&network, 8 * DAY_MS);
    network.event("heart", &id, "referral.accepted", json!({}));
    let html = shown(&network, "north", &id);
    let text = words(part(&html, "course"));
    // Sent on a Monday at 9:00 with five business days, accepted on the Tuesday of the week after.
    assert!(
        text.contains(
            "Leg 1: heart Accepted, to be scheduled Answer : ✗ late by 24 hours · Accepted 2026-03-10T09:00:00Z \
             From 2026-03-02T09:00:00Z , allowed until 2026-03-09T09:00:00Z (5 business days, by default; basis:"
        ),
        "{text}"
    );
    assert!(text.contains("Booking : ○ due in 7 days"), "{text}");
    assert!(
        text.contains("The whole way The visit : ○ due in 20 days"),
        "{text}"
    );
    assert!(part(&html, "course").contains("fill=\"url(#late)\""));
}

#[test]
fn events_are_told_in_the_order_of_happening_with_what_became_of_them() {
    let network = Network::new();
    let id = network.refer();
    later(&network, DAY_MS);
    let visit = json!({"start": "2026-03-20T10:00:00Z", "occurred_at": "2026-03-02T12:00:00Z"});
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let path = format!("/status/referrals/{id}/events");
    let report = json!({"type": "referral.interim_note", "data": {"note": "first", "visit_on": "2026-03-02"}});
    let parked = client.post(&path, network.key("heart"), report).ok(202);
    assert_eq!(parked["result"], "parked");
    later(&network, DAY_MS);
    network.event(
        "heart",
        &id,
        "referral.accepted",
        json!({"occurred_at": "2026-03-02T11:00:00Z"}),
    );
    network.event("heart", &id, "appointment.scheduled", visit);
    let html = shown(&network, "north", &id);
    let order: Vec<&str> = html
        .split("data-seq=\"")
        .skip(1)
        .map(|part| part.split('"').next().unwrap())
        .collect();
    assert_eq!(order, ["1", "3", "4", "2"]);
    says(
        &html,
        "event-3",
        "Accepted 2026-03-02T11:00:00Z · heart, Recipient (learned 2026-03-04T09:00:00Z , source: interface, Leg 1, #3)",
    );
}

#[test]
fn a_question_is_open_until_it_is_answered_and_both_are_shown() {
    let network = Network::new();
    let id = network.refer();
    let question = json!({"question": "Which medication was tried?"});
    network.event("heart", &id, "referral.info_requested", question);
    let html = shown(&network, "north", &id);
    says(
        &html,
        "part-questions",
        "? Open question Which medication was tried?",
    );
    says(
        &html,
        "state",
        "Supply the information that is missing (Referrer, until",
    );
    let supply = part(&html, "do-0-referral-info-supplied-open");
    assert!(supply.contains("class=\"button\""), "{supply}");
    says(
        &html,
        "do-0-referral-info-supplied",
        "Which medication was tried?",
    );
    let answer = json!({"note": "Aspirin only."});
    network.event("north", &id, "referral.info_supplied", answer);
    let html = shown(&network, "heart", &id);
    says(
        &html,
        "part-questions",
        "✓ Question Which medication was tried?",
    );
    says(&html, "part-questions", "Answer Aspirin only.");
}

#[test]
fn what_stands_in_the_way_is_shown_until_it_is_resolved() {
    let network = Network::new();
    let id = network.refer();
    let barrier =
        json!({"kind": "transport", "owner": "front desk", "due_at": "2026-03-05T12:00:00Z"});
    let raised = network.event("north", &id, "barrier.raised", barrier);
    let html = shown(&network, "north", &id);
    says(
        &html,
        "part-barriers",
        "! Transport front desk · open, due 2026-03-05T12:00:00Z",
    );
    let event = raised["event"].as_str().unwrap();
    let option = format!("<option value=\"{event}\">Transport, front desk</option>");
    assert!(part(&html, "do-0-barrier-resolved").contains(&option));
    let resolved = json!({"barrier": event, "note": "A neighbour drives."});
    network.event("north", &id, "barrier.resolved", resolved);
    let html = shown(&network, "north", &id);
    says(&html, "part-barriers", "✓ Transport front desk · resolved");
    assert!(!forms(&html).contains(&"barrier.resolved"));
}

#[test]
fn what_waits_for_its_place_is_marked_and_can_be_applied() {
    let network = Network::new();
    let id = network.refer();
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let path = format!("/status/referrals/{id}/events");
    let report = json!({"type": "referral.outcome", "data": {"visit_on": "2026-03-02", "summary": "Seen already."}});
    let parked = client.post(&path, network.key("heart"), report).ok(202);
    assert_eq!(parked["result"], "parked");
    let event = parked["event"].as_str().unwrap();
    let html = shown(&network, "north", &id);
    says(&html, "event-2", "Report Parked: it waits for its place");
    let apply = format!("data-path=\"/status/parked/{event}/apply\"");
    assert!(html.contains(&apply), "{html}");
    assert!(part(&html, "state").contains("Apply now: Report"));
    client
        .post(
            &format!("/status/parked/{event}/apply"),
            network.key("north"),
            json!({"reason": "It is theirs"}),
        )
        .ok(202);
    let html = shown(&network, "north", &id);
    assert!(words(&html).contains("Implied: taken to have happened."));
    assert!(words(&html).contains("It is theirs"));
    assert!(!html.contains(&apply));
}

#[test]
fn a_slip_that_was_taken_back_stays_and_is_marked() {
    let network = Network::new();
    let id = network.refer();
    let accepted = network.event("heart", &id, "referral.accepted", json!({}));
    let html = shown(&network, "heart", &id);
    let event = accepted["event"].as_str().unwrap();
    let option = format!("<option value=\"{event}\">Accepted, 2026-03-02 09:00 UTC</option>");
    assert!(
        part(&html, "do-0-event-retracted").contains(&option),
        "{html}"
    );
    network.event(
        "heart",
        &id,
        "event.retracted",
        json!({"event": event, "reason": "wrong patient"}),
    );
    let html = shown(&network, "heart", &id);
    says(&html, "event-2", "Accepted Taken back");
    says(&html, "event-3", "Event Accepted");
    assert!(!forms(&html).contains(&"event.retracted"));
}

#[test]
fn a_referral_of_others_is_no_page_and_leaves_no_record() {
    let network = Network::new();
    let id = network.refer();
    let (answer, html) = view(&network, "lungs", &id);
    assert_eq!(answer.status, 404);
    assert!(html.contains("There is no such page") && !html.contains("Rivera"));
    assert_eq!(view(&network, "north", "nothing").0.status, 404);
    assert_eq!(view_as(&network, "rl_nobodys", "en", &id).0.status, 401);
    let reads = "SELECT count(*) AS count FROM reads".to_owned();
    assert_eq!(count(&network, reads), 0);
}

#[test]
fn it_is_on_record_as_a_read_and_costs_one_round_trip() {
    let network = Network::new();
    let id = network.refer();
    let (answer, _) = view(&network, "heart", &id);
    assert_eq!(answer.header("server-timing"), "db;desc=\"1\"");
    let audit = format!("/worklist/audit?referral={id}&action=read");
    let entries = network.worklist().get(&audit, network.key("heart")).ok(200);
    assert_eq!(entries["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_recipient_sees_its_own_leg_alone() {
    let network = Network::new();
    let id = network.refer();
    network.event(
        "heart",
        &id,
        "referral.declined",
        json!({"reason": "capacity", "note": "full until May"}),
    );
    let on = json!({"to": {"organization": "lungs", "service": "main"}, "reason": "No room there"});
    network.event("north", &id, "referral.redirected", on);
    network.event("lungs", &id, "referral.accepted", json!({}));
    network.event(
        "lungs",
        &id,
        "patient.contacted",
        json!({"channel": "phone", "outcome": "no-answer"}),
    );

    let new = shown(&network, "lungs", &id);
    assert!(!new.contains("full until May"), "{new}");
    says(&new, "course", "Leg 2: lungs");
    assert!(!words(part(&new, "course")).contains("Leg 1"));
    assert!(forms(&new).contains(&"appointment.scheduled"));

    let old = shown(&network, "heart", &id);
    says(
        &old,
        "course",
        "Leg 1: heart Declined · No capacity · full until May",
    );
    assert!(!old.contains("Leg 2") && !old.contains("lungs"), "{old}");
    assert_eq!(forms(&old), [""; 0]);
    assert!(!old.contains("part-contacts") && !old.contains("part-closing"));

    let whole = shown(&network, "north", &id);
    says(&whole, "course", "Leg 1: heart Declined");
    says(&whole, "course", "Leg 2: lungs Accepted");
    says(&whole, "part-contacts", "No answer Phone · Recipient");
}

#[test]
fn possible_duplicates_are_links_for_the_referrer_alone() {
    let network = Network::new();
    let first = send(&network, full());
    let second = send(&network, full());
    let html = shown(&network, "north", &second);
    let link = format!("href=\"/worklist/pages/referrals/{first}\"");
    assert!(part(&html, "part-duplicates").contains(&link));
    assert!(forms(&html).contains(&"attention.dismissed"));
    let html = shown(&network, "heart", &second);
    assert!(!html.contains(&link) && !html.contains("part-duplicates"));
    assert!(!forms(&html).contains(&"attention.dismissed"));
}

#[test]
fn what_somebody_wrote_cannot_become_a_part_of_the_page() {
    let network = Network::new();
    let mut body = full();
    body["patient"]["name"] = json!({"family": "<script>alert(1)</script>", "given": ["\"'&"]});
    body["clinical_question"] = json!("</dd><img src=x>");
    body["coverage"] = json!({"<b>payor</b>": "<i>x</i>"});
    let id = send(&network, body);
    network.event(
        "heart",
        &id,
        "referral.info_requested",
        json!({"question": "\"><script>1</script>"}),
    );
    for side in ["north", "heart"] {
        let html = shown(&network, side, &id);
        for bad in ["<script>", "<img", "<i>", "<b>", "\"><"] {
            let own = html.matches("\"><").count();
            assert!(bad == "\"><" && own > 0 || !html.contains(bad), "{bad}");
        }
        assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;, &#34;&#39;&#38;"));
        assert!(html.contains("&#34;&#62;&#60;script&#62;1"));
        assert!(!html.contains(" style=") && !html.contains("javascript:"));
    }
}

#[test]
fn it_speaks_spanish() {
    let network = Network::new();
    let id = send(&network, full());
    let (_, html) = view_as(&network, network.key("heart"), "es", &id);
    says(&html, "state", "Le toca a usted");
    says(&html, "do-0-referral-accepted", "Aceptar");
    says(&html, "course", "El recorrido frente a sus plazos");
    says(&html, "course", "Respuesta : ○ vence en 3 días");
    says(&html, "part-closing", "○ Lo leyó quien deriva todavía no");
    says(&html, "part-completeness", "✗ Alergias falta");
    says(&html, "events", "La cadena de hashes es correcta");
}

#[test]
fn what_an_office_without_software_said_is_recorded_for_it() {
    let network = Network::new();
    let directory = network.directory();
    let patch = json!({"connected": false});
    directory
        .call(
            "PATCH",
            "/directory/organizations/heart",
            client::ADMIN_KEY,
            Some(&patch),
        )
        .ok(200);
    let id = network.refer();
    let html = shown(&network, "north", &id);
    says(&html, "todo", "Record what you were told by heart");
    let form = part(&html, "do-1-referral-accepted");
    assert!(
        form.contains("data-member=\"reported_by\"")
            && form.contains("<option value=\"fax\">By fax</option>")
    );
    network.event(
        "north",
        &id,
        "referral.accepted",
        json!({"reported_by": "phone"}),
    );
    says(
        &shown(&network, "north", &id),
        "event-2",
        "north, Recipient · By phone",
    );
}

#[test]
fn one_organisation_on_both_sides_says_for_which_it_speaks() {
    let network = Network::new();
    let mut body = full();
    body["recipient"]["organization"] = json!("north");
    let id = send(&network, body);
    let html = shown(&network, "north", &id);
    says(&html, "todo", "As the recipient");
    says(&html, "todo", "As the referrer");
    let form = part(&html, "do-0-referral-accepted");
    assert!(form.contains("data-given=\"as\" value=\"recipient\""));
}

#[test]
fn a_key_that_only_reads_is_offered_nothing() {
    let network = Network::new();
    let id = network.refer();
    let path = "/directory/organizations/heart/keys";
    let made = network.directory_post_with(path, json!({"scopes": ["referrals:read"]}));
    let key = made.ok(201)["key"].as_str().unwrap().to_owned();
    let (answer, html) = view_as(&network, &key, "en", &id);
    assert_eq!(answer.status, 200);
    says(&html, "todo", "Your key reads only.");
    assert_eq!(forms(&html), [""; 0]);
}

#[test]
fn a_changed_event_shows_as_a_chain_that_does_not_hold() {
    let network = Network::new();
    let id = network.refer();
    network.event("heart", &id, "referral.accepted", json!({}));
    says(
        &shown(&network, "north", &id),
        "events",
        "✓ The chain of hashes holds. Number of events: 2",
    );
    let change = "UPDATE events SET body = replace(body, 'heart', 'hears') WHERE seq = 2 RETURNING seq AS count";
    count(&network, change.to_owned());
    says(
        &shown(&network, "north", &id),
        "events",
        "✗ THE CHAIN OF HASHES DOES NOT HOLD from this event on: 2",
    );
}

#[test]
fn every_form_sends_what_its_route_takes() {
    // Each form that is offered, sent empty but for what is required, is refused by nothing but its missing members.
    let network = Network::new();
    let id = network.refer();
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let path = format!("/status/referrals/{id}/events");
    for side in ["north", "heart"] {
        let html = shown(&network, side, &id);
        for event in forms(&html) {
            let form = part(&html, &format!("do-0-{}", event.replace(['.', '_'], "-")));
            let members: Vec<&str> = form
                .split("data-member=\"")
                .skip(1)
                .map(|part| part.split('"').next().unwrap())
                .collect();
            let answer = client.post(&path, network.key(side), json!({"type": event, "data": {}}));
            let errors = answer.body["errors"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            if answer.status == 202 {
                // It asked for nothing: it is taken back, so that the next form is sent to the same state.
                continue;
            }
            assert_eq!(answer.status, 422, "{event} {}", answer.body);
            for error in errors {
                let pointer = error["pointer"]
                    .as_str()
                    .unwrap()
                    .strip_prefix("/data/")
                    .unwrap();
                let is_there = |member: &&str| {
                    member == &pointer
                        || pointer.starts_with(&format!("{member}/"))
                        || member.starts_with(&format!("{pointer}/"))
                };
                assert!(
                    members.iter().any(is_there),
                    "{event} {pointer} {members:?}"
                );
            }
        }
    }
}
