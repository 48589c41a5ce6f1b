-- Referrals, their events, and what is looked up beside them.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- One row a referral: the fold of its events, and what lists and the sweep select by. With a rowid, because rows are large.
CREATE TABLE IF NOT EXISTS referrals (
  id TEXT PRIMARY KEY,
  network TEXT NOT NULL,
  referrer TEXT NOT NULL,
  -- The organisation and service of the last leg; NULL for an office outside the network.
  recipient TEXT,
  service TEXT,
  specialty TEXT,
  patient_key TEXT NOT NULL,
  status TEXT NOT NULL,
  -- NULL when it is finished.
  turn TEXT,
  urgency TEXT NOT NULL,
  -- JSON list, as of the last write or sweep.
  attention TEXT NOT NULL,
  points INTEGER NOT NULL,
  -- When somebody must look again; NULL when nobody must.
  next_due_at INTEGER,
  -- The number of stored events.
  version INTEGER NOT NULL,
  -- The hash of the last stored event.
  tail_hash TEXT NOT NULL,
  -- The time of the last event of the fold: one that happened no later needs the events read again.
  folded_until INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- JSON: the limits that run.
  clocks TEXT NOT NULL,
  -- JSON: the folded referral.
  state TEXT NOT NULL,
  -- JSON: the request with its corrections.
  request TEXT NOT NULL
) STRICT;

-- The worklist of each side, most pressing first.
CREATE INDEX IF NOT EXISTS referrals_by_referrer ON referrals (referrer, points DESC, id);
CREATE INDEX IF NOT EXISTS referrals_by_recipient ON referrals (recipient, points DESC, id);
-- The sweep: its cost grows with what is due, not with what exists.
CREATE INDEX IF NOT EXISTS referrals_due ON referrals (next_due_at) WHERE next_due_at IS NOT NULL;
-- Possible duplicates, and the search by patient.
CREATE INDEX IF NOT EXISTS referrals_by_patient ON referrals (patient_key);

-- Append-only; the primary key lets one of two writers win.
CREATE TABLE IF NOT EXISTS events (
  referral_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  -- Canonical JSON: what the hash is of. Holds the hash of the event before.
  body TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (referral_id, seq)
) STRICT, WITHOUT ROWID;

-- Events that were taken in and not yet chained, because too many wrote at once. The next writer or the sweep folds them.
CREATE TABLE IF NOT EXISTS pending_events (
  referral_id TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (referral_id, id)
) STRICT, WITHOUT ROWID;

-- Placer and filler ids. Unique for the organisation that assigned them, and looked up among a caller's own referrals only.
CREATE TABLE IF NOT EXISTS referral_identifiers (
  system TEXT NOT NULL,
  value TEXT NOT NULL,
  organization TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  PRIMARY KEY (system, value, organization)
) STRICT, WITHOUT ROWID;

-- Organisations whose leg has ended and was followed by another's: they still see it.
CREATE TABLE IF NOT EXISTS past_recipients (
  organization TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  -- How its leg ended, and for which service it was.
  status TEXT NOT NULL,
  service TEXT,
  PRIMARY KEY (organization, referral_id)
) STRICT, WITHOUT ROWID;

-- Documents of reports.
CREATE TABLE IF NOT EXISTS documents (
  id TEXT PRIMARY KEY,
  organization TEXT NOT NULL,
  -- NULL until an event names it.
  referral_id TEXT,
  media_type TEXT NOT NULL,
  content BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
