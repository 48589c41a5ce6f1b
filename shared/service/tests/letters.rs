//! Letters to offices without software: what a link and its code open, what they do not, and when they open no more.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;
mod office;

use client::Client;
use network::Network;
use office::*;
use ports::{Platform, Statement};
use runtime::Native;
use serde_json::json;
use service::http::Access;
use service::{directory, exchange, intake, status, sweep, worklist};

/// Every text that is stored, of every table.
fn stored(network: &Network) -> String {
    let rows = |sql: &'static str| {
        pollster::block_on(network.platform.batch(vec![Statement::new(sql, [])])).unwrap()
    };
    ["letters", "keys", "sessions", "reads", "receipts"]
        .into_iter()
        .map(|table| match table {
            "letters" => rows("SELECT * FROM letters"),
            "keys" => rows("SELECT * FROM keys"),
            "sessions" => rows("SELECT * FROM sessions"),
            "reads" => rows("SELECT * FROM reads"),
            _ => rows("SELECT * FROM receipts"),
        })
        .map(|answer| format!("{:?}", answer.rows(0)))
        .collect()
}

#[test]
fn an_office_answers_by_its_letter_and_the_referrer_reads_it() {
    let network = network();
    let id = refer(&network, "p-1");
    let letter = make(&network, &id);
    let cookie = open(&network, &letter);
    tell(&network, &id, &cookie, "referral.accepted", json!({}));
    let visit = json!({"start": "2026-03-10T09:00:00Z"});
    tell(&network, &id, &cookie, "appointment.scheduled", visit);
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let upload = json!("the report");
    let document =
        with_cookie(&client, "POST", "/status/documents", &cookie, Some(&upload)).ok(201);
    let outcome =
        json!({"visit_on": "2026-03-02", "summary": "No angina.", "documents": [document["id"]]});
    tell(&network, &id, &cookie, "referral.outcome", outcome);
    assert_eq!(network.read("north", &id)["status"], "completed");
    let accepted = &network.timeline(&id)[1];
    assert_eq!(
        accepted["by"],
        json!({"organization": "office", "side": "recipient", "label": "Dr. Okafor, by letter link"})
    );
    assert_eq!(accepted["source"], "letter");
    let path = format!("/worklist/documents/{}", document["id"].as_str().unwrap());
    assert_eq!(
        worklist(&network).get(&path, network.key("north")).status,
        200
    );
}

#[test]
fn an_office_outside_the_network_answers_too_and_the_referrer_hears_of_it() {
    let network = network();
    let endpoint = network.endpoint("north", "https://north.example/hook");
    let id = refer_outside(&network, "p-1");
    let letter = make(&network, &id);
    let cookie = open(&network, &letter);
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let document = with_cookie(
        &client,
        "POST",
        "/status/documents",
        &cookie,
        Some(&json!("report")),
    )
    .ok(201);
    tell(&network, &id, &cookie, "referral.accepted", json!({}));
    let outcome =
        json!({"visit_on": "2026-03-02", "summary": "No angina.", "documents": [document["id"]]});
    tell(&network, &id, &cookie, "referral.outcome", outcome);
    let by = &network.timeline(&id)[1]["by"];
    assert_eq!(
        by,
        &json!({"side": "recipient", "label": "Eastside Heart, by letter link"})
    );
    let path = format!("/worklist/documents/{}", document["id"].as_str().unwrap());
    assert_eq!(
        worklist(&network).get(&path, network.key("north")).status,
        200
    );
    network.sweep();
    let told = network.accepted("north.example");
    assert!(
        told.iter()
            .any(|message| message.body["type"] == "referral.accepted"),
        "{}",
        endpoint.id
    );
}

#[test]
fn a_link_opens_no_other_referral_of_either_side() {
    for refer in [refer, refer_outside] {
        let network = network();
        let id = refer(&network, "p-1");
        let other = refer(&network, "p-2");
        let cookie = open(&network, &make(&network, &id));
        say(&network, &other, &cookie, "referral.accepted", json!({})).problem(404, "not-found");
        say(&network, &other, &cookie, "referral.declined", json!({})).problem(404, "not-found");
        say(
            &network,
            "ref-none",
            &cookie,
            "referral.accepted",
            json!({}),
        )
        .problem(404, "not-found");
        assert_eq!(network.read("north", &other)["status"], "sent");
    }
}

#[test]
fn a_link_opens_no_route_but_those_of_its_leg() {
    let network = network();
    let id = refer_outside(&network, "p-1");
    let cookie = open(&network, &make(&network, &id));
    type Table = (
        fn(Native) -> axum::Router,
        Vec<service::http::Operation<Native>>,
    );
    let functions: [Table; 6] = [
        (worklist::router, worklist::operations()),
        (status::router, status::operations()),
        (intake::router, intake::operations()),
        (directory::router, directory::operations()),
        (sweep::router, sweep::operations()),
        (exchange::router, exchange::operations()),
    ];
    // Who has the token may send it as it was given, or as if a person had signed in.
    let (_, token) = cookie.split_once('=').unwrap();
    let as_signed_in = format!("__Host-rl={token}");
    let mut opened = Vec::new();
    for (router, operations) in functions {
        let client = Client::new(network.platform.clone(), router, Vec::new);
        for route in operations.iter().map(|operation| operation.route) {
            if matches!(route.access, Access::Public | Access::Signature) {
                continue;
            }
            if matches!(route.access, Access::Leg(_) | Access::Letter(_)) {
                opened.push(route.id);
                continue;
            }
            let mut path = route.path.replace("{id}", &id).replace(['{', '}'], "");
            if route.id == "page_version" {
                path += "?of=worklist";
            }
            // What each takes, so that it is the session that is refused.
            let (media_type, body) = match route.path.rsplit('/').next() {
                Some("_search") => ("application/x-www-form-urlencoded", ""),
                Some("hl7") => ("application/hl7-v2", "MSH|^~\\&|"),
                _ => ("application/json", "{}"),
            };
            for (cookie, letter) in [(&cookie, Some(&id)), (&as_signed_in, None)] {
                let mut request = http::Request::builder()
                    .method(route.method.as_str())
                    .uri(&path)
                    .header("host", "localhost:3000")
                    .header("content-type", media_type)
                    .header(SAME_ORIGIN.0, SAME_ORIGIN.1)
                    .header("cookie", cookie);
                if let Some(letter) = letter {
                    request = request.header("rl-letter", letter);
                }
                let answer = client.send(request.body(body.into()).unwrap());
                assert!(
                    [401, 403, 404].contains(&answer.status),
                    "{} {}",
                    route.id,
                    answer.status
                );
            }
        }
    }
    opened.sort_unstable();
    assert_eq!(opened, OPENED);
}

/// The routes that a link opens; each keeps to its leg, by a test of its own.
const OPENED: &[&str] = &[
    "page_letter_document",
    "page_letter_leg",
    "post_event",
    "store_document",
];

#[test]
fn letters_are_open_side_by_side_in_the_browser_of_who_has_signed_in() {
    let network = network();
    let [first, second] = ["p-1", "p-2"].map(|patient| refer(&network, patient));
    let opened = [&first, &second].map(|id| open(&network, &make(&network, id)));
    let body = json!({"key": network.key("north")});
    let signed_in =
        worklist(&network).call_with("POST", "/worklist/session", "", Some(&body), &[SAME_ORIGIN]);
    let person = signed_in.header("set-cookie").split(';').next().unwrap();
    let all = format!("{}; {}; {person}", opened[0], opened[1]);
    let status = Client::new(network.platform.clone(), status::router, Vec::new);
    let tell = |id: &str, kind: &str, letter: Option<&str>| {
        let mut headers = vec![("cookie", all.as_str()), SAME_ORIGIN];
        headers.extend(letter.map(|letter| ("rl-letter", letter)));
        let body = json!({"type": kind, "data": {"note": "x", "question": "x"}});
        let path = format!("/status/referrals/{id}/events");
        status.ask("POST", &path, "", Some(&body), &headers)
    };
    for id in [&first, &second] {
        tell(id, "referral.info_requested", Some(id)).ok(202);
        // Without saying so nothing counts as the office's.
        tell(id, "referral.accepted", None).problem(403, "wrong-side");
        tell(id, "referral.note", None).ok(202);
        let sides: Vec<_> = network.timeline(id)[1..]
            .iter()
            .map(|event| event["by"]["side"].clone())
            .collect();
        assert_eq!(sides, ["recipient", "referrer"]);
    }
    tell(&first, "referral.note", Some(&second)).problem(404, "not-found");
    tell(&first, "referral.note", Some("ref-none")).problem(401, "unauthorized");

    let headers = [("cookie", all.as_str()), ("rl-letter", &first), SAME_ORIGIN];
    let closed = worklist(&network).call_with("DELETE", "/worklist/session", "", None, &headers);
    let removed = format!("{LETTER_COOKIE}{first}=; Path=/; Max-Age=0;");
    assert!(closed.header("set-cookie").starts_with(&removed));
    tell(&first, "referral.note", Some(&first)).problem(401, "unauthorized");
    tell(&second, "referral.note", Some(&second)).ok(202);
    tell(&second, "referral.note", None).ok(202);
}

#[test]
fn a_link_opens_no_leg_but_its_own() {
    for refer in [refer, refer_outside] {
        let network = network();
        let id = refer(&network, "p-1");
        let letter = make(&network, &id);
        let cookie = open(&network, &letter);
        let to = json!({"to": {"organization": "heart", "service": "main"}, "reason": "no answer"});
        later(&network, 30 * DAY_MS);
        let cookie_of_later = open(&network, &letter);
        network.event("north", &id, "referral.redirected", to);
        for cookie in [&cookie, &cookie_of_later] {
            let status = say(&network, &id, cookie, "referral.accepted", json!({})).status;
            assert!([401, 404].contains(&status), "{status}");
        }
        try_to_open(&network, &letter.token, &letter.code).problem(410, "link-ended");
        assert_eq!(listed(&network, &id)[0]["state"], "ended");
        assert_eq!(network.read("north", &id)["status"], "sent");
    }
}

#[test]
fn a_link_says_what_its_office_may_and_claims_no_other_time_or_side() {
    let network = network();
    let id = refer_outside(&network, "p-1");
    let cookie = open(&network, &make(&network, &id));
    for (kind, data) in [
        (
            "referral.redirected",
            json!({"to": {"organization": "heart", "service": "main"}, "reason": "x"}),
        ),
        ("referral.cancellation_requested", json!({"reason": "x"})),
        ("referral.entered_in_error", json!({"reason": "x"})),
        ("referral.acknowledged", json!({"care_plan_changed": false})),
        ("referral.accepted", json!({"as": "referrer"})),
        ("referral.accepted", json!({"reported_by": "phone"})),
        (
            "referral.accepted",
            json!({"occurred_at": "2026-03-01T00:00:00Z"}),
        ),
    ] {
        say(&network, &id, &cookie, kind, data).problem(403, "forbidden-scope");
    }
}

#[test]
fn five_wrong_codes_lock_a_letter_and_the_right_one_opens_it_no_more() {
    let network = network();
    let id = refer(&network, "p-1");
    let letter = make(&network, &id);
    for _ in 0..4 {
        try_to_open(&network, &letter.token, "AAAA-AAAA").problem(401, "unauthorized");
    }
    open(&network, &letter);
    for _ in 0..4 {
        try_to_open(&network, &letter.token, "AAAA-AAAA").problem(401, "unauthorized");
    }
    let locked = try_to_open(&network, &letter.token, "AAAA-AAAA").problem(410, "link-ended");
    assert_eq!(
        locked["referrer"],
        json!({"name": "North Clinic", "contact": "Call 555 0100"})
    );
    assert!(!locked.to_string().contains("Rivera"));
    let still = try_to_open(&network, &letter.token, &letter.code).problem(410, "link-ended");
    assert_eq!(still, locked);
    assert_eq!(listed(&network, &id)[0]["state"], "locked");
    assert_eq!(
        listed(&network, &id)[0]["locked_at"],
        "2026-03-02T09:00:00Z"
    );
}

#[test]
fn wrong_codes_at_once_are_counted_each() {
    let network = network();
    let id = refer(&network, "p-1");
    let letter = make(&network, &id);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| try_to_open(&network, &letter.token, "AAAA-AAAA").status))
            .collect();
        tries
            .into_iter()
            .map(|tried| tried.join().unwrap())
            .collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 401).count(),
        4,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 410).count(),
        4,
        "{statuses:?}"
    );
}

#[test]
fn nobody_learns_from_an_answer_whether_a_token_exists() {
    let network = network();
    let id = refer(&network, "p-1");
    let letter = make(&network, &id);
    let wrong = try_to_open(&network, &letter.token, "AAAA-AAAA");
    let unknown = try_to_open(&network, "nobodys", &letter.code);
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    assert_eq!(
        wrong.header("server-timing"),
        unknown.header("server-timing")
    );
}

#[test]
fn the_token_is_no_key() {
    let network = network();
    let id = refer(&network, "p-1");
    let letter = make(&network, &id);
    for key in [
        &letter.token,
        &letter.id,
        &letter.code,
        &format!("letter token {}", letter.token),
    ] {
        let answer = worklist(&network).get(&format!("/worklist/referrals/{id}"), key);
        answer.problem(401, "unauthorized");
    }
}

#[test]
fn a_letter_opens_until_it_expires_and_a_session_lasts_two_hours() {
    let network = network();
    let id = refer(&network, "p-1");
    let letter = make(&network, &id);
    let cookie = open(&network, &letter);
    later(&network, 2 * 60 * 60 * 1000 - 1);
    say(
        &network,
        &id,
        &cookie,
        "referral.note",
        json!({"note": "x"}),
    )
    .ok(202);
    later(&network, 1);
    say(
        &network,
        &id,
        &cookie,
        "referral.note",
        json!({"note": "x"}),
    )
    .problem(401, "unauthorized");
    later(&network, 60 * DAY_MS - 2 * 60 * 60 * 1000 - 1);
    let last = open(&network, &letter);
    later(&network, 1);
    try_to_open(&network, &letter.token, &letter.code).problem(410, "link-ended");
    say(&network, &id, &last, "referral.note", json!({"note": "x"})).problem(401, "unauthorized");
    assert_eq!(listed(&network, &id)[0]["state"], "expired");
}

#[test]
fn a_network_says_how_long_letters_open_and_a_referrer_for_one() {
    let network = network();
    let policy = json!({"letter_days": 10});
    let put = network.directory().call(
        "PUT",
        "/directory/networks/valley/policy",
        client::ADMIN_KEY,
        Some(&policy),
    );
    assert_eq!(put.ok(200)["letter_days"], 10);
    let id = refer(&network, "p-1");
    make(&network, &id);
    assert_eq!(
        listed(&network, &id)[0]["expires_at"],
        "2026-03-12T09:00:00Z"
    );
    let until = |at: &str| {
        worklist(&network).post(
            &letters(&id),
            network.key("north"),
            json!({"expires_at": at}),
        )
    };
    assert_eq!(
        until("2026-03-03T09:00:00Z").ok(201)["expires_at"],
        "2026-03-03T09:00:00Z"
    );
    until("2026-03-02T09:00:00Z").faults(&["/expires_at"]);
    until("2027-03-02T09:00:00Z").ok(201);
    until("2027-03-02T09:00:01Z").faults(&["/expires_at"]);
}

#[test]
fn revoking_ends_the_link_and_who_has_it_open() {
    let network = network();
    let id = refer(&network, "p-1");
    let letter = make(&network, &id);
    let cookie = open(&network, &letter);
    let path = format!("{}/{}", letters(&id), letter.id);
    for key in ["heart", "lungs"] {
        worklist(&network)
            .call("DELETE", &path, network.key(key), None)
            .problem(404, "not-found");
    }
    let revoke = || worklist(&network).call("DELETE", &path, network.key("north"), None);
    assert_eq!(revoke().status, 204);
    assert_eq!(revoke().status, 204);
    say(&network, &id, &cookie, "referral.accepted", json!({})).problem(401, "unauthorized");
    try_to_open(&network, &letter.token, &letter.code).problem(410, "link-ended");
    assert_eq!(listed(&network, &id)[0]["state"], "revoked");
}

#[test]
fn a_letter_sent_anew_ends_the_one_before_at_once() {
    let network = network();
    let id = refer(&network, "p-1");
    let old = make(&network, &id);
    let cookie = open(&network, &old);
    later(&network, 1);
    let new = make(&network, &id);
    assert!(old.token != new.token && old.code != new.code);
    say(&network, &id, &cookie, "referral.accepted", json!({})).problem(401, "unauthorized");
    try_to_open(&network, &old.token, &old.code).problem(410, "link-ended");
    open(&network, &new);
    let states: Vec<_> = listed(&network, &id)
        .iter()
        .map(|letter| letter["state"].clone())
        .collect();
    assert_eq!(states, ["live", "revoked"]);
}

#[test]
fn only_the_referrer_makes_letters_and_only_to_who_has_no_software() {
    let network = network();
    let id = refer(&network, "p-1");
    let post =
        |id: &str, key: &str| worklist(&network).post(&letters(id), network.key(key), json!({}));
    post(&id, "heart").problem(404, "not-found");
    post("ref-none", "north").problem(404, "not-found");
    worklist(&network)
        .get(&letters(&id), network.key("heart"))
        .problem(404, "not-found");
    let connected = network.refer();
    post(&connected, "heart").problem(404, "not-found");
    post(&connected, "north").problem(409, "guard-failed");
    let key = network
        .directory_post_with(
            "/directory/organizations/north/keys",
            json!({"scopes": ["referrals:read"]}),
        )
        .ok(201);
    let reader = key["key"].as_str().unwrap();
    worklist(&network)
        .post(&letters(&id), reader, json!({}))
        .problem(403, "forbidden-scope");
    network.event(
        "north",
        &id,
        "referral.entered_in_error",
        json!({"reason": "test"}),
    );
    post(&id, "north").problem(409, "guard-failed");
}

#[test]
fn the_same_call_again_shows_the_same_letter() {
    let network = network();
    let id = refer(&network, "p-1");
    let post = |key: &str| {
        worklist(&network).call_with(
            "POST",
            &letters(&id),
            key,
            Some(&json!({})),
            &[("idempotency-key", "\"a\"")],
        )
    };
    let first = post(network.key("north")).ok(201);
    later(&network, 5_000);
    assert_eq!(post(network.key("north")).ok(201), first);
    assert_eq!(listed(&network, &id).len(), 1);
    let another = network
        .directory_post_with(
            "/directory/organizations/north/keys",
            json!({"scopes": ["referrals:write"]}),
        )
        .ok(201);
    post(another["key"].as_str().unwrap()).problem(422, "idempotency-mismatch");
}

#[test]
fn a_link_leads_to_where_the_page_is_that_made_it() {
    let network = network();
    let id = refer(&network, "p-1");
    let headers = [SAME_ORIGIN, ("origin", "https://loop.example")];
    let answer = worklist(&network).call_with(
        "POST",
        &letters(&id),
        network.key("north"),
        Some(&json!({})),
        &headers,
    );
    let made = answer.ok(201);
    let link = made["link"].as_str().unwrap();
    assert!(
        link.starts_with("https://loop.example/worklist/pages/letter#"),
        "{link}"
    );
    assert!(made["qr"].as_str().unwrap().starts_with("<svg "));
}

#[test]
fn neither_token_nor_code_nor_session_is_stored() {
    let network = network();
    let id = refer(&network, "p-1");
    let body = json!({});
    let answer = worklist(&network).call_with(
        "POST",
        &letters(&id),
        network.key("north"),
        Some(&body),
        &[("idempotency-key", "a")],
    );
    let letter = made(answer);
    let cookie = open(&network, &letter);
    try_to_open(&network, &letter.token, "AAAA-AAAA");
    let stored = stored(&network);
    for secret in [
        &letter.token,
        &letter.code,
        &letter.code.replace('-', ""),
        &cookie.split('=').nth(1).unwrap().to_owned(),
    ] {
        assert!(!stored.contains(secret.as_str()));
    }
}

#[test]
fn the_audit_says_who_made_and_revoked_a_letter() {
    let network = network();
    let id = refer(&network, "p-1");
    later(&network, 1);
    let letter = make(&network, &id);
    later(&network, 1);
    open(&network, &letter);
    worklist(&network).call(
        "DELETE",
        &format!("{}/{}", letters(&id), letter.id),
        network.key("north"),
        None,
    );
    let audit = worklist(&network)
        .get(
            &format!("/worklist/audit?referral={id}"),
            network.key("north"),
        )
        .ok(200);
    let actions: Vec<_> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].clone())
        .collect();
    assert_eq!(actions, ["letter-revoked", "letter-made", "change"]);
}

#[test]
fn nobody_elses_page_opens_a_letter() {
    let network = network();
    let letter = make(&network, &refer(&network, "p-1"));
    let body = json!({"token": letter.token, "code": letter.code});
    let answer = worklist(&network).call_with(
        "POST",
        "/worklist/letters/open",
        "",
        Some(&body),
        &[("sec-fetch-site", "cross-site")],
    );
    answer.problem(403, "cross-site");
}

#[test]
fn a_letter_opens_for_thirty_days_after_its_leg_has_ended() {
    let network = network();
    let id = refer(&network, "p-1");
    let letter = make(&network, &id);
    let cookie = open(&network, &letter);
    let declined = json!({"reason": "capacity"});
    tell(&network, &id, &cookie, "referral.declined", declined);
    later(&network, 30 * DAY_MS - 1);
    open(&network, &letter);
    later(&network, 1);
    try_to_open(&network, &letter.token, &letter.code).problem(410, "link-ended");
    assert_eq!(listed(&network, &id)[0]["state"], "ended");
}

#[test]
fn an_office_with_a_long_name_is_named_as_far_as_a_label_goes() {
    let network = network();
    let office = json!({"external": {"name": "é".repeat(200)}});
    let id = refer_as(&network, &office, "p-1", json!({}));
    make(&network, &id);
    let to = listed(&network, &id)[0]["to"].as_str().unwrap().to_owned();
    assert_eq!(to, format!("{}, by letter link", "é".repeat(180)));
}
