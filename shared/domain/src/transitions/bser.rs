//! The 34 transitions of HL7 BSeR / IHE 360X, as published. Rows 31 to 34 are the coarse form (5.1).

use super::{Actor as A, Next, Row};
use crate::kind::EventKind as E;
use crate::status::{BusinessStatus as B, Side, Status as S, TaskStatus as T};

const fn bser(tid: u8, by: A, event: E, from: Option<S>, to: S, business: B, task: T) -> Row {
    let turn = match to.owner() {
        Some(Side::Referrer) => Next::Referrer,
        Some(Side::Recipient) => Next::Recipient,
        None => Next::Nobody,
    };
    Row {
        tid: Some(tid),
        event,
        by,
        from,
        to,
        business: Some(business),
        task,
        turn,
    }
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    bser(1, A::Referrer, E::ReferralSent, None, S::Sent, B::AwaitingAcceptance, T::Received),
    bser(2, A::Recipient, E::ReferralAccepted, Some(S::Sent), S::Accepted, B::Accepted, T::Accepted),
    bser(3, A::Recipient, E::ReferralDeclined, Some(S::Sent), S::Declined, B::Declined, T::Rejected),
    bser(4, A::Referrer, E::ReferralCancellationRequested, Some(S::Sent), S::CancellationRequested, B::CancellationRequested, T::InProgress),
    bser(5, A::Recipient, E::ReferralDeclined, Some(S::Accepted), S::Declined, B::Declined, T::Rejected),
    bser(6, A::Recipient, E::AppointmentScheduled, Some(S::Accepted), S::Scheduled, B::Scheduled, T::InProgress),
    bser(7, A::Referrer, E::ReferralCancellationRequested, Some(S::Accepted), S::CancellationRequested, B::CancellationRequested, T::InProgress),
    bser(8, A::Recipient, E::ReferralInterimNote, Some(S::Accepted), S::Seen, B::Seen, T::InProgress),
    bser(9, A::Recipient, E::ReferralOutcome, Some(S::Accepted), S::Completed, B::Completed, T::Completed),
    bser(10, A::Recipient, E::ReferralDeclined, Some(S::Scheduled), S::Declined, B::Declined, T::Rejected),
    bser(11, A::Recipient, E::AppointmentRescheduled, Some(S::Scheduled), S::Scheduled, B::Scheduled, T::InProgress),
    bser(12, A::Recipient, E::AppointmentNoShow, Some(S::Scheduled), S::NoShow, B::NoShow, T::InProgress),
    bser(13, A::Recipient, E::AppointmentCancelled, Some(S::Scheduled), S::AppointmentCancelled, B::AppointmentCancelled, T::InProgress),
    bser(14, A::Referrer, E::ReferralCancellationRequested, Some(S::Scheduled), S::CancellationRequested, B::CancellationRequested, T::InProgress),
    bser(15, A::Recipient, E::ReferralInterimNote, Some(S::Scheduled), S::Seen, B::Seen, T::InProgress),
    bser(16, A::Recipient, E::ReferralOutcome, Some(S::Scheduled), S::Completed, B::Completed, T::Completed),
    bser(17, A::Recipient, E::ReferralDeclined, Some(S::NoShow), S::Declined, B::Declined, T::Rejected),
    bser(18, A::Recipient, E::AppointmentRescheduled, Some(S::NoShow), S::Scheduled, B::Scheduled, T::InProgress),
    bser(19, A::Recipient, E::AppointmentCancelled, Some(S::NoShow), S::AppointmentCancelled, B::AppointmentCancelled, T::InProgress),
    bser(20, A::Referrer, E::ReferralCancellationRequested, Some(S::NoShow), S::CancellationRequested, B::CancellationRequested, T::InProgress),
    bser(21, A::Recipient, E::AppointmentScheduled, Some(S::AppointmentCancelled), S::Scheduled, B::Scheduled, T::InProgress),
    bser(22, A::Referrer, E::ReferralCancellationRequested, Some(S::AppointmentCancelled), S::CancellationRequested, B::CancellationRequested, T::InProgress),
    bser(23, A::Recipient, E::ReferralCancellationConfirmed, Some(S::CancellationRequested), S::Cancelled, B::Cancelled, T::Cancelled),
    bser(24, A::Recipient, E::ReferralOutcome, Some(S::CancellationRequested), S::Completed, B::Completed, T::Completed),
    bser(25, A::Recipient, E::ReferralDeclined, Some(S::Seen), S::Declined, B::Declined, T::Rejected),
    bser(26, A::Recipient, E::AppointmentScheduled, Some(S::Seen), S::Scheduled, B::Scheduled, T::InProgress),
    bser(27, A::Recipient, E::AppointmentCancelled, Some(S::Seen), S::AppointmentCancelled, B::AppointmentCancelled, T::InProgress),
    bser(28, A::Referrer, E::ReferralCancellationRequested, Some(S::Seen), S::CancellationRequested, B::CancellationRequested, T::InProgress),
    bser(29, A::Recipient, E::ReferralInterimNote, Some(S::Seen), S::Seen, B::Seen, T::InProgress),
    bser(30, A::Recipient, E::ReferralOutcome, Some(S::Seen), S::Completed, B::Completed, T::Completed),
    bser(31, A::Recipient, E::AppointmentScheduled, Some(S::Accepted), S::Scheduled, B::InProgress, T::InProgress),
    bser(32, A::Recipient, E::ReferralInterimNote, Some(S::Accepted), S::Seen, B::InProgress, T::InProgress),
    bser(33, A::Recipient, E::ReferralDeclined, Some(S::Scheduled), S::Declined, B::Declined, T::Rejected),
    bser(34, A::Referrer, E::ReferralCancellationRequested, Some(S::Scheduled), S::CancellationRequested, B::CancellationRequested, T::InProgress),
];
