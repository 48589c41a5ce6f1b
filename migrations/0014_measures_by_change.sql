-- The sums of the measures are moved by what has changed, so that a write costs the same however much a sum holds. These triggers
-- take the place of those of `0010_measures.sql`: the same rows, the same counters, and what was counted before stays counted.
-- Times are milliseconds since the Unix epoch, UTC.
--
-- Between DROP and CREATE nothing is counted: on D1 a file is one transaction, on Spin migrations run before anything is served.

DROP TRIGGER IF EXISTS referral_counted;

-- A counter is added to the one of its name; the others are not looked at.
CREATE TRIGGER IF NOT EXISTS referral_counted AFTER INSERT ON referrals
WHEN NEW.state ->> '$.facts' IS NOT NULL
BEGIN
  INSERT INTO tallies (referrer, month, recipient, specialty, urgency, counts)
  SELECT NEW.referrer, strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch'), coalesce(NEW.recipient, ''),
    coalesce(NEW.specialty, ''), NEW.urgency, NEW.state -> '$.facts'
  WHERE true
  ON CONFLICT DO UPDATE SET counts = json_patch(counts, (
    SELECT json_group_object(c.key, c.value + coalesce(counts ->> ('$."' || c.key || '"'), 0)) FROM json_each(excluded.counts) c));
END;

DROP TRIGGER IF EXISTS referral_recounted;

-- Takes away what it counted as and adds what it counts as: one row where both are in the same sums, two where it moved to others.
-- What is the same before and after is left out, and a counter that comes to 0 goes: in a patch that is null (RFC 7396).
CREATE TRIGGER IF NOT EXISTS referral_recounted AFTER UPDATE ON referrals
WHEN OLD.state ->> '$.facts' IS NOT NEW.state ->> '$.facts'
  OR OLD.recipient IS NOT NEW.recipient OR OLD.specialty IS NOT NEW.specialty OR OLD.urgency IS NOT NEW.urgency
BEGIN
  INSERT INTO tallies (referrer, month, recipient, specialty, urgency, counts)
  SELECT NEW.referrer, strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch'), recipient, specialty, urgency,
    json_group_object(key, n) FILTER (WHERE n <> 0) FROM (
    SELECT recipient, specialty, urgency, key, sum(n) AS n FROM (
      SELECT coalesce(OLD.recipient, '') AS recipient, coalesce(OLD.specialty, '') AS specialty, OLD.urgency AS urgency, key,
        -value AS n
      FROM json_each(OLD.state, '$.facts')
      UNION ALL
      SELECT coalesce(NEW.recipient, ''), coalesce(NEW.specialty, ''), NEW.urgency, key, value FROM json_each(NEW.state, '$.facts'))
    GROUP BY recipient, specialty, urgency, key)
  WHERE true GROUP BY recipient, specialty, urgency
  ON CONFLICT DO UPDATE SET counts = json_patch(counts, (
    SELECT json_group_object(c.key, nullif(c.value + coalesce(counts ->> ('$."' || c.key || '"'), 0), 0))
    FROM json_each(excluded.counts) c));
END;
