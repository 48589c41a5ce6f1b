-- What came in as HL7 v2 or FHIR, as it came.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- One row a message; written in the batch that does what it says, or that keeps it for a person. With a rowid, because rows are large.
CREATE TABLE IF NOT EXISTS exchange_messages (
  -- Made of the content without what changes when a sender sends again: the same content twice is one message.
  id TEXT NOT NULL,
  -- Whose key it came with.
  organization TEXT NOT NULL,
  -- `hl7` or `fhir`.
  format TEXT NOT NULL,
  media_type TEXT NOT NULL,
  -- The sender's own id of it.
  control_id TEXT,
  received_at INTEGER NOT NULL,
  content BLOB NOT NULL,
  -- `applied`, `parked`, `unmatched`, `refused`, `dismissed`.
  state TEXT NOT NULL,
  -- Why it is unmatched, or the code of the problem for which it was refused.
  reason TEXT,
  -- JSON list of {at, detail}: what was kept as text because no code fits.
  warnings TEXT NOT NULL,
  -- JSON: the event that an unmatched message says, for when a person says of which referral.
  event TEXT,
  -- NULL until it is known.
  referral_id TEXT,
  -- Who matched or dismissed it, when, and why.
  decided_by TEXT,
  decided_at INTEGER,
  note TEXT,
  PRIMARY KEY (id, organization)
) STRICT;

-- Whether the sender's id was used for other content; what has no such id pays nothing.
CREATE INDEX IF NOT EXISTS exchange_messages_by_control ON exchange_messages (organization, control_id)
  WHERE control_id IS NOT NULL;

-- What waits for a person, oldest first; its cost grows with what waits.
CREATE INDEX IF NOT EXISTS exchange_messages_unmatched ON exchange_messages (organization, received_at, id)
  WHERE state = 'unmatched';
