//! What is read and written for the deliveries in other formats, each statement with the index it uses. `?1` is a JSON list of the leased
//! messages, `{endpoint, organization, referral, seq}`, unless it says otherwise.

use crate::referrals::sql::{record_columns, record_tables};

/// By the primary keys: gives each event of a Subscription that has none the next number, where it is leased to `?2`. It stays with the row of
/// the outbox, so that another try has the same.
pub(super) const NUMBER: &str = "
UPDATE deliveries SET body = json_set(deliveries.body, '$.number', n.number)
FROM (SELECT d.endpoint_id AS endpoint, d.referral_id AS referral, d.seq,
    s.events + row_number() OVER (PARTITION BY s.endpoint_id ORDER BY j.key) AS number
  FROM json_each(?1) j JOIN subscriptions s ON s.endpoint_id = j.value ->> '$.endpoint'
  JOIN deliveries d ON d.endpoint_id = s.endpoint_id AND d.referral_id = j.value ->> '$.referral' AND d.seq = j.value ->> '$.seq'
  WHERE d.referral_id <> '' AND d.lease = ?2 AND d.body ->> '$.number' IS NULL) n
WHERE deliveries.endpoint_id = n.endpoint AND deliveries.referral_id = n.referral AND deliveries.seq = n.seq
RETURNING endpoint_id AS numbered_endpoint, referral_id AS numbered_referral, seq AS numbered_seq, body ->> '$.number' AS number";

/// By the primary keys: the last number given.
pub(super) const COUNT: &str = "
UPDATE subscriptions SET events = n.last
FROM (SELECT d.endpoint_id AS endpoint, max(d.body ->> '$.number') AS last
  FROM json_each(?1) j JOIN deliveries d ON d.endpoint_id = j.value ->> '$.endpoint' AND d.referral_id = j.value ->> '$.referral'
    AND d.seq = j.value ->> '$.seq'
  GROUP BY d.endpoint_id) n
WHERE subscriptions.endpoint_id = n.endpoint AND n.last > subscriptions.events";

/// By the primary keys: what each endpoint is sent.
pub(super) const FORMATS: &str = "
SELECT x.endpoint_id AS format_endpoint, x.format, s.base, s.document, s.events, s.ends_at
FROM endpoint_formats x LEFT JOIN subscriptions s ON s.endpoint_id = x.endpoint_id
WHERE x.endpoint_id IN (SELECT value ->> '$.endpoint' FROM json_each(?1))";

/// By the primary key of `referrals`: the leg that the endpoint's organisation is told of, its own last one.
pub(super) const LEGS: &str = "
SELECT DISTINCT j.value ->> '$.organization' AS leg_organization, f.id AS leg_referral, (SELECT max(l.value ->> '$.leg')
  FROM json_each(f.state, '$.legs') l
  WHERE j.value ->> '$.organization' IN (f.referrer, l.value ->> '$.recipient.organization')) AS leg
FROM json_each(?1) j JOIN referrals f ON f.id = j.value ->> '$.referral'";

/// The referrals of the messages that go out as HL7 v2: only these are read whole.
macro_rules! told_in_hl7 {
    () => {
        "(SELECT j.value ->> '$.referral' FROM json_each(?1) j
    JOIN endpoint_formats x ON x.endpoint_id = j.value ->> '$.endpoint' AND x.format = 'hl7')"
    };
}

/// By the primary keys of all tables.
pub(super) const RECORDS: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", f.request FROM ",
    record_tables!(),
    " WHERE f.id IN ",
    told_in_hl7!()
);

/// By the primary key of `events`.
pub(super) const EVENTS: &str = concat!(
    "SELECT e.referral_id AS event_referral, e.seq AS event_seq, e.body AS event_body, e.hash AS event_hash
FROM events e WHERE e.referral_id IN ",
    told_in_hl7!(),
    " ORDER BY e.referral_id, e.seq"
);

/// By the primary keys of both tables: how messages name the organisations of these referrals, and those that are told.
pub(super) const SITES: &str = concat!(
    "SELECT o.id AS site, o.document ->> '$.identifiers' AS site_identifiers FROM organizations o
WHERE o.id IN (SELECT j.value ->> '$.organization' FROM json_each(?1) j)
  OR o.id IN (SELECT f.referrer FROM referrals f WHERE f.id IN ",
    told_in_hl7!(),
    ")
  OR o.id IN (SELECT l.value ->> '$.recipient.organization' FROM referrals f JOIN json_each(f.state, '$.legs') l WHERE f.id IN ",
    told_in_hl7!(),
    ")"
);

/// By the primary keys of all tables: the stored documents that the events told in HL7 v2 name, in the order of the messages, up to `?2` bytes.
pub(super) const DOCUMENTS: &str = "
SELECT document_id, media_type, content FROM (
  SELECT d.id AS document_id, d.media_type, d.content, sum(length(d.content)) OVER (ORDER BY j.key, n.key) AS bytes
  FROM json_each(?1) j
  JOIN endpoint_formats x ON x.endpoint_id = j.value ->> '$.endpoint' AND x.format = 'hl7'
  JOIN events e ON e.referral_id = j.value ->> '$.referral' AND e.seq = j.value ->> '$.seq'
  JOIN json_each(e.body, '$.data.documents') n JOIN documents d ON d.id = n.value)
WHERE bytes <= ?2";

/// By the primary key: who was sent something (`?1`, at `?2`) hears no heartbeat before its time from then.
pub(super) const HEARD: &str = "
UPDATE subscriptions SET look_at = min(?2 + heartbeat_ms, coalesce(ends_at, ?2 + heartbeat_ms))
WHERE heartbeat_ms IS NOT NULL AND endpoint_id IN (SELECT value ->> '$.endpoint' FROM json_each(?1))";

/// The Subscriptions whose time has come as of `?1`: by `subscriptions_look`, and the primary keys for the network of the key with hash `?2`
/// (none for all).
macro_rules! due {
    () => {
        "s.look_at <= ?1 AND (?2 IS NULL OR (SELECT m.network FROM organizations m WHERE m.id = s.organization_id) =
    (SELECT o.network FROM keys k JOIN organizations o ON o.id = k.organization_id WHERE k.hash = ?2))"
    };
}

/// By the primary key: who has ended is switched off.
pub(super) const END: &str = concat!(
    "UPDATE endpoints SET disabled_at = ?1 WHERE disabled_at IS NULL AND (organization_id, id) IN (
  SELECT s.organization_id, s.endpoint_id FROM subscriptions s WHERE s.ends_at <= ?1 AND ",
    due!(),
    ")"
);

/// By the primary key: why.
pub(super) const ENDED: &str = concat!(
    "INSERT INTO endpoint_states (endpoint_id, disabled_because)
SELECT s.endpoint_id, 'ended' FROM subscriptions s WHERE s.ends_at <= ?1 AND ",
    due!(),
    "
ON CONFLICT (endpoint_id) DO UPDATE SET disabled_because = coalesce(disabled_because, excluded.disabled_because)"
);

/// By the primary key: what waited for it is wanted by nobody.
pub(super) const DROP_ENDED: &str = concat!(
    "DELETE FROM deliveries WHERE endpoint_id IN (
  SELECT s.endpoint_id FROM subscriptions s WHERE s.ends_at <= ?1 AND ",
    due!(),
    ")"
);

/// By the primary keys: a heartbeat for whoever was sent nothing for so long, unless something of the endpoint's own waits already.
pub(super) const BEAT: &str = concat!(
    "INSERT INTO deliveries (endpoint_id, referral_id, seq, organization_id, event_id, type, body, express, due_at, created_at)
SELECT s.endpoint_id, '', ?1, s.organization_id, 'subscription.heartbeat.' || ?1, 'subscription.heartbeat', '{}', 2, ?1, ?1
FROM subscriptions s JOIN endpoints e ON e.organization_id = s.organization_id AND e.id = s.endpoint_id
JOIN endpoint_states t ON t.endpoint_id = s.endpoint_id
WHERE s.heartbeat_ms IS NOT NULL AND e.disabled_at IS NULL AND t.proven_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.endpoint_id = s.endpoint_id AND d.referral_id = '' AND d.dead_at IS NULL)
  AND ",
    due!(),
    "
ON CONFLICT DO NOTHING"
);

/// When to look again.
pub(super) const LOOK_AGAIN: &str = concat!(
    "UPDATE subscriptions AS s SET look_at = CASE WHEN s.ends_at <= ?1 THEN NULL
  ELSE min(coalesce(?1 + s.heartbeat_ms, s.ends_at), coalesce(s.ends_at, ?1 + s.heartbeat_ms)) END
WHERE ",
    due!()
);
