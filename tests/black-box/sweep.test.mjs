/**
 * The sweep: what is late is found and shown, once, however often and by whomever it is run.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, everyItem, expectStatus, patch, post, put } from "./client.mjs";
import { addKey, createNetwork } from "./network.mjs";
import { expectProblem } from "./problems.mjs";
import { afterSent, apply, eventData, read, refer, timeline } from "./referrals.mjs";

const COUNTERS = ["due", "overdue", "escalated", "reminders", "delivered", "delivery_failed", "unparked"];
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const SLICES_MAX = 200;

let network;
before(async () => {
  network = await createNetwork();
});

const ago = (days) => new Date(Date.now() - days * DAY_MS).toISOString();

async function sweep(key = adminKey) {
  const { body } = expectStatus(await post("/sweep", key), 200);
  assert.deepEqual(Object.keys(body).sort(), [...COUNTERS, "more"].sort());
  for (const name of COUNTERS) assert.ok(Number.isSafeInteger(body[name]) && body[name] >= 0, name);
  assert.equal(typeof body.more, "boolean");
  return body;
}

/** Sweeps until there is nothing more to do. */
async function sweepAll() {
  for (let slice = 0; slice < SLICES_MAX; slice += 1) if (!(await sweep()).more) return;
  assert.fail("the sweep never ended");
}

/** A referral that was ordered and accepted a month ago and never scheduled. */
async function forgotten() {
  const sent = await refer(network, { ordered_at: ago(31) });
  await apply(network.recipient.key, sent.id, "referral.accepted", { occurred_at: ago(30) });
  return sent;
}

const overdueEvents = async (id) =>
  (await timeline(network.referrer.key, id)).filter(({ type }) => type === "referral.overdue");

test("the operator and a key with sweep:run may sweep, and the answer counts what was done", async () => {
  await sweep(adminKey);
  await sweep(await addKey(network.referrer.id, ["sweep:run"]));
});

test("a key without sweep:run may not", async () => {
  expectProblem(await post("/sweep", network.referrer.key), 403, "forbidden-scope");
});

test("a referral that was accepted a month ago and never scheduled is overdue", async () => {
  const { id } = await forgotten();
  await sweepAll();
  const late = await read(network.referrer.key, id);
  assert.equal(late.status, "accepted");
  assert.ok(late.attention.includes("overdue"), JSON.stringify(late.attention));
  assert.ok(
    late.priority.reasons.some(({ points }) => points === 40),
    JSON.stringify(late.priority),
  );
  const found = await everyItem("/worklist/referrals?attention=overdue", network.recipient.key);
  assert.ok(found.some((item) => item.id === id));
});

test("a second sweep does nothing twice", async () => {
  const { id } = await forgotten();
  await sweepAll();
  const once = await overdueEvents(id);
  assert.ok(once.length > 0);
  await sweepAll();
  assert.deepEqual(await overdueEvents(id), once);
});

test("two sweeps at once do nothing twice", async () => {
  const AT_ONCE = 4;
  const { id } = await forgotten();
  await Promise.all(Array.from({ length: AT_ONCE }, () => sweep()));
  await sweepAll();
  const events = await overdueEvents(id);
  const limits = events.map(({ data }) => `${data.limit} ${data.due_at}`);
  assert.ok(limits.length > 0);
  assert.equal(new Set(limits).size, limits.length, JSON.stringify(limits));
});

test("a recipient that never answers is found late, redirected by the referrer, and closes elsewhere", async () => {
  const { id } = await refer(network, { ordered_at: ago(40) });
  const passedOn = { ...eventData("referral.redirected", network), occurred_at: ago(30) };
  await apply(network.recipient.key, id, "referral.redirected", passedOn);
  await sweepAll();
  const late = await read(network.referrer.key, id);
  assert.equal(late.status, "sent");
  assert.ok(late.attention.includes("overdue"), JSON.stringify(late.attention));
  const to = { organization: network.outsider.id, service: network.outsider.service };
  await apply(network.referrer.key, id, "referral.redirected", { to, reason: "Nobody answers." });
  await apply(network.outsider.key, id, "referral.accepted", {});
  await apply(network.outsider.key, id, "referral.outcome", eventData("referral.outcome"));
  await apply(network.referrer.key, id, "referral.acknowledged", eventData("referral.acknowledged"));
  await apply(network.referrer.key, id, "patient.informed", eventData("patient.informed"));
  const closed = await read(network.referrer.key, id);
  assert.deepEqual([closed.status, closed.turn], ["closed", null]);
  assert.deepEqual(
    closed.legs.map(({ status }) => status),
    ["declined", "not-completed", "closed"],
  );
});

test("a policy that changes is worked out again for open referrals by the sweep", async () => {
  const alone = await createNetwork();
  const sent = await refer(alone);
  const path = `/directory/networks/${alone.network}/policy`;
  const hour = { stat: "1h", asap: "1h", urgent: "1h", routine: "1h" };
  expectStatus(await put(path, adminKey, { limits: { decided: hour } }), 200);
  await sweepAll();
  const shown = await read(alone.referrer.key, sent.id);
  assert.equal(Date.parse(shown.next_due_at), Date.parse(afterSent(sent, HOUR_MS)));
});

test("when an organisation is made inactive, its open referrals turn up with the other side", async () => {
  const alone = await createNetwork();
  const open = await refer(alone);
  const finished = await refer(alone);
  await apply(alone.referrer.key, finished.id, "referral.entered_in_error", { reason: "A test." });
  expectStatus(await patch(`/directory/organizations/${alone.recipient.id}`, adminKey, { active: false }), 200);
  await sweepAll();
  const shown = await read(alone.referrer.key, open.id);
  assert.ok(shown.attention.includes("other-side-closed"), JSON.stringify(shown.attention));
  const found = await everyItem("/worklist/referrals?attention=other-side-closed", alone.referrer.key);
  assert.deepEqual(
    found.map(({ id }) => id),
    [open.id],
  );
});
