//! Which id stands for which, after merges in any order.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeSet;

use domain::merges::{Contradiction, DatedMerge, Merge, Merges};
use domain::request::Identifier;
use domain::time::Timestamp;
use proptest::prelude::*;

fn id(number: u8) -> Identifier {
    Identifier {
        system: "urn:oid:2.999.1".to_owned(),
        value: number.to_string(),
    }
}

fn merge(from: u8, to: u8, at: i64) -> DatedMerge {
    DatedMerge {
        merge: Merge {
            from: id(from),
            to: id(to),
        },
        at: Timestamp::from_millisecond(at).unwrap(),
    }
}

/// Takes them one after the other; those that contradict are left out.
fn taken(said: &[(u8, u8, i64)]) -> Merges {
    let mut merges = Merges::default();
    for (from, to, at) in said {
        let _ = merges.take(merge(*from, *to, *at));
    }
    merges
}

#[track_caller]
fn check(said: &[(u8, u8, i64)], want: &[(u8, u8)]) {
    let merges = taken(said);
    for (of, stays) in want {
        assert_eq!(merges.survivor(&id(*of)), &id(*stays), "{said:?}: {of}");
    }
}

#[test]
fn a_chain_leads_to_its_end_in_whatever_order_its_links_became_known() {
    for said in [
        [(1, 2, 10), (2, 3, 20)],
        [(2, 3, 20), (1, 2, 10)],
        // The later link became known first, and the other one is dated by when it was sent.
        [(2, 3, 10), (1, 2, 20)],
    ] {
        check(&said, &[(1, 3), (2, 3), (3, 3), (4, 4)]);
    }
}

#[test]
fn of_a_circle_the_newest_merge_counts_whenever_it_became_known() {
    check(&[(1, 2, 10), (2, 1, 20)], &[(1, 1), (2, 1)]);
    check(&[(2, 1, 20), (1, 2, 10)], &[(1, 1), (2, 1)]);
    // Of one instant the one that became known last.
    check(&[(1, 2, 10), (2, 1, 10)], &[(1, 1), (2, 1)]);
    check(&[(2, 1, 10), (1, 2, 10)], &[(1, 2), (2, 2)]);
    for said in [
        [(1, 2, 10), (2, 3, 90), (3, 1, 30)],
        [(3, 1, 30), (2, 3, 90), (1, 2, 10)],
        [(2, 3, 90), (3, 1, 30), (1, 2, 10)],
    ] {
        check(&said, &[(1, 3), (2, 3), (3, 3)]);
    }
}

#[test]
fn an_id_that_was_brought_back_may_be_merged_into_a_third() {
    check(
        &[(1, 2, 10), (2, 1, 20), (1, 3, 30)],
        &[(1, 3), (2, 3), (3, 3)],
    );
}

#[test]
fn an_id_that_is_no_more_is_not_merged_into_another_record() {
    let mut merges = taken(&[(1, 2, 10)]);
    let before = merges.clone();
    assert_eq!(merges.take(merge(1, 3, 20)), Err(Contradiction));
    assert_eq!(merges, before);
    // What follows from both is none.
    merges.take(merge(2, 3, 20)).unwrap();
    assert_eq!(merges.take(merge(1, 3, 30)), Ok(false));
    assert_eq!(merges.survivor(&id(1)), &id(3));
}

#[test]
fn a_record_that_is_merged_into_itself_stays() {
    check(&[(1, 1, 10)], &[(1, 1)]);
    assert_eq!(taken(&[(1, 1, 10)]), Merges::default());
}

fn stays(merges: &Merges, number: u8) -> Identifier {
    merges.survivor(&id(number)).clone()
}

/// The ids that are connected, by looking at pairs until nothing changes.
fn of_one_patient(said: &[(u8, u8, i64)], one: u8) -> BTreeSet<u8> {
    let mut known = BTreeSet::from([one]);
    loop {
        let before = known.len();
        for (from, to, _) in said {
            if known.contains(from) || known.contains(to) {
                known.extend([*from, *to]);
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

fn any_merges() -> impl Strategy<Value = Vec<(u8, u8, i64)>> {
    let pairs = prop::collection::vec((0_u8..7, 0_u8..7), 0..12);
    let with_times = |pairs: Vec<(u8, u8)>| -> Vec<(u8, u8, i64)> {
        let times = (0_i64..).map(|at| at * 10);
        pairs
            .into_iter()
            .zip(times)
            .map(|((from, to), at)| (from, to, at))
            .collect()
    };
    pairs.prop_map(with_times)
}

proptest! {
    #[test]
    fn every_id_leads_at_once_to_one_of_its_own_patient_that_stays(said in any_merges()) {
        let merges = taken(&said);
        for number in 0..7 {
            let survivor = stays(&merges, number);
            prop_assert_eq!(merges.survivor(&survivor), &survivor);
            let own = of_one_patient(&said, number);
            prop_assert!(own.iter().any(|other| id(*other) == survivor));
        }
    }

    #[test]
    fn merges_without_a_contradiction_mean_the_same_in_every_order(
        said in any_merges(), order in prop::collection::vec(any::<prop::sample::Index>(), 12)
    ) {
        // Each id is merged once at most: a clinic merges a record that is there.
        let mut seen = BTreeSet::new();
        let said: Vec<_> = said.into_iter().filter(|(from, ..)| seen.insert(*from)).collect();
        let mut shuffled = said.clone();
        for (place, index) in order.iter().enumerate().take(shuffled.len()) {
            let other = index.index(shuffled.len());
            shuffled.swap(place, other);
        }
        let (one, other) = (taken(&said), taken(&shuffled));
        for number in 0..7 {
            prop_assert_eq!(stays(&one, number), stays(&other, number));
            let own = of_one_patient(&said, number);
            for member in own {
                prop_assert_eq!(stays(&one, number), stays(&one, member));
            }
        }
    }

    #[test]
    fn a_merge_that_comes_twice_changes_nothing(said in any_merges(), which in any::<prop::sample::Index>()) {
        let mut merges = Merges::default();
        // One that contradicted what was known may be right later.
        let taken: Vec<_> = said
            .into_iter()
            .map(|(from, to, at)| merge(from, to, at))
            .filter(|dated| merges.take(dated.clone()).is_ok())
            .collect();
        prop_assume!(!taken.is_empty());
        let all = |merges: &Merges| -> Vec<_> {
            merges.survivors().map(|(id, of)| (id.clone(), of.clone())).collect()
        };
        let before = all(&merges);
        let _ = merges.take(which.get(&taken).clone());
        prop_assert_eq!(before, all(&merges));
    }

    #[test]
    fn what_was_stored_is_read_back_as_it_stood(said in any_merges()) {
        let mut merges = Merges::default();
        let mut stored = Vec::new();
        for (from, to, at) in said {
            let dated = merge(from, to, at);
            if merges.take(dated.clone()) == Ok(true) {
                stored.push(dated);
            }
        }
        prop_assert_eq!(Merges::of(stored), merges);
    }
}
