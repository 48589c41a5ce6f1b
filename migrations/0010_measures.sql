-- What the measures are read from: sums that every write of a referral keeps up to date.
-- Times are milliseconds since the Unix epoch, UTC. A table, an index and a column earn their place by a query.

-- One row for all referrals of one referrer, recipient, specialty and urgency, sent in one month; both sides read it. With a
-- rowid, because rows are large.
CREATE TABLE IF NOT EXISTS tallies (
  referrer TEXT NOT NULL,
  -- YYYY-MM of when the referrals came in (UTC).
  month TEXT NOT NULL,
  -- The organisation of the last leg; empty for an office outside the network.
  recipient TEXT NOT NULL,
  -- Empty where it is not known.
  specialty TEXT NOT NULL,
  urgency TEXT NOT NULL,
  -- JSON object: for each counter the sum over the referrals, without those that are 0.
  counts TEXT NOT NULL,
  PRIMARY KEY (referrer, month, recipient, specialty, urgency)
) STRICT;

-- The measures of what an organisation received. Paid when a row is made, not when it counts on.
CREATE INDEX IF NOT EXISTS tallies_by_recipient ON tallies (recipient, month);

-- What a referral counts as stands in its row (`state`, member `facts`), so that what is taken away is what was added, whatever a
-- later version counts. These triggers are the only writers of `tallies`: whoever writes a referral's row, first, guarded, again
-- or in a slice, cannot forget the sums or count twice, because they move with the row or not at all.
CREATE TRIGGER IF NOT EXISTS referral_counted AFTER INSERT ON referrals
WHEN NEW.state ->> '$.facts' IS NOT NULL
BEGIN
  INSERT INTO tallies (referrer, month, recipient, specialty, urgency, counts)
  SELECT referrer, month, recipient, specialty, urgency, json_group_object(key, n) FROM (
    SELECT referrer, month, recipient, specialty, urgency, key, sum(n) AS n FROM (
      SELECT NEW.referrer AS referrer, strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch') AS month,
        coalesce(NEW.recipient, '') AS recipient, coalesce(NEW.specialty, '') AS specialty, NEW.urgency AS urgency, key, value AS n
      FROM json_each(NEW.state, '$.facts')
      UNION ALL
      SELECT t.referrer, t.month, t.recipient, t.specialty, t.urgency, c.key, c.value FROM tallies t, json_each(t.counts) c
      WHERE t.referrer = NEW.referrer AND t.month = strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch')
        AND t.recipient = coalesce(NEW.recipient, '') AND t.specialty = coalesce(NEW.specialty, '') AND t.urgency = NEW.urgency)
    GROUP BY referrer, month, recipient, specialty, urgency, key)
  WHERE true GROUP BY referrer, month, recipient, specialty, urgency
  ON CONFLICT DO UPDATE SET counts = excluded.counts;
END;

-- Takes away what it counted as and adds what it counts as: one row where both are in the same sums, two where it moved to others.
CREATE TRIGGER IF NOT EXISTS referral_recounted AFTER UPDATE ON referrals
WHEN OLD.state ->> '$.facts' IS NOT NEW.state ->> '$.facts'
  OR OLD.recipient IS NOT NEW.recipient OR OLD.specialty IS NOT NEW.specialty OR OLD.urgency IS NOT NEW.urgency
BEGIN
  INSERT INTO tallies (referrer, month, recipient, specialty, urgency, counts)
  SELECT referrer, month, recipient, specialty, urgency, json_group_object(key, n) FILTER (WHERE n <> 0) FROM (
    SELECT referrer, month, recipient, specialty, urgency, key, sum(n) AS n FROM (
      SELECT OLD.referrer AS referrer, strftime('%Y-%m', OLD.created_at / 1000, 'unixepoch') AS month,
        coalesce(OLD.recipient, '') AS recipient, coalesce(OLD.specialty, '') AS specialty, OLD.urgency AS urgency, key, -value AS n
      FROM json_each(OLD.state, '$.facts')
      UNION ALL
      SELECT NEW.referrer, strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch'),
        coalesce(NEW.recipient, ''), coalesce(NEW.specialty, ''), NEW.urgency, key, value
      FROM json_each(NEW.state, '$.facts')
      UNION ALL
      SELECT t.referrer, t.month, t.recipient, t.specialty, t.urgency, c.key, c.value FROM tallies t, json_each(t.counts) c
      WHERE t.referrer = NEW.referrer AND t.month = strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch')
        AND (t.recipient, t.specialty, t.urgency) IN (VALUES
          (coalesce(OLD.recipient, ''), coalesce(OLD.specialty, ''), OLD.urgency),
          (coalesce(NEW.recipient, ''), coalesce(NEW.specialty, ''), NEW.urgency)))
    GROUP BY referrer, month, recipient, specialty, urgency, key)
  WHERE true GROUP BY referrer, month, recipient, specialty, urgency
  ON CONFLICT DO UPDATE SET counts = excluded.counts;
END;

-- Referrals that were written before there were sums. The measures read them beside the sums until their next write, or the
-- sweep, has counted them; what is counted pays nothing.
CREATE INDEX IF NOT EXISTS referrals_uncounted ON referrals (referrer, created_at) WHERE state ->> '$.facts' IS NULL;
CREATE INDEX IF NOT EXISTS referrals_uncounted_by_recipient ON referrals (recipient, created_at)
  WHERE state ->> '$.facts' IS NULL;

-- Each side's referrals by when they came in: the sorts `newest` and `oldest`, and measures from or to a day within a month.
CREATE INDEX IF NOT EXISTS referrals_by_referrer_and_time ON referrals (referrer, created_at, id);
CREATE INDEX IF NOT EXISTS referrals_by_recipient_and_time ON referrals (recipient, created_at, id);
