//! The measures of the demo network against a recount of its timelines, both read as a caller reads them: what is counted is worked
//! out here from the events alone, by what `docs/measures.md` says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

mod demo;

use std::collections::{BTreeMap, BTreeSet};

use demo::{DEMO, Demo};
use demo_data::{HEART, PRACTICE};
use domain::time::Timestamp;
use serde_json::{Value, json};

type Counts = BTreeMap<String, i64>;

/// A referral with those of its events that count, in the order in which they happened.
struct Told {
    referral: Value,
    events: Vec<Value>,
}

impl Told {
    fn of(demo: &Demo, referral: Value) -> Self {
        let path = format!(
            "/worklist/referrals/{}/events?limit=200",
            referral["id"].as_str().unwrap()
        );
        let timeline = demo.get(&path, demo.key(PRACTICE));
        assert_eq!(timeline["next"], Value::Null, "more events than are read");
        let mut events = timeline["items"].as_array().unwrap().clone();
        events.retain(|event| event["status"] == "applied");
        events.sort_by_key(|event| ms(&event["occurred_at"]));
        Self { referral, events }
    }

    fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events
            .iter()
            .filter(move |event| event["type"] == kind)
    }

    fn has(&self, kinds: &[&str]) -> bool {
        kinds.iter().any(|kind| self.all(kind).next().is_some())
    }

    fn status(&self) -> &str {
        self.referral["status"].as_str().unwrap()
    }

    fn sent_at(&self) -> i64 {
        ms(&self.all("referral.sent").next().unwrap()["occurred_at"])
    }

    /// When a recipient said whether it takes the referral on, in words or by what it did.
    fn decided_at(&self) -> Option<i64> {
        let decisions = [
            "referral.accepted",
            "referral.declined",
            "appointment.scheduled",
            "appointment.rescheduled",
            "referral.outcome",
        ];
        let redirected = self
            .all("referral.redirected")
            .filter(|event| event["by"]["side"] == "recipient");
        let decided = decisions.iter().flat_map(|kind| self.all(kind));
        decided
            .chain(redirected)
            .map(|event| ms(&event["occurred_at"]))
            .min()
    }
}

fn ms(instant: &Value) -> i64 {
    let at: Timestamp = instant.as_str().unwrap().parse().unwrap();
    at.as_millisecond()
}

fn codes(told: &[Told], kind: &str, member: &str) -> Counts {
    let mut counts = Counts::new();
    for event in told.iter().flat_map(|told| told.all(kind)) {
        let code = event["data"][member].as_str().unwrap().to_owned();
        *counts.entry(code).or_default() += 1;
    }
    counts
}

fn count(told: &[Told], is_so: impl Fn(&Told) -> bool) -> i64 {
    i64::try_from(told.iter().filter(|told| is_so(told)).count()).unwrap()
}

fn by(told: &[Told], of: impl Fn(&Told) -> String) -> Counts {
    let mut counts = Counts::new();
    for told in told {
        *counts.entry(of(told)).or_default() += 1;
    }
    counts
}

fn counts(of: &Value) -> Counts {
    let members = of.as_object().unwrap().iter();
    members
        .map(|(code, count)| (code.clone(), count.as_i64().unwrap()))
        .collect()
}

/// Days by their first two figures, as text.
fn days(waited_ms: i64) -> String {
    let days = waited_ms.max(0) / 86_400_000;
    match days {
        0..10 => format!("{days}.{}", waited_ms.max(0) % 86_400_000 / 8_640_000),
        10..100 => format!("{days}.0"),
        _ => format!("{}0.0", days / 10),
    }
}

/// `count`, `median` and `p90` by the nearest rank, and how many took how many days.
fn spread(mut waits: Vec<i64>) -> (Value, Vec<i64>) {
    waits.sort_unstable();
    let rank = |percent: usize| {
        let rank = (waits.len() * percent).div_ceil(100).max(1);
        waits
            .get(rank - 1)
            .map(|waited| days(*waited).parse::<f64>().unwrap())
    };
    let spread = json!({"count": waits.len(), "median": rank(50), "p90": rank(90)});
    let borders = [0, 1, 3, 7, 14, 30, 60, 90, i64::MAX / 86_400_000];
    let within = |ends: &[i64]| {
        let days = ends[0] * 86_400_000..ends[1] * 86_400_000;
        let waits = waits
            .iter()
            .filter(|waited| days.contains(&(**waited).max(0)));
        i64::try_from(waits.count()).unwrap()
    };
    (spread, borders.windows(2).map(within).collect())
}

#[track_caller]
fn check_waits(measures: &Value, member: &str, waits: Vec<i64>) {
    let (wanted, distribution) = spread(waits);
    assert_eq!(measures[member], wanted, "{member}");
    let buckets = measures["distributions"][member].as_array().unwrap().iter();
    let buckets: Vec<i64> = buckets
        .map(|bucket| bucket["count"].as_i64().unwrap())
        .collect();
    assert_eq!(buckets, distribution, "{member}");
}

#[test]
fn the_measures_are_what_the_timelines_come_to() {
    let demo = &*DEMO;
    let sent = demo.referrals(PRACTICE).into_iter();
    let sent = sent.filter(|referral| referral["referrer"] == PRACTICE);
    let told: Vec<Told> = sent.map(|referral| Told::of(demo, referral)).collect();
    let measure = |query: &str| {
        let path = format!("/worklist/measures?{query}");
        demo.get(&path, demo.key(PRACTICE))
    };
    let measures = measure("");

    assert!(told.len() > 200);
    assert_eq!(measures["total"], told.len());
    let statuses = by(&told, |told| told.status().to_owned());
    assert_eq!(counts(&measures["by_status"]), statuses);
    let reported = |told: &Told| told.has(&["referral.outcome", "referral.outcome_amended"]);
    let seen = |told: &Told| {
        let mut visits = told.all("referral.outcome");
        visits.any(|event| event["data"]["visit_on"].is_string())
            || told.has(&["referral.interim_note"])
    };
    let booked =
        |told: &Told| seen(told) || told.has(&["appointment.scheduled", "appointment.rescheduled"]);
    let closed = |told: &Told| told.status() == "closed";
    let reached = [
        (
            "accepted",
            count(&told, |told| {
                booked(told) || reported(told) || told.has(&["referral.accepted"])
            }),
        ),
        ("booked", count(&told, booked)),
        ("seen", count(&told, seen)),
        ("reported", count(&told, reported)),
        ("closed", count(&told, closed)),
        (
            "informed",
            count(&told, |told| {
                told.referral["closure"]["patient_informed_at"].is_string()
            }),
        ),
    ];
    let reached: Counts = reached
        .map(|(stage, count)| (stage.to_owned(), count))
        .into();
    assert_eq!(counts(&measures["reached"]), reached);
    assert_eq!(
        counts(&measures["decline_reasons"]),
        codes(&told, "referral.declined", "reason")
    );
    assert_eq!(
        counts(&measures["non_completion_reasons"]),
        codes(&told, "referral.not_completed", "reason")
    );
    let mut breaches = Counts::new();
    for told in &told {
        let limits = told
            .all("referral.overdue")
            .map(|event| event["data"]["limit"].as_str().unwrap());
        for limit in limits.collect::<BTreeSet<_>>() {
            *breaches.entry(limit.to_owned()).or_default() += 1;
        }
    }
    assert_eq!(counts(&measures["breaches_by_stage"]), breaches);
    for (rate, kinds) in [
        ("breached", &["referral.overdue"][..]),
        ("disputed", &["referral.disputed"]),
        ("asked_for_information", &["referral.info_requested"]),
    ] {
        let wanted = count(&told, |told| told.has(kinds));
        assert_eq!(measures[rate]["numerator"], wanted, "{rate}");
        assert_eq!(measures[rate]["denominator"], told.len(), "{rate}");
    }
    assert_eq!(measures["loop_closure"]["numerator"], count(&told, closed));

    let decisions = told
        .iter()
        .filter_map(|told| Some(told.decided_at()? - told.sent_at()));
    check_waits(&measures, "days_to_decision", decisions.collect());
    let acknowledged = told
        .iter()
        .filter(|told| closed(told))
        .map(|told| ms(&told.referral["closure"]["acknowledged_at"]) - told.sent_at());
    check_waits(&measures, "days_to_closed", acknowledged.collect());

    let groups = |by: &str| -> Counts {
        let measures = measure(&format!("by={by}"));
        let groups = measures["groups"].as_array().unwrap().iter();
        groups
            .map(|group| {
                (
                    group[by].as_str().unwrap().to_owned(),
                    group["total"].as_i64().unwrap(),
                )
            })
            .collect()
    };
    assert_eq!(
        groups("urgency"),
        by(&told, |told| told.referral["urgency"]
            .as_str()
            .unwrap()
            .to_owned())
    );
    assert_eq!(
        groups("recipient"),
        by(&told, |told| {
            told.referral["recipient"]["organization"]
                .as_str()
                .unwrap_or("unknown")
                .to_owned()
        })
    );
    assert_eq!(
        groups("month"),
        by(&told, |told| {
            let at = Timestamp::from_millisecond(told.sent_at()).unwrap();
            at.to_string().chars().take(7).collect()
        })
    );
}

#[test]
fn what_a_recipient_received_is_what_its_referrers_have_with_it_now() {
    let demo = &*DEMO;
    let measures = demo.get("/worklist/measures?direction=received", demo.key(HEART));
    let keys = demo.told["keys"].as_array().unwrap().iter();
    let organizations: BTreeSet<&str> = keys
        .map(|key| key["organization"].as_str().unwrap())
        .collect();
    let sent = organizations.iter().flat_map(|organization| {
        let sent = demo.referrals(organization).into_iter();
        sent.filter(|referral| referral["referrer"] == **organization)
    });
    let with_it = sent.filter(|referral| referral["recipient"]["organization"] == HEART);
    assert_eq!(measures["total"], with_it.count());
    // One that went on to another is in its list still, and no more in its measures.
    let seen = demo.referrals(HEART).len();
    assert!(i64::try_from(seen).unwrap() > measures["total"].as_i64().unwrap());
}
