//! The statements of a slice: one to find what is due, two to read events where the fold needs them, four to write all.

use crate::referrals::sql::{record_columns, record_tables};

/// The network of the key with hash `?3`; the operator and the schedule give none, and sweep all.
macro_rules! network {
    () => {
        "(SELECT o.network FROM keys k JOIN organizations o ON o.id = k.organization_id WHERE k.hash = ?3)"
    };
}

/// One half of what is due as of `?1`, the longest due first, at most `?2`: by `referrals_due`, without sorting.
macro_rules! half {
    ($pressing:literal) => {
        concat!(
            "SELECT id, ",
            $pressing,
            " AS pressing, next_due_at AS due_at FROM (SELECT id, next_due_at FROM referrals
      WHERE (urgency IN ('stat', 'asap')) = ",
            $pressing,
            " AND next_due_at <= ?1
        AND (?3 IS NULL OR network = ",
            network!(),
            ")
      ORDER BY next_due_at LIMIT ?2)"
        )
    };
}

/// What is due as of `?1`, at most `?2`: what is stat or asap before the rest. Beside it, by the primary key of
/// `pending_events`, what has events to take in, and by `referrals_uncounted` what is not in the sums of the measures yet.
macro_rules! due {
    () => {
        concat!(
            "(SELECT id FROM (SELECT id FROM (", half!("1"), "
    UNION ALL ", half!("0"), ")
    ORDER BY pressing DESC, due_at LIMIT ?2)
  UNION SELECT id FROM (SELECT DISTINCT p.referral_id AS id FROM pending_events p JOIN referrals w ON w.id = p.referral_id
    WHERE (?3 IS NULL OR w.network = ", network!(), ") LIMIT ?2)
  UNION SELECT id FROM (SELECT id FROM referrals WHERE state ->> '$.facts' IS NULL
    AND (?3 IS NULL OR network = ", network!(), ") LIMIT ?2)
  UNION SELECT id FROM (SELECT w.id FROM merged_patients l JOIN referrals w INDEXED BY referrals_by_patient
      ON w.patient_key = l.patient_key AND w.referrer = l.organization
    WHERE l.is_left = 1 AND (?3 IS NULL OR w.network = ", network!(), ") LIMIT ?2))"
        )
    };
}

/// The referrals that have a merged patient's old id still, at most `?2`, of the organisation of the key with hash `?3`: by
/// `merged_patients_left` and `referrals_by_patient`.
macro_rules! left {
    () => {
        "(SELECT w.id FROM keys k JOIN merged_patients l ON l.organization = k.organization_id AND l.is_left = 1
    JOIN referrals w INDEXED BY referrals_by_patient ON w.patient_key = l.patient_key AND w.referrer = l.organization
    WHERE k.hash = ?3 LIMIT ?2)"
    };
}

/// The referrals of a selection, with the merge of their patient, by the primary key of `merged_patients`.
macro_rules! records {
    ($selection:ident) => {
        concat!(
            "SELECT ",
            record_columns!(),
            ", f.folded_until, m.organization AS merged_of, m.patient_key AS merged_key, m.survivor_key, m.system AS merged_system,
  m.merged AS merged_from, m.survivor AS merged_to, m.message_id AS merged_by_message, m.label AS merged_by_label,
  CASE WHEN m.patient_key <> m.survivor_key THEN f.request END AS request
FROM ",
            record_tables!(),
            "
  LEFT JOIN merged_patients m ON m.organization = f.referrer AND m.patient_key = f.patient_key
WHERE f.id IN ",
            $selection!(),
            "
ORDER BY f.state ->> '$.facts' IS NULL AND coalesce(f.next_due_at > ?1, true), f.urgency IN ('stat', 'asap') DESC,
  f.next_due_at, f.points DESC, f.id LIMIT ?2"
        )
    };
}

/// By the primary key of `events`; only where something waits.
macro_rules! history {
    ($selection:ident) => {
        concat!(
            "SELECT e.referral_id AS event_referral, e.seq AS event_seq, e.body AS event_body, e.hash AS event_hash
FROM referrals f JOIN events e ON e.referral_id = f.id
WHERE f.id IN ", $selection!(), "
  AND (instr(f.attention, '\"report-waiting\"') > 0
    OR EXISTS (SELECT 1 FROM pending_events p WHERE p.referral_id = f.id))
ORDER BY e.referral_id, e.seq"
        )
    };
}

macro_rules! pending {
    ($selection:ident) => {
        concat!(
            "SELECT p.referral_id AS event_referral, p.id AS event_id, p.body AS event_body
FROM pending_events p WHERE p.referral_id IN ",
            $selection!()
        )
    };
}

/// Reads what is due: the referrals, their events where the fold needs them, what waits to be taken in.
pub(super) const DUE: [&str; 3] = [records!(due), history!(due), pending!(due)];

/// Reads what is left of merged patients, likewise.
pub(super) const LEFT: [&str; 3] = [records!(left), history!(left), pending!(left)];

/// By the primary key, each only at the version that was read: a referral that moved meanwhile drops out of the slice and
/// leaves the others as they are. Gives the ids of those that were written.
pub(super) const UPDATE: &str = "
UPDATE referrals SET status = d.status, turn = d.turn, attention = d.attention, points = d.points,
  next_due_at = d.next_due_at, version = d.version, tail_hash = d.tail_hash, folded_until = d.folded_until,
  updated_at = ?2, clocks = d.clocks, state = d.state, recipient = d.recipient, service = d.service, specialty = d.specialty, urgency = d.urgency,
  request = coalesce(d.request, referrals.request)
FROM (SELECT value ->> '$.id' AS id, value ->> '$.version_before' AS version_before, value ->> '$.status' AS status,
    value ->> '$.turn' AS turn, value ->> '$.attention' AS attention, value ->> '$.points' AS points,
    value ->> '$.next_due_at' AS next_due_at, value ->> '$.version' AS version, value ->> '$.tail_hash' AS tail_hash,
    value ->> '$.folded_until' AS folded_until, value ->> '$.clocks' AS clocks, value ->> '$.state' AS state,
    value ->> '$.recipient' AS recipient, value ->> '$.service' AS service, value ->> '$.specialty' AS specialty, value ->> '$.urgency' AS urgency, value ->> '$.request' AS request
  FROM json_each(?1)) d
WHERE referrals.id = d.id AND referrals.version = d.version_before
RETURNING referrals.id AS id";

/// Only of referrals whose row this batch has just written: the tail is our hash.
pub(super) const INSERT_EVENTS: &str = "
INSERT INTO events (referral_id, seq, body, hash)
SELECT value ->> '$.id', value ->> '$.seq', value ->> '$.body', value ->> '$.hash' FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM referrals WHERE id = value ->> '$.id' AND tail_hash = value ->> '$.tail_hash')";

/// Only what those rows have taken in.
pub(super) const DELETE_PENDING: &str = "
DELETE FROM pending_events WHERE (referral_id, id) IN (
  SELECT value ->> '$.id', value ->> '$.event' FROM json_each(?1)
  WHERE EXISTS (SELECT 1 FROM referrals WHERE id = value ->> '$.id' AND tail_hash = value ->> '$.tail_hash'))";

/// Only of those rows. The last of several legs of one organisation counts.
pub(super) const INSERT_PAST_RECIPIENTS: &str = "
INSERT INTO past_recipients (organization, referral_id, status, service)
SELECT value ->> '$.organization', value ->> '$.id', value ->> '$.status', value ->> '$.service' FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM referrals WHERE id = value ->> '$.id' AND tail_hash = value ->> '$.tail_hash')
ON CONFLICT (organization, referral_id) DO UPDATE SET status = excluded.status, service = excluded.service";

/// By the primary key.
pub(super) const PUT_OFF: &str = "
UPDATE referrals SET next_due_at = ?2 WHERE id IN (SELECT value FROM json_each(?1))";

#[cfg(test)]
mod tests {
    use ports::{Platform, Statement, Value};

    use super::DUE;

    #[test]
    fn what_is_due_is_found_by_its_index_in_two_ranges_and_without_sorting_either() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let platform = runtime::Native::in_memory()
            .migrations(
                files
                    .iter()
                    .map(|file| std::fs::read_to_string(file).unwrap()),
            )
            .open()
            .unwrap();
        let explain: &'static str = format!("EXPLAIN QUERY PLAN {}", DUE[0]).leak();
        let parameters = [Value::from(1_i64), Value::from(51_i64), Value::Null];
        let statement = Statement::new(explain, parameters);
        let plan = pollster::block_on(platform.batch(vec![statement])).unwrap();
        let steps: Vec<&str> = plan
            .rows(0)
            .iter()
            .filter_map(|row| row.text("detail"))
            .collect();
        let by_index = "SEARCH referrals USING INDEX referrals_due (<expr>=? AND next_due_at<?)";
        let ranges = steps.iter().filter(|step| **step == by_index).count();
        assert_eq!(ranges, 2, "{steps:#?}");
        let scans = steps
            .iter()
            .any(|step| ["SCAN referrals", "SCAN f"].contains(step));
        assert!(!scans, "{steps:#?}");
        // One of the two partial indexes of what is not counted yet; they hold the same rows.
        let uncounted = "SCAN referrals USING INDEX referrals_uncounted";
        assert!(
            steps.iter().any(|step| step.starts_with(uncounted)),
            "{steps:#?}"
        );
        for left in [
            "SCAN l USING COVERING INDEX merged_patients_left",
            "SEARCH w USING INDEX referrals_by_patient (patient_key=?)",
        ] {
            assert!(steps.contains(&left), "{steps:#?}");
        }
    }
}
