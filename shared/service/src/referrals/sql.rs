//! The statements of a referral, its events and what is looked up beside it. Whole texts, each with the index it uses.

/// Which referrals: the one with id `?1`, or those with the identifier of system `?2` and value `?3`.
macro_rules! selected {
    () => {
        "(SELECT ?1 UNION ALL SELECT referral_id FROM referral_identifiers WHERE system = ?2 AND value = ?3)"
    };
}

/// The columns of a [`super::Record`], from `f` (referrals), `n` (networks), `r` and `c` (the two organisations), `s` (the
/// recipient's service); by `deliveries_dead` whether there is a dead letter.
macro_rules! record_columns {
    () => {
        "f.id, f.version, f.tail_hash, f.state, f.clocks, f.attention, f.points, f.next_due_at, n.policy,
       s.document ->> '$.limits' AS service_limits,
       r.active AS referrer_active, r.connected AS referrer_connected,
       c.active AS recipient_active, c.connected AS recipient_connected,
       EXISTS (SELECT 1 FROM deliveries x WHERE x.referral_id = f.id AND x.dead_at IS NOT NULL) AS delivery_failed"
    };
}

/// The tables of [`record_columns`].
macro_rules! record_tables {
    () => {
        "referrals f JOIN organizations r ON r.id = f.referrer
  LEFT JOIN organizations c ON c.id = f.recipient
  LEFT JOIN services s ON s.organization_id = f.recipient AND s.id = f.service
  LEFT JOIN networks n ON n.id = f.network"
    };
}

pub(crate) use {record_columns, record_tables};

/// By the primary keys of all tables. `?4` says whether the request is needed.
pub(super) const RECORD: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", CASE WHEN ?4 THEN f.request END AS request
FROM ",
    record_tables!(),
    "
WHERE f.id IN ",
    selected!(),
    "
LIMIT 20"
);

/// By the primary key of `events`; nothing unless the fold needs them: something is pending, or happened no earlier than `?4`.
pub(super) const HISTORY: &str = concat!(
    "SELECT e.referral_id AS event_referral, e.seq AS event_seq, e.body AS event_body, e.hash AS event_hash
FROM referrals f JOIN events e ON e.referral_id = f.id
WHERE f.id IN ", selected!(), "
  AND (f.folded_until >= ?4 OR EXISTS (SELECT 1 FROM pending_events p WHERE p.referral_id = f.id))
ORDER BY e.referral_id, e.seq"
);

/// By the primary key of `pending_events`; [`super::Loaded`] puts them in the order in which they came.
pub(super) const PENDING: &str = concat!(
    "SELECT p.referral_id AS event_referral, p.id AS event_id, p.body AS event_body
FROM pending_events p WHERE p.referral_id IN ",
    selected!()
);

/// Fails on the primary key when another writer was first.
pub(super) const INSERT_EVENT: &str =
    "INSERT INTO events (referral_id, seq, body, hash) VALUES (?1, ?2, ?3, ?4)";

/// Only where the row is the one that this batch has just written: its tail is our hash.
pub(super) const INSERT_EVENT_IF_WON: &str = "
INSERT INTO events (referral_id, seq, body, hash)
SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM referrals WHERE id = ?1 AND tail_hash = ?5)";

pub(super) const INSERT_REFERRAL: &str = "
INSERT INTO referrals (id, network, referrer, recipient, service, specialty, patient_key, status, turn, urgency, attention,
  points, next_due_at, version, tail_hash, folded_until, created_at, updated_at, clocks, state, request)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17, ?18, ?19, ?20)";

macro_rules! update {
    () => {
        "UPDATE referrals SET recipient = ?2, service = ?3, status = ?4, turn = ?5, urgency = ?6, attention = ?7, points = ?8,
  next_due_at = ?9, version = ?10, tail_hash = ?11, folded_until = ?12, updated_at = ?13, clocks = ?14, state = ?15,
  request = coalesce(?16, request), specialty = ?17
WHERE id = ?1"
    };
}

/// By the primary key.
pub(super) const UPDATE_REFERRAL: &str = update!();

/// By the primary key; nothing when another writer was first.
pub(super) const UPDATE_REFERRAL_IF_AT: &str = concat!(update!(), " AND version = ?18");

/// Fails on the primary key when the organisation has used the identifier for another referral; for this one it is there.
pub(super) const INSERT_IDENTIFIER: &str = "
INSERT INTO referral_identifiers (system, value, organization, referral_id)
SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM referral_identifiers
  WHERE system = ?1 AND value = ?2 AND organization = ?3 AND referral_id = ?4)";

/// Only where the row is the one that this batch has just written.
pub(super) const INSERT_IDENTIFIER_IF_WON: &str = "
INSERT INTO referral_identifiers (system, value, organization, referral_id)
SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM referrals WHERE id = ?4 AND tail_hash = ?5)
  AND NOT EXISTS (SELECT 1 FROM referral_identifiers
    WHERE system = ?1 AND value = ?2 AND organization = ?3 AND referral_id = ?4)";

/// The last of several legs of one organisation counts.
pub(super) const INSERT_PAST_RECIPIENT: &str = "
INSERT INTO past_recipients (organization, referral_id, status, service)
SELECT ?1, ?2, ?4, ?5 WHERE EXISTS (SELECT 1 FROM referrals WHERE id = ?2 AND tail_hash = ?3)
ON CONFLICT (organization, referral_id) DO UPDATE SET status = excluded.status, service = excluded.service";

/// What the row that this batch has just written has taken in.
pub(super) const DELETE_PENDING: &str = "
DELETE FROM pending_events WHERE referral_id = ?1 AND id IN (SELECT value FROM json_each(?2))
  AND EXISTS (SELECT 1 FROM referrals WHERE id = ?1 AND tail_hash = ?3)";

pub(super) const INSERT_PENDING: &str = "
INSERT INTO pending_events (referral_id, id, body) VALUES (?1, ?2, ?3)";

/// By the primary key of `documents`: the event that names them says to which referral they belong, and they stay that one's.
pub(super) const LINK_DOCUMENTS: &str = "
UPDATE documents SET referral_id = ?1
WHERE id IN (SELECT value FROM json_each(?2)) AND organization = ?3 AND coalesce(referral_id, ?1) = ?1
  AND EXISTS (SELECT 1 FROM referrals WHERE id = ?1 AND tail_hash = ?4)";

/// The same for an event that is kept for the next writer, and for a new referral.
pub(super) const LINK_DOCUMENTS_AT_ONCE: &str = "
UPDATE documents SET referral_id = ?1
WHERE id IN (SELECT value FROM json_each(?2)) AND organization = ?3 AND coalesce(referral_id, ?1) = ?1";
