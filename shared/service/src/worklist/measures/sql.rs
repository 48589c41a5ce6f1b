//! The statements of measures. What they read grows with the months of the range and the sums in them, not with the referrals.

/// Who calls: the organisation of the key with hash `?1`.
macro_rules! me {
    () => {
        "(SELECT organization_id FROM keys WHERE hash = ?1)"
    };
}

/// By what `?2` says to group, of a row with these columns.
macro_rules! group {
    ($row:literal, $month:expr) => {
        concat!(
            "CASE ?2 WHEN 'specialty' THEN coalesce(",
            $row,
            ".specialty, '') WHEN 'urgency' THEN ",
            $row,
            ".urgency WHEN 'recipient' THEN coalesce(",
            $row,
            ".recipient, '') WHEN 'month' THEN ",
            $month,
            " ELSE '' END"
        )
    };
}

/// When a referral came in, as the sums have it.
macro_rules! month {
    () => {
        "strftime('%Y-%m', f.created_at / 1000, 'unixepoch')"
    };
}

/// Which counters of a JSON object are read, as `c`: all of them, or of each of the list `?9` what it is.
macro_rules! counters {
    (all, $counts:literal, $at:literal) => {
        concat!("json_each(", $counts, ", '", $at, "') c")
    };
    (named, $counts:literal, $at:literal) => {
        "json_each(?9) c"
    };
}

/// The number of such a counter.
macro_rules! number {
    (all, $counts:literal, $at:literal) => {
        "c.key AS key, c.value AS n"
    };
    (named, $counts:literal, $at:literal) => {
        concat!(
            "c.value AS key, ",
            $counts,
            " ->> ('",
            $at,
            ".\"' || c.value || '\"') AS n"
        )
    };
}

/// The referrals of a part of a month, which the sums do not tell apart.
macro_rules! part {
    ($which:ident, $side:literal, $from:literal, $to:literal) => {
        concat!(
            "SELECT ",
            group!("f", month!()),
            ", ",
            number!($which, "f.state", "$.facts"),
            " FROM referrals f, ",
            counters!($which, "f.state", "$.facts"),
            "
  WHERE f.",
            $side,
            " = ",
            me!(),
            " AND f.created_at >= ",
            $from,
            " AND f.created_at < ",
            $to
        )
    };
}

/// The sums of a side by group and counter: of the months from `?3` to before `?4`, and of the referrals that came in from `?5`
/// to before `?6` and from `?7` to before `?8`.
macro_rules! sums {
    ($which:ident, $side:literal) => {
        concat!(
            "
SELECT grouped, key, sum(n) AS n FROM (
  SELECT ",
            group!("t", "t.month"),
            " AS grouped, ",
            number!($which, "t.counts", "$"),
            " FROM tallies t, ",
            counters!($which, "t.counts", "$"),
            "
  WHERE t.",
            $side,
            " = ",
            me!(),
            " AND t.month >= ?3 AND t.month < ?4
  UNION ALL
  ",
            part!($which, $side, "?5", "?6"),
            "
  UNION ALL
  ",
            part!($which, $side, "?7", "?8"),
            ")
WHERE n IS NOT NULL GROUP BY grouped, key"
        )
    };
}

/// By the primary key of `tallies` and `referrals_by_referrer_and_time`.
pub(super) const SUMS_SENT: &str = sums!(all, "referrer");

/// By `tallies_by_recipient` and `referrals_by_recipient_and_time`.
pub(super) const SUMS_RECEIVED: &str = sums!(all, "recipient");

/// The counters of the list `?9` alone, by the same: the others of a sum are not taken apart.
pub(super) const NAMED_SENT: &str = sums!(named, "referrer");

/// The same of received ones.
pub(super) const NAMED_RECEIVED: &str = sums!(named, "recipient");

macro_rules! uncounted {
    ($side:literal) => {
        concat!(
            "
SELECT f.state, ",
            group!("f", month!()),
            " AS grouped, coalesce(f.recipient, '') AS recipient, ",
            month!(),
            " AS month FROM referrals f
WHERE f.",
            $side,
            " = ",
            me!(),
            " AND f.created_at >= ?3 AND f.created_at < ?4 AND f.state ->> '$.facts' IS NULL"
        )
    };
}

/// What was written before there were sums and has not been counted since, by `referrals_uncounted`: nothing, soon after an
/// upgrade.
pub(super) const UNCOUNTED_SENT: &str = uncounted!("referrer");

/// The same by `referrals_uncounted_by_recipient`.
pub(super) const UNCOUNTED_RECEIVED: &str = uncounted!("recipient");

/// What came and fits no referral for certain, by `exchange_messages_unmatched`; and the network's policy.
pub(super) const AROUND: &str = concat!(
    "
SELECT (SELECT count(*) FROM exchange_messages WHERE organization = o.id AND state = 'unmatched') AS unmatched, n.policy
FROM organizations o LEFT JOIN networks n ON n.id = o.network WHERE o.id = ",
    me!()
);
