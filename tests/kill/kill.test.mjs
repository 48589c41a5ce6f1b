/**
 * The runtime is killed (SIGKILL, with all that it started) at random points under load, again and again. After each restart on the
 * same state every acknowledged write is there, nothing is half-written, and nothing was delivered that was not stored.
 *
 * KILL_ROUNDS is how often, KILL_SEED from where the random points start. A kill follows something that happened, never a time.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adminKey, post } from "../black-box/client.mjs";
import { addSource, createNetwork } from "../black-box/network.mjs";
import { timeline } from "../black-box/referrals.mjs";
import { dice } from "./dice.mjs";
import { Load } from "./load.mjs";
import { assertDeliveredIsStored, drain, startPartner } from "./partners.mjs";
import { startServer } from "./server.mjs";
import { assertPlacedOnce, assertStored, assertWhole } from "./stored.mjs";

const ROUNDS = Number(process.env.KILL_ROUNDS || 50);
const SEED = Number(process.env.KILL_SEED || Date.now() % 2 ** 32);

/** What a kill may follow, and after how many of it at most: some hundred milliseconds of load, whichever it is. */
const MOMENTS = { sent: 80, acknowledged: 80, swept: 4, delivered: 60 };

const roll = dice(SEED);
let server;
let network;
let load;
let partners;

before(async () => {
  console.log(`KILL_SEED=${SEED} KILL_ROUNDS=${ROUNDS}`);
  server = await startServer();
  network = await createNetwork();
  const sources = {
    referrer: await addSource(network.referrer.id),
    recipient: await addSource(network.recipient.id),
  };
  partners = await Promise.all(["referrer", "recipient"].map((side) => startPartner(network, side)));
  load = new Load(network, sources, roll);
});

after(async () => {
  server?.kill();
  await server?.gone();
  for (const { receiver } of partners ?? []) await receiver.stop();
});

/** Loads the server until the moment has come, then kills it; gives back once nothing runs any more. */
async function loadAndKill(moment, count) {
  let killed = false;
  const happened = (what) => {
    if (killed || what !== moment) return;
    count -= 1;
    if (count > 0) return;
    killed = true;
    server.kill();
  };
  const off = partners.map(({ receiver }) => receiver.onReceived(() => happened("delivered")));
  const sweeping = (async () => {
    while (!killed) {
      const swept = post("/sweep", adminKey).catch((error) => {
        if (error instanceof assert.AssertionError) throw error;
      });
      happened("swept");
      await swept;
    }
  })();
  const on = { sent: () => happened("sent"), acknowledged: () => happened("acknowledged") };
  await Promise.all([load.run(() => killed, on), sweeping]);
  for (const stop of off) stop();
  await server.gone();
}

/** Timelines, each read once. */
function timelines(known) {
  return async (id) => {
    if (!known.has(id)) known.set(id, await timeline(network.referrer.key, id));
    return known.get(id);
  };
}

async function assertNothingLost(acknowledgedBefore) {
  await load.repeat();
  const writes = load.acknowledged.slice(acknowledgedBefore);
  const whole = new Map();
  for (const id of new Set(writes.map(({ referral }) => referral))) whole.set(id, await assertWhole(network, id));
  for (const write of writes) {
    assertStored(write, whole.get(write.referral));
    if (write.placer) await assertPlacedOnce(network, write);
  }
  for (const partner of partners) await assertDeliveredIsStored(partner.take(), timelines(whole));
  return writes.length;
}

test(`after each of ${ROUNDS} kills every acknowledged write is there and nothing is half-written`, async (t) => {
  let writes = 0;
  let repeated = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const moments = Object.keys(MOMENTS);
    const moment = moments[roll(moments.length)];
    const count = 1 + roll(MOMENTS[moment]);
    const acknowledgedBefore = load.acknowledged.length;
    try {
      await loadAndKill(moment, count);
      repeated += load.unanswered.length;
      server = await startServer();
      writes += await assertNothingLost(acknowledgedBefore);
    } catch (error) {
      error.message = `round ${round}, killed after ${count} ${moment}, KILL_SEED=${SEED}: ${error.message}`;
      throw error;
    }
  }
  t.diagnostic(`${writes} acknowledged writes, ${repeated} of them sent again, ${ROUNDS} kills`);
  assert.ok(repeated > 0, "no kill met a write on its way");
});

test("every event reaches the other side, under one webhook-id and in order, and nothing else does", async (t) => {
  const stored = [];
  for (const id of load.referrals) {
    const events = await assertWhole(network, id);
    stored.push(...events.map((event) => ({ event, referral: id })));
  }
  for (const write of load.acknowledged.filter(({ placer }) => placer)) await assertPlacedOnce(network, write);
  const known = Map.groupBy(stored, ({ referral }) => referral);
  const events = new Map([...known].map(([id, rows]) => [id, rows.map(({ event }) => event)]));
  const deliveries = [];
  await drain(() => {
    for (const partner of partners) deliveries.push(...partner.take());
    return partners.flatMap((partner) =>
      stored.filter(({ event }) => event.by.side !== partner.side && !partner.has(event)),
    );
  });
  await assertDeliveredIsStored(deliveries, timelines(events));
  for (const partner of partners) partner.assertInOrder();
  t.diagnostic(`${stored.length} events, ${partners.reduce((sum, { count }) => sum + count, 0)} deliveries`);
});
