-- Who read what. Changes are in `events`; this is their other half.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- One row a request that was answered with patients' data, whatever the length of the page: D1 bills rows. By organisation and
-- time, because that is what the audit asks for; no index by referral, which every read would pay for.
CREATE TABLE IF NOT EXISTS reads (
  -- The caller's.
  organization TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- Tells reads of one instant apart.
  id TEXT NOT NULL,
  -- The key, and whose it was then.
  key_id TEXT NOT NULL,
  label TEXT,
  person TEXT,
  -- `read`, `timeline`, `document`, `list`, `search`, `audit`.
  action TEXT NOT NULL,
  -- JSON list of the ids of the referrals that were shown.
  referrals TEXT NOT NULL,
  -- The id of the document that was.
  document TEXT,
  PRIMARY KEY (organization, at, id)
) STRICT, WITHOUT ROWID;
