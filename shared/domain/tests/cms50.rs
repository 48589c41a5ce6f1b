//! CMS50 by tables: every edge of the measure's logic, and what holds whatever the facts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

use domain::cms50::{
    Codes, Counts, Day, Facts, Order, Period, Reason, Report, Says, VALUE_SETS, Visit, VisitKind,
    Written, judge,
};
use proptest::prelude::*;

const YEAR: Period = Period::of_year(2026);

type Change<T> = fn(&mut T);

fn at(text: &str) -> Option<Written> {
    Some(text.parse().unwrap())
}

fn visit(start: &str, end: &str) -> Visit {
    Visit {
        id: "visit".to_owned(),
        kind: VisitKind::Encounter,
        status: "finished".to_owned(),
        counts: true,
        start: at(start),
        end: at(end),
    }
}

fn order(id: &str, authored: &str) -> Order {
    Order {
        id: id.to_owned(),
        status: "active".to_owned(),
        intent: "order".to_owned(),
        is_refusal: false,
        is_referral: true,
        authored: at(authored),
    }
}

fn report(about: &str, end: &str) -> Report {
    Report {
        id: format!("report on {about}"),
        about: vec![about.to_owned()],
        fulfills: true,
        status: "completed".to_owned(),
        is_consultant_report: true,
        end: at(end),
    }
}

/// A patient who is in the numerator.
fn met() -> Facts {
    Facts {
        visits: vec![visit("2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z")],
        orders: vec![order("first", "2026-03-02T09:20:00Z")],
        reports: vec![report("first", "2026-04-01T10:00:00Z")],
    }
}

/// In the numerator, in the denominator alone, or in neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum In {
    Numerator,
    Denominator,
    Neither,
}
use In::{Denominator, Neither, Numerator};

#[track_caller]
fn check(facts: &Facts, want: In, reasons: &[Reason]) {
    let verdict = judge(&YEAR, facts);
    let got = match (verdict.in_denominator, verdict.in_numerator) {
        (true, true) => Numerator,
        (true, false) => Denominator,
        (false, false) => Neither,
        (false, true) => panic!("in the numerator alone"),
    };
    assert_eq!(
        (got, verdict.reasons.as_slice()),
        (want, reasons),
        "{facts:?}"
    );
}

#[test]
fn a_report_on_the_first_referral_counts() {
    check(&met(), Numerator, &[Reason::ReportReceived]);
    let verdict = judge(&YEAR, &met());
    assert_eq!(verdict.visit.as_deref(), Some("visit"));
    assert_eq!(verdict.referral.as_deref(), Some("first"));
    assert_eq!(verdict.report.as_deref(), Some("report on first"));
}

#[test]
fn a_referral_counts_until_31_october_as_it_is_written() {
    let rows = [
        (
            "2025-12-31T23:59:59Z",
            Neither,
            Reason::ReferralOutsidePeriod,
        ),
        ("2026-01-01", Numerator, Reason::ReportReceived),
        (
            "2026-01-01T00:00:00+14:00",
            Numerator,
            Reason::ReportReceived,
        ),
        (
            "2026-10-31T23:59:59.999-11:00",
            Numerator,
            Reason::ReportReceived,
        ),
        ("2026-10-31", Numerator, Reason::ReportReceived),
        (
            "2026-11-01T00:00:00+14:00",
            Neither,
            Reason::ReferralAfterOctober,
        ),
        ("2026-12-31", Neither, Reason::ReferralAfterOctober),
        ("2027-01-01", Neither, Reason::ReferralOutsidePeriod),
        // What says too little to know counts for nobody; what is wholly inside counts.
        ("2026-09", Numerator, Reason::ReportReceived),
        ("2026-10", Neither, Reason::ReferralUndated),
        ("2026", Neither, Reason::ReferralUndated),
    ];
    for (authored, want, reason) in rows {
        let mut facts = met();
        facts.orders = vec![order("first", authored)];
        facts.reports = vec![report("first", "2026-12-02T10:00:00Z")];
        check(&facts, want, &[reason]);
    }
    let mut undated = met();
    undated
        .orders
        .iter_mut()
        .for_each(|order| order.authored = None);
    check(&undated, Neither, &[Reason::ReferralUndated]);
}

#[test]
fn a_report_counts_until_31_december_to_the_minute_and_only_after_the_referral() {
    let rows = [
        (
            "2026-12-31T23:59:00.000+00:00",
            Numerator,
            Reason::ReportReceived,
        ),
        (
            "2026-12-31T23:59:59.999-12:00",
            Numerator,
            Reason::ReportReceived,
        ),
        ("2026-12-31", Numerator, Reason::ReportReceived),
        (
            "2027-01-01T00:00:00+14:00",
            Denominator,
            Reason::ReportOutsidePeriod,
        ),
        ("2027-01-01", Denominator, Reason::ReportOutsidePeriod),
        // The referral was made at 09:20Z on 2 March.
        (
            "2026-03-02T09:20:00Z",
            Denominator,
            Reason::ReportBeforeReferral,
        ),
        (
            "2026-03-02T09:20:00.001Z",
            Numerator,
            Reason::ReportReceived,
        ),
        (
            "2026-03-02T10:19:00+01:00",
            Denominator,
            Reason::ReportBeforeReferral,
        ),
        (
            "2026-03-02T10:21:00+01:00",
            Numerator,
            Reason::ReportReceived,
        ),
        (
            "2026-03-01T23:30:00-11:00",
            Numerator,
            Reason::ReportReceived,
        ),
        ("2026-03-01", Denominator, Reason::ReportBeforeReferral),
        ("2026-03-02", Denominator, Reason::ReportUndated),
        ("2026-03-03", Numerator, Reason::ReportReceived),
        ("2026", Denominator, Reason::ReportUndated),
    ];
    for (end, want, reason) in rows {
        let mut facts = met();
        facts.reports = vec![report("first", end)];
        check(&facts, want, &[reason]);
    }
    let mut open = met();
    open.reports.iter_mut().for_each(|report| report.end = None);
    check(&open, Denominator, &[Reason::ReportUndated]);
}

#[test]
fn a_visit_counts_that_begins_and_ends_in_the_period() {
    let rows = [
        (
            "2026-01-01T00:00:00+14:00",
            "2026-01-01T00:30:00+14:00",
            true,
        ),
        ("2025-12-31T23:50:00Z", "2026-01-01T00:10:00Z", false),
        ("2026-12-31T23:50:00Z", "2026-12-31T23:59:59Z", true),
        ("2026-12-31T23:50:00Z", "2027-01-01T00:10:00Z", false),
        ("2027-01-02", "2027-01-02", false),
        ("2026-05", "2026-05", true),
        ("2026-12", "2026-12", false),
    ];
    for (start, end, counts) in rows {
        let mut facts = met();
        facts.visits = vec![visit(start, end)];
        if counts {
            check(&facts, Numerator, &[Reason::ReportReceived]);
        } else {
            check(&facts, Neither, &[Reason::VisitOutsidePeriod]);
        }
    }
    for lacks in [
        |visit: &mut Visit| visit.start = None,
        |visit: &mut Visit| visit.end = None,
    ] {
        let mut facts = met();
        facts.visits.iter_mut().for_each(lacks);
        check(&facts, Neither, &[Reason::VisitOutsidePeriod]);
    }
}

#[test]
fn an_encounter_is_finished_and_a_procedure_completed() {
    use VisitKind::{Encounter, Procedure};
    for (kind, status, counts) in [
        (Encounter, "finished", true),
        (Encounter, "completed", false),
        (Encounter, "in-progress", false),
        (Encounter, "planned", false),
        (Encounter, "", false),
        (Procedure, "completed", true),
        (Procedure, "finished", false),
        (Procedure, "not-done", false),
        (Procedure, "in-progress", false),
    ] {
        let mut facts = met();
        facts.visits.iter_mut().for_each(|visit| {
            visit.kind = kind;
            visit.status = status.to_owned();
        });
        if counts {
            check(&facts, Numerator, &[Reason::ReportReceived]);
        } else {
            check(&facts, Neither, &[Reason::VisitStatus]);
        }
    }
    let mut other = met();
    other
        .visits
        .iter_mut()
        .for_each(|visit| visit.counts = false);
    check(&other, Neither, &[Reason::VisitCode]);
    other.visits.clear();
    check(&other, Neither, &[Reason::NoVisit]);
}

#[test]
fn only_an_order_that_stands_is_a_referral() {
    let rows: &[(Change<Order>, In, Reason)] = &[
        (
            |one| one.status = "completed".into(),
            Numerator,
            Reason::ReportReceived,
        ),
        (
            |one| one.status = "revoked".into(),
            Neither,
            Reason::ReferralStatus,
        ),
        (
            |one| one.status = "draft".into(),
            Neither,
            Reason::ReferralStatus,
        ),
        (
            |one| one.status = "on-hold".into(),
            Neither,
            Reason::ReferralStatus,
        ),
        (
            |one| one.status = "unknown".into(),
            Neither,
            Reason::ReferralStatus,
        ),
        (
            |one| one.status = "entered-in-error".into(),
            Neither,
            Reason::ReferralStatus,
        ),
        (
            |one| one.intent = "plan".into(),
            Neither,
            Reason::ReferralIntent,
        ),
        (
            |one| one.intent = "proposal".into(),
            Neither,
            Reason::ReferralIntent,
        ),
        (
            |one| one.intent = "original-order".into(),
            Neither,
            Reason::ReferralIntent,
        ),
        (
            |one| one.intent = "filler-order".into(),
            Neither,
            Reason::ReferralIntent,
        ),
        (|one| one.is_refusal = true, Neither, Reason::ReferralIntent),
        (|one| one.is_referral = false, Neither, Reason::ReferralCode),
    ];
    for (change, want, reason) in rows {
        let mut facts = met();
        facts.orders.iter_mut().for_each(change);
        check(&facts, *want, &[*reason]);
    }
    check(
        &Facts::default(),
        Neither,
        &[Reason::NoReferral, Reason::NoVisit],
    );
}

#[test]
fn a_second_referral_a_minute_later_never_counts() {
    let mut facts = met();
    facts.orders = vec![
        order("second", "2026-03-02T09:21:00Z"),
        order("first", "2026-03-02T09:20:00Z"),
    ];
    facts.reports = vec![report("second", "2026-04-01T10:00:00Z")];
    check(&facts, Denominator, &[Reason::ReportOfAnother]);
    facts.reports.push(report("first", "2026-04-02T10:00:00Z"));
    check(&facts, Numerator, &[Reason::ReportReceived]);
    assert_eq!(judge(&YEAR, &facts).referral.as_deref(), Some("first"));
}

#[test]
fn of_one_day_the_earlier_by_the_clock_is_first_whatever_offset_it_is_written_in() {
    let mut facts = met();
    // 09:00 in UTC+2 is before 08:00 in UTC.
    facts.orders = vec![
        order("utc", "2026-03-02T08:00:00Z"),
        order("east", "2026-03-02T09:00:00+02:00"),
    ];
    assert_eq!(judge(&YEAR, &facts).referral.as_deref(), Some("east"));
    // The day that is written decides before the clock: 1 March in UTC-10 is 2 March in UTC.
    facts
        .orders
        .push(order("west", "2026-03-01T23:00:00-10:00"));
    assert_eq!(judge(&YEAR, &facts).referral.as_deref(), Some("west"));
}

#[test]
fn a_revoked_first_referral_is_no_first_one() {
    let mut facts = met();
    let mut revoked = order("revoked", "2026-02-01T09:00:00Z");
    revoked.status = "revoked".to_owned();
    facts.orders.push(revoked);
    check(&facts, Numerator, &[Reason::ReportReceived]);
    assert_eq!(judge(&YEAR, &facts).referral.as_deref(), Some("first"));
}

#[test]
fn a_decline_leaves_the_patient_in_the_denominator() {
    let mut facts = met();
    facts
        .reports
        .iter_mut()
        .for_each(|report| report.status = "rejected".to_owned());
    check(&facts, Denominator, &[Reason::ReportStatus]);
}

#[test]
fn only_a_completed_task_that_fulfills_and_brings_a_report_counts() {
    for status in [
        "failed",
        "in-progress",
        "accepted",
        "requested",
        "cancelled",
        "entered-in-error",
        "on-hold",
        "",
    ] {
        let mut facts = met();
        facts
            .reports
            .iter_mut()
            .for_each(|report| report.status = status.to_owned());
        check(&facts, Denominator, &[Reason::ReportStatus]);
    }
    let rows: &[(Change<Report>, Reason)] = &[
        (|one| one.is_consultant_report = false, Reason::ReportCode),
        (|one| one.fulfills = false, Reason::ReportTask),
        (|one| one.about.clear(), Reason::ReportOfAnother),
    ];
    for (change, reason) in rows {
        let mut facts = met();
        facts.reports.iter_mut().for_each(change);
        check(&facts, Denominator, &[*reason]);
    }
    let mut none = met();
    none.reports.clear();
    check(&none, Denominator, &[Reason::NoReport]);
}

#[test]
fn the_report_that_came_nearest_says_why() {
    let mut facts = met();
    let mut failed = report("first", "2026-04-01");
    failed.status = "failed".to_owned();
    facts.reports = vec![
        report("first", "2027-01-05"),
        failed,
        report("other", "2026-04-01"),
    ];
    check(&facts, Denominator, &[Reason::ReportOutsidePeriod]);
}

#[test]
fn a_period_may_be_any_and_the_referral_still_ends_with_october_of_its_first_year() {
    let day = |year, month, day| Day { year, month, day };
    let fiscal = Period {
        start: day(2025, 7, 1),
        end: day(2026, 6, 30),
    };
    let mut facts = met();
    facts.orders = vec![order("first", "2025-10-31")];
    assert!(judge(&fiscal, &facts).in_numerator);
    facts.orders = vec![order("first", "2025-11-01")];
    assert!(!judge(&fiscal, &facts).in_denominator);
}

#[test]
fn dates_are_read_as_fhir_writes_them() {
    for good in [
        "2026",
        "2026-02",
        "2028-02-29",
        "2026-02-28T00:00:00Z",
        "2026-02-28T00:00:00.123456+05:30",
        "2026-02-28T10:00",
        "2026-02-28T10:00-05:00",
        "2026-02-28T10:00:00",
    ] {
        assert!(good.parse::<Written>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "26",
        "2026-2",
        "2026-13",
        "2026-02-29",
        "2026-02-28T",
        "2026-02-28 10:00:00Z",
        "2026-02-28T25:00:00Z",
        "2026/02/28",
        "+2026-02-2",
        "2026-02-28T10:00:00+",
        "not a time",
        "２０２６",
    ] {
        assert!(bad.parse::<Written>().is_err(), "{bad}");
    }
    assert!(Written::is_midnight("2027-01-01T00:00:00.000+01:00"));
    assert!(Written::is_midnight("2027-01-01T00:00:00Z"));
    assert!(!Written::is_midnight("2027-01-01"));
    assert!(!Written::is_midnight("2027-01-01T00:00:01Z"));
    let day = |year, month, day| Day { year, month, day };
    assert_eq!(day(2027, 1, 1).before(), day(2026, 12, 31));
    assert_eq!(day(2028, 3, 1).before(), day(2028, 2, 29));
    assert_eq!(day(2026, 3, 1).before(), day(2026, 2, 28));
    assert_eq!(
        "2028-02".parse::<Written>().unwrap().last_day(),
        day(2028, 2, 29)
    );
    assert_eq!(
        "2026".parse::<Written>().unwrap().last_day(),
        day(2026, 12, 31)
    );
}

#[test]
fn a_code_counts_by_its_system_and_only_where_its_set_is_loaded() {
    let mut codes = Codes::new(|system, code| (system, code) == ("urn:p", "1"));
    assert_eq!(codes.missing().count(), VALUE_SETS.len());
    assert!(codes.is_unusable());
    let referral = VALUE_SETS
        .iter()
        .find(|set| set.says == Says::Referral)
        .unwrap();
    codes.load(referral.oid, [("urn:s", "7")]);
    codes.load("1.2.3", [("urn:s", "8")]);
    assert!(codes.say(Says::Referral, "urn:s", "7"));
    assert!(!codes.say(Says::Referral, "urn:s", "8"));
    assert!(!codes.say(Says::Referral, "urn:t", "7"));
    assert!(!codes.say(Says::Encounter, "urn:s", "7"));
    assert!(codes.say(Says::Procedure, "urn:p", "1"));
    assert!(!codes.say(Says::Encounter, "urn:p", "1"));
    assert!(codes.is_unusable());
    for set in VALUE_SETS {
        codes.load(set.oid, []);
    }
    assert_eq!(codes.missing().count(), 0);
    assert!(!codes.is_unusable());
}

fn times() -> impl Strategy<Value = Option<Written>> {
    let time = (2025u16..=2027, 1u8..=12, 1u8..=28, 0u8..24, 0usize..4).prop_map(
        |(year, month, day, hour, form)| {
            let text = match form {
                0 => format!("{year}-{month:02}"),
                1 => format!("{year}-{month:02}-{day:02}"),
                2 => format!("{year}-{month:02}-{day:02}T{hour:02}:00:00Z"),
                _ => format!("{year}-{month:02}-{day:02}T{hour:02}:00:00-08:00"),
            };
            text.parse().unwrap()
        },
    );
    prop::option::weighted(0.95, time)
}

fn words(all: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(all).prop_map(str::to_owned)
}

prop_compose! {
    fn facts()(
        visits in prop::collection::vec((any::<bool>(), words(&["finished", "completed"]), any::<bool>(), times(), times()), 0..4),
        orders in prop::collection::vec((words(&["active", "completed", "revoked"]), words(&["order", "order", "plan"]), any::<bool>(), times()), 0..5),
        reports in prop::collection::vec((0usize..5, prop::bool::weighted(0.8), words(&["completed", "completed", "failed"]), prop::bool::weighted(0.8), times()), 0..5),
    ) -> Facts {
        Facts {
            visits: visits.into_iter().enumerate().map(|(n, (is_procedure, status, counts, start, end))| Visit {
                id: format!("v{n}"), kind: if is_procedure { VisitKind::Procedure } else { VisitKind::Encounter }, status, counts, start, end,
            }).collect(),
            orders: orders.into_iter().enumerate().map(|(n, (status, intent, is_referral, authored))| Order {
                id: format!("o{n}"), status, intent, is_refusal: false, is_referral, authored,
            }).collect(),
            reports: reports.into_iter().enumerate().map(|(n, (about, fulfills, status, is_consultant_report, end))| Report {
                id: format!("r{n}"), about: vec![format!("o{about}")], fulfills, status, is_consultant_report, end,
            }).collect(),
        }
    }
}

proptest! {
    #[test]
    fn what_holds_whatever_the_facts(facts in facts(), report in 0usize..5) {
        let verdict = judge(&YEAR, &facts);
        prop_assert!(verdict.in_denominator || !verdict.in_numerator);
        prop_assert_eq!(verdict.in_denominator, verdict.referral.is_some() && verdict.visit.is_some());
        prop_assert_eq!(verdict.in_numerator, verdict.report.is_some());
        prop_assert!(!verdict.reasons.is_empty());
        prop_assert_eq!(verdict.in_numerator, verdict.reasons == [Reason::ReportReceived]);

        let mut counts = Counts::default();
        counts.add(&verdict);
        prop_assert!(counts.rate().is_none_or(|rate| (0.0..=1.0).contains(&rate)));

        // The order in which facts stand does not matter.
        let mut turned = facts.clone();
        turned.visits.reverse();
        turned.orders.reverse();
        turned.reports.reverse();
        let other = judge(&YEAR, &turned);
        prop_assert_eq!(&verdict.referral, &other.referral);
        prop_assert_eq!(&verdict.reasons, &other.reasons);

        // A report less never lets anybody in, and a later referral more changes nothing.
        let mut fewer = facts.clone();
        if report < fewer.reports.len() {
            fewer.reports.remove(report);
        }
        prop_assert!(verdict.in_numerator || !judge(&YEAR, &fewer).in_numerator);
        if verdict.referral.is_some() {
            let mut more = facts;
            more.orders.push(order("later", "2026-10-31T23:59:59.999-12:00"));
            prop_assert_eq!(judge(&YEAR, &more).in_numerator, verdict.in_numerator);
        }
    }
}
