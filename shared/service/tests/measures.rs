//! The measures over the real routers: after any writes the sums are what a recount of the events comes to.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;

use std::collections::BTreeMap;

use axum::body::Body;
use client::{ADMIN_KEY, Answer, Client, NOW_MS};
use domain::calendar::Calendar;
use domain::facts::Facts;
use domain::fold::fold;
use http::Request;
use http_body_util::BodyExt;
use network::Network;
use ports::{Platform, Row, Statement, Value as Sql};
use proptest::prelude::*;
use serde_json::{Value, json};
use service::referrals::event_from_body;
use service::{status, worklist};
use tower_service::Service;

const DAY_MS: i64 = 86_400_000;

/// What callers send, by whom; the rest of a body is made from the dice.
const STEPS: &[(&str, &str)] = &[
    ("heart", "referral.accepted"),
    ("heart", "referral.declined"),
    ("heart", "appointment.scheduled"),
    ("heart", "appointment.no_show"),
    ("heart", "referral.outcome"),
    ("heart", "referral.info_requested"),
    ("north", "referral.info_supplied"),
    ("north", "referral.acknowledged"),
    ("north", "referral.redirected"),
    ("north", "referral.disputed"),
    ("north", "referral.urgency_changed"),
    ("north", "referral.not_completed"),
    ("north", "patient.informed"),
    ("north", "event.retracted"),
    ("north", "referral.entered_in_error"),
    ("lungs", "referral.accepted"),
    ("lungs", "referral.outcome"),
];

fn body(kind: &str, choice: u8, last: &str) -> Value {
    match kind {
        "referral.declined" => json!({"reason": "capacity"}),
        "appointment.scheduled" => json!({"start": "2026-03-20T10:00:00Z"}),
        "referral.outcome" => {
            json!({"summary": "s", "next_steps": [], "visit_on": "2026-03-04", "advice": choice.is_multiple_of(4)})
        }
        "referral.info_requested" => json!({"question": "q"}),
        "referral.info_supplied" => json!({"note": "n"}),
        "referral.acknowledged" if choice.is_multiple_of(2) => {
            json!({"resolution": "managed-here"})
        }
        "referral.acknowledged" => json!({"care_plan_changed": false}),
        "referral.redirected" => {
            json!({"to": {"organization": "lungs", "service": "main"}, "reason": "r"})
        }
        "referral.disputed" | "referral.entered_in_error" => json!({"reason": "r"}),
        "referral.urgency_changed" => json!({"urgency": "urgent", "reason": "r"}),
        "referral.not_completed" => json!({"reason": "no-time"}),
        "patient.informed" => json!({"channel": "phone"}),
        "event.retracted" => json!({"event": last, "reason": "slip"}),
        _ => json!({}),
    }
}

fn rows(network: &Network, sql: &'static str) -> Vec<Row> {
    let statement = Statement::new(sql, []);
    let answer = pollster::block_on(network.platform.batch(vec![statement])).unwrap();
    answer.rows(0).to_vec()
}

type Cells = BTreeMap<Vec<String>, BTreeMap<String, i64>>;

/// The sums as they stand.
fn kept(network: &Network) -> Cells {
    let sql = "SELECT month, referrer, recipient, specialty, urgency, counts FROM tallies WHERE counts <> '{}'";
    let cell = |row: &Row| {
        let key = ["month", "referrer", "recipient", "specialty", "urgency"];
        let key = key.map(|column| row.text(column).unwrap().to_owned());
        let counts = serde_json::from_str(row.text("counts").unwrap()).unwrap();
        (key.to_vec(), counts)
    };
    rows(network, sql).iter().map(cell).collect()
}

/// The sums counted anew from the events.
fn recounted(network: &Network) -> Cells {
    let calendar = Calendar::new("UTC", &[]);
    let mut cells = Cells::new();
    let mut lives: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for row in rows(
        network,
        "SELECT referral_id, body FROM events ORDER BY referral_id, seq",
    ) {
        let body: Value = serde_json::from_str(row.text("body").unwrap()).unwrap();
        let life = lives.entry(row.text("referral_id").unwrap().to_owned());
        life.or_default().push(event_from_body(&body).unwrap());
    }
    for events in lives.values() {
        let referral = fold(events).unwrap().referral;
        let month: String = referral.sent_at.to_string().chars().take(7).collect();
        let key = [
            month,
            referral.referrer.clone(),
            referral.recipient().unwrap_or_default().to_owned(),
            referral.specialty.clone().unwrap_or_default(),
            referral.urgency().as_str().to_owned(),
        ];
        let facts = Facts::of(&referral, &calendar);
        for (name, count) in facts.iter() {
            let cell = cells.entry(key.to_vec()).or_default();
            *cell.entry(name.to_owned()).or_default() += i64::from(count);
        }
    }
    cells
}

fn send(network: &Network, organization: &str, referral: &str, kind: &str, data: &Value) -> Answer {
    let client = Client::new(network.platform.clone(), status::router, Vec::new);
    let path = format!("/status/referrals/{referral}/events");
    let event = json!({"type": kind, "data": data});
    client.post(&path, network.key(organization), event)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_sums_are_what_the_events_come_to(
        steps in prop::collection::vec((0..STEPS.len(), 0..3usize, 0..20i64, any::<u8>()), 1..24),
    ) {
        let network = Network::new();
        let referrals = [network.refer(), network.refer_as("urgent"), network.refer()];
        let mut last = String::new();
        let mut now = NOW_MS;
        for (step, which, days, choice) in steps {
            let (organization, kind) = STEPS[step];
            let mut data = body(kind, choice, &last);
            // Some come late, and change what came before them.
            if choice.is_multiple_of(5) {
                let at = domain::time::Timestamp::from_millisecond(NOW_MS + i64::from(choice) * 60_000);
                data["occurred_at"] = at.unwrap().to_string().into();
            }
            now += days * DAY_MS / 4;
            network.platform.set_now(now.max(NOW_MS + 256 * 60_000));
            let answer = send(&network, organization, &referrals[which], kind, &data);
            if let Some(event) = answer.body["event"].as_str() {
                event.clone_into(&mut last);
            }
            if choice.is_multiple_of(3) {
                network.sweep();
            }
            prop_assert_eq!(kept(&network), recounted(&network));
        }
    }
}

/// Writers of one referral at once: those that lose try again, guarded.
#[test]
fn races_and_tries_again_count_once() {
    let network = Network::new();
    let referral = network.refer();
    let kinds = [
        ("heart", "referral.accepted", json!({})),
        ("heart", "referral.info_requested", json!({"question": "q"})),
        (
            "north",
            "referral.urgency_changed",
            json!({"urgency": "stat", "reason": "r"}),
        ),
        (
            "heart",
            "appointment.scheduled",
            json!({"start": "2026-03-20T10:00:00Z"}),
        ),
    ];
    std::thread::scope(|scope| {
        for (organization, kind, data) in &kinds {
            for _ in 0..4 {
                scope.spawn(|| {
                    let answer = send(&network, organization, &referral, kind, data);
                    assert!(answer.status < 500, "{}", answer.body);
                });
            }
        }
    });
    network.sweep();
    assert_eq!(kept(&network), recounted(&network));
}

/// A key of `north` that reads measures.
fn reader(network: &Network) -> String {
    let made = network.directory_post_with(
        "/directory/organizations/north/keys",
        json!({"scopes": ["measures:read"]}),
    );
    made.ok(201)["key"].as_str().unwrap().to_owned()
}

/// A text as it is answered.
fn text(network: &Network, path: &str, key: &str) -> String {
    let call = Request::get(path)
        .header("host", "localhost")
        .header("authorization", format!("Bearer {key}"))
        .body(Body::empty())
        .unwrap();
    let mut router = worklist::router(network.platform.clone());
    let response = pollster::block_on(router.call(call)).unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "text/csv; charset=utf-8"
    );
    let bytes = pollster::block_on(response.into_body().collect()).unwrap();
    String::from_utf8(bytes.to_bytes().to_vec()).unwrap()
}

fn execute(network: &Network, sql: &'static str) {
    let statement = Statement {
        sql,
        parameters: Vec::<Sql>::new(),
    };
    pollster::block_on(network.platform.batch(vec![statement])).unwrap();
}

#[test]
fn a_database_from_before_the_sums_is_right_before_and_after_the_sweep_has_counted_it() {
    let network = Network::new();
    let key = reader(&network);
    let first = network.refer();
    network.event("heart", &first, "referral.accepted", json!({}));
    for _ in 0..59 {
        network.refer();
    }
    let measures = || {
        network
            .worklist()
            .get("/worklist/measures?by=recipient", &key)
            .ok(200)
    };
    let counted = measures();
    let sums = kept(&network);
    execute(
        &network,
        "UPDATE referrals SET state = json_remove(state, '$.facts')",
    );
    assert_eq!(kept(&network), Cells::new());
    assert_eq!(measures(), counted);
    // The first slice counts a part of them: a half-filled state does not lie.
    network.sweep();
    assert_ne!(kept(&network), Cells::new());
    assert_ne!(kept(&network), sums);
    assert_eq!(measures(), counted);
    while network.sweep()["more"] == true {}
    assert_eq!(kept(&network), sums);
    assert_eq!(measures(), counted);
}

/// The statement of a migration that makes a trigger.
fn trigger(migration: &'static str, name: &str) -> &'static str {
    let begins = migration
        .find(&format!("CREATE TRIGGER IF NOT EXISTS {name}"))
        .unwrap();
    let ends = migration[begins..].find("END;").unwrap();
    &migration[begins..begins + ends + "END;".len()]
}

#[test]
fn sums_that_an_earlier_version_kept_go_on_under_the_triggers_that_took_its_place() {
    const BEFORE: &str = include_str!("../../../migrations/0010_measures.sql");
    const AFTER: &str = include_str!("../../../migrations/0014_measures_by_change.sql");
    let network = Network::new();
    let put = |migration| {
        execute(&network, "DROP TRIGGER IF EXISTS referral_counted");
        execute(&network, trigger(migration, "referral_counted"));
        execute(&network, "DROP TRIGGER IF EXISTS referral_recounted");
        execute(&network, trigger(migration, "referral_recounted"));
    };
    put(BEFORE);
    let referrals = [network.refer(), network.refer_as("urgent")];
    for referral in &referrals {
        network.event("heart", referral, "referral.accepted", json!({}));
    }
    assert_eq!(kept(&network), recounted(&network));
    // Its statements may run again: Spin runs every file at each start.
    for _ in 0..2 {
        put(AFTER);
        // A file that has run finds its triggers there.
        execute(&network, trigger(BEFORE, "referral_counted"));
        execute(&network, trigger(BEFORE, "referral_recounted"));
        let later = network.refer();
        network.event("heart", &later, "referral.accepted", json!({}));
    }
    let to = json!({"to": {"organization": "lungs", "service": "main"}, "reason": "r"});
    network.event("north", &referrals[0], "referral.redirected", to);
    let raised = json!({"urgency": "stat", "reason": "r"});
    network.event("north", &referrals[1], "referral.urgency_changed", raised);
    assert_eq!(kept(&network), recounted(&network));
}

#[test]
fn what_was_counted_by_an_older_rule_is_taken_away_as_it_was_added() {
    let network = Network::new();
    let key = reader(&network);
    let [left, moved] = [network.refer(), network.refer()];
    for referral in [&left, &moved] {
        network.event("heart", referral, "referral.accepted", json!({}));
    }
    // A version before counted waits to the nearest tenth of a day up to 30 days.
    execute(
        &network,
        r#"UPDATE referrals SET state = json_patch(state, '{"facts": {"to-decision:0": null, "to-decision:297": 1}}')"#,
    );
    let waited = |which: &str| {
        let counts = kept(&network).into_values();
        counts
            .filter_map(|counts| counts.get(which).copied())
            .sum::<i64>()
    };
    assert_eq!([waited("to-decision:297"), waited("to-decision:0")], [2, 0]);
    let answer = network.worklist().get("/worklist/measures", &key).ok(200);
    assert_eq!(
        answer["days_to_decision"],
        json!({"count": 2, "median": 29.0, "p90": 29.0})
    );
    assert_eq!(answer["distributions"]["days_to_decision"][4]["count"], 2);
    let booked = json!({"start": "2026-03-20T10:00:00Z"});
    network.event("heart", &moved, "appointment.scheduled", booked);
    assert_eq!([waited("to-decision:297"), waited("to-decision:0")], [1, 1]);
}

#[test]
fn more_sums_than_one_trip_reads_are_all_read_once() {
    let network = Network::new();
    let key = reader(&network);
    network.refer();
    // 4,500 sums of referrals that are no more, of 90 years of months and made-up specialties.
    execute(
        &network,
        "INSERT INTO tallies (referrer, month, recipient, specialty, urgency, counts)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4499)
SELECT 'north', printf('%04d-%02d', 1930 + i / 50, 1 + i % 12), 'heart', 's-' || i, 'routine', '{\"total\":2}' FROM n",
    );
    for (direction, who) in [("sent", "north"), ("received", "heart")] {
        let key = if who == "north" {
            key.clone()
        } else {
            let path = "/directory/organizations/heart/keys";
            let made = network.directory_post_with(path, json!({"scopes": ["measures:read"]}));
            made.ok(201)["key"].as_str().unwrap().to_owned()
        };
        let path = format!("/worklist/measures?by=specialty&direction={direction}");
        let answer = network.worklist().get(&path, &key).ok(200);
        assert_eq!(answer["total"], 9_001, "{direction}");
        assert_eq!(answer["groups"].as_array().unwrap().len(), 4_501);
    }
}

#[test]
fn more_sums_than_are_read_for_one_answer_are_a_fault() {
    let network = Network::new();
    let key = reader(&network);
    let measures = |query: &str| {
        let path = format!("/worklist/measures?{query}");
        network.worklist().get(&path, &key)
    };
    // One less than 40 trips of 2,000 sums.
    execute(
        &network,
        "INSERT INTO tallies (referrer, month, recipient, specialty, urgency, counts)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 79998)
SELECT 'north', printf('20%02d-01', i / 1000), 'heart', 's-' || i, 'routine', '{\"total\":1}' FROM n",
    );
    assert_eq!(measures("").ok(200)["total"], 79_999);
    execute(
        &network,
        "INSERT INTO tallies VALUES ('north', '2079-02', 'heart', 's', 'routine', '{}')",
    );
    let fault = &measures("").ok(422)["errors"][0];
    assert_eq!([&fault["parameter"], &fault["code"]], ["from", "too-long"]);
    assert_eq!(measures("from=2001-01-01").ok(200)["total"], 78_999);
}

#[test]
fn a_period_that_ends_before_it_begins_is_a_fault_beside_the_others() {
    let network = Network::new();
    let key = reader(&network);
    let faults = |query: &str| {
        let path = format!("/worklist/measures?{query}");
        let problem = network.worklist().get(&path, &key).ok(422);
        let named = |fault: &Value| fault["parameter"].as_str().unwrap().to_owned();
        let errors = problem["errors"].as_array().unwrap().iter();
        errors.map(named).collect::<Vec<_>>()
    };
    assert_eq!(faults("from=2026-03-02&to=2026-03-01"), ["to"]);
    assert_eq!(
        faults("from=2026-02-29&to=soon&by=age&direction=up"),
        ["from", "to", "by", "direction"]
    );
    assert_eq!(faults("from=2026-03-02&to=2026-03-01&by=age"), ["to", "by"]);
    for query in [
        "from=2024-02-29&to=2024-03-01",
        "from=2026-03-01&to=2026-03-01",
    ] {
        let path = format!("/worklist/measures?{query}");
        network.worklist().get(&path, &key).ok(200);
    }
}

#[test]
fn any_range_of_days_counts_what_was_sent_in_it() {
    let network = Network::new();
    let key = reader(&network);
    let mut days = Vec::new();
    // 2 March 2026 and on, through the end of two months.
    for day in 0..75 {
        network.platform.set_now(NOW_MS + day * DAY_MS);
        network.refer();
        let at = domain::time::Timestamp::from_millisecond(NOW_MS + day * DAY_MS).unwrap();
        days.push(at.date().to_string());
    }
    let total = |query: &str| {
        let path = format!("/worklist/measures?{query}");
        network.worklist().get(&path, &key).ok(200)["total"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(total(""), 75);
    for (from, to) in [
        (0, 74),
        (3, 5),
        (10, 40),
        (29, 31),
        (30, 60),
        (30, 61),
        (59, 74),
        (5, 5),
    ] {
        let (first, end) = (&days[from], &days[to]);
        let wanted = i64::try_from(to - from).unwrap();
        assert_eq!(
            total(&format!("from={first}&to={end}")),
            wanted,
            "{first} to {end}"
        );
    }
    assert_eq!(total(&format!("from={}", days[70])), 5);
    assert_eq!(total(&format!("to={}", days[70])), 70);
    assert_eq!(total("from=2027-01-01"), 0);
    let by_month = network
        .worklist()
        .get("/worklist/measures?by=month", &key)
        .ok(200);
    let months: Vec<_> = by_month["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            (
                group["month"].as_str().unwrap(),
                group["total"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(months, [("2026-03", 30), ("2026-04", 30), ("2026-05", 15)]);
}

#[test]
fn the_export_hides_small_numbers_unless_the_policy_shows_them() {
    let network = Network::new();
    let key = reader(&network);
    for count in 0..14 {
        let referral = network.refer();
        if count < 2 {
            network.event(
                "heart",
                &referral,
                "referral.declined",
                json!({"reason": "capacity"}),
            );
        }
    }
    let export = || {
        let path = "/worklist/measures.csv?by=recipient";
        text(&network, path, &key)
    };
    let hidden = export();
    assert!(
        hidden.starts_with("by,group,measure,code,count,of,value\r\n,,total,,14,,\r\n"),
        "{hidden}"
    );
    assert!(
        hidden.contains("\r\n,,by_status,declined,suppressed,14,\r\n"),
        "{hidden}"
    );
    assert!(
        hidden.contains("\r\n,,by_status,sent,suppressed,14,\r\n"),
        "{hidden}"
    );
    assert!(
        hidden.contains("\r\nrecipient,heart,decline_reasons,capacity,suppressed,14,\r\n"),
        "{hidden}"
    );
    network
        .directory()
        .call(
            "PUT",
            "/directory/networks/valley/policy",
            ADMIN_KEY,
            Some(&json!({"small_cells": 1})),
        )
        .ok(200);
    let whole = export();
    assert!(
        whole.contains("\r\n,,by_status,declined,2,14,\r\n"),
        "{whole}"
    );
    assert!(!whole.contains("suppressed"), "{whole}");
}

#[test]
fn under_a_changed_policy_the_sums_are_still_those_of_the_rows() {
    let network = Network::new();
    let open = network.refer();
    let closed = network.refer();
    for referral in [&open, &closed] {
        network.platform.advance(DAY_MS / 2);
        network.event("heart", referral, "referral.accepted", json!({}));
    }
    let report = json!({"summary": "s", "next_steps": [], "visit_on": "2026-03-04"});
    network.event("heart", &closed, "referral.outcome", report);
    let read = json!({"care_plan_changed": false});
    network.event("north", &closed, "referral.acknowledged", read);
    network.event(
        "north",
        &closed,
        "patient.informed",
        json!({"channel": "phone"}),
    );
    let of_rows = || {
        let sql = "SELECT c.key, sum(c.value) AS n FROM referrals f, json_each(f.state, '$.facts') c GROUP BY c.key ORDER BY c.key";
        counted(&rows(&network, sql))
    };
    let of_sums = || {
        let sql = "SELECT c.key, sum(c.value) AS n FROM tallies t, json_each(t.counts) c GROUP BY c.key ORDER BY c.key";
        counted(&rows(&network, sql))
    };
    assert_eq!(of_sums(), of_rows());
    for policy in [
        json!({"time_zone": "Pacific/Auckland", "holidays": ["2026-03-03"]}),
        json!({"time_zone": "America/New_York"}),
    ] {
        network
            .directory()
            .call(
                "PUT",
                "/directory/networks/valley/policy",
                ADMIN_KEY,
                Some(&policy),
            )
            .ok(200);
        network.platform.advance(DAY_MS);
        while network.sweep()["more"] == true {}
        assert_eq!(of_sums(), of_rows(), "{policy}");
    }
}

fn counted(rows: &[Row]) -> Vec<(String, i64)> {
    let counted = |row: &Row| {
        (
            row.text("key").unwrap().to_owned(),
            row.integer("n").unwrap(),
        )
    };
    rows.iter().map(counted).collect()
}
