/**
 * The hash chain of a timeline: each event carries the hash of the one before.
 *
 * A hash is the SHA-256 of the event as canonical JSON (RFC 8785), without what is not part of the record: `hash` itself,
 * and `status` and `leg`, which may change with later events.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

const HASH = /^[0-9a-f]{64}$/;

/** Asserts that a whole timeline is numbered without a gap and chained without a break. */
export function assertChained(events) {
  events.forEach((event, index) => {
    assert.equal(event.seq, index + 1);
    assert.match(event.hash, HASH);
    assert.equal(event.previous_hash, events[index - 1]?.hash ?? "", `the chain breaks at ${event.seq}`);
    const { hash, status, leg, ...record } = event;
    assert.equal(createHash("sha256").update(canonical(record)).digest("hex"), hash, `event ${event.seq} was changed`);
  });
  assert.equal(new Set(events.map(({ hash }) => hash)).size, events.length);
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
}

/** Canonical JSON, as far as events need it: members in the order of their names, no white space. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}
