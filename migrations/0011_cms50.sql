-- What the measure CMS50 needs beside referrals: value sets that an organisation loads, and visits that come in by FHIR.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- One row a ValueSet. An organisation's own: it decides the rate that this organisation reports, so nobody else may change it. With a
-- rowid, because rows are large.
CREATE TABLE IF NOT EXISTS value_sets (
  organization TEXT NOT NULL,
  -- The id of the resource.
  id TEXT NOT NULL,
  -- Its OID where it has one, otherwise its URL.
  key TEXT NOT NULL,
  -- JSON: the codes of each system.
  codes TEXT NOT NULL,
  -- JSON list: the keys of value sets whose codes are its codes too.
  members TEXT NOT NULL,
  version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- The resource as it came.
  document TEXT NOT NULL,
  PRIMARY KEY (organization, id)
) STRICT;

-- The measure's value sets and their members.
CREATE INDEX IF NOT EXISTS value_sets_by_key ON value_sets (organization, key);

-- One row an Encounter or Procedure. With a rowid, because rows are large.
CREATE TABLE IF NOT EXISTS visits (
  organization TEXT NOT NULL,
  -- `Encounter` or `Procedure`.
  kind TEXT NOT NULL,
  -- The id of the resource: the caller's where it was put; where it was posted, made of its identifier or its content, so that the same
  -- one again is the same row.
  id TEXT NOT NULL,
  -- As in `referrals`.
  patient_key TEXT NOT NULL,
  -- FHIR's.
  status TEXT NOT NULL,
  -- JSON list of CodeableConcepts: Encounter.type, Procedure.code.
  concepts TEXT NOT NULL,
  -- When it began and ended, as it is written.
  started TEXT,
  ended TEXT,
  -- The last day that it may have had, YYYY-MM-DD; empty where it says neither.
  last_day TEXT NOT NULL,
  version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- The resource as it came.
  document TEXT NOT NULL,
  PRIMARY KEY (organization, kind, id)
) STRICT;

-- The visits of a patient in a period: who was not referred costs nothing.
CREATE INDEX IF NOT EXISTS visits_of_patient ON visits (organization, patient_key, last_day);
