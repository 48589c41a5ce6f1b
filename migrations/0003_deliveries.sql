-- The outbox: webhooks that are to be sent. A row is written in the batch that writes its event, and goes when it is delivered.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- In order for one endpoint and one referral: only the first row of such a pair is tried, and a lease covers the pair.
CREATE TABLE IF NOT EXISTS deliveries (
  endpoint_id TEXT NOT NULL,
  -- Empty for what concerns the endpoint alone: its challenge, and a notice of another one that was switched off.
  referral_id TEXT NOT NULL,
  -- The event's number in the chain; for an endpoint's own messages the time when they were made.
  seq INTEGER NOT NULL,
  organization_id TEXT NOT NULL,
  -- With the endpoint's id it is the webhook-id, the same on every try.
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  -- What is sent, and signed anew on every try. No patient data.
  body TEXT NOT NULL,
  -- 1 for stat and asap: these are never behind the others.
  express INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  -- Who sends it now, and until when nobody else does.
  lease TEXT,
  leased_until INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  -- When it was given up: a dead letter, until somebody sends it again.
  dead_at INTEGER,
  -- What the last try came to, such as `http-500`.
  last_error TEXT,
  PRIMARY KEY (endpoint_id, referral_id, seq)
) STRICT, WITHOUT ROWID;

-- What is to be sent now: stat and asap first, then the longest due. Its cost grows with what is due.
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (express DESC, due_at) WHERE dead_at IS NULL;

-- Whether a referral has a dead letter; only dead ones pay for it.
CREATE INDEX IF NOT EXISTS deliveries_dead ON deliveries (referral_id) WHERE dead_at IS NOT NULL;

-- How an endpoint does. No row: it has not answered its challenge, and has not failed.
CREATE TABLE IF NOT EXISTS endpoint_states (
  endpoint_id TEXT PRIMARY KEY,
  -- When it answered its challenge; nothing else is sent before.
  proven_at INTEGER,
  -- Since when no try has succeeded.
  failing_since INTEGER,
  -- Why it is switched off: `gone`, `failing`, `unproven`.
  disabled_because TEXT
) STRICT, WITHOUT ROWID;
