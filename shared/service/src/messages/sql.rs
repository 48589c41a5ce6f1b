//! The statements of messages. Whole texts, each with the index it uses.

/// By the primary key; the organisation is the key's.
pub(super) const SEEN: &str = "
SELECT state AS seen_state, reason AS seen_reason, referral_id AS seen_referral
FROM exchange_messages
WHERE id = ?2 AND organization = (SELECT organization_id FROM keys WHERE hash = ?1)";

/// By `exchange_messages_by_control`. What was refused or waits for a person may come again, corrected.
pub(super) const REUSED: &str = "
SELECT id AS reused_id FROM exchange_messages
WHERE organization = (SELECT organization_id FROM keys WHERE hash = ?1) AND control_id = ?2 AND id <> ?3
  AND state NOT IN ('refused', 'unmatched')
LIMIT 1";

macro_rules! insert {
    () => {
        "
INSERT INTO exchange_messages (id, organization, format, media_type, control_id, received_at, content, state, reason,
  warnings, event, referral_id)
"
    };
}

/// Fails on the primary key when the same message was first. Only where the batch has just written the row of `?13`, if it
/// names one.
pub(super) const INSERT_IF_WON: &str = concat!(
    insert!(),
    "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
WHERE ?13 IS NULL OR EXISTS (SELECT 1 FROM referrals WHERE id = ?13 AND tail_hash = ?14)"
);

/// One that was refused before may have become one for a person; what waits or is settled stays as it is.
pub(super) const KEEP: &str = concat!(
    insert!(),
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL)
ON CONFLICT (id, organization) DO UPDATE SET state = excluded.state, reason = excluded.reason, event = excluded.event,
  received_at = excluded.received_at
WHERE exchange_messages.state = 'refused'"
);

/// The chase of what waits for a person begins: the sweep works out when it is due, because the policy says so.
pub(super) const CHASE: &str = "
INSERT INTO unmatched_chases (organization, message_id, next_at) VALUES (?1, ?2, ?3)
ON CONFLICT (organization, message_id) DO NOTHING";

/// By the primary key. Only where the batch has just written the row of `?3`, if it names one.
pub(super) const CHASED: &str = "
DELETE FROM unmatched_chases WHERE organization = ?1 AND message_id = ?2
  AND (?3 IS NULL OR EXISTS (SELECT 1 FROM referrals WHERE id = ?3 AND tail_hash = ?4))";

/// By the primary key. The event is in its referral's chain now, or nowhere.
pub(super) const SETTLE: &str = "
UPDATE exchange_messages
SET state = ?3, referral_id = ?4, decided_by = ?5, decided_at = ?6, note = ?7, event = NULL
WHERE id = ?1 AND organization = ?2
  AND (?8 IS NULL OR EXISTS (SELECT 1 FROM referrals WHERE id = ?8 AND tail_hash = ?9))";

/// By the primary key.
pub(super) const WAITING: &str = "
SELECT id AS message_id, format AS message_format, state AS message_state, event AS message_event,
       received_at AS message_received_at
FROM exchange_messages
WHERE id = ?2 AND organization = (SELECT organization_id FROM keys WHERE hash = ?1)";
