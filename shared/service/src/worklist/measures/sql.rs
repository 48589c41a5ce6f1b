//! The statements of measures. Each gives sums as they are stored, of one month, recipient, specialty and urgency; they are added
//! up where they are read (`measured.rs`), because a database answers one caller at a time and bills each counter that it takes
//! apart as a row. What is read grows with the sums of the range, not with the referrals.

/// Who calls: the organisation of the key with hash `?1`.
macro_rules! me {
    () => {
        "(SELECT organization_id FROM keys WHERE hash = ?1)"
    };
}

/// When a referral came in, as the sums have it.
macro_rules! month {
    () => {
        "strftime('%Y-%m', f.created_at / 1000, 'unixepoch')"
    };
}

/// At most `?7` sums of a side, in the order of their keys, after the one of month `?2`, other side `?3`, specialty `?4` and urgency
/// `?5`, of months before `?6`.
macro_rules! sums {
    ($side:literal, $other:literal) => {
        concat!(
            "
SELECT t.month, t.recipient, t.specialty, t.urgency, t.",
            $other,
            " AS other, t.counts FROM tallies t
WHERE t.",
            $side,
            " = ",
            me!(),
            " AND (t.month, t.",
            $other,
            ", t.specialty, t.urgency) > (?2, ?3, ?4, ?5) AND t.month < ?6
ORDER BY t.month, t.",
            $other,
            ", t.specialty, t.urgency LIMIT ?7"
        )
    };
}

/// By the primary key of `tallies`.
pub(super) const SUMS_SENT: &str = sums!("referrer", "recipient");

/// By `tallies_by_recipient`; a month's are sorted.
pub(super) const SUMS_RECEIVED: &str = sums!("recipient", "referrer");

/// The sums of the referrals of a side that came in from `?2` to before `?3`: of a part of a month, which the stored ones do not
/// tell apart.
macro_rules! part {
    ($side:literal) => {
        concat!(
            "
SELECT month, recipient, specialty, urgency, json_group_object(key, n) AS counts FROM (
  SELECT ",
            month!(),
            " AS month, coalesce(f.recipient, '') AS recipient, coalesce(f.specialty, '') AS specialty, f.urgency, c.key AS key,
    sum(c.value) AS n
  FROM referrals f, json_each(f.state, '$.facts') c
  WHERE f.",
            $side,
            " = ",
            me!(),
            " AND f.created_at >= ?2 AND f.created_at < ?3
  GROUP BY 1, 2, 3, 4, 5)
GROUP BY month, recipient, specialty, urgency"
        )
    };
}

/// By `referrals_by_referrer_and_time`.
pub(super) const PART_SENT: &str = part!("referrer");

/// By `referrals_by_recipient_and_time`.
pub(super) const PART_RECEIVED: &str = part!("recipient");

macro_rules! uncounted {
    ($side:literal) => {
        concat!(
            "
SELECT f.state, ",
            month!(),
            " AS month, coalesce(f.recipient, '') AS recipient, coalesce(f.specialty, '') AS specialty, f.urgency FROM referrals f
WHERE f.",
            $side,
            " = ",
            me!(),
            " AND f.created_at >= ?2 AND f.created_at < ?3 AND f.state ->> '$.facts' IS NULL"
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
