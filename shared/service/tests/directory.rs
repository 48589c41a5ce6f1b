//! The directory over its router, on the native platform.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;

use std::sync::{Arc, Mutex};

use client::{ADMIN_KEY, Client, NOW_MS, Racing, platform};
use ports::{Platform, Setting, Statement};
use runtime::Native;
use serde_json::{Value, json};
use service::crypto::{DerivedKind, MasterKeys, sha256_hex};
use service::{directory, secrets};

fn directory() -> Client<Native> {
    on(platform())
}

fn on(platform: Native) -> Client<Native> {
    Client::new(platform, directory::router, directory::operations)
}

fn clinic(id: &str) -> Value {
    json!({"id": id, "name": "Harbour Clinic", "network": "valley", "roles": ["referrer", "recipient"]})
}

/// A directory with an organisation `north` and its key of these scopes.
fn with_key(scopes: &[&str]) -> (Client<Native>, String) {
    let directory = directory();
    directory
        .post("/directory/organizations", ADMIN_KEY, clinic("north"))
        .ok(201);
    let key = add_key(&directory, json!({ "scopes": scopes }));
    (directory, key)
}

fn add_key(directory: &Client<Native>, body: Value) -> String {
    let key = directory
        .post("/directory/organizations/north/keys", ADMIN_KEY, body)
        .ok(201);
    key["key"].as_str().unwrap().to_owned()
}

fn rows(directory: &Client<Native>, sql: &'static str) -> usize {
    let answer = pollster::block_on(directory.platform.batch(vec![Statement::new(sql, [])]));
    answer.unwrap().rows(0).len()
}

#[test]
fn health_says_that_the_database_answers_or_that_it_does_not() {
    let answer = directory().get("/directory/health", "");
    assert_eq!(
        answer.ok(200),
        json!({"function": "directory", "version": env!("CARGO_PKG_VERSION"), "database": "ok"})
    );
}

#[test]
fn the_description_is_served_to_anyone() {
    let body = directory().get("/directory/openapi.json", "").ok(200);
    assert!(body.is_object());
}

#[test]
fn paths_and_methods_that_are_not_there_are_problems() {
    let directory = directory();
    directory
        .get("/directory/nothing", ADMIN_KEY)
        .problem(404, "not-found");
    let answer = directory.call("DELETE", "/directory/organizations", ADMIN_KEY, None);
    assert_eq!(answer.header("allow"), "GET, POST, HEAD, OPTIONS");
    answer.problem(405, "method-not-allowed");
    let answer = directory.call("OPTIONS", "/directory/organizations/north", "", None);
    assert_eq!(
        (answer.status, answer.header("allow")),
        (204, "GET, PATCH, HEAD, OPTIONS")
    );
    let answer = directory.call("HEAD", "/directory/health", "", None);
    assert_eq!((answer.status, answer.body), (200, Value::Null));
}

#[test]
fn an_answer_says_what_it_cost_and_is_kept_by_nobody() {
    let (directory, key) = with_key(&["directory:write"]);
    let answer = directory.get("/directory/organizations/north", &key);
    assert_eq!(answer.header("server-timing"), "db;desc=\"1\"");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[test]
fn a_caller_without_a_live_key_is_told_so() {
    let (directory, key) = with_key(&["directory:write"]);
    let path = "/directory/organizations";
    let answer = directory.get(path, "");
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"referral-loop\""
    );
    answer.problem(401, "unauthorized");
    directory
        .get(path, "rl_unknown")
        .problem(401, "unauthorized");
    directory.get(path, &key).ok(200);
}

#[test]
fn a_directory_without_its_secrets_says_which_to_set() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let migrations = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap());
    let bare = Native::in_memory().migrations(migrations);
    let body = on(bare.clone().open().unwrap())
        .get("/directory/organizations", "x")
        .problem(503, "not-configured");
    assert!(body["detail"].as_str().unwrap().contains("ADMIN_KEY"));
    let directory = on(bare.setting(Setting::AdminKey, ADMIN_KEY).open().unwrap());
    directory
        .post("/directory/organizations", ADMIN_KEY, clinic("north"))
        .ok(201);
    let key = directory.post(
        "/directory/organizations/north/keys",
        ADMIN_KEY,
        json!({"scopes": ["sweep:run"]}),
    );
    assert!(
        key.problem(503, "not-configured")["detail"]
            .as_str()
            .unwrap()
            .contains("MASTER_KEY")
    );
}

#[test]
fn an_organisation_is_read_back_as_it_was_made() {
    let directory = directory();
    let mut sent = clinic("north");
    sent["identifiers"] =
        json!([{"system": "urn:ietf:rfc:3986", "value": "urn:oid:2.999.1", "use": "official"}]);
    sent["time_zone"] = json!("Europe/Oslo");
    sent["contact"] = Value::Null;
    sent["unknown"] = json!("dropped");
    let answer = directory.post("/directory/organizations", ADMIN_KEY, sent);
    assert_eq!(answer.header("location"), "/directory/organizations/north");
    let made = answer.ok(201);
    assert_eq!(
        made,
        json!({
            "id": "north", "name": "Harbour Clinic", "network": "valley", "roles": ["referrer", "recipient"],
            "identifiers": [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:2.999.1"}],
            "time_zone": "Europe/Oslo", "active": true, "connected": true,
            "created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z",
        })
    );
    assert_eq!(
        directory
            .get("/directory/organizations/north", ADMIN_KEY)
            .ok(200),
        made
    );
    assert_eq!(
        directory.get("/directory/organizations", ADMIN_KEY).ok(200),
        json!({"items": [made]})
    );
}

#[test]
fn every_fault_of_an_organisation_is_told_at_once() {
    let body = json!({"id": "A b", "name": 5, "network": "valley", "roles": [], "time_zone": "Mars/Olympus", "identifiers": [{}]});
    directory()
        .post("/directory/organizations", ADMIN_KEY, body)
        .faults(&[
            "/id",
            "/name",
            "/roles",
            "/identifiers/0/system",
            "/identifiers/0/value",
            "/time_zone",
        ]);
}

#[test]
fn ids_and_identifiers_are_taken_once_and_identifiers_once_a_network() {
    let directory = directory();
    let make = |id: &str, network: &str, value: &str| {
        let mut body = clinic(id);
        body["network"] = json!(network);
        body["identifiers"] = json!([{"system": "urn:npi", "value": value}]);
        directory.post("/directory/organizations", ADMIN_KEY, body)
    };
    make("north", "valley", "1").ok(201);
    make("north", "valley", "2").problem(409, "taken");
    make("south", "valley", "1").problem(409, "taken");
    directory
        .get("/directory/organizations/south", ADMIN_KEY)
        .problem(404, "not-found");
    make("south", "hills", "1").ok(201);
    let twice = json!([{"system": "urn:npi", "value": "9"}, {"system": "urn:npi", "value": "9"}]);
    let patch = |body: Value| {
        directory.call(
            "PATCH",
            "/directory/organizations/north",
            ADMIN_KEY,
            Some(&body),
        )
    };
    patch(json!({ "identifiers": twice })).faults(&["/identifiers/1"]);
    patch(json!({"identifiers": [{"system": "urn:npi", "value": "2"}]})).ok(200);
    make("east", "valley", "1").ok(201);
    patch(json!({"identifiers": [{"system": "urn:npi", "value": "1"}]})).problem(409, "taken");
}

#[test]
fn a_patch_changes_what_it_names_and_null_takes_away() {
    let (directory, key) = with_key(&["directory:write"]);
    let patch =
        |body: Value| directory.call("PATCH", "/directory/organizations/north", &key, Some(&body));
    directory.platform.advance(1000);
    let changed =
        patch(json!({"name": "New", "contact": "desk", "active": false, "id": "other"})).ok(200);
    assert_eq!(
        (&changed["name"], &changed["contact"], &changed["active"]),
        (&json!("New"), &json!("desk"), &json!(false))
    );
    assert_eq!(
        (&changed["id"], &changed["updated_at"]),
        (&json!("north"), &json!("2026-03-02T09:00:01Z"))
    );
    let changed = patch(json!({"contact": null, "active": null})).ok(200);
    assert_eq!(
        (changed.get("contact"), &changed["active"]),
        (None, &json!(true))
    );
    patch(json!({"name": null, "roles": null})).faults(&["/name", "/roles"]);
    patch(json!({"default_service": "echo"})).faults(&["/default_service"]);
    patch(json!({"identifiers": []})).problem(403, "forbidden-scope");
}

#[test]
fn a_list_goes_on_where_the_page_before_ended() {
    let directory = directory();
    for id in ["c", "a", "b"] {
        directory
            .post("/directory/organizations", ADMIN_KEY, clinic(id))
            .ok(201);
    }
    let first = directory
        .get("/directory/organizations?limit=2", ADMIN_KEY)
        .ok(200);
    let ids = |page: &Value| -> Vec<String> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        (ids(&first), &first["next"]),
        (vec!["a".into(), "b".into()], &json!("b"))
    );
    let second = directory
        .get("/directory/organizations?limit=2&cursor=b", ADMIN_KEY)
        .ok(200);
    assert_eq!((ids(&second), second.get("next")), (vec!["c".into()], None));
    directory
        .get("/directory/organizations?limit=0", ADMIN_KEY)
        .faults(&["limit"]);
}

#[test]
fn a_key_sees_its_own_organisation_and_no_other() {
    let (directory, key) = with_key(&["directory:write"]);
    directory
        .post("/directory/organizations", ADMIN_KEY, clinic("south"))
        .ok(201);
    let listed = directory.get("/directory/organizations", &key).ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    for path in [
        "south",
        "nowhere",
        "south/keys",
        "south/services",
        "south/endpoints",
        "south/sources",
    ] {
        directory
            .get(&format!("/directory/organizations/{path}"), &key)
            .problem(404, "not-found");
    }
    directory
        .call(
            "PATCH",
            "/directory/organizations/south",
            &key,
            Some(&json!({})),
        )
        .problem(404, "not-found");
    directory
        .get("/directory/networks/hills/policy", &key)
        .problem(404, "not-found");
    directory
        .get("/directory/networks/valley/policy", &key)
        .ok(200);
    directory
        .post("/directory/organizations", &key, clinic("mine"))
        .problem(403, "forbidden-scope");
}

#[test]
fn a_key_without_the_scope_changes_nothing() {
    let (directory, key) = with_key(&["referrals:read"]);
    let path = "/directory/organizations/north";
    directory
        .call("PATCH", path, &key, Some(&json!({})))
        .problem(403, "forbidden-scope");
    directory
        .post(
            &format!("{path}/keys"),
            &key,
            json!({"scopes": ["referrals:read"]}),
        )
        .problem(403, "forbidden-scope");
    directory
        .get(&format!("{path}/keys"), &key)
        .problem(403, "forbidden-scope");
    directory.get(path, &key).ok(200);
}

#[test]
fn a_key_is_shown_once_listed_without_itself_and_revoked_at_once() {
    let directory = directory();
    directory
        .post("/directory/organizations", ADMIN_KEY, clinic("north"))
        .ok(201);
    let path = "/directory/organizations/north/keys";
    let sent = json!({"scopes": ["referrals:read", "directory:write"], "label": "desk", "person": "Kim Berg", "expires_at": "2026-03-02T10:00:00Z"});
    let made = directory.post(path, ADMIN_KEY, sent.clone()).ok(201);
    let key = made["key"].as_str().unwrap();
    assert_eq!(
        (&made["label"], &made["expires_at"]),
        (&json!("desk"), &sent["expires_at"])
    );
    directory.get("/directory/organizations", key).ok(200);
    let listed = directory.get(path, ADMIN_KEY).ok(200);
    assert!(!listed.to_string().contains(key));
    assert_eq!(
        (&listed["items"][0]["id"], &listed["items"][0]["person"]),
        (&made["id"], &json!("Kim Berg"))
    );
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    for _ in 0..2 {
        directory.call("DELETE", &one, ADMIN_KEY, None).ok(204);
    }
    directory
        .get("/directory/organizations", key)
        .problem(401, "unauthorized");
    directory
        .call("DELETE", &format!("{path}/none"), ADMIN_KEY, None)
        .problem(404, "not-found");
}

#[test]
fn a_key_stops_at_its_expiry() {
    let (directory, _) = with_key(&["referrals:read"]);
    let key = add_key(
        &directory,
        json!({"scopes": ["referrals:read"], "expires_at": "2026-03-02T09:00:01Z"}),
    );
    directory.platform.set_now(NOW_MS + 999);
    directory.get("/directory/organizations", &key).ok(200);
    directory.platform.set_now(NOW_MS + 1000);
    directory
        .get("/directory/organizations", &key)
        .problem(401, "unauthorized");
}

#[test]
fn a_key_gives_no_scope_that_it_lacks_and_none_that_is_unknown() {
    let (directory, key) = with_key(&["directory:write"]);
    let path = "/directory/organizations/north/keys";
    directory
        .post(path, &key, json!({"scopes": ["sweep:run"]}))
        .problem(403, "forbidden-scope");
    directory
        .post(path, &key, json!({"scopes": ["directory:write"]}))
        .ok(201);
    directory
        .post(path, &key, json!({"scopes": ["all"], "expires_at": "soon"}))
        .faults(&["/scopes/0", "/expires_at"]);
    directory
        .post(path, &key, json!({"scopes": []}))
        .faults(&["/scopes"]);
    directory
        .post(
            path,
            &key,
            json!({"scopes": ["directory:write"], "expires_at": "2026-03-02T09:00:00Z"}),
        )
        .faults(&["/expires_at"]);
}

#[test]
fn a_service_is_kept_whole_and_patched_in_parts() {
    let (directory, key) = with_key(&["directory:write"]);
    let path = "/directory/organizations/north/services";
    let sent = json!({
        "id": "echo", "specialty": "cardiology", "urgencies": ["routine"], "locations": ["Harbour Street 2"], "languages": ["en", "no"],
        "codes": [{"system": "http://snomed.info/sct", "code": "40701008", "display": "Echocardiography"}, "ECHO"],
        "next_available": "2030-01-15", "capacity": 12,
        "requirements": [{"id": "ecg", "kind": "document", "display": "Resting ECG", "max_age_days": 90, "level": "required"}],
    });
    let answer = directory.post(path, &key, sent.clone());
    assert_eq!(
        answer.header("location"),
        "/directory/organizations/north/services/echo"
    );
    let made = answer.ok(201);
    let mut want = sent;
    want["codes"][1] = json!({"code": "ECHO"});
    for (name, value) in want.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(directory.get(&format!("{path}/echo"), &key).ok(200), made);
    assert_eq!(directory.get(path, &key).ok(200), json!({"items": [made]}));
    let patch = |body: Value| directory.call("PATCH", &format!("{path}/echo"), &key, Some(&body));
    let changed =
        patch(json!({"capacity": 3, "active": false, "next_available": null, "urgencies": null}))
            .ok(200);
    assert_eq!(
        (
            &changed["capacity"],
            &changed["active"],
            changed.get("next_available")
        ),
        (&json!(3), &json!(false), None)
    );
    assert_eq!(changed["urgencies"].as_array().unwrap().len(), 4);
    patch(json!({"specialty": null})).faults(&["/specialty"]);
    let one = json!({"id": "x", "kind": "lab", "display": "x", "level": "advisory"});
    patch(json!({"requirements": [one, one]})).faults(&["/requirements/1"]);
    directory
        .post(path, &key, json!({"id": "echo", "specialty": "cardiology"}))
        .problem(409, "taken");
    directory
        .call(
            "PATCH",
            "/directory/organizations/north",
            &key,
            Some(&json!({"default_service": "echo"})),
        )
        .ok(200);
    directory
        .get(&format!("{path}/none"), &key)
        .problem(404, "not-found");
}

#[test]
fn a_null_in_a_list_of_a_patch_is_absent() {
    let (directory, key) = with_key(&["directory:write"]);
    let path = "/directory/organizations/north/services";
    directory
        .post(path, &key, json!({"id": "echo", "specialty": "x"}))
        .ok(201);
    let one = json!({"id": "x", "kind": "lab", "code": null, "display": "x", "level": "advisory"});
    let changed = directory.call(
        "PATCH",
        &format!("{path}/echo"),
        &key,
        Some(&json!({"requirements": [one]})),
    );
    assert_eq!(changed.ok(200)["requirements"][0].get("code"), None);
}

#[test]
fn a_changed_policy_or_organisation_makes_its_open_referrals_due() {
    let (directory, key) = with_key(&["directory:write"]);
    let later = NOW_MS + 1000;
    for id in ["of-north", "of-others", "finished"] {
        let statement = Statement::new(
            "INSERT INTO referrals (id, network, referrer, patient_key, status, urgency, attention, points, next_due_at,
               version, tail_hash, folded_until, created_at, updated_at, clocks, state, request)
             VALUES (?1, 'valley', iif(?1 = 'of-others', 'south', 'north'), 'p', 'sent', 'routine', '[]', 0,
               iif(?1 = 'finished', NULL, ?2), 1, 'h', 0, 0, 0, '[]', '{}', '{}')",
            [id.into(), later.into()],
        );
        pollster::block_on(directory.platform.batch(vec![statement])).unwrap();
    }
    let due = || {
        rows(
            &directory,
            "SELECT 1 AS one FROM referrals WHERE next_due_at = 1772442000000",
        )
    };
    let path = "/directory/organizations/north";
    directory
        .call("PATCH", path, &key, Some(&json!({"name": "New"})))
        .ok(200);
    assert_eq!(due(), 0);
    directory
        .call("PATCH", path, &key, Some(&json!({"active": false})))
        .ok(200);
    assert_eq!(due(), 1);
    directory
        .call(
            "PUT",
            "/directory/networks/valley/policy",
            ADMIN_KEY,
            Some(&json!({})),
        )
        .ok(200);
    assert_eq!(due(), 2);
}

#[test]
fn an_endpoint_is_https_and_an_organisation_has_ten_at_most() {
    let (directory, key) = with_key(&["directory:write"]);
    let path = "/directory/organizations/north/endpoints";
    for url in [
        "http://a.example/x",
        "ftp://a.example",
        "a.example",
        "https://u:p@a.example/",
    ] {
        directory
            .post(path, &key, json!({ "url": url }))
            .faults(&["/url"]);
    }
    directory
        .post(
            path,
            &key,
            json!({"url": "https://a.example", "events": ["referral.exploded"]}),
        )
        .faults(&["/events/0"]);
    let made = directory
        .post(
            path,
            &key,
            json!({"url": "https://a.example/x", "events": ["referral.declined"]}),
        )
        .ok(201);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    directory.platform.advance(1);
    for _ in 1..10 {
        directory
            .post(path, &key, json!({"url": "https://b.example/x"}))
            .ok(201);
    }
    directory
        .post(path, &key, json!({"url": "https://a.example/x"}))
        .problem(409, "too-many");
    let listed = directory.get(path, &key).ok(200);
    assert!(!listed.to_string().contains("whsec_"));
    assert_eq!(
        listed["items"][0],
        json!({
            "id": made["id"], "url": "https://a.example/x", "events": ["referral.declined"], "format": "json", "active": true,
            "proven": false, "created_at": "2026-03-02T09:00:00Z",
        })
    );
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    directory.call("DELETE", &one, &key, None).ok(204);
    directory
        .call("DELETE", &one, &key, None)
        .problem(404, "not-found");
    assert_eq!(rows(&directory, "SELECT 1 AS one FROM secret_versions"), 9);
}

#[test]
fn a_rotation_keeps_the_secret_before_it_for_a_day() {
    let (directory, key) = with_key(&["directory:write"]);
    let path = "/directory/organizations/north/sources";
    let made = directory.post(path, &key, json!({"name": "EHR"})).ok(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        made["url"],
        format!("http://localhost:3000/status/webhooks/{id}")
    );
    let rotate = format!("{path}/{id}/rotate");
    let rotated = directory.call("POST", &rotate, &key, None).ok(200);
    assert_eq!(
        (&rotated["id"], &rotated["name"]),
        (&made["id"], &json!("EHR"))
    );
    assert_ne!(rotated["secret"], made["secret"]);
    let live = || -> Vec<Value> {
        let statement = secrets::read_live(id, directory.platform.now());
        let answer = pollster::block_on(directory.platform.batch(vec![statement])).unwrap();
        let keys = MasterKeys::new("master", None).unwrap();
        let secrets =
            secrets::signing_secrets(&keys, DerivedKind::Source, id, answer.rows(0)).unwrap();
        secrets
            .iter()
            .map(|secret| json!(secret.to_text()))
            .collect()
    };
    assert_eq!(live(), [rotated["secret"].clone(), made["secret"].clone()]);
    directory.platform.advance(secrets::OVERLAP_MS);
    assert_eq!(live(), [rotated["secret"].clone()]);
    for _ in 1..secrets::LIVE_SECRETS_MAX {
        directory.call("POST", &rotate, &key, None).ok(200);
    }
    directory
        .call("POST", &rotate, &key, None)
        .problem(409, "too-many");
    directory
        .call("DELETE", &format!("{path}/{id}"), &key, None)
        .ok(204);
    assert!(live().is_empty());
    assert_eq!(directory.get(path, &key).ok(200), json!({"items": []}));
    directory
        .call("POST", &rotate, &key, None)
        .problem(404, "not-found");
}

#[test]
fn a_post_that_is_sent_again_with_its_key_happens_once_and_answers_the_same() {
    let (directory, key) = with_key(&["directory:write"]);
    let again = |path: &str, body: &Value, caller: &str, name: &str| {
        directory.call_with(
            "POST",
            path,
            caller,
            Some(body),
            &[("idempotency-key", name)],
        )
    };
    let south = clinic("south");
    let calls = [
        ("/directory/organizations", south, ADMIN_KEY),
        (
            "/directory/organizations/north/keys",
            json!({"scopes": ["directory:write"]}),
            key.as_str(),
        ),
        (
            "/directory/organizations/north/sources",
            json!({"name": "EHR"}),
            key.as_str(),
        ),
        (
            "/directory/organizations/north/endpoints",
            json!({"url": "https://a.example"}),
            key.as_str(),
        ),
        (
            "/directory/organizations/north/services",
            json!({"id": "echo", "specialty": "x"}),
            key.as_str(),
        ),
    ];
    for (number, (path, body, caller)) in calls.iter().enumerate() {
        let name = format!("\"call {number}\"");
        let first = again(path, body, caller, &name).ok(201);
        directory.platform.advance(1000);
        assert_eq!(again(path, body, caller, &name).ok(201), first);
        again(path, &json!({}), caller, &name).problem(422, "idempotency-mismatch");
    }
    let source = directory
        .get("/directory/organizations/north/sources", &key)
        .ok(200)["items"][0]["id"]
        .clone();
    let rotate = format!(
        "/directory/organizations/north/sources/{}/rotate",
        source.as_str().unwrap()
    );
    let first = again(&rotate, &Value::Null, &key, "r").ok(200);
    assert_eq!(again(&rotate, &Value::Null, &key, "r").ok(200), first);
    assert_eq!(rows(&directory, "SELECT 1 AS one FROM receipts"), 6);
    assert_eq!(rows(&directory, "SELECT 1 AS one FROM secret_versions"), 3);
}

#[test]
fn of_two_posts_at_once_with_one_key_the_second_gets_the_firsts_answer() {
    let (directory, key) = with_key(&["directory:write"]);
    let made = directory
        .post(
            "/directory/organizations/north/sources",
            &key,
            json!({"name": "EHR"}),
        )
        .ok(201);
    let rotate = format!(
        "/directory/organizations/north/sources/{}/rotate",
        made["id"].as_str().unwrap()
    );
    let calls = [
        (
            "/directory/organizations/north/keys",
            json!({"scopes": ["directory:write"]}),
            201,
        ),
        (
            "/directory/organizations/north/services",
            json!({"id": "echo", "specialty": "x"}),
            201,
        ),
        (rotate.as_str(), Value::Null, 200),
    ];
    for (number, (path, body, status)) in calls.into_iter().enumerate() {
        let name = number.to_string();
        let headers = [("idempotency-key", name.as_str())];
        let first = Arc::new(Mutex::new(Value::Null));
        let before = {
            let (platform, first) = (directory.platform.clone(), Arc::clone(&first));
            let (path, body, key, name) =
                (path.to_owned(), body.clone(), key.clone(), name.clone());
            move || {
                let other = on(platform).call_with(
                    "POST",
                    &path,
                    &key,
                    Some(&body),
                    &[("idempotency-key", &name)],
                );
                *first.lock().unwrap() = other.ok(status);
            }
        };
        let racing = Racing::new(directory.platform.clone(), before);
        let second = Client::new(racing, directory::router, directory::operations)
            .call_with("POST", path, &key, Some(&body), &headers)
            .ok(status);
        assert_eq!(second, *first.lock().unwrap());
    }
}

#[test]
fn of_two_rotations_at_once_both_take_effect() {
    let (directory, key) = with_key(&["directory:write"]);
    let made = directory
        .post(
            "/directory/organizations/north/sources",
            &key,
            json!({"name": "EHR"}),
        )
        .ok(201);
    let rotate = format!(
        "/directory/organizations/north/sources/{}/rotate",
        made["id"].as_str().unwrap()
    );
    let before = {
        let (platform, rotate, key) = (directory.platform.clone(), rotate.clone(), key.clone());
        move || {
            on(platform).call("POST", &rotate, &key, None).ok(200);
        }
    };
    let racing = Racing::new(directory.platform.clone(), before);
    Client::new(racing, directory::router, directory::operations)
        .call("POST", &rotate, &key, None)
        .ok(200);
    assert_eq!(
        rows(
            &directory,
            "SELECT 1 AS one FROM secret_versions WHERE live_until IS NULL"
        ),
        1
    );
    assert_eq!(rows(&directory, "SELECT 1 AS one FROM secret_versions"), 3);
}

#[test]
fn no_secret_is_in_the_database() {
    let (directory, key) = with_key(&["directory:write"]);
    let made = directory.call_with(
        "POST",
        "/directory/organizations/north/keys",
        &key,
        Some(&json!({"scopes": ["directory:write"]})),
        &[("idempotency-key", "k")],
    );
    let text = made.ok(201)["key"].as_str().unwrap().to_owned();
    let statement = Statement::new(
        "SELECT hash FROM keys UNION ALL SELECT answer FROM receipts",
        [],
    );
    let answer = pollster::block_on(directory.platform.batch(vec![statement])).unwrap();
    let stored: Vec<_> = answer
        .rows(0)
        .iter()
        .filter_map(|row| row.text("hash"))
        .collect();
    assert!(stored.contains(&sha256_hex(&[text.as_bytes()]).as_str()));
    assert!(stored.iter().all(|stored| !stored.contains(&text)));
}

#[test]
fn a_policy_is_the_default_until_one_is_put() {
    let directory = directory();
    let path = "/directory/networks/valley/policy";
    let shown = directory.get(path, ADMIN_KEY).ok(200);
    assert_eq!(shown["is_default"], json!(true));
    assert_eq!(
        shown["limits"]["decided"],
        json!({"stat": "24h", "asap": "1bd", "urgent": "3bd", "routine": "5bd"})
    );
    let mut whole = shown.clone();
    whole["retention_days"] = json!(400);
    let put = |body: &Value| directory.call("PUT", path, ADMIN_KEY, Some(body));
    whole["is_default"] = json!(false);
    assert_eq!(put(&whole).ok(200), whole);
    assert_eq!(directory.get(path, ADMIN_KEY).ok(200), whole);
    let sparse =
        json!({"limits": {"seen": {"stat": "1d", "asap": "2d", "urgent": "3d", "routine": "4d"}}});
    let applied = put(&sparse).ok(200);
    assert_eq!(
        (&applied["limits"]["seen"], &applied["limits"]["decided"]),
        (&sparse["limits"]["seen"], &shown["limits"]["decided"])
    );
    put(&json!({"limits": {"seen": {"stat": "soon", "asap": "2d", "urgent": "0d"}}, "time_zone": "x", "holidays": ["2026-02-30"]}))
        .faults(&["/time_zone", "/holidays/0", "/limits/seen/stat", "/limits/seen/urgent", "/limits/seen/routine"]);
    directory
        .call(
            "PUT",
            "/directory/networks/A%20b/policy",
            ADMIN_KEY,
            Some(&json!({})),
        )
        .problem(404, "not-found");
}

#[test]
fn a_policy_says_how_a_wait_is_chased_within_bounds() {
    let directory = directory();
    let path = "/directory/networks/valley/policy";
    let put = |body: &Value| directory.call("PUT", path, ADMIN_KEY, Some(body));
    let shown = put(&json!({})).ok(200);
    let after = json!({"stat": "4h", "asap": "1bd", "urgent": "2bd", "routine": "5bd"});
    let level = json!({"after": after, "tell": "network"});
    assert_eq!(shown["escalation"], json!([level]));
    assert_eq!(shown["reminders"], json!([72, 24]));
    for (name, value) in [
        ("check_in_percent", 50),
        ("at_risk_percent", 75),
        ("contact_attempts_max", 3),
        ("parked_days", 30),
    ] {
        assert_eq!(shown[name], json!(value), "{name}");
    }
    let most = json!({
        "escalation": [level, level, level, level], "reminders": [1, 2, 3, 4, 720], "check_in_percent": 1,
        "at_risk_percent": 100, "contact_attempts_max": 20, "parked_days": 1, "escalate_to": "office",
    });
    let shown = put(&most).ok(200);
    assert_eq!(shown["reminders"], json!([720, 4, 3, 2, 1]));
    assert_eq!(shown["escalate_to"], json!("office"));
    put(&json!({
        "escalation": [level, level, level, level, level], "reminders": [1, 2, 3, 4, 5, 6], "check_in_percent": 0,
        "at_risk_percent": 101, "contact_attempts_max": 0, "parked_days": 0, "escalate_to": "An Office",
    }))
    .faults(&[
        "/escalation",
        "/escalate_to",
        "/reminders",
        "/check_in_percent",
        "/at_risk_percent",
        "/contact_attempts_max",
        "/parked_days",
    ]);
}
