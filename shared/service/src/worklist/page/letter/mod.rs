//! The recipient without software: the letter and the patient's note that the referrer prints, and what the office sees that opens
//! the letter's link.
//!
//! Invariant: what stands below [`super::LETTER_PATH`] shows one leg of one referral, to the session that is confined to it.

mod attached;
mod content;
mod forms;
mod leg;
mod note;
mod opening;
mod parties;
mod sheet;
mod wording;
mod words;

use ports::Platform;

use super::answer::shown;
use crate::http::Operation;

/// The routes and what serves them.
pub(super) fn operations<P: Platform>() -> Vec<Operation<P>> {
    vec![
        Operation::new(&opening::OPENING, |call| Box::pin(opening::page(call))),
        Operation::new(&leg::LEG, |call| Box::pin(leg::shown(call))),
        Operation::new(&attached::DOCUMENT, |call| Box::pin(attached::read(call))),
        Operation::new(&sheet::SHEET, |call| Box::pin(shown(call, sheet::page))),
        Operation::new(&note::NOTE, |call| Box::pin(shown(call, note::page))),
    ]
}
