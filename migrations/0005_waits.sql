-- How long patients have waited for a visit: what best fit goes by.

-- One row a leg of which it is known when the patient was seen; written by the event that says so.
CREATE TABLE IF NOT EXISTS visit_waits (
  organization TEXT NOT NULL,
  service TEXT NOT NULL,
  -- Ids sort by when they were made: the newest waits are the last ones.
  referral_id TEXT NOT NULL,
  -- As it counts for the referral: who is urgent is seen sooner, and the two are not mixed.
  urgency TEXT NOT NULL,
  -- From when the leg was sent to when the patient was seen; NULL when it turned out that nobody was.
  hours INTEGER,
  PRIMARY KEY (organization, service, referral_id)
) STRICT, WITHOUT ROWID;
