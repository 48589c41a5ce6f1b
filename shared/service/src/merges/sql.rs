//! The statements of merged patients, each with the index it uses. Lists travel as JSON.

/// Every id that is of one patient with one of `?2` (a JSON list of patient keys), as far as the organisation of the key with hash `?1` has said:
/// by the primary key of `merged_patients` and by `merged_patients_into`.
macro_rules! of_one_patient {
    () => {
        "(SELECT j.value AS patient_key FROM json_each(?2) j
  UNION SELECT m.survivor_key FROM json_each(?2) j CROSS JOIN keys k JOIN merged_patients m
    ON m.organization = k.organization_id AND m.patient_key = j.value WHERE k.hash = ?1
  UNION SELECT o.patient_key FROM json_each(?2) j CROSS JOIN keys k JOIN merged_patients o
    ON o.organization = k.organization_id AND o.survivor_key = coalesce((SELECT m.survivor_key FROM merged_patients m
      WHERE m.organization = k.organization_id AND m.patient_key = j.value), j.value) WHERE k.hash = ?1)"
    };
}

/// What was said of them, in the order of arrival, at most `?3`: by the primary key of `merged_patients` and by `patient_merges_of`.
pub(super) const SAID: &str = concat!(
    "SELECT s.system AS merge_system, s.merged AS merge_from, s.into_value AS merge_to, s.at AS merge_at
FROM keys k JOIN merged_patients m ON m.organization = k.organization_id
JOIN patient_merges s ON s.organization = m.organization AND s.system = m.system AND s.merged = m.merged
WHERE k.hash = ?1 AND m.patient_key IN (SELECT patient_key FROM ",
    of_one_patient!(),
    ") ORDER BY s.seq LIMIT ?3"
);

/// The number of the last merge, by the primary key.
pub(super) const LAST: &str = "
SELECT max(seq) AS merge_seq FROM patient_merges WHERE organization = (SELECT organization_id FROM keys WHERE hash = ?1)";

/// Fails on the primary key when other merges of organisation `?2` were first.
pub(super) const STORE: &str = "
INSERT INTO patient_merges (organization, seq, system, merged, into_value, at, message_id)
SELECT ?2, value ->> '$.seq', value ->> '$.system', value ->> '$.from', value ->> '$.to', value ->> '$.at', ?3 FROM json_each(?1)";

/// What follows for organisation `?2`, by the primary keys and `referrals_by_patient`. What stands as it stood is not written.
pub(super) const FOLLOWS: &str = "
INSERT INTO merged_patients (organization, patient_key, survivor_key, system, merged, survivor, message_id, label, is_left)
SELECT ?2, value ->> '$.key', value ->> '$.survivor_key', value ->> '$.system', value ->> '$.merged', value ->> '$.survivor', ?3, ?4,
  value ->> '$.key' <> value ->> '$.survivor_key'
    AND EXISTS (SELECT 1 FROM referrals f INDEXED BY referrals_by_patient WHERE f.patient_key = value ->> '$.key' AND f.referrer = ?2)
FROM json_each(?1) WHERE true
ON CONFLICT (patient_key, organization) DO UPDATE SET survivor_key = excluded.survivor_key, survivor = excluded.survivor,
  message_id = excluded.message_id, label = excluded.label, is_left = excluded.is_left
WHERE merged_patients.survivor_key <> excluded.survivor_key";

/// By the primary key: what stands for the patient `?2` of the organisation of the key with hash `?1`.
pub(super) const SURVIVOR: &str = "
SELECT system AS survivor_system, survivor AS survivor_value, message_id AS survivor_message FROM merged_patients
WHERE organization = (SELECT organization_id FROM keys WHERE hash = ?1) AND patient_key = ?2 AND survivor_key <> patient_key";

/// By the primary key: a merge of which nothing was known when this referral's patient was read carries it along all the same.
pub(super) const LEAVE: &str = "
UPDATE merged_patients SET is_left = 1 WHERE organization = ?1 AND patient_key = ?2 AND survivor_key <> patient_key";

/// By the primary keys and `referrals_by_patient`: of those (`?1`), what no referral has any more is not left, and what they were renamed to is,
/// where it was merged itself meanwhile by a message that did not find them there yet.
pub(crate) const CARRIED: &str = "
UPDATE merged_patients SET is_left = 1 - is_left WHERE survivor_key <> patient_key
  AND (organization, patient_key) IN (SELECT value ->> '$.organization', value ->> '$.key' FROM json_each(?1)
    UNION SELECT value ->> '$.organization', value ->> '$.survivor_key' FROM json_each(?1))
  AND is_left <> EXISTS (SELECT 1 FROM referrals f INDEXED BY referrals_by_patient
    WHERE f.patient_key = merged_patients.patient_key AND f.referrer = merged_patients.organization)";

/// By the primary key: the new id of referrals (`?1`) whose rows this batch has just written, because the tail is ours.
pub(crate) const RENAME: &str = "
UPDATE referrals SET patient_key = d.patient_key
FROM (SELECT value ->> '$.id' AS id, value ->> '$.survivor_key' AS patient_key, value ->> '$.tail_hash' AS tail_hash FROM json_each(?1)) d
WHERE referrals.id = d.id AND referrals.tail_hash = d.tail_hash";
