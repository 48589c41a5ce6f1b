-- Endpoints that are sent FHIR R4 or HL7 v2, and what FHIR calls a Subscription.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.
--
-- `deliveries.express` is a lane from here on: 1 and 0 for endpoints that are sent JSON, as before, 3 and 2 for the others. So the index
-- `deliveries_due` finds what each function sends, and nobody passes over rows that are another's. (A column of its own cannot be added by a
-- statement that may run again.)

-- No row: `json`.
CREATE TABLE IF NOT EXISTS endpoint_formats (
  endpoint_id TEXT PRIMARY KEY,
  -- `fhir` or `hl7`.
  format TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What an endpoint with the format `fhir` is sent.
CREATE TABLE IF NOT EXISTS subscriptions (
  endpoint_id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  -- The key that made it, and may change it.
  key_id TEXT,
  -- The address below which what a notification names is read.
  base TEXT NOT NULL,
  -- JSON: the resource as it was taken, without what is ours to say.
  document TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  updated_at INTEGER NOT NULL,
  -- The number of the last event: the next one has the next.
  events INTEGER NOT NULL DEFAULT 0,
  -- A heartbeat is due where nothing was sent for so long; NULL for none.
  heartbeat_ms INTEGER,
  -- When it ends; NULL for never.
  ends_at INTEGER,
  -- When the schedule must look at it: at its end, or for a heartbeat.
  look_at INTEGER
) STRICT, WITHOUT ROWID;

-- What the schedule looks at; what has neither end nor heartbeat pays nothing.
CREATE INDEX IF NOT EXISTS subscriptions_look ON subscriptions (look_at) WHERE look_at IS NOT NULL;

-- What a side may see by its last change. FHIR's search reads the longest unchanged first, so that a page costs what it looks at and a
-- poller (`_lastUpdated`) reads what has changed; every open page asks every few seconds whether anything did, which is one entry read.
-- Two entries a write.
CREATE INDEX IF NOT EXISTS referrals_of_referrer ON referrals (referrer, updated_at, id);
CREATE INDEX IF NOT EXISTS referrals_of_recipient ON referrals (recipient, updated_at, id);
