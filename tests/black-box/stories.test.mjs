/**
 * Whole lives of referrals, as clinics live them: what each side sees at each step, and how it ends.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { expectStatus, get } from "./client.mjs";
import { closes, lives } from "./lifecycle.mjs";
import { createNetwork } from "./network.mjs";
import { expectProblem } from "./problems.mjs";
import { apply, eventData, read, refer, sendEvent, standing, timeline } from "./referrals.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

/** The data of an outcome that is advice, in place of a visit. */
function advice() {
  const { visit_on, ...data } = eventData("referral.outcome");
  return { ...data, advice: true };
}

test("a referral closes as it should: report, acknowledgement and patient told are facts of their own", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await lives(network, id, "recipient", "appointment.scheduled", ["scheduled", "recipient"]);
  await lives(network, id, "referrer", "appointment.confirmed", ["scheduled", "recipient"]);
  await lives(network, id, "recipient", "referral.interim_note", ["seen", "recipient"]);
  const reported = await lives(network, id, "recipient", "referral.outcome", ["completed", "referrer"]);
  assert.deepEqual(Object.keys(reported.closure).sort(), ["matched_at", "report_received_at"]);
  assert.equal(reported.reports.length, 1);

  const report = reported.reports[0].id;
  const acknowledged = await lives(network, id, "referrer", "referral.acknowledged", ["closed", "referrer"], {
    report,
  });
  assert.deepEqual(Object.keys(acknowledged.closure).sort(), ["acknowledged_at", "matched_at", "report_received_at"]);

  const closed = await lives(network, id, "referrer", "patient.informed", ["closed", null]);
  assert.deepEqual(standing(closed), {
    status: "closed",
    business_status: "7.0",
    task_status: "completed",
    turn: null,
  });
  const { report_received_at, matched_at, acknowledged_at, patient_informed_at } = closed.closure;
  const times = [report_received_at, matched_at, acknowledged_at, patient_informed_at].map((time) => Date.parse(time));
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.deepEqual(closed.attention, []);
  assert.equal(closed.next_due_at ?? null, null);

  const events = await timeline(network.referrer.key, id);
  assert.deepEqual(
    events.map(({ seq, type, by, status }) => [seq, type, by.side, status]),
    [
      [1, "referral.sent", "referrer", "applied"],
      [2, "referral.accepted", "recipient", "applied"],
      [3, "appointment.scheduled", "recipient", "applied"],
      [4, "appointment.confirmed", "referrer", "applied"],
      [5, "referral.interim_note", "recipient", "applied"],
      [6, "referral.outcome", "recipient", "applied"],
      [7, "referral.acknowledged", "referrer", "applied"],
      [8, "patient.informed", "referrer", "applied"],
    ],
  );
});

test("declined, insisted on once, declined again, redirected, and closed elsewhere", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.declined", ["declined", "referrer"]);
  await lives(network, id, "referrer", "referral.disputed", ["sent", "recipient"]);
  const again = await lives(network, id, "recipient", "referral.declined", ["declined", "referrer"]);
  assert.equal(again.leg, 2);
  expectProblem(await sendEvent(network.referrer.key, id, "referral.disputed", { reason: "We insist." }), 409);
  assert.equal((await read(network.referrer.key, id)).version, again.version);
  await lives(network, id, "referrer", "referral.redirected", ["sent", "recipient"]);
  await lives(network, id, "second", "referral.accepted", ["accepted", "recipient"]);
  const closed = await closes(network, id, "second");
  assert.deepEqual(
    closed.legs.map(({ leg, recipient, status }) => [leg, recipient.organization, status]),
    [
      [1, network.recipient.id, "declined"],
      [2, network.recipient.id, "declined"],
      [3, network.second.id, "closed"],
    ],
  );
});

test("after a redirection the referrer may insist once with the new recipient too", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.declined", ["declined", "referrer"]);
  await lives(network, id, "referrer", "referral.disputed", ["sent", "recipient"]);
  await lives(network, id, "recipient", "referral.declined", ["declined", "referrer"]);
  await lives(network, id, "referrer", "referral.redirected", ["sent", "recipient"]);
  await lives(network, id, "second", "referral.declined", ["declined", "referrer"]);
  const insisted = await lives(network, id, "referrer", "referral.disputed", ["sent", "recipient"]);
  assert.equal(insisted.leg, 4);
});

test("a decline is dealt with by the referrer, and the need does not end before", async () => {
  const { id } = await refer(network);
  const declined = await lives(network, id, "recipient", "referral.declined", ["declined", "referrer"]);
  assert.ok(declined.next_due_at, "nobody would chase it");
  await lives(network, id, "referrer", "referral.acknowledged", ["declined", null], {
    resolution: "patient-declined",
    care_plan_changed: false,
  });
});

test("a no-show is booked again and closes", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await lives(network, id, "recipient", "appointment.scheduled", ["scheduled", "recipient"]);
  await lives(network, id, "recipient", "appointment.no_show", ["no-show", "recipient"]);
  await lives(network, id, "recipient", "appointment.rescheduled", ["scheduled", "recipient"]);
  assert.equal((await closes(network, id)).status, "closed");
});

test("a cancelled appointment is booked again", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await lives(network, id, "recipient", "appointment.scheduled", ["scheduled", "recipient"]);
  await lives(network, id, "recipient", "appointment.cancelled", ["appointment-cancelled", "recipient"]);
  await lives(network, id, "recipient", "appointment.scheduled", ["scheduled", "recipient"]);
});

test("a cancellation is asked for, confirmed, and dealt with", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await lives(network, id, "referrer", "referral.cancellation_requested", ["cancellation-requested", "recipient"]);
  await lives(network, id, "recipient", "referral.cancellation_confirmed", ["cancelled", "referrer"]);
  await lives(network, id, "referrer", "referral.acknowledged", ["cancelled", null], {
    resolution: "patient-declined",
    care_plan_changed: false,
  });
});

test("a cancellation that is refused gives the turn back, and the outcome still closes the loop", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await lives(network, id, "referrer", "referral.cancellation_requested", ["cancellation-requested", "recipient"]);
  await lives(network, id, "recipient", "referral.cancellation_refused", ["cancellation-requested", "referrer"]);
  assert.equal((await closes(network, id)).status, "closed");
});

test("advice in place of a visit can be refused once by the referrer", async () => {
  const { id } = await refer(network, { role: "evaluate" });
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await apply(network.recipient.key, id, "referral.outcome", advice());
  const disputed = await lives(network, id, "referrer", "referral.disputed", ["sent", "recipient"]);
  assert.deepEqual(
    disputed.legs.map(({ status }) => status),
    ["completed", "sent"],
  );
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await apply(network.recipient.key, id, "referral.outcome", advice());
  expectProblem(await sendEvent(network.referrer.key, id, "referral.disputed", { reason: "A visit is needed." }), 409);
  assert.equal((await read(network.referrer.key, id)).status, "completed");
});

test("an outcome of a visit cannot be disputed", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await lives(network, id, "recipient", "referral.outcome", ["completed", "referrer"]);
  expectProblem(await sendEvent(network.referrer.key, id, "referral.disputed", { reason: "We wanted more." }), 409);
});

test("where advice was asked for, advice closes the loop", async () => {
  const { id } = await refer(network, { role: "advise" });
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await apply(network.recipient.key, id, "referral.outcome", advice());
  expectProblem(await sendEvent(network.referrer.key, id, "referral.disputed", { reason: "A visit is needed." }), 409);
  const { reports } = await read(network.referrer.key, id);
  await lives(network, id, "referrer", "referral.acknowledged", ["closed", "referrer"], { report: reports[0].id });
  await lives(network, id, "referrer", "patient.informed", ["closed", null]);
});

test("a referral that is not completed keeps its last place, and the referrer deals with it", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await lives(network, id, "recipient", "appointment.scheduled", ["scheduled", "recipient"]);
  const ended = await lives(network, id, "recipient", "referral.not_completed", ["not-completed", "referrer"], {
    reason: "no-transport",
  });
  assert.deepEqual(standing(ended), {
    status: "not-completed",
    business_status: "5.1.1",
    task_status: "failed",
    turn: "referrer",
  });
  await lives(network, id, "referrer", "referral.acknowledged", ["not-completed", null], {
    resolution: "patient-declined",
    care_plan_changed: false,
  });
});

test("an outcome that is amended after it was acknowledged must be acknowledged again", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  const closed = await closes(network, id);
  const amended = await lives(network, id, "recipient", "referral.outcome_amended", ["completed", "referrer"]);
  assert.equal(amended.closure.acknowledged_at ?? null, null);
  assert.equal(amended.closure.patient_informed_at ?? null, null);
  assert.ok(amended.closure.report_received_at);
  assert.equal(amended.reports.length, 2);

  const [older, newer] = amended.reports;
  assert.equal(older.id, closed.reports[0].id);
  const acknowledge = (report) =>
    sendEvent(network.referrer.key, id, "referral.acknowledged", { ...eventData("referral.acknowledged"), report });
  expectProblem(await acknowledge(older.id), 409);
  assert.equal((await read(network.referrer.key, id)).version, amended.version);
  await lives(network, id, "referrer", "referral.acknowledged", ["closed", "referrer"], { report: newer.id });
  await lives(network, id, "referrer", "patient.informed", ["closed", null]);
});

test("a patient who was told before the acknowledgement is told", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  await lives(network, id, "recipient", "referral.outcome", ["completed", "referrer"]);
  await lives(network, id, "referrer", "patient.informed", ["completed", "referrer"]);
  await lives(network, id, "referrer", "referral.acknowledged", ["closed", null]);
});

test("a referral entered in error leaves every list", async () => {
  const { id } = await refer(network);
  await lives(network, id, "referrer", "referral.entered_in_error", ["entered-in-error", null]);
  for (const side of ["referrer", "recipient"]) {
    const { body } = expectStatus(await get("/worklist/referrals?limit=100", network[side].key), 200);
    assert.ok(!body.items.some((item) => item.id === id), side);
  }
  assert.equal((await timeline(network.referrer.key, id)).length, 2);
});

test("an acknowledgement with If-Match is for the report that was there, and refused once a newer one has come", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  const first = await lives(network, id, "recipient", "referral.outcome", ["completed", "referrer"]);
  const second = await lives(network, id, "recipient", "referral.outcome_amended", ["completed", "referrer"]);
  const acknowledge = (version) =>
    sendEvent(network.referrer.key, id, "referral.acknowledged", eventData("referral.acknowledged"), {
      headers: { "if-match": `"${version}"` },
    });
  const stale = await acknowledge(first.version);
  assert.ok([409, 412].includes(stale.status), stale.told);
  expectStatus(await acknowledge(second.version), 202);
  assert.equal((await read(network.referrer.key, id)).status, "closed");
});
