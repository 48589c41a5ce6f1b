//! Records that turned out to be of one patient: which id is no more, and which stands for it now.
//!
//! Invariant: which ids are of one patient depends on the merges alone, never on the order in which they became known; and every id
//! that is no more leads to one that stays, at once and never round in a circle. Source: HL7 v2 chapter 3, merge patient (MRG-1 is
//! merged into PID-3 of the same assigner); IHE PAM, ITI-30.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::request::Identifier;
use crate::time::Timestamp;

/// One record was merged into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The id that is no more.
    pub from: Identifier,
    /// The id that stays.
    pub to: Identifier,
}

/// A merge, and when it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedMerge {
    /// What was merged into what.
    pub merge: Merge,
    /// When.
    pub at: Timestamp,
}

/// The id that is to be no more was merged into another record before, and that one is not the one that stays now: either merge may be
/// the mistake, and a wrong match is worse than none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this id was merged into another record before, which is not the one that stays here")]
pub struct Contradiction;

/// Merges that one organisation has said, in the order in which they became known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merges {
    said: Vec<DatedMerge>,
    /// Every id that was merged, with the one that stands for it now: itself, where it was brought back.
    survivors: BTreeMap<Identifier, Identifier>,
}

impl Merges {
    /// All of them. They were taken before, so that nothing is judged again.
    #[must_use]
    pub fn of(said: Vec<DatedMerge>) -> Self {
        let mut merges = Self {
            said,
            survivors: BTreeMap::new(),
        };
        merges.work_out();
        merges
    }

    /// Takes another one, and says whether it was news. Where it leads round in a circle the newest of the circle's merges counts: the id
    /// that it names is there again.
    ///
    /// # Errors
    /// [`Contradiction`]; nothing changes.
    pub fn take(&mut self, dated: DatedMerge) -> Result<bool, Contradiction> {
        let Merge { from, to } = &dated.merge;
        let (is, stays) = (self.survivor(from), self.survivor(to));
        if from == to || (is != from && is == stays) {
            return Ok(false);
        }
        if is != from {
            return Err(Contradiction);
        }
        self.said.push(dated);
        self.work_out();
        Ok(true)
    }

    /// The id that stands for `id`: itself, unless it is no more.
    #[must_use]
    pub fn survivor<'a>(&'a self, id: &'a Identifier) -> &'a Identifier {
        self.survivors.get(id).unwrap_or(id)
    }

    /// Every id that was ever merged into another, with the one that stands for it now.
    pub fn survivors(&self) -> impl Iterator<Item = (&Identifier, &Identifier)> {
        self.survivors.iter()
    }

    /// In the order in which they were done; of one instant, in which they became known.
    fn work_out(&mut self) {
        let mut said: Vec<&DatedMerge> = self.said.iter().collect();
        said.sort_by_key(|dated| dated.at);
        let mut survivors: BTreeMap<Identifier, Identifier> = BTreeMap::new();
        for DatedMerge {
            merge: Merge { from, to },
            ..
        } in said
        {
            let of = |id: &Identifier| survivors.get(id).unwrap_or(id).clone();
            let (gone, mut stays) = (of(from), of(to));
            if gone == stays {
                if gone != *from {
                    // Said before.
                    continue;
                }
                // Round in a circle: the newer word counts.
                stays = to.clone();
            }
            for survivor in survivors.values_mut().filter(|id| **id == gone) {
                survivor.clone_from(&stays);
            }
            survivors.insert(gone, stays.clone());
            // Where it was no more it is there again.
            if let Some(survivor) = survivors.get_mut(&stays) {
                survivor.clone_from(&stays);
            }
            survivors.entry(from.clone()).or_insert(stays);
        }
        self.survivors = survivors;
    }
}
