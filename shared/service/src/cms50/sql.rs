//! The statements of the measure. Whole texts, each with the index that it uses.

/// By `value_sets_by_key`: the value sets with the keys of list `?2` and, through them, their members; of one key the newest last.
pub(super) const VALUE_SETS: &str = "
WITH RECURSIVE wanted (key) AS (
  SELECT value FROM json_each(?2)
  UNION
  SELECT m.value FROM wanted w
    JOIN value_sets v ON v.organization = (SELECT organization_id FROM keys WHERE hash = ?1) AND v.key = w.key, json_each(v.members) m)
SELECT v.key AS set_key, v.codes AS set_codes, v.members AS set_members
FROM wanted w JOIN value_sets v ON v.organization = (SELECT organization_id FROM keys WHERE hash = ?1) AND v.key = w.key
ORDER BY v.updated_at, v.id";

/// What the measure needs of a referral `f`.
macro_rules! referral_columns {
    () => {
        "f.id, f.patient_key, f.created_at, f.status, f.turn IS NULL AS is_finished,
  coalesce(f.request ->> '$.ordered_at', f.state ->> '$.sent_at') AS authored,
  f.request ->> '$.service.system' AS system, f.request ->> '$.service.code' AS code,
  CASE WHEN json_type(f.request, '$.encounter') = 'object' THEN f.request -> '$.encounter' END AS encounter,
  (SELECT json_group_array(json_object('leg', l.value ->> '$.leg', 'status', l.value ->> '$.status',
      'task_status', l.value ->> '$.task_status', 'received', l.value ->> '$.reports[0].received_at'))
    FROM json_each(f.state, '$.legs') l) AS legs"
    };
}

/// One organisation's own referrals after (`?2`, `?3`) and before `?4`, at most `?5`, in the order in which they came.
macro_rules! chunk {
    ($columns:expr) => {
        concat!(
            "SELECT ",
            $columns,
            "
FROM referrals f
WHERE f.referrer = (SELECT organization_id FROM keys WHERE hash = ?1) AND (f.created_at, f.id) > (?2, ?3) AND f.created_at < ?4
ORDER BY f.created_at, f.id LIMIT ?5"
        )
    };
}

/// The same of one patient, by `referrals_by_patient`: whose referral `?2` is.
macro_rules! of_patient {
    ($columns:expr) => {
        concat!(
            "SELECT ",
            $columns,
            "
FROM referrals o JOIN referrals f ON f.patient_key = o.patient_key AND f.referrer = o.referrer
WHERE o.id = ?2 AND o.referrer = (SELECT organization_id FROM keys WHERE hash = ?1) AND f.created_at >= ?3 AND f.created_at < ?4
ORDER BY f.created_at, f.id LIMIT ?5"
        )
    };
}

/// The visits, by `visits_of_patient`, of the patients that a selection gives, whose last day is from `?6` to `?7` or unknown.
macro_rules! visits {
    ($of:expr) => {
        concat!(
            "SELECT v.patient_key, v.kind, v.id, v.status, v.concepts, v.started, v.ended
FROM (SELECT DISTINCT patient_key FROM (",
            $of,
            ")) p JOIN visits v ON v.patient_key = p.patient_key
WHERE v.organization = (SELECT organization_id FROM keys WHERE hash = ?1) AND (v.last_day BETWEEN ?6 AND ?7 OR v.last_day = '')"
        )
    };
}

/// By `referrals_by_referrer_and_time`: its cost grows with the referrals of the period alone.
pub(super) const CHUNK: &str = chunk!(referral_columns!());
pub(super) const CHUNK_VISITS: &str = visits!(chunk!("f.patient_key"));

/// By `referrals_by_patient`.
pub(super) const OF_PATIENT: &str = of_patient!(referral_columns!());
pub(super) const OF_PATIENT_VISITS: &str = visits!(of_patient!("f.patient_key"));
