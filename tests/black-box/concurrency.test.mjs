/**
 * Many writers on one referral at once: nothing is lost, nothing happens twice, and nobody gets a server error.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { expectStatus, post, unique } from "./client.mjs";
import { assertChained } from "./chain.mjs";
import { addSource, createNetwork } from "./network.mjs";
import { read, refer, referralBody, sendEvent, standing, timeline } from "./referrals.mjs";
import { deliver, webhookBody } from "./webhooks.mjs";

const WRITERS = 16;
const NOTES_PER_WRITER = 4;

let network;
before(async () => {
  network = await createNetwork();
});

/** Each writer sends its notes one after the other, all writers at once; gives back [note, answer] pairs. */
async function writeAtOnce(send) {
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    const answers = [];
    for (let turn = 0; turn < NOTES_PER_WRITER; turn += 1) {
      const note = `note ${turn} of writer ${writer}`;
      answers.push([note, await send(note, writer)]);
    }
    return answers;
  });
  return (await Promise.all(writers)).flat();
}

async function assertAllStoredOnce(id, answers) {
  const bodies = answers.map(([, answer]) => expectStatus(answer, 202).body);
  const applied = bodies.filter(({ result }) => result === "applied").map(({ version }) => version);
  assert.equal(new Set(applied).size, applied.length, "two events got one version");
  const events = await timeline(network.referrer.key, id);
  const stored = events.filter(({ type }) => type === "referral.note").map(({ data }) => data.note);
  assert.deepEqual(stored.toSorted(), answers.map(([note]) => note).toSorted());
  assertChained(events);
  const referral = await read(network.referrer.key, id);
  assert.equal(referral.status, "sent");
  assert.equal(referral.version, events.at(-1).seq);
}

test("sixteen writers of both sides lose nothing", async () => {
  const { id } = await refer(network);
  const keys = [network.referrer.key, network.recipient.key];
  const answers = await writeAtOnce((note, writer) =>
    sendEvent(keys[writer % keys.length], id, "referral.note", { note }),
  );
  await assertAllStoredOnce(id, answers);
});

test("sixteen webhooks at once lose nothing", async () => {
  const { id } = await refer(network);
  const source = await addSource(network.recipient.id);
  const answers = await writeAtOnce((note) => deliver(source, webhookBody("referral.note", id, { note })));
  await assertAllStoredOnce(id, answers);
});

test("of many acceptances at once one counts", async () => {
  const { id } = await refer(network);
  const answers = await Promise.all(
    Array.from({ length: WRITERS }, () => sendEvent(network.recipient.key, id, "referral.accepted", {})),
  );
  const results = answers.map((answer) => expectStatus(answer, 202, 409)).filter(({ status }) => status === 202);
  assert.deepEqual(
    results.map(({ body }) => body.result),
    ["applied"],
  );
  assert.equal((await read(network.referrer.key, id)).version, 2);
});

test("of many writers with the same If-Match one wins and the others learn of it", async () => {
  const { id, version } = await refer(network);
  const headers = { "if-match": `"${version}"` };
  const answers = await Promise.all(
    Array.from({ length: WRITERS }, (_, writer) =>
      sendEvent(network.recipient.key, id, "referral.note", { note: `${writer}` }, { headers }),
    ),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [202, ...Array(WRITERS - 1).fill(412)]);
});

test("many referrals at once are all there", async () => {
  const sent = await Promise.all(Array.from({ length: WRITERS * 2 }, () => refer(network)));
  assert.equal(new Set(sent.map(({ id }) => id)).size, WRITERS * 2);
  for (const { id, version } of sent) assert.equal((await read(network.recipient.key, id)).version, version);
});

test("of many referrals at once with one placer id one is stored", async () => {
  const placer = { system: "urn:oid:2.999.50", value: unique("order") };
  const send = () => post("/intake/referrals", network.referrer.key, referralBody(network, { placer }));
  const answers = await Promise.all(Array.from({ length: WRITERS }, send));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, ...Array(WRITERS - 1).fill(409)]);
});

test("events of both sides that cross keep one truth", async () => {
  const { id } = await refer(network);
  const answers = await Promise.all([
    sendEvent(network.recipient.key, id, "referral.accepted", {}),
    sendEvent(network.referrer.key, id, "referral.cancellation_requested", { reason: "The patient moved away." }),
    sendEvent(network.recipient.key, id, "referral.declined", { reason: "capacity" }),
  ]);
  for (const answer of answers) expectStatus(answer, 202, 409);
  const stored = answers.filter(({ status }) => status === 202);
  const events = await timeline(network.referrer.key, id);
  assert.equal(events.length, 1 + stored.length);
  assertChained(events);
  const sides = await Promise.all([network.referrer, network.recipient].map(({ key }) => read(key, id)));
  assert.deepEqual(standing(sides[0]), standing(sides[1]));
});
