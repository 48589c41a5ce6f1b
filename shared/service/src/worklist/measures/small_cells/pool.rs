//! Groups of few are put together, before anything is hidden.

use std::collections::BTreeMap;

use domain::facts;

use super::super::sums::Sums;

/// The group that groups of few are put together in; no id and no code begins so.
pub(in crate::worklist) const FEW: &str = "~few";

/// Puts the groups of few together, and the smallest of the others with them where they are few all the same.
pub(in crate::worklist) fn pool(groups: &mut BTreeMap<String, Sums>, shown_from: u32) {
    let enough = i64::from(shown_from);
    let mut pooled = Sums::default();
    loop {
        let small = groups
            .iter()
            .map(|(key, sums)| (sums.of(facts::TOTAL), key))
            .filter(|(total, _)| *total < enough || (1..enough).contains(&pooled.of(facts::TOTAL)))
            .min();
        let Some(key) = small.map(|(_, key)| key.clone()) else {
            break;
        };
        if let Some(sums) = groups.remove(&key) {
            pooled.include(&sums);
        }
    }
    if pooled.of(facts::TOTAL) > 0 {
        groups.insert(FEW.to_owned(), pooled);
    }
}
