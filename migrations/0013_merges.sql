-- Records of patients that were merged (HL7 v2 ADT^A40), and unmatched messages as they are chased.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- What an organisation's systems said, in the order of arrival: of two at once the primary key lets one win.
CREATE TABLE IF NOT EXISTS patient_merges (
  organization TEXT NOT NULL,
  seq INTEGER NOT NULL,
  -- The assigner of both ids.
  system TEXT NOT NULL,
  -- The id that is no more.
  merged TEXT NOT NULL,
  -- The id that stays.
  into_value TEXT NOT NULL,
  -- When it was done.
  at INTEGER NOT NULL,
  -- The message that says so.
  message_id TEXT NOT NULL,
  PRIMARY KEY (organization, seq)
) STRICT, WITHOUT ROWID;

-- What was said of the ids of one patient.
CREATE INDEX IF NOT EXISTS patient_merges_of ON patient_merges (organization, system, merged);

-- What follows: every id that was merged into another, with the one that stands for it now (itself, where it was brought back).
CREATE TABLE IF NOT EXISTS merged_patients (
  -- As `referrals.patient_key`.
  patient_key TEXT NOT NULL,
  -- Who has said so.
  organization TEXT NOT NULL,
  survivor_key TEXT NOT NULL,
  system TEXT NOT NULL,
  merged TEXT NOT NULL,
  survivor TEXT NOT NULL,
  -- Which message has last changed it, and by whose key.
  message_id TEXT NOT NULL,
  label TEXT,
  -- Whether referrals may be left that have this id still.
  is_left INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (patient_key, organization)
) STRICT, WITHOUT ROWID;

-- All ids that one stands for.
CREATE INDEX IF NOT EXISTS merged_patients_into ON merged_patients (organization, survivor_key);

-- What the sweep carries along; nothing once it has.
CREATE INDEX IF NOT EXISTS merged_patients_left ON merged_patients (organization) WHERE is_left = 1;

-- Messages that fit no referral, as they are chased; a row goes when its message has found its end.
CREATE TABLE IF NOT EXISTS unmatched_chases (
  organization TEXT NOT NULL,
  message_id TEXT NOT NULL,
  -- When the sweep must look; NULL once everybody was told.
  next_at INTEGER,
  -- How often somebody was told, and when last.
  told INTEGER NOT NULL DEFAULT 0,
  told_at INTEGER,
  -- The sweep that looked last: what it tells is told by it alone.
  sweep TEXT,
  PRIMARY KEY (organization, message_id)
) STRICT, WITHOUT ROWID;

-- What is due to be looked at; its cost grows with what is due.
CREATE INDEX IF NOT EXISTS unmatched_chases_due ON unmatched_chases (next_at) WHERE next_at IS NOT NULL;

-- What waited before there were chases.
INSERT INTO unmatched_chases (organization, message_id, next_at)
SELECT organization, id, received_at FROM exchange_messages WHERE state = 'unmatched'
ON CONFLICT (organization, message_id) DO NOTHING;
