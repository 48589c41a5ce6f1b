//! The statements of lists. A page costs the same wherever it is: each arm walks its index from the cursor on.

use crate::referrals::sql::{record_columns, record_tables};

/// What all arms select by. `?2` direction, `?3` statuses, `?4` urgencies (both with commas around), `?5` attention with
/// quotes, `?6` turn, `?7` service, `?8` and `?9` the cursor's points (or time) and id, `?10` how many rows, `?11` the fewest points
/// that what is asked for can have: nothing that is over is walked where only what is open is asked for.
macro_rules! filters {
    () => {
        "f.status <> 'entered-in-error'
      AND (?3 IS NULL OR instr(?3, ',' || f.status || ',') > 0)
      AND (?4 IS NULL OR instr(?4, ',' || f.urgency || ',') > 0)
      AND (?5 IS NULL OR instr(f.attention, ?5) > 0)
      AND (?7 IS NULL OR f.service = ?7)"
    };
}

macro_rules! page_of {
    ($arms:expr, $order:expr) => {
        concat!(
            "SELECT ",
            record_columns!(),
            ", f.request, page.points AS page_points
FROM (",
            $arms,
            "
) page JOIN ",
            record_tables!(),
            "
WHERE f.id = page.id
ORDER BY ",
            $order,
            " LIMIT ?10"
        )
    };
}

/// Who calls: the organisation of the key with hash `?1`.
macro_rules! me {
    () => {
        "(SELECT organization_id FROM keys WHERE hash = ?1)"
    };
}

/// Most pressing first, by `referrals_by_referrer`, `referrals_by_recipient` and the primary key of `past_recipients`.
pub(super) const PRESSING: &str = page_of!(
    concat!(
        "
  SELECT id, points FROM (SELECT f.id, f.points FROM referrals f
    WHERE f.referrer = ", me!(), " AND ?2 IS NOT 'received'
      AND ", filters!(), " AND (?6 IS NULL OR f.turn = 'referrer' OR (f.turn = 'recipient' AND f.recipient = f.referrer))
      AND f.points <= coalesce(?8, 9000000000000000) AND f.points >= ?11
      AND (?8 IS NULL OR f.points < ?8 OR f.id > ?9)
    ORDER BY f.points DESC, f.id LIMIT ?10)
  UNION
  SELECT id, points FROM (SELECT f.id, f.points FROM referrals f
    WHERE f.recipient = ", me!(), " AND ?2 IS NOT 'sent'
      AND ", filters!(), " AND (?6 IS NULL OR f.turn = 'recipient' OR (f.turn = 'referrer' AND f.recipient = f.referrer))
      AND f.points <= coalesce(?8, 9000000000000000) AND f.points >= ?11
      AND (?8 IS NULL OR f.points < ?8 OR f.id > ?9)
    ORDER BY f.points DESC, f.id LIMIT ?10)
  UNION
  SELECT id, points FROM (SELECT f.id, -1 AS points FROM past_recipients p JOIN referrals f ON f.id = p.referral_id
    WHERE p.organization = ", me!(), " AND ?2 IS NOT 'sent' AND ?5 IS NULL AND ?6 IS NULL
      AND f.status <> 'entered-in-error'
      AND f.referrer <> p.organization AND f.recipient IS NOT p.organization
      AND (?3 IS NULL OR instr(?3, ',' || p.status || ',') > 0)
      AND (?4 IS NULL OR instr(?4, ',' || f.urgency || ',') > 0)
      AND (?7 IS NULL OR p.service = ?7)
      AND (?8 IS NULL OR -1 < ?8 OR f.id > ?9)
    ORDER BY f.id LIMIT ?10)"
    ),
    "page.points DESC, f.id"
);

/// One side's page by age: `$beyond` is what lies behind the cursor.
macro_rules! side_by_age {
    ($side:literal, $direction:literal, $index:literal, $turn:literal, $beyond:literal, $order:literal) => {
        concat!(
            "SELECT id, points FROM (SELECT f.id, f.created_at AS points FROM referrals f INDEXED BY ", $index, "
    WHERE f.", $side, " = ", me!(), " AND ?2 IS NOT '", $direction, "'
      AND ", filters!(), " AND (?6 IS NULL OR ", $turn, ") AND f.points >= ?11
      AND (?8 IS NULL OR (", $beyond, "))
    ORDER BY f.created_at ", $order, ", f.id ", $order, " LIMIT ?10)"
        )
    };
}

macro_rules! by_age {
    ($by_referrer:literal, $by_recipient:literal, $beyond:literal, $past:literal, $order:literal, $sorted:literal) => {
        page_of!(
            concat!(
                "
  ", side_by_age!("referrer", "received", $by_referrer, "f.turn = 'referrer' OR (f.turn = 'recipient' AND f.recipient = f.referrer)", $beyond, $order), "
  UNION
  ", side_by_age!("recipient", "sent", $by_recipient, "f.turn = 'recipient' OR (f.turn = 'referrer' AND f.recipient = f.referrer)", $beyond, $order), "
  UNION
  SELECT id, points FROM (SELECT f.id, f.created_at AS points FROM past_recipients p JOIN referrals f ON f.id = p.referral_id
    WHERE p.organization = ", me!(), " AND ?2 IS NOT 'sent' AND ?5 IS NULL AND ?6 IS NULL
      AND f.status <> 'entered-in-error'
      AND f.referrer <> p.organization AND f.recipient IS NOT p.organization
      AND (?3 IS NULL OR instr(?3, ',' || p.status || ',') > 0)
      AND (?4 IS NULL OR instr(?4, ',' || f.urgency || ',') > 0)
      AND (?7 IS NULL OR p.service = ?7)
      AND (?8 IS NULL OR ", $past, ")
    ORDER BY p.referral_id ", $order, " LIMIT ?10)"
            ),
            $sorted
        )
    };
}

/// Newest first, by `referrals_by_referrer_and_time`, `referrals_by_recipient_and_time` and the primary key of `past_recipients`:
/// ids sort by time.
pub(super) const NEWEST: &str = by_age!(
    "referrals_by_referrer_and_time",
    "referrals_by_recipient_and_time",
    "f.created_at <= ?8 AND (f.created_at < ?8 OR f.id < ?9)",
    "p.referral_id < ?9",
    "DESC",
    "page.points DESC, f.id DESC"
);

/// Oldest first, by the same.
pub(super) const OLDEST: &str = by_age!(
    "referrals_by_referrer_and_time",
    "referrals_by_recipient_and_time",
    "f.created_at >= ?8 AND (f.created_at > ?8 OR f.id > ?9)",
    "p.referral_id > ?9",
    "ASC",
    "page.points, f.id"
);

/// Newest first of what is open, by `referrals_by_referrer` and `referrals_by_recipient`: what is open is read and sorted, and
/// nothing of what is over.
pub(super) const NEWEST_OPEN: &str = by_age!(
    "referrals_by_referrer",
    "referrals_by_recipient",
    "f.created_at <= ?8 AND (f.created_at < ?8 OR f.id < ?9)",
    "p.referral_id < ?9",
    "DESC",
    "page.points DESC, f.id DESC"
);

/// Oldest first of what is open, by the same.
pub(super) const OLDEST_OPEN: &str = by_age!(
    "referrals_by_referrer",
    "referrals_by_recipient",
    "f.created_at >= ?8 AND (f.created_at > ?8 OR f.id > ?9)",
    "p.referral_id > ?9",
    "ASC",
    "page.points, f.id"
);

/// What all searches select by. `?2` patient, `?3` and `?4` the placer's, `?5` and `?6` the filler's id, `?7` a text in lower case,
/// `?8` to `?10` as above; `?11` to `?16` direction, statuses, urgencies, attention, turn and service, as above; `?17` to `?19` the
/// patient's family name and a given name in lower case, and date of birth.
macro_rules! search {
    ($by:literal) => {
        concat!(
            "SELECT ", record_columns!(), ", f.request, f.points AS page_points
FROM ", record_tables!(), "
WHERE ", $by, " AND f.status <> 'entered-in-error'
  AND (?13 IS NULL OR instr(?13, ',' || f.urgency || ',') > 0)
  AND ((((f.referrer = ", me!(), " AND ?11 IS NOT 'received' AND (?15 IS NULL OR f.turn = 'referrer'
          OR (f.turn = 'recipient' AND f.recipient = f.referrer)))
        OR (f.recipient = ", me!(), " AND ?11 IS NOT 'sent' AND (?15 IS NULL OR f.turn = 'recipient'
          OR (f.turn = 'referrer' AND f.recipient = f.referrer))))
      AND (?12 IS NULL OR instr(?12, ',' || f.status || ',') > 0)
      AND (?14 IS NULL OR instr(f.attention, ?14) > 0)
      AND (?16 IS NULL OR f.service = ?16))
    OR (?11 IS NOT 'sent' AND ?14 IS NULL AND ?15 IS NULL
      AND EXISTS (SELECT 1 FROM past_recipients p WHERE p.organization = ", me!(), " AND p.referral_id = f.id
        AND f.referrer <> p.organization AND f.recipient IS NOT p.organization
        AND (?12 IS NULL OR instr(?12, ',' || p.status || ',') > 0)
        AND (?16 IS NULL OR p.service = ?16))))
  AND (?2 IS NULL OR f.patient_key = ?2 OR EXISTS (SELECT 1 FROM merged_patients m
    WHERE m.patient_key = ?2 AND m.organization = f.referrer AND m.survivor_key = f.patient_key))
  AND (?3 IS NULL OR f.id IN (SELECT referral_id FROM referral_identifiers WHERE system = ?3 AND value = ?4))
  AND (?5 IS NULL OR f.id IN (SELECT referral_id FROM referral_identifiers WHERE system = ?5 AND value = ?6))
  AND (?7 IS NULL OR instr(lower(f.request), ?7) > 0)
  AND (?17 IS NULL OR lower(f.request ->> '$.patient.name.family') = ?17)
  AND (?18 IS NULL OR instr(lower(f.request ->> '$.patient.name.given'), ?18) > 0)
  AND (?19 IS NULL OR f.request ->> '$.patient.birth_date' = ?19)
  AND (?8 IS NULL OR f.points < ?8 OR (f.points = ?8 AND f.id > ?9))
ORDER BY f.points DESC, f.id LIMIT ?10"
        )
    };
}

/// By `referrals_by_patient`, under the id given and under those that stand for it: by the primary key of `merged_patients`.
pub(super) const BY_PATIENT: &str = search!(
    "f.patient_key IN (SELECT ?2 UNION ALL SELECT survivor_key FROM merged_patients WHERE patient_key = ?2)"
);

/// By the primary key of `referral_identifiers`; `?3` and `?4` are the placer's, `?5` and `?6` the filler's id.
pub(super) const BY_IDENTIFIER: &str = search!(
    "f.id IN (SELECT referral_id FROM referral_identifiers
    WHERE (system = ?3 AND value = ?4) OR (system = ?5 AND value = ?6))"
);

/// By the indexes of both sides: the organisation's rows are read.
pub(super) const BY_TEXT: &str = search!(
    "f.id IN (SELECT id FROM referrals WHERE referrer = (SELECT organization_id FROM keys WHERE hash = ?1)
    UNION SELECT id FROM referrals WHERE recipient = (SELECT organization_id FROM keys WHERE hash = ?1)
    UNION SELECT referral_id FROM past_recipients WHERE organization = (SELECT organization_id FROM keys WHERE hash = ?1))"
);
