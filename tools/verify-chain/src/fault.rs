//! What can be wrong, in words that repeat nothing of what is stored.

use std::fmt;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Events between two others, or before the first, are not there.
    Missing {
        /// The last one that is not.
        until: i64,
    },
    /// An event's number is below 1.
    BeforeFirst,
    /// The hash is not the SHA-256 of the body.
    Hash,
    /// The body is not canonical JSON.
    NotCanonical,
    /// The body says that it is another referral's.
    OtherReferral,
    /// The body says that it has another number.
    OtherSeq,
    /// The body names another hash than the one of the event before.
    BrokenLink,
    /// The body is no event.
    NotAnEvent,
    /// The referral has no event.
    NoEvents,
    /// There are events and no referral.
    NoReferral,
    /// The referral's version is not the number of its last event.
    Version,
    /// The referral's tail is not the hash of its last event.
    Tail,
    /// The events make no referral.
    NotFolded,
    /// A column of the referral is not what its events make of it.
    Column(&'static str),
    /// Something names the referral, and there is none.
    Stray(&'static str),
    /// A receipt names an event that is not there.
    Receipt,
    /// A partner's proof names an event that is not there.
    ProofMissing,
    /// A partner's proof has another hash.
    ProofDiffers,
}

/// Something wrong with one referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The number of the event, where it is one's.
    pub seq: Option<i64>,
    /// What.
    pub wrong: Wrong,
}

/// A fault and whose it is: a line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The referral's id.
    pub referral: String,
    /// The fault.
    pub fault: Fault,
}

impl Fault {
    /// A fault of the referral as a whole.
    #[must_use]
    pub const fn of_referral(wrong: Wrong) -> Self {
        Self { seq: None, wrong }
    }

    /// A fault of one event.
    #[must_use]
    pub const fn at(seq: i64, wrong: Wrong) -> Self {
        Self {
            seq: Some(seq),
            wrong,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { until } => write!(formatter, "missing, up to seq {until}"),
            Self::BeforeFirst => formatter.write_str("numbers begin at 1"),
            Self::Hash => formatter.write_str("the hash is not the SHA-256 of the body"),
            Self::NotCanonical => formatter.write_str("the body is not canonical JSON"),
            Self::OtherReferral => formatter.write_str("the body is another referral's"),
            Self::OtherSeq => formatter.write_str("the body has another number"),
            Self::BrokenLink => {
                formatter.write_str("the body does not name the hash of the event before")
            }
            Self::NotAnEvent => formatter.write_str("the body is no event"),
            Self::NoEvents => formatter.write_str("the referral has no event"),
            Self::NoReferral => formatter.write_str("there are events and no referral"),
            Self::Version => {
                formatter.write_str("the referral's version is not its last event's number")
            }
            Self::Tail => {
                formatter.write_str("the referral's tail_hash is not its last event's hash")
            }
            Self::NotFolded => formatter.write_str("the events make no referral"),
            Self::Column(name) => {
                write!(formatter, "{name} is not what the events make of it")
            }
            Self::Stray(what) => write!(formatter, "{what} names it, and there is none"),
            Self::Receipt => formatter.write_str("a receipt names this event, which is not there"),
            Self::ProofMissing => {
                formatter.write_str("a proof names this event, which is not there")
            }
            Self::ProofDiffers => formatter.write_str("a proof has another hash of this event"),
        }
    }
}

impl fmt::Display for Finding {
    /// One line, whatever the id holds.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.referral.escape_debug())?;
        if let Some(seq) = self.fault.seq {
            write!(formatter, " seq {seq}")?;
        }
        write!(formatter, ": {}", self.fault.wrong)
    }
}
