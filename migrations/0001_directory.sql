-- The directory: who is in a network, what they offer, who may call, where webhooks come from and go to; and receipts.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- What a network has set; one without a row has the default.
CREATE TABLE IF NOT EXISTS networks (
  id TEXT PRIMARY KEY,
  -- JSON: the policy, whole.
  policy TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An organisation is a JSON document that PATCH merges into (RFC 7396, json_patch), so that two changes at once of different
-- members both take effect. What queries select by is generated from it.
CREATE TABLE IF NOT EXISTS organizations (
  id TEXT PRIMARY KEY,
  network TEXT NOT NULL,
  -- JSON: name, roles, identifiers, default_service, connected, active, time_zone, contact.
  document TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- 0: it takes no new referral.
  active INTEGER NOT NULL GENERATED ALWAYS AS (document ->> '$.active') VIRTUAL,
  -- 0: it has no software of its own, and the other side records what it learned.
  connected INTEGER NOT NULL GENERATED ALWAYS AS (document ->> '$.connected') VIRTUAL
) STRICT, WITHOUT ROWID;

-- The numbers by which messages name an organisation; each means one organisation of the network.
CREATE TABLE IF NOT EXISTS organization_identifiers (
  network TEXT NOT NULL,
  system TEXT NOT NULL,
  value TEXT NOT NULL,
  organization_id TEXT NOT NULL,
  PRIMARY KEY (network, system, value)
) STRICT, WITHOUT ROWID;

-- API keys, by the SHA-256 of their text: every call looks one up.
CREATE TABLE IF NOT EXISTS keys (
  hash TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- Scopes, separated by spaces.
  scopes TEXT NOT NULL,
  -- Whose key it is.
  label TEXT,
  person TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- An organisation's list, and one key by its id.
CREATE UNIQUE INDEX IF NOT EXISTS keys_by_organization ON keys (organization_id, id);

-- What an organisation offers; a JSON document as an organisation is.
CREATE TABLE IF NOT EXISTS services (
  organization_id TEXT NOT NULL,
  id TEXT NOT NULL,
  network TEXT NOT NULL,
  -- JSON: specialty, codes, urgencies, locations, languages, next_available, capacity, requirements, active.
  document TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  specialty TEXT NOT NULL GENERATED ALWAYS AS (document ->> '$.specialty') VIRTUAL,
  active INTEGER NOT NULL GENERATED ALWAYS AS (document ->> '$.active') VIRTUAL,
  PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

-- Finding a service for a referral that names a specialty only.
CREATE INDEX IF NOT EXISTS services_by_specialty ON services (network, specialty);

-- Where webhooks are sent.
CREATE TABLE IF NOT EXISTS endpoints (
  organization_id TEXT NOT NULL,
  id TEXT NOT NULL,
  url TEXT NOT NULL,
  -- JSON list of the event types that it wants; NULL for all.
  events TEXT,
  created_at INTEGER NOT NULL,
  -- When it was switched off because it answered 410.
  disabled_at INTEGER,
  PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

-- Senders of inbound webhooks. One that was removed stays, because events name it.
CREATE TABLE IF NOT EXISTS sources (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  removed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS sources_by_organization ON sources (organization_id, id);

-- The versions of the signing secrets of endpoints and sources; the secrets themselves are derived, never stored.
CREATE TABLE IF NOT EXISTS secret_versions (
  -- The endpoint's or source's id.
  owner TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- The id of the master key that it is derived from.
  master TEXT NOT NULL,
  -- NULL for the current one; after a rotation, until when the one before is still good.
  live_until INTEGER,
  PRIMARY KEY (owner, version)
) STRICT, WITHOUT ROWID;

-- What was answered to an idempotency key. No patient data and no secret: an answer about a referral is built again.
CREATE TABLE IF NOT EXISTS receipts (
  -- Whose key it is: `operator`, `key:` and an organisation, `webhook:` and a source.
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  -- SHA-256 of method, path and body.
  body_hash TEXT NOT NULL,
  status INTEGER NOT NULL,
  referral_id TEXT,
  seq INTEGER,
  -- JSON: an answer of the directory, without secrets.
  answer TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
