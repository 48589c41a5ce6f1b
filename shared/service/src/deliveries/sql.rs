//! The statements of the outbox, each with the index it uses. Lists travel as JSON.

/// Queues messages (`?1`, see [`super::Notice`]) as of `?2`, one for each endpoint of the organisation that wants it, in its lane: by the
/// primary keys of `endpoints`, `endpoint_formats`, `referrals` and `deliveries`. Behind a message that waits for its next try it waits with it. Again it does
/// nothing. One row for each message queued.
pub(super) const QUEUE: &str = "
INSERT INTO deliveries (endpoint_id, referral_id, seq, organization_id, event_id, type, body, express, due_at, created_at)
SELECT e.id, n.value ->> '$.referral', n.value ->> '$.seq', e.organization_id, n.value ->> '$.event', n.value ->> '$.type',
  n.value ->> '$.body', (n.value ->> '$.express') + 2 * EXISTS (SELECT 1 FROM endpoint_formats x WHERE x.endpoint_id = e.id),
  max(?2, coalesce((SELECT max(w.due_at) FROM deliveries w
    WHERE w.endpoint_id = e.id AND w.referral_id = n.value ->> '$.referral' AND w.dead_at IS NULL), 0)), ?2
FROM json_each(?1) n JOIN endpoints e ON e.organization_id = n.value ->> '$.to'
WHERE e.disabled_at IS NULL
  AND (e.events IS NULL OR EXISTS (SELECT 1 FROM json_each(e.events) t WHERE t.value = n.value ->> '$.type'))
  AND EXISTS (SELECT 1 FROM referrals f WHERE f.id = n.value ->> '$.referral' AND f.tail_hash = n.value ->> '$.tail')
ON CONFLICT DO NOTHING
RETURNING endpoint_id AS queued";

/// By the primary key: an older challenge of endpoint `?1` is worth nothing any more.
pub(super) const FORGET_CHALLENGES: &str = "
DELETE FROM deliveries WHERE endpoint_id = ?1 AND referral_id = '' AND type = 'endpoint.challenge'";

/// Queues the challenge of endpoint `?1` of organisation `?3`, as of `?2`, in its lane, by the primary key of `endpoint_formats`. Goes with the express ones: others wait for it.
pub(super) const QUEUE_CHALLENGE: &str = "
INSERT INTO deliveries (endpoint_id, referral_id, seq, organization_id, event_id, type, body, express, due_at, created_at)
VALUES (?1, '', ?2, ?3, ?4, ?5, ?6, 1 + 2 * EXISTS (SELECT 1 FROM endpoint_formats x WHERE x.endpoint_id = ?1), ?2, ?2)
ON CONFLICT DO NOTHING";

/// The first messages of pairs that may be sent as of `?2`, at most `?4`: by `deliveries_due`, and the primary keys for whether an
/// earlier one is still there and how the endpoint does. `?5` is the hash of a key, whose network alone it is; none for all.
/// `?6` is the lane of the express ones, `?7` that of the others.
macro_rules! heads {
    ($lane:literal) => {
        concat!(
            "SELECT * FROM (SELECT d.endpoint_id, d.referral_id, d.express, d.due_at
      FROM deliveries d INDEXED BY deliveries_due
      JOIN endpoints e ON e.organization_id = d.organization_id AND e.id = d.endpoint_id
      LEFT JOIN endpoint_states s ON s.endpoint_id = d.endpoint_id
      WHERE d.dead_at IS NULL AND d.express = ", $lane, " AND d.due_at <= ?2 AND d.leased_until <= ?2
        AND e.disabled_at IS NULL AND (s.proven_at IS NOT NULL OR d.type = 'endpoint.challenge')
        AND NOT EXISTS (SELECT 1 FROM deliveries b WHERE b.endpoint_id = d.endpoint_id AND b.referral_id = d.referral_id
          AND b.seq < d.seq AND b.dead_at IS NULL)
        AND (?5 IS NULL OR (SELECT m.network FROM organizations m WHERE m.id = d.organization_id) =
          (SELECT o.network FROM keys k JOIN organizations o ON o.id = k.organization_id WHERE k.hash = ?5))
      ORDER BY d.due_at LIMIT ?4)"
        )
    };
}

/// Leases pairs to `?1` until `?3`: all that is due of them, by the primary key. With each message comes its endpoint, and the versions of
/// its secret that are live, the newest first, by the primary keys.
pub(super) const LEASE: &str = concat!(
    "UPDATE deliveries SET lease = ?1, leased_until = ?3
WHERE (endpoint_id, referral_id) IN (SELECT endpoint_id, referral_id FROM (
    ", heads!("?6"), "
    UNION ALL ", heads!("?7"), ")
    ORDER BY express DESC, due_at LIMIT ?4)
  AND dead_at IS NULL AND due_at <= ?2
RETURNING endpoint_id, organization_id, referral_id, seq, event_id, type, body, express, due_at, attempts,
  (SELECT e.url FROM endpoints e WHERE e.organization_id = deliveries.organization_id AND e.id = deliveries.endpoint_id) AS url,
  (SELECT s.failing_since FROM endpoint_states s WHERE s.endpoint_id = deliveries.endpoint_id) AS failing_since,
  (SELECT json_group_array(json_array(v.version, v.master)) FROM (SELECT version, master FROM secret_versions
    WHERE owner = deliveries.endpoint_id AND (live_until IS NULL OR live_until > ?2) ORDER BY version DESC) v) AS secrets"
);

/// By the primary key: what was delivered (`?1`) goes, where it was leased to `?2`.
pub(super) const DELIVERED: &str = "
DELETE FROM deliveries WHERE lease = ?2 AND (endpoint_id, referral_id, seq) IN (
  SELECT value ->> '$.endpoint', value ->> '$.referral', value ->> '$.seq' FROM json_each(?1))";

/// By the primary key: what failed (`?1`) is due again, or dead, where it was leased to `?2`.
pub(super) const FAILED: &str = "
UPDATE deliveries SET attempts = o.attempts, due_at = o.due_at, dead_at = o.dead_at, last_error = o.error,
  lease = NULL, leased_until = 0
FROM (SELECT value ->> '$.endpoint' AS endpoint, value ->> '$.referral' AS referral, value ->> '$.seq' AS seq,
    value ->> '$.attempts' AS attempts, value ->> '$.due_at' AS due_at, value ->> '$.dead_at' AS dead_at,
    value ->> '$.error' AS error
  FROM json_each(?1)) o
WHERE deliveries.endpoint_id = o.endpoint AND deliveries.referral_id = o.referral AND deliveries.seq = o.seq
  AND deliveries.lease = ?2";

/// By the primary key: what stands behind a failed one of the pair waits with it, and nothing of a pair is leased to `?2` any more.
pub(super) const RELEASE: &str = "
UPDATE deliveries SET due_at = max(deliveries.due_at, o.due_at), lease = NULL, leased_until = 0
FROM (SELECT value ->> '$.endpoint' AS endpoint, value ->> '$.referral' AS referral, value ->> '$.due_at' AS due_at
  FROM json_each(?1)) o
WHERE deliveries.endpoint_id = o.endpoint AND deliveries.referral_id = o.referral AND deliveries.lease = ?2";

/// By the primary key: how endpoints did (`?1`).
pub(super) const STATES: &str = "
INSERT INTO endpoint_states (endpoint_id, proven_at, failing_since)
SELECT value ->> '$.endpoint', value ->> '$.proven_at', value ->> '$.failing_since' FROM json_each(?1) WHERE true
ON CONFLICT (endpoint_id) DO UPDATE SET proven_at = coalesce(excluded.proven_at, proven_at),
  failing_since = CASE WHEN excluded.failing_since IS NULL THEN NULL ELSE coalesce(failing_since, excluded.failing_since) END";

/// By the primary key: endpoints (`?1`) are switched off as of `?2`.
pub(super) const DISABLE: &str = "
UPDATE endpoints SET disabled_at = ?2 WHERE disabled_at IS NULL AND (organization_id, id) IN (
  SELECT value ->> '$.organization', value ->> '$.endpoint' FROM json_each(?1))";

/// By the primary key: why.
pub(super) const DISABLED_BECAUSE: &str = "
INSERT INTO endpoint_states (endpoint_id, disabled_because)
SELECT value ->> '$.endpoint', value ->> '$.because' FROM json_each(?1) WHERE true
ON CONFLICT (endpoint_id) DO UPDATE SET disabled_because = excluded.disabled_because";

/// By the primary key: what waited for them is dead.
pub(super) const BURY: &str = "
UPDATE deliveries SET dead_at = ?2, last_error = coalesce(last_error, 'endpoint-off'), lease = NULL, leased_until = 0
WHERE dead_at IS NULL AND endpoint_id IN (SELECT value ->> '$.endpoint' FROM json_each(?1))";

/// Tells the other endpoints of the same organisation that are sent JSON, by the primary keys: no other format has words for it.
pub(super) const TELL_OTHERS: &str = "
INSERT INTO deliveries (endpoint_id, referral_id, seq, organization_id, event_id, type, body, express, due_at, created_at)
SELECT e.id, '', ?2 + o.key, e.organization_id, 'endpoint.disabled.' || (o.value ->> '$.endpoint') || '.' || ?2,
  'endpoint.disabled', o.value ->> '$.body', 0, ?2, ?2
FROM json_each(?1) o JOIN endpoints e ON e.organization_id = o.value ->> '$.organization'
WHERE e.disabled_at IS NULL AND e.id <> o.value ->> '$.endpoint'
  AND NOT EXISTS (SELECT 1 FROM endpoint_formats x WHERE x.endpoint_id = e.id)
ON CONFLICT DO NOTHING";

/// By the primary keys: the referrals of what died at `?2` at endpoints (`?1`) show it.
pub(super) const MARK_DEAD: &str = "
UPDATE referrals SET next_due_at = ?2,
  attention = CASE WHEN instr(attention, '\"delivery-failed\"') > 0 THEN attention ELSE json_insert(attention, '$[#]', 'delivery-failed') END
WHERE id IN (SELECT referral_id FROM deliveries WHERE dead_at = ?2
  AND endpoint_id IN (SELECT value ->> '$.endpoint' FROM json_each(?1)))";
