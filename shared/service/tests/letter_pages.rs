//! The pages of letters: what the referrer prints, what the office sees, and what neither shows.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;
mod office;

use client::{ADMIN_KEY, Answer, Client};
use http::Request;
use http_body_util::BodyExt;
use network::Network;
use office::*;
use serde_json::{Value, json};
use service::{status, worklist};
use tower_service::Service;

const LEG: &str = "/worklist/pages/letter";

/// A page as a browser with these headers gets it: status and text.
fn browse(network: &Network, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = Request::builder()
        .uri(path)
        .header("host", "localhost:3000");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(axum::body::Body::empty()).unwrap();
    let mut router = worklist::router(network.platform.clone());
    let (parts, body) = pollster::block_on(router.call(request))
        .unwrap()
        .into_parts();
    let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
    (
        parts.status.as_u16(),
        String::from_utf8_lossy(&bytes).into_owned(),
    )
}

fn page(network: &Network, path: &str, cookie: &str) -> (u16, String) {
    browse(network, path, &[("cookie", cookie)])
}

/// A page of the referrer's.
fn printed(network: &Network, id: &str, what: &str) -> String {
    let key = format!("Bearer {}", network.key("north"));
    let path = format!("/worklist/pages/referrals/{id}/{what}");
    let (status, html) = browse(network, &path, &[("authorization", &key)]);
    assert_eq!(status, 200, "{html}");
    // What a line is about stands out; what is read is the text.
    html.replace("<b>", "").replace("</b>", "")
}

/// A referral to the office with `members` besides or in place of the usual ones.
fn refer_with(network: &Network, members: Value) -> String {
    refer_as(
        network,
        &json!({"organization": "office", "service": "main"}),
        "p-1",
        members,
    )
}

fn upload(network: &Network, headers: &[(&str, &str)], key: &str) -> String {
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let stored = client
        .ask(
            "POST",
            "/status/documents",
            key,
            Some(&json!("ECG")),
            headers,
        )
        .ok(201);
    stored["id"].as_str().unwrap().to_owned()
}

#[track_caller]
fn has(html: &str, all: &[&str]) {
    for text in all {
        assert!(html.contains(text), "{text} is not in {html}");
    }
}

#[test]
fn the_letter_leaves_none_of_the_ten_items_out() {
    let network = network();
    let bare = printed(&network, &refer(&network, "p-2"), "letter");
    has(
        &bare,
        &[
            "Is this angina?",
            "See the patient and report",
            "Routine",
            "Yes: not given",
            "Send your report within this time of the visit: 14 days",
        ],
    );
    let items = [
        "Reason",
        "Results",
        "Medications",
        "Allergies",
        "How to reach the patient",
        "Who makes the appointment",
    ];
    for missing in items {
        has(&bare, &[&format!("{missing}: not given")]);
    }
    let whole = refer_with(
        &network,
        json!({
            "urgency": "urgent", "urgency_reason": "pain at rest", "reason": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R07.9", "display": "Chest pain"}],
            "supporting": [
                {"kind": "lab", "display": "Troponin", "date": "2026-02-27", "value": {"value": 4, "unit": "ng/L"}},
                {"kind": "medication", "display": "Aspirin 81 mg", "date": "2026-01-01"},
            ],
            "none_known": ["allergy"], "scheduling": "recipient-calls", "preparation": {"agreed": "yes", "reason": "wants to know"},
            "patient": {"identifier": {"system": "urn:oid:1.2.3.4", "value": "p-1"}, "name": {"family": "Rivera", "given": ["Ana"]}, "birth_date": "1980-02-29", "phone": "+1 555 0123"},
        }),
    );
    let html = printed(&network, &whole, "letter");
    has(
        &html,
        &[
            "Urgent: pain at rest",
            "Chest pain (R07.9)",
            "Troponin, 2026-02-27: 4 ng/L",
            "Medications: Aspirin 81 mg, 2026-01-01",
            "Allergies: None known",
            "+1 555 0123",
            "Yes: wants to know",
            "You call the patient",
            "Accept or decline by 2026-03-05",
        ],
    );
    for given in items {
        assert!(!html.contains(&format!("{given}: not given")), "{given}");
    }
}

#[test]
fn what_was_sent_is_text_on_every_page() {
    let network = network();
    let id = refer_with(
        &network,
        json!({"clinical_question": "<script>alert(1)</script> {link} # x"}),
    );
    let cookie = open(&network, &make(&network, &id));
    let (_, leg) = page(&network, &format!("{LEG}/{id}"), &cookie);
    for html in [printed(&network, &id, "letter"), leg] {
        assert!(!html.contains("<script>alert"), "{html}");
        has(&html, &["alert(1)", "{link} # x"]);
    }
}

#[test]
fn the_link_is_on_one_sheet_and_the_code_on_the_other() {
    let network = network();
    let html = printed(&network, &refer(&network, "p-1"), "letter");
    let (letter, code) = html
        .split("id=\"sheet-letter\"")
        .nth(1)
        .unwrap()
        .split_once("id=\"sheet-code\"")
        .unwrap();
    assert!(letter.contains("data-later=\"link\"") && !letter.contains("data-later=\"code\""));
    assert!(code.contains("data-later=\"code\"") && !code.contains("data-later=\"link\""));
    assert!(!code.contains("Rivera"));
}

#[test]
fn an_office_with_software_and_another_organisation_get_no_letter() {
    let network = network();
    let connected = network.refer();
    let html = printed(&network, &connected, "letter");
    has(&html, &["has software of its own"]);
    assert!(!html.contains("sheet-letter"));
    let id = refer(&network, "p-1");
    for what in ["letter", "note"] {
        let key = format!("Bearer {}", network.key("heart"));
        let path = format!("/worklist/pages/referrals/{id}/{what}");
        assert_eq!(browse(&network, &path, &[("authorization", &key)]).0, 404);
    }
}

#[test]
fn the_patients_note_is_in_the_patients_language_or_says_that_it_is_not() {
    let network = network();
    let speaking = |language: &str| {
        json!({"patient": {"identifier": {"system": "urn:oid:1.2.3.4", "value": format!("p-{language}")}, "name": {"family": "Rivera", "given": ["Ana"]},
            "birth_date": "1980-02-29", "language": language}})
    };
    let spanish = printed(&network, &refer_with(&network, speaking("es-MX")), "note");
    has(
        &spanish,
        &[
            "lang=\"es\"",
            "Qué llevar",
            "Dr. Okafor",
            "Aún sin fecha",
            "North Clinic, Call 555 0100",
        ],
    );
    let vietnamese = refer_with(&network, speaking("vi"));
    let note = printed(&network, &vietnamese, "note");
    has(
        &note,
        &["lang=\"en\"", "What to bring", "The patient speaks: vi"],
    );
    let text = "# Giấy hẹn\n\n{patient} {what} {where} {when} {bring} {call}";
    let put = network.directory().call(
        "PUT",
        "/directory/networks/valley/templates/patient-note/vi",
        ADMIN_KEY,
        Some(&json!({"text": text})),
    );
    assert_eq!(put.status, 200, "{}", put.body);
    // What stands for codes is not in it yet.
    let note = printed(&network, &vietnamese, "note");
    has(
        &note,
        &[
            "lang=\"vi\"",
            "Giấy hẹn",
            "The patient speaks: vi",
            "This note",
        ],
    );
    let built_in = template(&network, "GET", "/words/en", ADMIN_KEY, None).ok(200);
    let words = built_in["text"].as_str().unwrap();
    let words = words.replace("bring = This note", "bring = Giấy này");
    template(&network, "PUT", "/words/vi", ADMIN_KEY, Some(&words)).ok(200);
    let note = printed(&network, &vietnamese, "note");
    has(&note, &["lang=\"vi\"", "Giấy hẹn", "Giấy này"]);
    assert!(!note.contains("The patient speaks"));
    for clinical in ["angina", "not given"] {
        assert!(!note.contains(clinical), "{clinical}");
    }
}

#[test]
fn the_patients_note_has_the_visit_by_the_networks_clocks() {
    let network = network();
    let zone = json!({"time_zone": "America/New_York"});
    network
        .directory()
        .call(
            "PUT",
            "/directory/networks/valley/policy",
            ADMIN_KEY,
            Some(&zone),
        )
        .ok(200);
    let id = refer(&network, "p-1");
    let cookie = open(&network, &make(&network, &id));
    tell(&network, &id, &cookie, "referral.accepted", json!({}));
    let visit = json!({"start": "2026-03-10T13:30:00Z", "location": "Suite 4"});
    tell(&network, &id, &cookie, "appointment.scheduled", visit);
    has(
        &printed(&network, &id, "note"),
        &["2026-03-10 09:30 (America/New_York)", "Suite 4"],
    );
}

#[test]
fn an_office_sees_its_leg_with_forms_for_what_it_can_do() {
    let network = network();
    let id = refer(&network, "p-1");
    let cookie = open(&network, &make(&network, &id));
    let path = format!("{LEG}/{id}");
    let (status, html) = page(&network, &path, &cookie);
    assert_eq!(status, 200, "{html}");
    has(
        &html,
        &[
            "Ana Rivera",
            "Is this angina?",
            "North Clinic",
            "data-event=\"referral.accepted\"",
            "data-event=\"referral.declined\"",
            "data-event=\"referral.info_requested\"",
        ],
    );
    for not_its in [
        "referral.redirected",
        "event.retracted",
        "appointment.no_show",
        "referral.acknowledged",
    ] {
        assert!(
            !html.contains(&format!("data-event=\"{not_its}\"")),
            "{not_its}"
        );
    }
    tell(
        &network,
        &id,
        &cookie,
        "referral.info_requested",
        json!({"question": "Since when?"}),
    );
    network.event(
        "north",
        &id,
        "referral.info_supplied",
        json!({"note": "Since Friday."}),
    );
    tell(&network, &id, &cookie, "referral.accepted", json!({}));
    let (_, html) = page(&network, &path, &cookie);
    has(
        &html,
        &[
            "Since when?",
            "Since Friday.",
            "data-event=\"appointment.scheduled\"",
        ],
    );
    let read = network
        .worklist()
        .get(
            &format!("/worklist/audit?referral={id}&action=read"),
            network.key("north"),
        )
        .ok(200);
    assert_eq!(read["items"][0]["label"], "Dr. Okafor, by letter link");
}

#[test]
fn an_office_outside_the_network_sees_its_leg_alone() {
    let network = network();
    let id = refer_outside(&network, "p-1");
    let cookie = open(&network, &make(&network, &id));
    tell(
        &network,
        &id,
        &cookie,
        "referral.declined",
        json!({"reason": "capacity", "note": "No room until May."}),
    );
    let to = json!({"to": {"external": {"name": "Westside Heart"}}, "reason": "capacity"});
    network.event("north", &id, "referral.redirected", to);
    let next = open(&network, &make(&network, &id));
    let (status, html) = page(&network, &format!("{LEG}/{id}"), &next);
    assert_eq!(status, 200, "{html}");
    has(
        &html,
        &["Is this angina?", "data-event=\"referral.accepted\""],
    );
    assert!(!html.contains("No room until May."));
}

#[test]
fn who_has_nothing_open_is_asked_for_the_code_and_who_has_another_leg_is_told_whom_to_call() {
    let network = network();
    let id = refer(&network, "p-1");
    let other = refer(&network, "p-2");
    let path = format!("{LEG}/{id}");
    let (status, html) = page(&network, &path, "");
    assert_eq!(status, 401);
    has(&html, &["Open the link in your letter again"]);
    let key = format!("Bearer {}", network.key("north"));
    assert_eq!(browse(&network, &path, &[("authorization", &key)]).0, 404);
    let cookie = open(&network, &make(&network, &id));
    assert_eq!(page(&network, &format!("{LEG}/{other}"), &cookie).0, 401);
    let (_, token) = cookie.split_once('=').unwrap();
    let renamed = format!("{LETTER_COOKIE}{other}={token}");
    assert_eq!(page(&network, &format!("{LEG}/{other}"), &renamed).0, 404);
    later(&network, 60 * 60 * 1000);
    let to = json!({"to": {"organization": "heart", "service": "main"}, "reason": "no answer"});
    network.event("north", &id, "referral.redirected", to);
    let (status, html) = page(&network, &path, &cookie);
    assert_eq!(status, 410, "{html}");
    has(&html, &["North Clinic", "Call 555 0100"]);
    assert!(!html.contains("Rivera") && !html.contains("angina"));
}

#[test]
fn a_letter_about_the_wrong_patient_shows_nobody_once_that_is_known() {
    let network = network();
    let north = network.key("north").to_owned();
    let named = upload(&network, &[], &north);
    let url = format!("https://loop.example/worklist/documents/{named}");
    let item = json!({"kind": "document", "display": "ECG", "date": "2026-02-27", "url": url});
    let id = refer_with(&network, json!({"supporting": [item]}));
    let cookie = open(&network, &make(&network, &id));
    let [leg, document] = [
        format!("{LEG}/{id}"),
        format!("{LEG}/{id}/documents/{named}"),
    ];
    for path in [&leg, &document] {
        assert_eq!(page(&network, path, &cookie).0, 200, "{path}");
    }
    let wrong = json!({"reason": "another patient"});
    network.event("north", &id, "referral.entered_in_error", wrong);
    let (status, html) = page(&network, &leg, &cookie);
    assert_eq!(status, 410);
    has(&html, &["North Clinic"]);
    assert!(!html.contains("Rivera"));
    assert_eq!(page(&network, &document, &cookie).0, 404);
}

#[test]
fn the_page_that_asks_for_the_code_says_nothing_of_anybody() {
    let network = network();
    let (status, html) = page(&network, LEG, "");
    assert_eq!(status, 200);
    has(&html, &["open-letter", "five wrong codes"]);
    assert!(!html.contains("Rivera") && !html.contains("North"));
}

#[test]
fn an_office_gets_the_documents_that_came_with_its_referral_and_no_others() {
    let network = network();
    let north = network.key("north").to_owned();
    let named = upload(&network, &[], &north);
    let secret = upload(&network, &[], &north);
    let foreign = upload(&network, &[], network.key("heart"));
    let item = |id: &str| json!({"kind": "document", "display": "ECG", "date": "2026-02-27", "url": format!("https://loop.example/worklist/documents/{id}")});
    let id = refer_with(
        &network,
        json!({"supporting": [item(&named), item(&foreign)]}),
    );
    let cookie = open(&network, &make(&network, &id));
    let address = |document: &str| format!("{LEG}/{id}/documents/{document}");
    has(
        &page(&network, &format!("{LEG}/{id}"), &cookie).1,
        &[&format!("href=\"{}\"", address(&named))],
    );
    let (status, content) = page(&network, &address(&named), &cookie);
    assert_eq!((status, content.as_str()), (200, "\"ECG\""));
    for other in [&secret, &foreign, "doc-none"] {
        assert_eq!(page(&network, &address(other), &cookie).0, 404, "{other}");
    }
    assert_eq!(page(&network, &address(&named), "").0, 401);
    let read = network
        .worklist()
        .get(
            &format!("/worklist/audit?referral={id}&action=document"),
            &north,
        )
        .ok(200);
    assert_eq!(read["items"].as_array().unwrap().len(), 1);
    assert_eq!(read["items"][0]["document"], json!(named));
}

fn template(network: &Network, method: &str, path: &str, key: &str, text: Option<&str>) -> Answer {
    let body = text.map(|text| json!({ "text": text }));
    network.directory().call(
        method,
        &format!("/directory/networks/valley/templates{path}"),
        key,
        body.as_ref(),
    )
}

#[test]
fn a_network_words_its_letters_and_goes_back() {
    let network = network();
    let built_in = template(&network, "GET", "/code/en", ADMIN_KEY, None).ok(200);
    assert_eq!(built_in["is_default"], true);
    let text = "# For {recipient}\n\nValley Network: {code}\n\n{referrer}";
    let put = template(&network, "PUT", "/code/en", ADMIN_KEY, Some(text)).ok(200);
    assert_eq!(
        (&put["text"], &put["is_default"]),
        (&json!(text), &json!(false))
    );
    assert_eq!(
        template(&network, "GET", "/code/en", network.key("north"), None).ok(200),
        put
    );
    has(
        &printed(&network, &refer(&network, "p-1"), "letter"),
        &["Valley Network"],
    );
    let listed = template(&network, "GET", "", ADMIN_KEY, None).ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 8);
    assert_eq!(
        listed["items"][0],
        json!({"name": "code", "language": "en", "is_default": false})
    );
    assert_eq!(
        template(&network, "DELETE", "/code/en", ADMIN_KEY, None).status,
        204
    );
    assert_eq!(
        template(&network, "GET", "/code/en", ADMIN_KEY, None).ok(200),
        built_in
    );
}

#[test]
fn a_wording_with_faults_is_not_saved_and_every_fault_is_told() {
    let network = network();
    let bad = Some("{link} {code} {");
    template(&network, "PUT", "/code/en", ADMIN_KEY, bad).faults(&["/text"; 4]);
    template(&network, "POST", "/code/en/preview", ADMIN_KEY, bad).faults(&["/text"; 4]);
    let lacking = Some("bring = x\nhours = x\nhours = y\nno pair\nother = x");
    let answer = template(&network, "PUT", "/words/vi", ADMIN_KEY, lacking);
    let faults = answer.body["errors"].as_array().unwrap();
    let count = |code: &str| faults.iter().filter(|fault| fault["code"] == code).count();
    let codes = [
        "not-a-pair",
        "unknown-name",
        "repeated-name",
        "missing-name",
    ];
    assert_eq!(codes.map(count), [1, 1, 1, 36], "{faults:?}");
    assert_eq!(
        template(&network, "GET", "/code/en", ADMIN_KEY, None).ok(200)["is_default"],
        true
    );
    template(
        &network,
        "PUT",
        "/code/en",
        ADMIN_KEY,
        Some(&format!(
            "{{code}}{{recipient}}{{referrer}}{}",
            "x".repeat(11_973)
        )),
    )
    .ok(200);
    template(
        &network,
        "PUT",
        "/code/en",
        ADMIN_KEY,
        Some(&format!(
            "{{code}}{{recipient}}{{referrer}}{}",
            "x".repeat(11_974)
        )),
    )
    .faults(&["/text"]);
}

#[test]
fn a_wording_is_previewed_and_nothing_stored() {
    let network = network();
    let text = Some("# {recipient}\n\n{code} from {referrer}");
    let shown = template(
        &network,
        "POST",
        "/code/en/preview",
        network.key("north"),
        text,
    )
    .ok(200);
    assert_eq!(shown["text"], "# Dr. Okafor\n\nACDE-3467 from North Clinic");
    assert_eq!(
        template(&network, "GET", "/code/en", ADMIN_KEY, None).ok(200)["is_default"],
        true
    );
}

#[test]
fn only_the_operator_words_letters_and_only_the_network_sees_them() {
    let network = network();
    let text = Some("{code} {recipient} {referrer}");
    template(&network, "PUT", "/code/en", network.key("north"), text)
        .problem(403, "forbidden-scope");
    template(&network, "DELETE", "/code/en", network.key("north"), None)
        .problem(403, "forbidden-scope");
    let far = network.key_in_another_network();
    template(&network, "GET", "", &far, None).problem(404, "not-found");
    template(&network, "GET", "/code/en", &far, None).problem(404, "not-found");
    for path in ["/poem/en", "/code/english", "/code/EN", "/code/fr"] {
        template(&network, "GET", path, ADMIN_KEY, None).problem(404, "not-found");
    }
}
