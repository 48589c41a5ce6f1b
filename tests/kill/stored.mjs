/**
 * What must hold of the store after a kill, read as callers read it.
 */

import assert from "node:assert/strict";
import { expectStatus, post } from "../black-box/client.mjs";
import { assertChained } from "../black-box/chain.mjs";
import { read, timeline } from "../black-box/referrals.mjs";
import { STATUS_AFTER } from "./load.mjs";

/**
 * Asserts that a referral is whole: its chain holds, its version is the number of its events, and both sides see what its
 * events come to. Gives its events back.
 */
export async function assertWhole(network, id) {
  const [events, sent, received] = await Promise.all([
    timeline(network.referrer.key, id),
    read(network.referrer.key, id),
    read(network.recipient.key, id),
  ]);
  assertChained(events);
  const moves = events.filter(({ type, status }) => STATUS_AFTER[type] && status === "applied");
  const status = STATUS_AFTER[moves.at(-1).type];
  for (const seen of [sent, received]) {
    assert.equal(seen.version, events.length, `${id} has ${events.length} events`);
    assert.equal(seen.status, status, id);
  }
  return events;
}

/** Asserts that an acknowledged write is stored once, and where its answer said. */
export function assertStored(write, events) {
  const { type, mark, event, version, referral } = write;
  const stored = events.filter((each) => each.type === type && (!mark || each.data.note === mark));
  const told = `${type} ${mark ?? ""} of ${referral} is stored ${stored.length} times`;
  assert.equal(stored.length, 1, told);
  if (event) assert.equal(stored[0].id, event);
  if (version) assert.equal(stored[0].seq, version, `${type} of ${referral}`);
}

/** Asserts that the referrer's own id leads to this referral and to no other. */
export async function assertPlacedOnce(network, { referral, placer }) {
  const found = expectStatus(await post("/worklist/referrals/search", network.referrer.key, { placer }), 200);
  assert.deepEqual(
    found.body.items.map(({ id }) => id),
    [referral],
  );
}
