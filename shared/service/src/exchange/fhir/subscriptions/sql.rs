//! The statements of Subscriptions, each with the index it uses.

/// What a Subscription is shown from: by the primary keys of all tables, of the organisation of the key with hash `?1`; the one with id `?2`, or
/// all.
pub(super) const SELECT: &str = "
SELECT s.endpoint_id AS id, e.url, s.document, s.version, s.updated_at, s.base, s.events, s.key_id, e.disabled_at,
  t.proven_at, t.failing_since, t.disabled_because
FROM keys k JOIN endpoints e ON e.organization_id = k.organization_id JOIN subscriptions s ON s.endpoint_id = e.id
LEFT JOIN endpoint_states t ON t.endpoint_id = e.id
WHERE k.hash = ?1 AND (?2 IS NULL OR e.id = ?2) ORDER BY e.id";

/// By the primary keys: how many endpoints the organisation of a key has.
pub(super) const COUNT: &str = "
SELECT count(*) AS endpoints FROM keys k JOIN endpoints e ON e.organization_id = k.organization_id WHERE k.hash = ?1";

pub(super) const INSERT_ENDPOINT: &str =
    "INSERT INTO endpoints (organization_id, id, url, created_at) VALUES (?1, ?2, ?3, ?4)";

/// By the primary key: what was asked for, as version `?10`, over version `?2` alone.
pub(super) const UPDATE: &str = "
UPDATE subscriptions SET document = ?3, base = ?4, heartbeat_ms = ?5, ends_at = ?6, look_at = ?7, key_id = coalesce(key_id, ?8),
  updated_at = ?9, version = ?10
WHERE endpoint_id = ?1 AND version = ?2
RETURNING version";

/// By the primary keys: `?4` is when it was switched off, if it is to be. Only where [`UPDATE`] has just made version `?5` at `?6`.
pub(super) const UPDATE_ENDPOINT: &str = "
UPDATE endpoints SET url = ?3, disabled_at = ?4 WHERE organization_id = ?1 AND id = ?2
  AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.endpoint_id = ?2 AND s.version = ?5 AND s.updated_at = ?6)";

/// By the primary key: it has to be proven anew, or is off (`?2` says why).
pub(super) const RESET_STATE: &str = "
INSERT INTO endpoint_states (endpoint_id, disabled_because) VALUES (?1, ?2)
ON CONFLICT (endpoint_id) DO UPDATE SET proven_at = NULL, failing_since = NULL, disabled_because = excluded.disabled_because";

/// By the primary key: what waits for a Subscription that is switched off is wanted by nobody.
pub(super) const DROP: &str = "DELETE FROM deliveries WHERE endpoint_id = ?1";
