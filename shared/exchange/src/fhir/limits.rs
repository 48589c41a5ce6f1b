//! How much of a format is read: what is beyond is a fault that names the limit.

/// How deep what comes may be nested. Ours: a message with a document in it with a resource in it is about 20 deep.
pub const DEPTH_MAX: usize = 48;

/// How many resources a Bundle may hold, contained ones and those of Bundles within it counted.
pub const RESOURCES_MAX: usize = 1_000;

/// How many faults are told, as for JSON bodies.
pub const FAULTS_MAX: usize = 100;

/// How many supporting items one referral may have.
pub const SUPPORTING_MAX: usize = 200;

/// How many characters of a report's text are taken into its summary; the whole of it is kept as it came.
pub const SUMMARY_CHARS_MAX: usize = 20_000;
