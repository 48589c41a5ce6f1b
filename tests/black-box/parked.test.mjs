/**
 * Events out of order: what cannot count yet is kept and counts when its place becomes legal; what never can is refused.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { get, expectStatus, post, unique } from "./client.mjs";
import { reach, step } from "./lifecycle.mjs";
import { addSource, createNetwork } from "./network.mjs";
import { expectFaults, expectProblem } from "./problems.mjs";
import { afterSent, apply, eventData, read, refer, sendEvent, standing, timeline } from "./referrals.mjs";
import { deliver, webhookBody } from "./webhooks.mjs";

const MINUTE_MS = 60 * 1000;

let network;
before(async () => {
  network = await createNetwork();
});

/** Sends the usual event of the recipient, as of so many milliseconds after the referral was sent. */
const at = (sent, type, milliseconds, result) =>
  apply(
    network.recipient.key,
    sent.id,
    type,
    { ...eventData(type, network), occurred_at: afterSent(sent, milliseconds) },
    result,
  );

/** The event of this type in a referral's timeline. */
async function eventOf(sent, type) {
  return (await timeline(network.referrer.key, sent.id)).find((event) => event.type === type);
}

test("an outcome that comes before the acceptance waits, shows, and counts once the acceptance is here", async () => {
  const sent = await refer(network);
  await at(sent, "referral.outcome", 4, "parked");
  const waiting = await read(network.referrer.key, sent.id);
  assert.equal(waiting.status, "sent");
  assert.ok(waiting.attention.includes("report-waiting"), JSON.stringify(waiting.attention));
  assert.ok(waiting.closure.report_received_at);
  assert.equal((await eventOf(sent, "referral.outcome")).status, "parked");

  await at(sent, "referral.accepted", 2);
  const done = await read(network.referrer.key, sent.id);
  assert.deepEqual(standing(done), {
    status: "completed",
    business_status: "7.0",
    task_status: "completed",
    turn: "referrer",
  });
  assert.ok(!done.attention.includes("report-waiting"));
  assert.ok(!done.attention.includes("event-parked"));
  assert.equal(done.closure.report_received_at, waiting.closure.report_received_at);
  assert.equal(Date.parse(done.stage_since), Date.parse(afterSent(sent, 4)));
  assert.equal((await eventOf(sent, "referral.outcome")).status, "applied");
});

test("a whole life that comes in backwards ends as one that comes in order", async () => {
  const life = [
    ["referral.accepted", 10],
    ["appointment.scheduled", 20],
    ["appointment.no_show", 30],
    ["appointment.rescheduled", 40],
    ["referral.interim_note", 50],
    ["referral.outcome", 60],
  ];
  const [forward, backward] = [await refer(network), await refer(network)];
  for (const [type, milliseconds] of life) await at(forward, type, milliseconds);
  for (const [type, milliseconds] of life.toReversed()) {
    const answer = await sendEvent(network.recipient.key, backward.id, type, {
      ...eventData(type),
      occurred_at: afterSent(backward, milliseconds),
    });
    assert.equal(answer.status, 202, answer.told);
  }
  const [one, other] = await Promise.all([forward, backward].map(({ id }) => read(network.referrer.key, id)));
  assert.equal(one.status, "completed");
  assert.deepEqual(standing(other), standing(one));
  assert.deepEqual(other.attention, one.attention);
  assert.equal(other.version, one.version);
  const statuses = (await timeline(network.referrer.key, backward.id)).map(({ status }) => status);
  assert.deepEqual(new Set(statuses), new Set(["applied"]));
});

test("a parked event shows, and may be dismissed with a reason", async () => {
  const sent = await refer(network);
  await step(network, sent.id, "recipient", "referral.accepted");
  assert.deepEqual((await read(network.referrer.key, sent.id)).attention, []);
  await apply(network.recipient.key, sent.id, "appointment.no_show", {}, "parked");
  assert.deepEqual((await read(network.referrer.key, sent.id)).attention, ["event-parked"]);
  await apply(network.referrer.key, sent.id, "attention.dismissed", {
    what: "event-parked",
    reason: "Sent for another patient.",
  });
  assert.deepEqual((await read(network.referrer.key, sent.id)).attention, []);
});

test("a parked event that comes again is a duplicate", async () => {
  const source = await addSource(network.recipient.id);
  const sent = await refer(network);
  const body = webhookBody("appointment.no_show", sent.id);
  const id = unique("msg");
  assert.equal(expectStatus(await deliver(source, body, { id }), 202).body.result, "parked");
  assert.equal(expectStatus(await deliver(source, body, { id }), 202).body.result, "duplicate");
  assert.equal((await timeline(network.referrer.key, sent.id)).length, 2);
});

test("an event that no later one could make legal is refused and not stored", async () => {
  const cancelled = await reach(network, "cancelled");
  const answer = await sendEvent(network.recipient.key, cancelled.id, "referral.accepted", {});
  expectProblem(answer, 409, "never-legal");
  assert.deepEqual(await read(network.referrer.key, cancelled.id), cancelled);
});

test("with If-Match nothing is parked", async () => {
  const sent = await refer(network);
  const match = { headers: { "if-match": `"${sent.version}"` } };
  expectProblem(await sendEvent(network.recipient.key, sent.id, "appointment.no_show", {}, match), 409);
  assert.equal((await timeline(network.referrer.key, sent.id)).length, 1);
  expectStatus(await sendEvent(network.recipient.key, sent.id, "referral.accepted", {}, match), 202);
});

test("If-Match with an older version is 412 and stores nothing, and `*` and the newest one pass", async () => {
  const sent = await refer(network);
  const note = (tag) =>
    sendEvent(network.recipient.key, sent.id, "referral.note", { note: tag }, { headers: { "if-match": tag } });
  await step(network, sent.id, "recipient", "referral.accepted");
  expectProblem(await note(`"${sent.version}"`), 412, "version-mismatch");
  assert.equal((await timeline(network.referrer.key, sent.id)).length, 2);
  const newest = expectStatus(await get(`/worklist/referrals/${sent.id}`, network.recipient.key), 200).headers.get(
    "etag",
  );
  expectStatus(await note(newest), 202);
  expectStatus(await note("*"), 202);
});

test("an event from the future is refused beyond five minutes and taken below", async () => {
  const sent = await refer(network);
  const accept = (milliseconds) =>
    sendEvent(network.recipient.key, sent.id, "referral.accepted", {
      occurred_at: new Date(Date.now() + milliseconds).toISOString(),
    });
  expectFaults(await accept(6 * MINUTE_MS), ["/data/occurred_at"]);
  expectStatus(await accept(4 * MINUTE_MS), 202);
});

test("a retraction undoes a slip, and both stay in the timeline", async () => {
  const sent = await refer(network);
  await step(network, sent.id, "recipient", "referral.declined");
  const slip = await eventOf(sent, "referral.declined");
  await apply(network.recipient.key, sent.id, "event.retracted", { event: slip.id, reason: "Wrong row." });
  const shown = await read(network.referrer.key, sent.id);
  assert.deepEqual(standing(shown), standing(sent));
  assert.deepEqual(
    (await timeline(network.referrer.key, sent.id)).map(({ type, status }) => [type, status]),
    [
      ["referral.sent", "applied"],
      ["referral.declined", "retracted"],
      ["event.retracted", "applied"],
    ],
  );
});

test("only the side that sent an event retracts it", async () => {
  const sent = await refer(network);
  await step(network, sent.id, "recipient", "referral.declined");
  const slip = await eventOf(sent, "referral.declined");
  const answer = await sendEvent(network.referrer.key, sent.id, "event.retracted", {
    event: slip.id,
    reason: "We disagree.",
  });
  expectProblem(answer, 403, "wrong-side");
  assert.equal((await read(network.referrer.key, sent.id)).status, "declined");
});

test("a retracted request for cancellation lets the referral go on where it was", async () => {
  const sent = await reach(network, "scheduled");
  await step(network, sent.id, "referrer", "referral.cancellation_requested");
  await step(network, sent.id, "recipient", "referral.cancellation_refused");
  const request = await eventOf(sent, "referral.cancellation_requested");
  await apply(network.referrer.key, sent.id, "event.retracted", { event: request.id, reason: "The visit goes on." });
  assert.equal((await read(network.referrer.key, sent.id)).status, "scheduled");
});

test("a retraction may name an event by the webhook id that its sender gave it, and come before it", async () => {
  const source = await addSource(network.recipient.id);
  const [slipFirst, retractionFirst] = [await refer(network), await refer(network)];
  for (const [sent, order] of [
    [slipFirst, ["slip", "retraction"]],
    [retractionFirst, ["retraction", "slip"]],
  ]) {
    const id = unique("msg");
    const deliveries = {
      slip: () => deliver(source, webhookBody("referral.declined", sent.id, { reason: "capacity" }), { id }),
      retraction: () => deliver(source, webhookBody("event.retracted", sent.id, { event: id, reason: "A slip." })),
    };
    for (const each of order) expectStatus(await deliveries[each](), 202);
    assert.equal((await read(network.referrer.key, sent.id)).status, "sent", order.join());
    assert.equal((await eventOf(sent, "referral.declined")).status, "retracted", order.join());
  }
});

test("a person applies a parked report at once, and the steps that were missing are recorded as implied", async () => {
  const sent = await refer(network);
  await apply(network.recipient.key, sent.id, "referral.outcome", eventData("referral.outcome"), "parked");
  const parked = await eventOf(sent, "referral.outcome");
  const path = `/status/parked/${parked.id}/apply`;
  expectFaults(await post(path, network.referrer.key, {}), ["/reason"]);
  const answer = expectStatus(
    await post(path, network.referrer.key, { reason: "They never send acceptances." }),
    200,
    202,
  );
  assert.equal(answer.body.result, "applied");
  const shown = await read(network.referrer.key, sent.id);
  assert.deepEqual(standing(shown), {
    status: "completed",
    business_status: "7.0",
    task_status: "completed",
    turn: "referrer",
  });
  assert.ok(!shown.attention.includes("report-waiting"));
  const accepted = await eventOf(sent, "referral.accepted");
  assert.equal(accepted.implied_by, parked.id);
  assert.equal(accepted.status, "applied");
});

test("what is not parked cannot be applied, and another organisation finds nothing to apply", async () => {
  const sent = await refer(network);
  await apply(network.recipient.key, sent.id, "referral.outcome", eventData("referral.outcome"), "parked");
  const parked = await eventOf(sent, "referral.outcome");
  const applyAs = (key, id) => post(`/status/parked/${id}/apply`, key, { reason: "curious" });
  const foreign = await applyAs(network.outsider.key, parked.id);
  const absent = await applyAs(network.outsider.key, unique("nothing"));
  expectProblem(foreign, 404);
  assert.deepEqual(foreign.body, absent.body);
  expectProblem(await applyAs(network.referrer.key, unique("nothing")), 404);
  assert.equal((await read(network.referrer.key, sent.id)).status, "sent");
});
