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

/// The referrals of a part of a month, which the sums do not tell apart.
macro_rules! part {
    ($side:literal, $from:literal, $to:literal) => {
        concat!(
            "SELECT ",
            group!("f", month!()),
            ", c.key, c.value FROM referrals f, json_each(f.state, '$.facts') c
  WHERE f.",
            $side,
            " = ",
            me!(),
            " AND f.created_at >= ",
            $from,
            " AND f.created_at < ",
            $to,
            " AND ",
            named!()
        )
    };
}

/// Only the counters of the list `?9`, where there is one.
macro_rules! named {
    () => {
        "(?9 IS NULL OR c.key IN (SELECT value FROM json_each(?9)))"
    };
}

/// The sums of a side by group and counter: of the months from `?3` to before `?4`, and of the referrals that came in from `?5`
/// to before `?6` and from `?7` to before `?8`; of the counters of the list `?9`, or of all.
macro_rules! sums {
    ($side:literal) => {
        concat!(
            "
SELECT grouped, key, sum(n) AS n FROM (
  SELECT ",
            group!("t", "t.month"),
            " AS grouped, c.key AS key, c.value AS n FROM tallies t, json_each(t.counts) c
  WHERE t.",
            $side,
            " = ",
            me!(),
            " AND t.month >= ?3 AND t.month < ?4 AND ",
            named!(),
            "
  UNION ALL
  ",
            part!($side, "?5", "?6"),
            "
  UNION ALL
  ",
            part!($side, "?7", "?8"),
            ")
GROUP BY grouped, key"
        )
    };
}

/// By the primary key of `tallies` and `referrals_by_referrer_and_time`.
pub(super) const SUMS_SENT: &str = sums!("referrer");

/// By `tallies_by_recipient` and `referrals_by_recipient_and_time`.
pub(super) const SUMS_RECEIVED: &str = sums!("recipient");

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
