-- What is due, the most urgent first: a slice of the sweep takes what is stat or asap before the rest, however much is due.
-- Each half is walked by its own range of one index, so that the cost still grows with what is due, not with what exists.

DROP INDEX IF EXISTS referrals_due;

CREATE INDEX IF NOT EXISTS referrals_due ON referrals ((urgency IN ('stat', 'asap')), next_due_at)
  WHERE next_due_at IS NOT NULL;
