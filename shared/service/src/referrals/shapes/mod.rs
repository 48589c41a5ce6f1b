//! The shapes of a request and of a referral on the wire.

mod parts;
mod referral;
mod request;

pub use parts::{CODING, IDENTIFIER, LANGUAGE, NEAR, PATIENT_CHANGES, RECIPIENT, SPECIALTY};
pub use referral::REFERRAL;
pub use request::{REQUEST, REQUEST_CHANGES, SUPPORTING, URGENCY};
