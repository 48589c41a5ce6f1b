//! How often things go wrong, each with where the number comes from. Shares are of 1.
//!
//! *Calibrated* numbers have no source of their own: they are set so that the year without chasing meets the two published results
//! at the end of this file. *Ours* are plain assumptions.

/// Referrals of a year.
pub const REFERRALS: usize = 1_000;
/// The days over which they are sent; each has 90 days to be closed within the year (the limit from sent to closed). Ours.
pub const SENT_OVER_DAYS: i64 = 275;
/// The days of the year.
pub const DAYS: i64 = 365;
/// Offices that refer, and offices that are referred to. Ours.
pub const REFERRERS: usize = 4;
/// See [`REFERRERS`].
pub const RECIPIENTS: usize = 6;

// The recipient's office.

/// Requests that nobody ever looks at. Calibrated.
pub const NEVER_LOOKED_AT: f64 = 0.11;
/// Of those looked at: declined. Ours.
pub const DECLINED: f64 = 0.08;
/// Requests that lack what is needed to judge them: 40.4% (Sewell 2013, PMC3684175). The office asks for it in a quarter of these
/// (ours), and judges by what it has in the others.
pub const LACKS_INFORMATION: f64 = 0.404;
/// See [`LACKS_INFORMATION`].
pub const ASKS_FOR_IT: f64 = 0.25;
/// Accepted referrals that the office schedules by itself; the others are forgotten, or wait for the patient to call. Calibrated.
pub const SCHEDULED: f64 = 0.81;
/// Days until it decides, and until it schedules, on average. Ours.
pub const DECIDES_IN_DAYS: f64 = 4.0;
/// See [`DECIDES_IN_DAYS`].
pub const SCHEDULES_IN_DAYS: f64 = 5.0;
/// Days from booking to the visit, at least and at most. Ours.
pub const LEAD_DAYS: (i64, i64) = (5, 30);
/// Missed visits of which the office says so by itself. Ours.
pub const NO_SHOW_TOLD: f64 = 0.6;
/// Visits of which a report is sent: what specialists say (O'Malley and Reschovsky 2011).
pub const REPORT_SENT: f64 = 0.806;
/// Reports that referrers say they get, of all visits (the same study). What was sent and did not come is lost on the way.
pub const REPORT_RECEIVED: f64 = 0.622;
/// Days from visit to report, on average. Ours.
pub const REPORTS_IN_DAYS: f64 = 6.0;

// The patient.

/// Of those with a date: who go at the first. Calibrated.
pub const GOES: f64 = 0.53;
/// Of those who do not go: who book again by themselves. Ours.
pub const BOOKS_AGAIN: f64 = 0.1;
/// Of those who do not go: who would have gone and forgot, fell ill, or never got the letter. Ours; the others have a reason.
pub const FORGETS: f64 = 0.4;
/// Reasons of those who do not go, several at once: the problem is resolved, no time, disagrees with the need (47.5, 37.3 and 26.5% in a
/// study of a primary-care network). Used as shares of their sum.
pub const RESOLVED: f64 = 0.475;
/// See [`RESOLVED`].
pub const NO_TIME: f64 = 0.373;
/// See [`RESOLVED`].
pub const DISAGREES: f64 = 0.265;
/// Patients who cannot be reached by the number that the request gives. Ours.
pub const UNREACHABLE: f64 = 0.06;
/// Of the others: calls that reach them. Ours.
pub const CALL_REACHES: f64 = 0.55;
/// Of those who would have gone: who go once they were called and booked again. Ours.
pub const GOES_WHEN_CALLED: f64 = 0.75;
/// Of those with no time: who go once a time was found together. Ours.
pub const GOES_WHEN_TIME_IS_FOUND: f64 = 0.5;

// The referrer's office.

/// Questions that it answers by itself. Ours.
pub const ANSWERS: f64 = 0.7;
/// Declines that it notices by itself, and sends on. Ours.
pub const DECLINE_NOTICED: f64 = 0.4;
/// Reports that it acknowledges by itself. Ours.
pub const ACKNOWLEDGES: f64 = 0.7;
/// Patients that it tells by itself. Ours.
pub const INFORMS: f64 = 0.7;
/// Days that each takes, on average. Ours.
pub const REFERRER_ACTS_IN_DAYS: f64 = 4.0;
/// Unreachable patients whose number it finds. Ours.
pub const NUMBER_FOUND: f64 = 0.5;

// The lines between them.

/// Messages of a recipient's system that are lost for good; a lost report has its own share. Ours.
pub const LOST: f64 = 0.03;
/// Messages that come twice. Ours.
pub const DOUBLED: f64 = 0.05;
/// Messages that come late, and out of order. Ours.
pub const LATE: f64 = 0.1;
/// How late at most, in hours. Ours.
pub const LATE_HOURS_MAX: i64 = 96;
/// The day on which one of the recipients closes. Ours.
pub const CLOSES_ON_DAY: i64 = 150;

// Chasing.

/// The assumption on which the results with chasing rest: of what a worklist shows as late, the share that an office acts on in a
/// business day. The results are shown for [`OTHER_SHARES_ACTED_ON`] as well.
pub const SHARE_ACTED_ON_A_DAY: f64 = 0.5;
/// See [`SHARE_ACTED_ON_A_DAY`].
pub const OTHER_SHARES_ACTED_ON: [f64; 4] = [0.05, 0.1, 0.25, 0.75];
/// One recipient's office never looks at its worklist, whatever it shows. Ours.
pub const OFFICES_THAT_NEVER_LOOK: usize = 1;
/// The referrals that an office looks at in a day, the most pressing ones under each heading. Ours.
pub const LOOKED_AT_A_DAY: usize = 25;
/// What is late with the other side a referrer looks at once a week. Ours.
pub const LOOKS_AT_OTHERS_EVERY_DAYS: i64 = 7;
/// Days after which a referrer who sees that nothing moves takes the referral elsewhere, and how often. Ours.
pub const TAKEN_ELSEWHERE_AFTER_DAYS: i64 = 14;
/// Legs of a referral at most, so that it is not passed on for ever. Ours.
pub const LEGS_MAX: u64 = 3;
/// Declines that a referrer who is chased sends on; the others it manages itself. Ours.
pub const DECLINE_SENT_ON: f64 = 0.7;
/// How often the sweep runs: every hour.
pub const SWEEP_EVERY_HOURS: i64 = 1;

// What the year without chasing has to come to, and how near.

/// Attempts that were completed: 34.8% of 103,737 (Patel 2018, PMC5910374).
pub const PUBLISHED_COMPLETED: f64 = 0.348;
/// Attempts that never had an appointment date: 38.9% (the same).
pub const PUBLISHED_NEVER_A_DATE: f64 = 0.389;
/// How far a year may be from them, in standard errors of a share.
pub const CALIBRATION_STANDARD_ERRORS: f64 = 2.0;
