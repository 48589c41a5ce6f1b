//! The page for people: signing in, what a session may do, and what stands around every view.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;

use axum::body::Body;
use client::{ADMIN_KEY, Answer, Client};
use http::Request;
use http_body_util::BodyExt;
use network::Network;
use ports::Platform;
use runtime::Native;
use serde_json::json;
use service::http::{Access, Method, Operation};
use service::{directory, exchange, intake, status, sweep, worklist};
use tower_service::Service;

const HOUR_MS: i64 = 60 * 60 * 1000;
const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");

/// An answer of the worklist function, with its text.
fn browse(
    network: &Network,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (Answer, String) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:3000");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let mut router = worklist::router(network.platform.clone());
    let (parts, body) = pollster::block_on(router.call(request))
        .unwrap()
        .into_parts();
    let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
    let answer = Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    (answer, String::from_utf8_lossy(&bytes).into_owned())
}

fn get(network: &Network, path: &str, cookie: &str) -> (Answer, String) {
    browse(network, "GET", path, &[("cookie", cookie)], "")
}

/// What signing in with a key answers.
fn sign_in(network: &Network, key: &str, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    let body = json!({ "key": key }).to_string();
    browse(network, "POST", "/worklist/session", &all, &body).0
}

/// The cookie of a session of an organisation's key, as a browser sends it.
fn session(network: &Network, organization: &str) -> String {
    cookie(&sign_in(network, network.key(organization), &[SAME_ORIGIN]))
}

fn cookie(answer: &Answer) -> String {
    assert_eq!(answer.status, 204);
    let set = answer.header("set-cookie");
    set.split(';').next().unwrap().to_owned()
}

fn new_key(network: &Network, members: serde_json::Value) -> (String, String) {
    let path = "/directory/organizations/north/keys";
    let made = network.directory_post_with(path, members).ok(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

fn later(network: &Network, milliseconds: i64) {
    let now = network.platform.now();
    network.platform.set_now(now + milliseconds);
}

#[test]
fn a_key_signs_in_and_the_session_reads_what_the_key_reads() {
    let network = Network::new();
    let id = network.refer();
    let answer = sign_in(&network, network.key("north"), &[]);
    assert_eq!(
        answer.header("set-cookie").split_once(';').unwrap().1,
        " Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict"
    );
    let cookie = cookie(&answer);
    assert!(cookie.starts_with("__Host-rl=rls_") && cookie.len() == "__Host-rl=rls_".len() + 43);
    let (read, _) = get(&network, &format!("/worklist/referrals/{id}"), &cookie);
    assert_eq!(read.status, 200);
    assert_eq!(read.body, network.read("north", &id));
    let (page, html) = get(&network, "/worklist/", &cookie);
    assert_eq!(page.status, 200);
    assert!(html.contains("Rivera, Ana"), "{html}");
    let (others, html) = get(&network, "/worklist/", &session(&network, "lungs"));
    assert_eq!(others.status, 200);
    assert!(!html.contains("Rivera"));
}

#[test]
fn what_is_no_key_of_an_organisation_signs_nobody_in() {
    let network = Network::new();
    let token = session(&network, "north")
        .split_once('=')
        .unwrap()
        .1
        .to_owned();
    for key in ["rl_nobodys", ADMIN_KEY, token.as_str()] {
        let answer = sign_in(&network, key, &[]);
        assert_eq!(answer.status, 401, "{key}");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[test]
fn a_session_changes_something_from_its_own_page_alone() {
    let network = Network::new();
    let id = network.refer();
    let cookie = session(&network, "north");
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let path = format!("/status/referrals/{id}/events");
    let note = json!({"type": "referral.note", "data": {"note": "x"}});
    let tell = |headers: &[(&str, &str)]| {
        let mut all = vec![("cookie", cookie.as_str())];
        all.extend(headers);
        client.ask("POST", &path, "", Some(&note), &all)
    };
    for other in [
        &[] as &[_],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ] {
        tell(other).problem(403, "cross-site");
    }
    tell(&[SAME_ORIGIN]).ok(202);
    tell(&[("origin", "http://localhost:3000")]).ok(202);
    // A key is no session: who has it may call from anywhere.
    let foreign = [
        ("cookie", cookie.as_str()),
        ("sec-fetch-site", "cross-site"),
    ];
    client
        .ask("POST", &path, network.key("north"), Some(&note), &foreign)
        .ok(202);
    assert_eq!(
        sign_in(
            &network,
            network.key("north"),
            &[("sec-fetch-site", "cross-site")]
        )
        .status,
        403
    );
}

#[test]
fn no_route_changes_anything_for_another_sites_page() {
    let network = Network::new();
    let id = network.refer();
    let cookie = session(&network, "north");
    type Table = (fn(Native) -> axum::Router, Vec<Operation<Native>>);
    let functions: [Table; 6] = [
        (worklist::router, worklist::operations()),
        (status::router, status::operations()),
        (intake::router, intake::operations()),
        (directory::router, directory::operations()),
        (sweep::router, sweep::operations()),
        (exchange::router, exchange::operations()),
    ];
    let mut tried = 0;
    for (router, operations) in functions {
        let client = Client::new(network.platform.clone(), router, Vec::new);
        for route in operations.iter().map(|operation| operation.route) {
            // Webhooks are signed. Signing in and opening a letter take no session, and have tests of their own.
            if route.method == Method::Get
                || matches!(route.access, Access::Public | Access::Signature)
            {
                continue;
            }
            let path = route.path.replace("{id}", &id);
            let path = path
                .replace("{delivery}", "ref-1.event.endpoint-1")
                .replace(['{', '}'], "");
            for from in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("origin", "https://evil.example"),
                ("origin", "null"),
                ("referer", "http://localhost:3000/worklist/"),
            ] {
                // What a form of another site can send, and what its scripts cannot.
                for media_type in [
                    "text/plain",
                    "application/x-www-form-urlencoded",
                    "application/json",
                ] {
                    let request = Request::builder()
                        .method(route.method.as_str())
                        .uri(&path)
                        .header("host", "localhost:3000")
                        .header("cookie", &cookie)
                        .header("content-type", media_type)
                        .header(from.0, from.1)
                        .body(Body::from("{}"));
                    let answer = client.send(request.unwrap());
                    assert_eq!(answer.status, 403, "{} {from:?} {media_type}", route.id);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn a_session_ends_when_it_is_signed_out_when_it_is_old_and_with_its_key() {
    let network = Network::new();
    let path = "/worklist/referrals";
    let out = session(&network, "north");
    let (answer, _) = browse(
        &network,
        "DELETE",
        "/worklist/session",
        &[("cookie", &out)],
        "",
    );
    assert_eq!(answer.status, 403);
    assert_eq!(get(&network, path, &out).0.status, 200);
    let headers = [("cookie", out.as_str()), SAME_ORIGIN];
    for _ in 0..2 {
        let (answer, _) = browse(&network, "DELETE", "/worklist/session", &headers, "");
        assert_eq!(answer.status, 204);
        assert!(
            answer
                .header("set-cookie")
                .starts_with("__Host-rl=; Path=/; Max-Age=0;")
        );
        assert_eq!(get(&network, path, &out).0.status, 401);
    }
    // The key itself goes on.
    network.worklist().get(path, network.key("north")).ok(200);

    let (id, key) = new_key(&network, json!({"scopes": ["referrals:read"]}));
    let revoked = cookie(&sign_in(&network, &key, &[]));
    let referral = network.refer();
    let url = format!("/directory/organizations/north/keys/{id}");
    network
        .directory()
        .call("DELETE", &url, ADMIN_KEY, None)
        .ok(204);
    later(&network, 1);
    let one = format!("/worklist/referrals/{referral}");
    assert_eq!(get(&network, &one, &revoked).0.status, 401);
    assert_eq!(
        reads_of(&network, "north"),
        0,
        "what was refused is on record"
    );

    let old = session(&network, "north");
    later(&network, 12 * HOUR_MS - 1);
    assert_eq!(get(&network, path, &old).0.status, 200);
    later(&network, 1);
    assert_eq!(get(&network, path, &old).0.status, 401);
}

#[test]
fn who_signs_in_again_leaves_no_session_behind() {
    let network = Network::new();
    let path = "/worklist/referrals";
    let (before, elsewhere) = (session(&network, "north"), session(&network, "north"));
    let headers = [("cookie", before.as_str()), SAME_ORIGIN];
    let refused = sign_in(&network, "rl_nobodys", &headers);
    assert_eq!(refused.status, 401);
    assert_eq!(get(&network, path, &before).0.status, 200);
    let again = sign_in(&network, network.key("north"), &headers);
    assert_eq!(get(&network, path, &cookie(&again)).0.status, 200);
    assert_eq!(get(&network, path, &before).0.status, 401);
    assert_eq!(get(&network, path, &elsewhere).0.status, 200);
}

#[test]
fn a_session_is_no_longer_than_its_key() {
    let network = Network::new();
    let (_, key) = new_key(
        &network,
        json!({"scopes": ["referrals:read"], "expires_at": "2026-03-02T10:00:00Z"}),
    );
    let answer = sign_in(&network, &key, &[]);
    assert!(answer.header("set-cookie").contains("; Max-Age=3600;"));
    let cookie = cookie(&answer);
    later(&network, HOUR_MS);
    assert_eq!(get(&network, "/worklist/referrals", &cookie).0.status, 401);
}

#[test]
fn the_directory_knows_keys_and_not_sessions() {
    let network = Network::new();
    session(&network, "north");
    let path = "/directory/organizations/north/keys";
    let listed = network.directory().get(path, ADMIN_KEY).ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let sessions = text_of(
        &network,
        "SELECT id AS text FROM keys WHERE id LIKE 'session-%'",
    );
    let url = format!("{path}/{sessions}");
    network
        .directory()
        .call("DELETE", &url, ADMIN_KEY, None)
        .problem(404, "not-found");
}

#[test]
fn sessions_that_have_ended_are_forgotten() {
    let network = Network::new();
    session(&network, "north");
    later(&network, 12 * HOUR_MS + 1);
    session(&network, "north");
    for table in ["keys WHERE id LIKE 'session-%'", "sessions"] {
        let count = text_of(
            &network,
            format!("SELECT count(*) || '' AS text FROM {table}").leak(),
        );
        assert_eq!(count, "1", "{table}");
    }
}

#[test]
fn what_a_session_reads_and_writes_is_on_record_as_its_keys() {
    let network = Network::new();
    let id = network.refer();
    let (key_id, key) = new_key(
        &network,
        json!({"scopes": ["referrals:read", "events:write"], "label": "front desk", "person": "Ada"}),
    );
    let cookie = cookie(&sign_in(&network, &key, &[]));
    get(&network, &format!("/worklist/referrals/{id}"), &cookie);
    get(&network, "/worklist/", &cookie);
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let path = format!("/status/referrals/{id}/events");
    let note = json!({"type": "referral.note", "data": {"note": "x"}});
    let headers = [("cookie", cookie.as_str()), SAME_ORIGIN];
    client.ask("POST", &path, "", Some(&note), &headers).ok(202);
    let audit = format!("/worklist/audit?referral={id}");
    let entries = network.worklist().get(&audit, network.key("north")).ok(200);
    let of = |action: &str| {
        let items = entries["items"].as_array().unwrap().iter();
        items
            .filter(|entry| entry["action"] == action && entry["label"] == "front desk")
            .count()
    };
    assert_eq!((of("read"), of("list")), (1, 1), "{entries}");
    let stored = text_of(
        &network,
        "SELECT group_concat(DISTINCT key_id || person) AS text FROM reads WHERE label IS NOT NULL",
    );
    assert_eq!(stored, format!("{key_id}Ada"));
    let timeline = network.timeline(&id);
    assert_eq!(timeline.last().unwrap()["by"]["label"], "front desk");
}

#[test]
fn every_page_forbids_what_it_does_not_need() {
    let network = Network::new();
    network.refer();
    let cookie = session(&network, "north");
    for (path, cookie, status) in [
        ("/worklist/", "", 200),
        ("/worklist/", cookie.as_str(), 200),
        ("/worklist/", "__Host-rl=rls_old", 401),
        ("/worklist/?status=nowhere", cookie.as_str(), 422),
    ] {
        let (answer, html) = get(&network, path, cookie);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        for inline in ["style=", "<style", " onclick", "<script>", "javascript:"] {
            assert!(!html.contains(inline), "{inline}");
        }
    }
}

#[test]
fn what_a_patient_is_called_cannot_become_a_part_of_the_page() {
    let network = Network::new();
    let id = network.refer();
    let changes =
        json!({"patient": {"name": {"family": "<script>alert(1)</script>", "given": ["\"'&"]}}});
    let data = json!({"changes": changes, "reason": "as written"});
    network.event("north", &id, "referral.corrected", data);
    let (_, html) = get(&network, "/worklist/", &session(&network, "north"));
    assert!(
        html.contains("&#60;script&#62;alert(1)&#60;/script&#62;, &#34;&#39;&#38;"),
        "{html}"
    );
}

#[test]
fn a_file_is_kept_for_good_and_its_name_says_its_content() {
    let network = Network::new();
    let (_, html) = get(&network, "/worklist/", "");
    let path = html.split("rel=\"stylesheet\" href=\"").find_map(|part| {
        part.starts_with("/worklist/pages/assets/")
            .then(|| part.split('"').next().unwrap())
    });
    let path = path.unwrap();
    let (answer, css) = get(&network, path, "");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    assert!(css.contains("--ink"));
    get(&network, "/worklist/pages/assets/shell.css", "")
        .0
        .problem(404, "not-found");
}

#[test]
fn the_language_is_the_browsers_until_one_is_chosen() {
    let network = Network::new();
    let spoken = |headers: &[(&str, &str)]| {
        let (_, html) = browse(&network, "GET", "/worklist/", headers, "");
        html.split("lang=\"").nth(1).unwrap()[..2].to_owned()
    };
    assert_eq!(spoken(&[]), "en");
    assert_eq!(spoken(&[("accept-language", "es-MX, en;q=0.5")]), "es");
    let choose = "/worklist/pages/language/es?to=%2Fworklist%2F%3Fstatus%3Dsent";
    let (answer, _) = get(&network, choose, "");
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/worklist/?status=sent");
    let chosen = answer
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        spoken(&[("cookie", &chosen), ("accept-language", "en")]),
        "es"
    );
    let (away, _) = get(
        &network,
        "/worklist/pages/language/es?to=%2F%2Fevil.example",
        "",
    );
    assert_eq!(away.header("location"), "/worklist/");
    assert_eq!(
        get(&network, "/worklist/pages/language/xx", "").0.status,
        404
    );
}

#[test]
fn a_version_changes_when_either_side_writes_and_asking_leaves_no_record() {
    let network = Network::new();
    let id = network.refer();
    let (north, lungs) = (session(&network, "north"), session(&network, "lungs"));
    let version = |cookie: &str, query: &str| {
        let (answer, _) = get(&network, &format!("/worklist/pages/live?{query}"), cookie);
        (
            answer.status,
            answer.body["version"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let one = format!("referral={id}");
    let before = (version(&north, "of=worklist"), version(&north, &one));
    let others = version(&lungs, "of=worklist");
    assert_eq!(
        before,
        (version(&north, "of=worklist"), version(&north, &one))
    );
    later(&network, 1);
    network.event("heart", &id, "referral.accepted", json!({}));
    assert_ne!(before.0, version(&north, "of=worklist"));
    assert_ne!(before.1, version(&north, &one));
    assert_eq!(others, version(&lungs, "of=worklist"));
    assert_eq!(version(&lungs, &one).0, 404);
    assert_eq!(version(&lungs, "of=everything").0, 422);
    assert_eq!(version("", "of=worklist").0, 401);
    assert_eq!(reads_of(&network, "north") + reads_of(&network, "lungs"), 0);
}

#[test]
fn a_view_takes_two_round_trips_at_most_and_a_look_whether_it_changed_one() {
    let network = Network::new();
    network.refer();
    let (_, key) = new_key(
        &network,
        json!({"scopes": ["referrals:read", "directory:write"]}),
    );
    let cookie = cookie(&sign_in(&network, &key, &[]));
    for (path, trips) in [
        ("/worklist/", 2),
        ("/worklist/?turn=mine", 1),
        ("/worklist/pages/unmatched", 1),
        ("/worklist/pages/deliveries", 2),
        ("/worklist/pages/live?of=worklist", 1),
        ("/worklist/pages/live?of=unmatched", 1),
    ] {
        let (answer, _) = get(&network, path, &cookie);
        let timing = answer.header("server-timing");
        let want = format!("db;desc=\"{trips}\"");
        assert!(
            answer.status == 200 && timing.starts_with(&want),
            "{path}: {timing}"
        );
    }
}

#[test]
fn the_filters_of_an_address_are_chosen_in_the_form_and_stay_in_the_next_pages() {
    let network = Network::new();
    for _ in 0..26 {
        network.refer();
    }
    let cookie = session(&network, "north");
    let (_, html) = get(
        &network,
        "/worklist/?urgency=routine&service=main&turn=&sort=",
        &cookie,
    );
    assert!(
        html.contains("<option value=\"routine\" selected>"),
        "{html}"
    );
    assert!(html.contains("value=\"main\""), "{html}");
    assert!(html.contains("id=\"filters\" open"), "{html}");
    assert!(
        html.contains("href=\"/worklist/?urgency=routine&#38;service=main&#38;cursor="),
        "{html}"
    );
    let (_, all) = get(&network, "/worklist/?turn=&sort=", &cookie);
    assert!(
        !all.contains("id=\"filters\" open") && all.contains("href=\"/worklist/\" aria-current"),
        "{all}"
    );
    let (_, none) = get(&network, "/worklist/?service=other", &cookie);
    assert!(none.contains("No referral fits these filters"), "{none}");
}

#[test]
fn the_way_to_a_new_referral_is_shown_to_who_may_send_one() {
    let network = Network::new();
    let (_, html) = get(&network, "/worklist/", &session(&network, "north"));
    assert!(html.contains("href=\"/worklist/pages/new\""));
    let (_, key) = new_key(&network, json!({"scopes": ["referrals:read"]}));
    let (_, html) = get(
        &network,
        "/worklist/",
        &cookie(&sign_in(&network, &key, &[])),
    );
    assert!(!html.contains("/worklist/pages/new") && !html.contains("pages/deliveries"));
}

fn reads_of(network: &Network, organization: &str) -> i64 {
    let sql =
        format!("SELECT count(*) || '' AS text FROM reads WHERE organization = '{organization}'");
    text_of(network, sql.leak()).parse().unwrap()
}

fn text_of(network: &Network, sql: &'static str) -> String {
    let statement = ports::Statement::new(sql, []);
    let answer = pollster::block_on(<Native as Platform>::batch(
        &network.platform,
        vec![statement],
    ))
    .unwrap();
    answer.first(0).unwrap().text("text").unwrap().to_owned()
}
