/**
 * The wait of a referral, as far as it can be seen without moving the clock: what happened long ago is told late, a visit
 * is near, and a limit is nearly used.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, expectStatus, patch, post, put } from "./client.mjs";
import { addService, createNetwork } from "./network.mjs";
import { expectProblem } from "./problems.mjs";
import { apply, read, refer, sendEvent, timeline } from "./referrals.mjs";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const SLICES_MAX = 200;

let network;
before(async () => {
  network = await createNetwork();
});

const ago = (days) => new Date(Date.now() - days * DAY_MS).toISOString();
const inHours = (hours) => new Date(Date.now() + hours * HOUR_MS).toISOString();
const everyUrgency = (allowed) => ({ stat: allowed, asap: allowed, urgent: allowed, routine: allowed });

async function sweepAll() {
  for (let slice = 0; slice < SLICES_MAX; slice += 1) {
    if (!expectStatus(await post("/sweep", adminKey), 200).body.more) return;
  }
  assert.fail("the sweep never ended");
}

async function putPolicy(ofNetwork, policy) {
  const path = `/directory/networks/${ofNetwork.network}/policy`;
  return expectStatus(await put(path, adminKey, policy), 200).body;
}

const eventsOf = async (id, type, key = network.referrer.key) =>
  (await timeline(key, id)).filter((event) => event.type === type);

/** Accepted so many days ago. */
async function accepted(days, ofNetwork = network) {
  const { id } = await refer(ofNetwork);
  await apply(ofNetwork.recipient.key, id, "referral.accepted", { occurred_at: ago(days) });
  return id;
}

const tasksOf = async (id, kind, key = network.referrer.key) =>
  (await read(key, id)).tasks.filter((task) => task.kind === kind);

test("a breach that stays is told to the next level, once", async () => {
  const id = await accepted(40);
  await sweepAll();
  await sweepAll();
  const overdue = (await eventsOf(id, "referral.overdue")).map(({ data }) => `${data.limit} ${data.due_at}`);
  const escalated = await eventsOf(id, "referral.escalated");
  const told = escalated.map(({ data }) => `${data.limit} ${data.due_at} ${data.level}`);
  assert.ok(told.length > 0);
  assert.equal(new Set(told).size, told.length, JSON.stringify(told));
  for (const { data, by } of escalated) {
    assert.ok(overdue.includes(`${data.limit} ${data.due_at}`), JSON.stringify(data));
    assert.equal(data.level, 2);
    assert.deepEqual(by, {});
  }
});

test("a network without levels escalates nothing", async () => {
  const alone = await createNetwork();
  await putPolicy(alone, { escalation: [] });
  const id = await accepted(40, alone);
  await sweepAll();
  assert.ok((await eventsOf(id, "referral.overdue", alone.referrer.key)).length > 0);
  assert.deepEqual(await eventsOf(id, "referral.escalated", alone.referrer.key), []);
});

test("of a visit in an hour one reminder is given, once, and the recipient confirms the date", async () => {
  const id = await accepted(1);
  const start = inHours(1);
  await apply(network.recipient.key, id, "appointment.scheduled", { start });
  await sweepAll();
  await sweepAll();
  const reminders = (await eventsOf(id, "reminder.due")).map(({ data }) => data);
  assert.deepEqual(reminders, [{ what: "visit", start, before_hours: 24 }]);
  const [task] = await tasksOf(id, "confirm-visit");
  assert.deepEqual([task.owner, task.due_at], ["recipient", start]);
  await apply(network.recipient.key, id, "appointment.confirmed", {});
  assert.deepEqual(await tasksOf(id, "confirm-visit"), []);
});

test("a visit that is moved has its own reminder", async () => {
  const id = await accepted(1);
  const [first, second] = [inHours(1), inHours(2)];
  await apply(network.recipient.key, id, "appointment.scheduled", { start: first });
  await sweepAll();
  await apply(network.recipient.key, id, "appointment.rescheduled", { start: second });
  await sweepAll();
  const reminders = await eventsOf(id, "reminder.due");
  assert.deepEqual(
    reminders.map(({ data }) => data.start),
    [first, second],
  );
});

test("after three failed attempts in a row the patient is the referrer’s to find, at once", async () => {
  const { id } = await refer(network);
  await apply(network.recipient.key, id, "referral.accepted", {});
  const failed = { channel: "phone", outcome: "no-answer" };
  await apply(network.recipient.key, id, "patient.contacted", failed);
  const [again] = await tasksOf(id, "try-again");
  assert.equal(again.owner, "recipient");
  const second = await apply(network.recipient.key, id, "patient.contacted", failed);
  const third = await apply(network.recipient.key, id, "patient.contacted", failed);
  assert.equal(third.version, second.version + 2);
  const lost = await read(network.referrer.key, id);
  assert.equal(lost.turn, "referrer");
  assert.ok(lost.attention.includes("patient-unreachable"), JSON.stringify(lost.attention));
  assert.deepEqual(
    lost.contacts.map(({ by, channel, outcome }) => [by, channel, outcome]),
    Array.from({ length: 3 }, () => ["recipient", "phone", "no-answer"]),
  );
  assert.equal((await tasksOf(id, "find-patient"))[0].owner, "referrer");
  await sweepAll();
  const told = await eventsOf(id, "patient.unreachable");
  assert.deepEqual(
    told.map(({ by, data }) => [by, data]),
    [[{}, { attempts: 3 }]],
  );
  await apply(network.referrer.key, id, "patient.contacted", { channel: "phone", outcome: "reached" });
  const found = await read(network.recipient.key, id);
  assert.equal(found.turn, "recipient");
  assert.ok(!found.attention.includes("patient-unreachable"));
});

test("a stage whose limit is nearly used is at risk until somebody says that it is known, and in the next stage again", async () => {
  const alone = await createNetwork();
  await putPolicy(alone, { limits: { scheduled: everyUrgency("10d") } });
  const { key } = alone.referrer;
  const early = await accepted(2, alone);
  assert.ok(!(await read(key, early)).attention.includes("at-risk"));
  const id = await accepted(9, alone);
  assert.ok((await read(key, id)).attention.includes("at-risk"));
  await apply(key, id, "attention.dismissed", { what: "at-risk", reason: "A slot was promised." });
  assert.ok(!(await read(key, id)).attention.includes("at-risk"));
  await apply(alone.recipient.key, id, "appointment.scheduled", { start: inHours(200) });
  await apply(alone.recipient.key, id, "patient.contacted", { channel: "phone", outcome: "worse" });
  assert.ok((await read(key, id)).attention.includes("at-risk"));
  assert.equal((await tasksOf(id, "raise-urgency", key))[0].owner, "referrer");
  await apply(key, id, "referral.urgency_changed", { urgency: "urgent", reason: "The pain is worse." });
  assert.deepEqual(await tasksOf(id, "raise-urgency", key), []);
});

test("once half of a stage is used somebody asks the patient, and what the patient says ends nothing", async () => {
  const alone = await createNetwork();
  await putPolicy(alone, { limits: { scheduled: everyUrgency("10d") } });
  const id = await accepted(6, alone);
  const { key } = alone.referrer;
  const [task] = await tasksOf(id, "check-in", key);
  assert.deepEqual([task.owner, task.because], ["recipient", "scheduled"]);
  await apply(alone.recipient.key, id, "patient.contacted", { channel: "phone", outcome: "resolved" });
  assert.deepEqual(await tasksOf(id, "check-in", key), []);
  assert.equal((await tasksOf(id, "confirm-end", key))[0].owner, "referrer");
  await sweepAll();
  assert.equal((await read(key, id)).status, "accepted");
  await apply(key, id, "referral.not_completed", { reason: "resolved" });
  assert.equal((await read(key, id)).status, "not-completed");
});

test("a barrier is its owner’s task, and a risk once its date has passed", async () => {
  const { id } = await refer(network);
  const raised = { kind: "transport", owner: "volunteer drivers", due_at: ago(1) };
  const { event } = await apply(network.recipient.key, id, "barrier.raised", raised);
  const [task] = await tasksOf(id, "barrier", network.recipient.key);
  assert.deepEqual([task.owner, task.due_at, task.because], [raised.owner, raised.due_at, "transport"]);
  assert.ok((await read(network.referrer.key, id)).attention.includes("at-risk"));
  await apply(network.referrer.key, id, "barrier.resolved", { barrier: event });
  const after = await read(network.referrer.key, id);
  assert.deepEqual([after.tasks, after.attention], [[], []]);
});

test("a verdict says which limit, by whom it was set and on what it rests; a service’s own wins", async () => {
  const alone = await createNetwork();
  await putPolicy(alone, { time_zone: "Europe/Oslo", limits: { decided: everyUrgency("3bd") } });
  const limits = { seen: everyUrgency("14d"), outcome: everyUrgency("14d") };
  const service = await addService(alone.recipient.id, { limits });
  const sent = await refer(alone, { recipient: { organization: alone.recipient.id, service } });
  const verdict = (referral, limit) => referral.deadlines.find((deadline) => deadline.limit === limit);
  const { since, due_at, ...seen } = verdict(sent, "seen");
  assert.equal(Date.parse(due_at) - Date.parse(since), 14 * DAY_MS);
  assert.deepEqual(seen, {
    limit: "seen",
    allowed: "14d",
    urgency: "routine",
    set_by: "service",
    basis: "set by the service",
    time_zone: "Europe/Oslo",
  });
  assert.equal(verdict(sent, "decided").set_by, "network");
  assert.equal(verdict(sent, "closed").set_by, "default");
  const path = `/directory/organizations/${alone.recipient.id}/services/${service}`;
  expectStatus(await patch(path, adminKey, { limits: { seen: everyUrgency("7d") } }), 200);
  await sweepAll();
  const shown = await read(alone.referrer.key, sent.id);
  assert.equal(verdict(shown, "seen").allowed, "7d");
});

test("a clock that stands still for a question is shown, and is not due", async () => {
  const { id } = await refer(network);
  await apply(network.recipient.key, id, "referral.info_requested", { question: "Which dose?" });
  const { deadlines, tasks } = await read(network.referrer.key, id);
  const decided = deadlines.find(({ limit }) => limit === "decided");
  assert.deepEqual([decided.stopped, "due_at" in decided], [true, false]);
  assert.deepEqual(
    tasks.map(({ kind, owner }) => [kind, owner]),
    [["supply-information", "referrer"]],
  );
});

test("on a requirement that the referrer overrode the recipient insists once", async () => {
  const requirements = [{ id: "bnp", kind: "lab", code: "30934-4", display: "BNP", level: "required" }];
  const service = await addService(network.recipient.id, { requirements });
  const overrides = [{ requirement: "bnp", reason: "It is not done here." }];
  const recipient = { organization: network.recipient.id, service };
  const { id } = await refer(network, { recipient, overrides });
  const seen = await read(network.recipient.key, id);
  assert.equal(seen.requirements[0].override, overrides[0].reason);
  const ask = { question: "Please send it all the same.", requirements: ["bnp"] };
  await apply(network.recipient.key, id, "referral.info_requested", ask);
  assert.equal((await read(network.referrer.key, id)).requirements[0].insisted, true);
  await apply(network.referrer.key, id, "referral.info_supplied", { note: "It is not done here." });
  expectProblem(await sendEvent(network.recipient.key, id, "referral.info_requested", ask), 409, "guard-failed");
  await apply(network.recipient.key, id, "referral.accepted", {});
});

test("a decline for want of information names what was missing, and a dispute keeps what both said", async () => {
  const requirements = [{ id: "bnp", kind: "lab", code: "30934-4", display: "BNP", level: "advisory" }];
  const service = await addService(network.recipient.id, { requirements });
  const { id } = await refer(network, { recipient: { organization: network.recipient.id, service } });
  const note = "We need a BNP.";
  await apply(network.recipient.key, id, "referral.declined", { reason: "insufficient-information", note });
  const [leg] = (await read(network.referrer.key, id)).legs;
  assert.deepEqual(leg.missing, ["bnp", "results"]);
  await apply(network.referrer.key, id, "referral.disputed", { reason: "It would change nothing." });
  for (const { key } of [network.referrer, network.recipient]) {
    const [dispute] = (await read(key, id)).disputes;
    assert.deepEqual([dispute.leg, dispute.reason], [2, "It would change nothing."]);
    assert.deepEqual(dispute.declined, { reason: "insufficient-information", note });
  }
});

test("a report that is read is acknowledged with whether the care plan changes", async () => {
  const { id } = await refer(network);
  await apply(network.recipient.key, id, "referral.accepted", {});
  const steps = ["Rest", { what: "Start a beta blocker", who: "Dr Ada Referrer" }];
  const report = { visit_on: ago(0).slice(0, 10), summary: "Stable angina.", next_steps: steps };
  await apply(network.recipient.key, id, "referral.outcome", report);
  const [shown] = (await read(network.referrer.key, id)).reports;
  assert.equal(shown.steps_unassigned, 1);
  const bare = await sendEvent(network.referrer.key, id, "referral.acknowledged", { resolution: "managed-here" });
  expectProblem(bare, 422, "invalid");
  await apply(network.referrer.key, id, "referral.acknowledged", { care_plan_changed: false });
});

test("a policy says how a wait is chased, whole", async () => {
  const alone = await createNetwork();
  const shown = await putPolicy(alone, { reminders: [48] });
  assert.deepEqual(shown.reminders, [48]);
  assert.deepEqual(shown.escalation, [
    { after: { stat: "4h", asap: "1bd", urgent: "2bd", routine: "5bd" }, tell: "network" },
  ]);
  const { check_in_percent, at_risk_percent, contact_attempts_max, parked_days } = shown;
  assert.deepEqual([check_in_percent, at_risk_percent, contact_attempts_max, parked_days], [50, 75, 3, 30]);
});
