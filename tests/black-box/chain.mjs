/**
 * The hash chain of a timeline: each event carries the hash of the one before.
 */

import assert from "node:assert/strict";

const HASH = /^[0-9a-f]{64}$/;

/** Asserts that a whole timeline is numbered without a gap and chained without a break. */
export function assertChained(events) {
  events.forEach((event, index) => {
    assert.equal(event.seq, index + 1);
    assert.match(event.hash, HASH);
    if (index > 0) assert.equal(event.previous_hash, events[index - 1].hash, `the chain breaks at ${event.seq}`);
  });
  assert.equal(new Set(events.map(({ hash }) => hash)).size, events.length);
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
}
