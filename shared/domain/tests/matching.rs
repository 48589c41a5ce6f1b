//! Best fit: what each addend counts, what excludes, and that every candidate has one place that adds up.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by them"
)]

use std::collections::BTreeSet;

use domain::matching::{
    Asked, Candidate, Days, Exclusion, Matches, Offered, ServiceCode, WAITS_ENOUGH, What, rank,
};
use domain::policy::Allowed;
use domain::request::{Coding, Urgency};
use domain::time::Date;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const SNOMED: &str = "http://snomed.info/sct";
const FOUR_WEEKS: Allowed = Allowed::Days(28);

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn today() -> Date {
    day("2026-03-02")
}

fn code(system: Option<&str>, code: &str) -> ServiceCode {
    ServiceCode {
        system: system.map(str::to_owned),
        code: code.to_owned(),
    }
}

/// A service that takes everything, and of which nothing is known.
fn candidate(organization: &str, service: &str) -> Candidate {
    Candidate {
        organization: organization.to_owned(),
        name: "Harbour Clinic".to_owned(),
        service: service.to_owned(),
        organization_active: true,
        is_recipient: true,
        offered: Offered {
            specialty: "cardiology".to_owned(),
            codes: Vec::new(),
            urgencies: Urgency::ALL.to_vec(),
            locations: vec!["Main Street 1, 1011 Harbour".to_owned()],
            languages: vec!["en".to_owned(), "pt-BR".to_owned()],
            next_available: None,
            capacity: None,
            requirements: Vec::new(),
            limits: domain::policy::Limits::default(),
            active: true,
        },
        waits_hours: Vec::new(),
    }
}

fn heart(change: impl FnOnce(&mut Candidate)) -> Candidate {
    let mut heart = candidate("heart", "cardiology");
    change(&mut heart);
    heart
}

fn asked() -> Asked {
    Asked {
        code: None,
        urgency: Urgency::Routine,
        language: None,
        near: None,
    }
}

fn near(near: &str) -> Asked {
    Asked {
        near: Some(near.to_owned()),
        ..asked()
    }
}

fn speaking(language: &str) -> Asked {
    Asked {
        language: Some(language.to_owned()),
        ..asked()
    }
}

/// The addends of the one candidate, in quarters of a day.
#[track_caller]
fn check(asked: &Asked, candidate: Candidate, allowed: Allowed, want: &[(What, i64)]) {
    let candidates = [candidate];
    let matches = rank(asked, &candidates, allowed, today());
    assert_eq!(matches.excluded, vec![]);
    let got: Vec<_> = matches.fits[0]
        .addends
        .iter()
        .map(|addend| (addend.what, addend.days.quarters()))
        .collect();
    assert_eq!(got, want);
}

#[test]
fn five_visits_count_before_a_promise_and_a_promise_before_the_limit() {
    let known = |waits: &[i64], next_available: Option<&str>| {
        heart(|heart| {
            heart.waits_hours = waits.to_vec();
            heart.offered.next_available = next_available.map(day);
        })
    };
    let rows = [
        (&[][..], None, (What::TimeAllowed, 28 * 4)),
        (&[], Some("2026-03-02"), (What::NextAvailable, 0)),
        (&[], Some("2026-03-12"), (What::NextAvailable, 40)),
        // A day that has passed says nothing any more.
        (&[], Some("2026-03-01"), (What::TimeAllowed, 28 * 4)),
        (&[1, 2, 3, 4], Some("2026-03-12"), (What::NextAvailable, 40)),
        (&[1, 2, 3, 4], None, (What::TimeAllowed, 28 * 4)),
        // Unsorted, as they come; one that waited very long moves nothing.
        (
            &[72, 24, 48, 9_000, 96],
            Some("2026-03-02"),
            (What::PastWaits, 12),
        ),
        (&[0, 0, 0, 0, 0], Some("2026-06-01"), (What::PastWaits, 0)),
        // Of an even number the mean of the two in the middle: 60 hours.
        (&[24, 24, 48, 72, 96, 96], None, (What::PastWaits, 10)),
    ];
    for (waits, next_available, want) in rows {
        check(&asked(), known(waits, next_available), FOUR_WEEKS, &[want]);
    }
}

#[test]
fn hours_are_told_to_the_nearest_quarter_of_a_day() {
    let rows = [(0, 0), (2, 0), (3, 1), (8, 1), (9, 2), (24, 4), (-5, 0)];
    for (hours, quarters) in rows {
        assert_eq!(Days::from_hours(hours).quarters(), quarters, "{hours}");
    }
}

#[test]
fn what_speaks_against_a_place_is_a_part_of_the_time_allowed() {
    let rows = [
        (Allowed::Days(28), 28 * 4, 14 * 4, 7 * 4),
        (Allowed::Hours(24), 4, 2, 1),
        // It always tells, however short the time.
        (Allowed::Hours(1), 0, 1, 1),
        // Five business days are a week.
        (Allowed::BusinessDays(5), 28, 14, 7),
    ];
    let far_and_foreign = Asked {
        language: Some("uk".to_owned()),
        ..near("Hilltop")
    };
    for (allowed, time, far, interpreter) in rows {
        let want = [
            (What::TimeAllowed, time),
            (What::NotNear, far),
            (What::InterpreterNeeded, interpreter),
        ];
        check(&far_and_foreign, heart(|_| ()), allowed, &want);
    }
}

#[test]
fn near_is_a_part_of_an_address_in_any_case() {
    for text in ["harbour", "1011", "10", "MAIN STREET", " Main "] {
        let want = [(What::TimeAllowed, 112), (What::Near, 0)];
        check(&near(text), heart(|_| ()), FOUR_WEEKS, &want);
    }
    for text in ["Hilltop", "1012", "Street 2"] {
        let want = [(What::TimeAllowed, 112), (What::NotNear, 56)];
        check(&near(text), heart(|_| ()), FOUR_WEEKS, &want);
    }
    let nowhere = heart(|heart| heart.offered.locations.clear());
    let want = [(What::TimeAllowed, 112), (What::NotNear, 56)];
    check(&near("harbour"), nowhere, FOUR_WEEKS, &want);
}

#[test]
fn a_language_is_spoken_in_all_its_forms_and_never_excludes() {
    for tag in ["en", "EN", "en-GB", "pt", "pt-PT"] {
        let want = [(What::TimeAllowed, 112), (What::LanguageSpoken, 0)];
        check(&speaking(tag), heart(|_| ()), FOUR_WEEKS, &want);
    }
    for tag in ["es", "e", "eng"] {
        let want = [(What::TimeAllowed, 112), (What::InterpreterNeeded, 28)];
        check(&speaking(tag), heart(|_| ()), FOUR_WEEKS, &want);
    }
}

#[track_caller]
fn excludes(asked: &Asked, candidate: Candidate, want: &[Exclusion]) {
    let candidates = [candidate];
    let matches = rank(asked, &candidates, FOUR_WEEKS, today());
    let got = matches.excluded.first();
    assert_eq!(
        got.map_or(&[][..], |excluded| &excluded.reasons),
        want,
        "{candidates:?}"
    );
    assert_eq!(matches.fits.len(), usize::from(want.is_empty()));
}

#[test]
fn a_service_that_cannot_take_it_is_excluded_with_every_reason() {
    let urgent = Asked {
        urgency: Urgency::Urgent,
        ..asked()
    };
    let routine_only = |heart: &mut Candidate| heart.offered.urgencies = vec![Urgency::Routine];
    excludes(&asked(), heart(|_| ()), &[]);
    excludes(&asked(), heart(routine_only), &[]);
    excludes(&urgent, heart(routine_only), &[Exclusion::UrgencyNotTaken]);
    let rooms = [
        (Some(0), &[Exclusion::NoRoom][..]),
        (Some(1), &[]),
        (None, &[]),
    ];
    for (capacity, want) in rooms {
        excludes(
            &asked(),
            heart(|heart| heart.offered.capacity = capacity),
            want,
        );
    }
    let worst = heart(|heart| {
        heart.organization_active = false;
        heart.is_recipient = false;
        heart.offered.active = false;
        heart.offered.codes = vec![code(None, "echo")];
        heart.offered.urgencies.clear();
        heart.offered.capacity = Some(0);
    });
    let coded = Asked {
        code: Some(coding("ecg")),
        ..asked()
    };
    excludes(&coded, worst, Exclusion::ALL);
}

fn coding(code: &str) -> Coding {
    Coding {
        system: SNOMED.to_owned(),
        code: code.to_owned(),
        display: None,
    }
}

#[test]
fn a_code_is_offered_under_its_system_or_under_none() {
    let rows = [
        (vec![], true),
        (
            vec![code(Some(SNOMED), "echo"), code(Some(SNOMED), "ecg")],
            true,
        ),
        (vec![code(None, "ecg")], true),
        (vec![code(Some("urn:other"), "ecg")], false),
        (vec![code(Some(SNOMED), "echo")], false),
    ];
    let coded = Asked {
        code: Some(coding("ecg")),
        ..asked()
    };
    for (codes, is_offered) in rows {
        let want = [Exclusion::CodeNotOffered];
        let want = if is_offered { &[][..] } else { &want };
        let offering = || heart(|heart| heart.offered.codes = codes.clone());
        excludes(&coded, offering(), want);
        excludes(&asked(), offering(), &[]);
    }
}

#[test]
fn a_stat_referral_travels_for_a_day_and_a_routine_one_waits_for_nearness() {
    let mut near_later = candidate("near", "cardiology");
    near_later.offered.next_available = Some(day("2026-03-07"));
    let mut far_now = candidate("far", "cardiology");
    far_now.offered.next_available = Some(today());
    far_now.offered.locations = vec!["Hilltop".to_owned()];
    let candidates = [near_later, far_now];
    let first = |urgency, allowed| {
        let asked = Asked {
            urgency,
            ..near("harbour")
        };
        let matches = rank(&asked, &candidates, allowed, today());
        matches.fits[0].candidate.organization.clone()
    };
    assert_eq!(first(Urgency::Routine, FOUR_WEEKS), "near");
    assert_eq!(first(Urgency::Stat, Allowed::Hours(24)), "far");
}

fn any_candidate() -> impl Strategy<Value = Candidate> {
    let flags = (
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.9),
    );
    let offered = (
        subsequence(vec!["ecg", "echo"], 0..=2),
        subsequence(Urgency::ALL.to_vec(), 1..=4),
        subsequence(vec!["Harbour", "Hilltop"], 0..=2),
        subsequence(vec!["en", "es"], 0..=2),
        of(select(vec!["2026-02-20", "2026-03-02", "2026-03-09"])),
        of(0..2_i64),
    );
    let waits = vec(0..2_000_i64, 0..2 * WAITS_ENOUGH);
    (flags, offered, waits).prop_map(|(flags, offered, waits_hours)| {
        let mut candidate = candidate("", "");
        (
            candidate.organization_active,
            candidate.is_recipient,
            candidate.offered.active,
        ) = flags;
        let texts = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        let (codes, urgencies, locations, languages, next_available, capacity) = offered;
        candidate.offered.codes = codes.into_iter().map(|it| code(None, it)).collect();
        candidate.offered.urgencies = urgencies;
        candidate.offered.locations = texts(locations);
        candidate.offered.languages = texts(languages);
        candidate.offered.next_available = next_available.map(day);
        candidate.offered.capacity = capacity;
        candidate.waits_hours = waits_hours;
        candidate
    })
}

/// Up to twelve services of three organisations, in any order.
fn any_candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let named = vec(any_candidate(), 0..12).prop_map(|mut candidates| {
        for (index, candidate) in candidates.iter_mut().enumerate() {
            candidate.organization = ["north", "heart", "lungs"][index % 3].to_owned();
            candidate.service = format!("s{index}");
        }
        candidates
    });
    named.prop_shuffle()
}

fn any_asked() -> impl Strategy<Value = Asked> {
    let parts = (
        of(Just(coding("ecg"))),
        select(Urgency::ALL.to_vec()),
        of(select(vec!["en", "es", "uk"])),
        of(select(vec!["harbour", "hill"])),
    );
    parts.prop_map(|(code, urgency, language, near)| Asked {
        code,
        urgency,
        language: language.map(str::to_owned),
        near: near.map(str::to_owned),
    })
}

fn names<'a>(matches: &'a Matches<'_>) -> Vec<(&'a str, &'a str)> {
    let fits = matches.fits.iter().map(|fit| fit.candidate);
    let excluded = matches.excluded.iter().map(|excluded| excluded.candidate);
    fits.chain(excluded)
        .map(|it| (it.organization.as_str(), it.service.as_str()))
        .collect()
}

proptest! {
    #[test]
    fn every_candidate_has_exactly_one_place(asked in any_asked(), candidates in any_candidates()) {
        let matches = rank(&asked, &candidates, FOUR_WEEKS, today());
        let all: BTreeSet<_> = names(&matches).into_iter().collect();
        prop_assert_eq!(names(&matches).len(), candidates.len());
        prop_assert_eq!(all.len(), candidates.len());
        for excluded in &matches.excluded {
            prop_assert!(!excluded.reasons.is_empty());
        }
    }

    #[test]
    fn the_addends_add_up_and_the_wait_comes_first(asked in any_asked(), candidates in any_candidates()) {
        for fit in rank(&asked, &candidates, FOUR_WEEKS, today()).fits {
            let sum: i64 = fit.addends.iter().map(|addend| addend.days.quarters()).sum();
            prop_assert_eq!(sum, fit.expected.quarters());
            let wait = [What::PastWaits, What::NextAvailable, What::TimeAllowed];
            let waits: Vec<_> = fit.addends.iter().map(|addend| wait.contains(&addend.what)).collect();
            prop_assert!(waits[0] && !waits[1..].contains(&true), "{:?}", fit.addends);
        }
    }

    #[test]
    fn the_order_is_total_and_does_not_depend_on_how_they_came(
        asked in any_asked(),
        (candidates, shuffled) in any_candidates().prop_flat_map(|them| (Just(them.clone()), Just(them).prop_shuffle())),
    ) {
        let matches = rank(&asked, &candidates, FOUR_WEEKS, today());
        let place = |index: usize| {
            let fit = &matches.fits[index];
            (fit.expected, fit.candidate.organization.as_str(), fit.candidate.service.as_str())
        };
        for index in 1..matches.fits.len() {
            prop_assert!(place(index - 1) < place(index));
        }
        let again = rank(&asked, &shuffled, FOUR_WEEKS, today());
        prop_assert_eq!(matches.fits, again.fits);
    }
}
