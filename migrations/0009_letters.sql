-- Letters to offices without software: a link and a code that open one leg of a referral; and what a network has written of them.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- A letter is a row of `keys` too, with its own id in the place of the hash: no text hashes to that, so nobody calls with it. It is the
-- parent of the sessions that the link opens: they have its label, and end when it is revoked. Here is what is more to know of it.
CREATE TABLE IF NOT EXISTS letters (
  referral_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- The number of the leg that it opens.
  leg INTEGER NOT NULL,
  -- SHA-256 of the link's token, which is stored nowhere.
  token_hash TEXT NOT NULL,
  -- SHA-256 of the token and the code: who has a copy of the database cannot try codes.
  code_hash TEXT NOT NULL,
  -- The label of the key that made it.
  made_by TEXT,
  -- Wrong codes since the last right one.
  tries INTEGER NOT NULL DEFAULT 0,
  locked_at INTEGER,
  -- When it was opened first and last.
  opened_at INTEGER,
  last_opened_at INTEGER,
  PRIMARY KEY (referral_id, id)
) STRICT, WITHOUT ROWID;

-- The one that a link names.
CREATE UNIQUE INDEX IF NOT EXISTS letters_by_token ON letters (token_hash);

-- A network's own wording; what has no row is worded as it was built in.
CREATE TABLE IF NOT EXISTS letter_templates (
  network TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  text TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (network, name, language)
) STRICT, WITHOUT ROWID;
