//! The rules of a closed-loop referral.
//!
//! A referral is the fold of its events in the order in which they happened; [`decide`] says what an event that has just
//! arrived does to it. Pure: no I/O, no clock, no randomness, no platform; the time and every id are arguments.

mod codes;
mod free;

pub mod actions;
pub mod attention;
pub mod calendar;
pub mod chase;
pub mod checklist;
pub mod cms50;
pub mod completeness;
pub mod course;
pub mod decide;
pub mod event;
pub mod facts;
pub mod fold;
pub mod guards;
pub mod implied;
pub mod kind;
pub mod limits;
pub mod matching;
pub mod merges;
pub mod notices;
pub mod payload;
pub mod policy;
pub mod priority;
pub mod referral;
pub mod request;
pub mod second;
pub mod status;
pub mod tasks;
pub mod time;
pub mod time_zone;
pub mod transitions;
