-- People who sign in with a key.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- A session is a row of `keys` with an id of its own (`session-…`), so that whatever finds a caller by the hash of a key finds a
-- session too. Here is what is more to know of it. Not columns of `keys`: SQLite adds a column once only, and this may run again.
CREATE TABLE IF NOT EXISTS sessions (
  -- The session's, in `keys`.
  hash TEXT PRIMARY KEY,
  -- The hash of the key that signed in: the session ends when that one is revoked. NULL where there is none.
  parent TEXT,
  -- The one referral that it opens, and the number of the leg; NULL where it opens what its parent does.
  confined_to TEXT,
  leg INTEGER
) STRICT, WITHOUT ROWID;
