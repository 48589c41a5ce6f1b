//! The statements of a search, each with the index it uses.

use super::parameters::Kind;
use crate::referrals::sql::{record_columns, record_tables};

/// The referrals that the caller (by the hash `?1` of its key) may see and that were changed from `?2` (with ids from `?3` at that instant) until
/// `?4`, at most `?5` of them, the longest unchanged first: each side by its index, whose cost is that of what is looked at; past recipients by
/// their primary key, which few are.
macro_rules! walk {
    () => {
        "(SELECT id, updated_at FROM (
    SELECT * FROM (SELECT id, updated_at FROM referrals INDEXED BY referrals_of_referrer
      WHERE referrer = (SELECT organization_id FROM keys WHERE hash = ?1) AND (updated_at, id) >= (?2, ?3) AND updated_at <= ?4
      ORDER BY updated_at, id LIMIT ?5)
    UNION SELECT * FROM (SELECT id, updated_at FROM referrals INDEXED BY referrals_of_recipient
      WHERE recipient = (SELECT organization_id FROM keys WHERE hash = ?1) AND (updated_at, id) >= (?2, ?3) AND updated_at <= ?4
      ORDER BY updated_at, id LIMIT ?5)
    UNION SELECT * FROM (SELECT f.id, f.updated_at FROM past_recipients p JOIN referrals f ON f.id = p.referral_id
      WHERE p.organization = (SELECT organization_id FROM keys WHERE hash = ?1)
        AND (f.updated_at, f.id) >= (?2, ?3) AND f.updated_at <= ?4
      ORDER BY f.updated_at, f.id LIMIT ?5))
  ORDER BY updated_at, id LIMIT ?5)"
    };
}

/// The referrals that the search names: by their ids (`?18`), by an identifier (`?16`, `?17`), or by their patient (`?13`, or that of referral
/// `?14`): by the primary keys and `referrals_by_patient`. A patient is found by an id that is no more, too.
macro_rules! named {
    () => {
        "(SELECT id, updated_at FROM referrals WHERE id IN (SELECT value FROM json_each(?18)
    UNION SELECT referral_id FROM referral_identifiers WHERE system = ?16 AND value = ?17
    UNION SELECT id FROM referrals WHERE patient_key IN (SELECT ?13 UNION ALL SELECT survivor_key FROM merged_patients WHERE patient_key = ?13)
    UNION SELECT id FROM referrals WHERE patient_key = (SELECT patient_key FROM referrals WHERE id = ?14))
  AND (updated_at, id) >= (?2, ?3) AND updated_at <= ?4)"
    };
}

/// A page of legs that the caller may see, of the referrals of a source; `?6` is the leg that the page before ended with.
macro_rules! page {
    ($source:expr, $status:literal, $id:literal, $which:literal) => {
        concat!(
            "SELECT ",
            record_columns!(),
            ", f.request, f.updated_at AS found_modified, leg.value ->> '$.leg' AS found_leg
FROM ",
            $source,
            " w CROSS JOIN ",
            record_tables!(),
            " JOIN json_each(f.state, '$.legs') leg
WHERE f.id = w.id
  AND (SELECT organization_id FROM keys WHERE hash = ?1) IN (f.referrer, leg.value ->> '$.recipient.organization')
  AND (f.updated_at, f.id, leg.value ->> '$.leg') > (?2, ?3, ?6)
  AND (?7 IS NULL OR ",
            $status,
            " IN (SELECT value FROM json_each(?7)))
  AND (?8 IS NULL OR leg.value ->> '$.business_status' IN (SELECT value FROM json_each(?8)))
  AND (?9 IS NULL OR leg.value ->> '$.recipient.organization' = ?9)
  AND (?10 IS NULL OR f.referrer = ?10)
  AND f.created_at BETWEEN ?11 AND ?12
  AND (?13 IS NULL OR f.patient_key = ?13 OR EXISTS (SELECT 1 FROM merged_patients m
    WHERE m.patient_key = ?13 AND m.organization = f.referrer AND m.survivor_key = f.patient_key))
  AND (?14 IS NULL OR f.patient_key = (SELECT p.patient_key FROM referrals p WHERE p.id = ?14
    AND (SELECT organization_id FROM keys WHERE hash = ?1) IN (p.referrer, p.recipient)))
  AND (?15 IS NULL OR ",
            $id,
            " IN (SELECT value FROM json_each(?15)))
  AND (?16 IS NULL OR f.id IN (SELECT referral_id FROM referral_identifiers WHERE system = ?16 AND value = ?17))
  AND (?20 IS NULL OR f.id IN (SELECT value FROM json_each(?20)))
",
            $which,
            "
ORDER BY w.updated_at, w.id, leg.value ->> '$.leg' LIMIT ?19"
        )
    };
}

/// Every leg that the caller may see.
macro_rules! tasks {
    ($source:expr) => {
        page!(
            $source,
            "leg.value ->> '$.task_status'",
            "f.id || CASE leg.value ->> '$.leg' WHEN 1 THEN '' ELSE '-' || (leg.value ->> '$.leg') END",
            ""
        )
    };
}

/// The last such leg of each referral. Its status is what `formats` writes: active until the loop is closed.
macro_rules! service_requests {
    ($source:expr) => {
        page!(
            $source,
            "CASE WHEN f.status = 'entered-in-error' THEN f.status WHEN f.status = 'closed' THEN 'completed'
    WHEN f.turn IS NOT NULL THEN 'active' WHEN f.status = 'cancelled' THEN 'revoked' ELSE 'completed' END",
            "f.id",
            "  AND leg.key = (SELECT max(l.key) FROM json_each(f.state, '$.legs') l
    WHERE (SELECT organization_id FROM keys WHERE hash = ?1) IN (f.referrer, l.value ->> '$.recipient.organization'))"
        )
    };
}

/// The statement of a page, of what the search names or of all that the caller may see.
pub(super) const fn page(kind: Kind, is_named: bool) -> &'static str {
    match (kind, is_named) {
        (Kind::Task, true) => tasks!(named!()),
        (Kind::Task, false) => tasks!(walk!()),
        (Kind::ServiceRequest, true) => service_requests!(named!()),
        (Kind::ServiceRequest, false) => service_requests!(walk!()),
    }
}

/// The last referral that a page looked at, where there were as many as it may look at: by the same indexes alone.
pub(super) const WALK_END: &str = concat!(
    "SELECT id, updated_at AS found_modified FROM ",
    walk!(),
    " ORDER BY updated_at, id LIMIT 1 OFFSET ?5 - 1"
);
