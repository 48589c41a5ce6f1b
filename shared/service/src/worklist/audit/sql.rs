//! The statements of the audit. Newest first; a page goes on below a position, `?3` (when) and `?4` (the id there).

/// Reads of one organisation between `?2` and the position. The newest `?5` of them are looked at, and of these at most `?8`
/// given that show referral `?6` (quoted, as it stands in the list) and are of action `?7`, where those are asked for; and the
/// last one that was looked at, from which the next page goes on.
macro_rules! reads_of {
    ($organization:literal) => {
        concat!(
            "
SELECT at, id, organization, key_id, label, person, action, referrals, document, fits, place
FROM (SELECT looked.*, row_number() OVER (ORDER BY at DESC, id DESC) AS place,
    (?6 IS NULL OR instr(referrals, ?6) > 0) AND (?7 IS NULL OR action = ?7) AS fits
  FROM (SELECT at, id, organization, key_id, label, person, action, referrals, document FROM reads
    WHERE organization = ", $organization, " AND at >= ?2 AND at <= ?3 AND (at < ?3 OR id < ?4)
    ORDER BY at DESC, id DESC LIMIT ?5) looked)
WHERE fits OR place = ?5
ORDER BY at DESC, id DESC LIMIT ?8"
        )
    };
}

/// Of organisation `?1`, by the primary key of `reads`.
pub(super) const READS_OF: &str = reads_of!("?1");

/// Of the organisation of the key with hash `?1`, by the primary keys of `keys` and `reads`.
pub(super) const OWN_READS: &str = reads_of!("(SELECT organization_id FROM keys WHERE hash = ?1)");

/// The referrals in which the organisation of the key with hash `?1` takes part or took part, and which were written to at `?2`
/// or later and existed at `?3`: an event of that time can be in no other. 5 minutes are
/// allowed for clocks that differ.
macro_rules! written_to {
    () => {
        "SELECT id FROM referrals
    WHERE referrer = (SELECT organization_id FROM keys WHERE hash = ?1) AND updated_at >= ?2 - 300000 AND created_at <= ?3
  UNION
  SELECT id FROM referrals
    WHERE recipient = (SELECT organization_id FROM keys WHERE hash = ?1) AND updated_at >= ?2 - 300000 AND created_at <= ?3
  UNION
  SELECT f.id FROM past_recipients p JOIN referrals f ON f.id = p.referral_id
    WHERE p.organization = (SELECT organization_id FROM keys WHERE hash = ?1)
      AND f.updated_at >= ?2 - 300000 AND f.created_at <= ?3"
    };
}

/// A stored instant, RFC 3339, as milliseconds: as text `…:00Z` and `…:00.5Z` would sort the wrong way round.
macro_rules! recorded_at {
    () => {
        "CAST(strftime('%s', e.body ->> '$.recorded_at') AS INTEGER) * 1000
      + CAST(substr(strftime('%f', e.body ->> '$.recorded_at'), 4) AS INTEGER)"
    };
}

/// What the organisation of the key with hash `?1` changed between `?2` and the position; at most `?5` events.
///
/// Reads the rows of all its referrals by `referrals_by_referrer`, `referrals_by_recipient` and the primary key of
/// `past_recipients`, and by the primary key of `events` all events of those that were written to since `?2` and existed at the
/// position. No index by time: every write would pay for it, and this is asked seldom. [`TOO_MANY`] bounds it.
pub(super) const OWN_CHANGES: &str = concat!(
    "
SELECT at, id, organization, label, source, type, seq, referral FROM (
  SELECT ", recorded_at!(), " AS at, e.body ->> '$.id' AS id, e.body ->> '$.by.organization' AS organization,
    e.body ->> '$.by.label' AS label, e.body ->> '$.source' AS source, e.body ->> '$.type' AS type, e.seq,
    e.referral_id AS referral
  FROM (", written_to!(), " LIMIT ?6) own JOIN events e ON e.referral_id = own.id
  WHERE e.body ->> '$.by.organization' = (SELECT organization_id FROM keys WHERE hash = ?1))
WHERE at >= ?2 AND at <= ?3 AND (at < ?3 OR id < ?4)
ORDER BY at DESC, id DESC LIMIT ?5"
);

/// A row when [`OWN_CHANGES`] would have to look at more than `?4` referrals.
pub(super) const TOO_MANY: &str = concat!("SELECT id FROM (", written_to!(), ") LIMIT 1 OFFSET ?4");
