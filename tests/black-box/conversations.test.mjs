/**
 * What the two sides say to one another between the steps: questions and answers, corrections, barriers, a patient who
 * cannot be reached, and what is told by phone or fax.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { expectStatus } from "./client.mjs";
import { lives } from "./lifecycle.mjs";
import { addOrganization, addService, createNetwork } from "./network.mjs";
import { expectFaults, expectProblem } from "./problems.mjs";
import { apply, daysAgo, eventData, read, refer, sendEvent, timeline } from "./referrals.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

test("a question stops the recipient’s clock until every question is answered", async () => {
  const { id } = await refer(network);
  const asked = await lives(network, id, "recipient", "referral.info_requested", ["info-requested", "referrer"]);
  assert.deepEqual(
    asked.questions.map(({ question, open }) => [question, open]),
    [["Which medication was tried?", true]],
  );
  const twice = await lives(network, id, "recipient", "referral.info_requested", ["info-requested", "referrer"], {
    question: "Which dose?",
  });
  const [first, second] = twice.questions;
  const half = await lives(network, id, "referrer", "referral.info_supplied", ["info-requested", "referrer"], {
    question: first.id,
  });
  assert.deepEqual(
    half.questions.map(({ open }) => open),
    [false, true],
  );
  const whole = await lives(network, id, "referrer", "referral.info_supplied", ["sent", "recipient"], {
    question: second.id,
  });
  assert.deepEqual(
    whole.questions.map(({ open }) => open),
    [false, false],
  );
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
});

test("an answer to a question that nobody asked waits", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.info_requested", ["info-requested", "referrer"]);
  const data = { ...eventData("referral.info_supplied"), question: "no-such-question" };
  await apply(network.referrer.key, id, "referral.info_supplied", data, "parked");
});

test("a recipient goes on without the answer, and the question is withdrawn", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.info_requested", ["info-requested", "referrer"]);
  const accepted = await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  assert.deepEqual(
    accepted.questions.map(({ open }) => open),
    [false],
  );
});

test("a patient who cannot be reached is the referrer’s to find, until somebody speaks with them", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  const lost = await lives(network, id, "recipient", "patient.unreachable", ["accepted", "referrer"]);
  assert.ok(lost.attention.includes("patient-unreachable"));
  const found = await lives(network, id, "referrer", "patient.contacted", ["accepted", "recipient"]);
  assert.ok(!found.attention.includes("patient-unreachable"));
});

test("a corrected request shows what is right, and the timeline what was wrong", async () => {
  const { id, patient } = await refer(network);
  await lives(network, id, "referrer", "referral.corrected", ["sent", "recipient"]);
  const shown = await read(network.recipient.key, id);
  assert.equal(shown.patient.phone, "+1 555 0199");
  assert.equal((await timeline(network.referrer.key, id))[0].type, "referral.sent");
  const contactOnly = { changes: { patient: { email: "peter@example.org" } }, reason: "The patient said so." };
  await apply(network.recipient.key, id, "referral.corrected", contactOnly);
  assert.equal((await read(network.referrer.key, id)).patient.email, "peter@example.org");
  const more = { changes: { clinical_question: "Another one?" }, reason: "We know better." };
  const answer = await sendEvent(network.recipient.key, id, "referral.corrected", more);
  assert.ok([403, 422].includes(answer.status), answer.told);
});

test("how the patient is reached may be corrected by its bare name, and what cannot be corrected is refused", async () => {
  const { id } = await refer(network);
  const correct = (key, changes) => sendEvent(key, id, "referral.corrected", { changes, reason: "It was wrong." });
  expectStatus(await correct(network.recipient.key, { phone: "+1 555 0177", contact_by: "letter" }), 202);
  const { patient } = await read(network.referrer.key, id);
  assert.deepEqual([patient.phone, patient.contact_by], ["+1 555 0177", "letter"]);
  expectFaults(await correct(network.referrer.key, { phone: "none" }), ["/data/changes/phone"]);
  expectFaults(await correct(network.referrer.key, { identifier: patient.identifier }), ["/data/changes/identifier"]);
  expectFaults(await correct(network.referrer.key, { urgency: "stat" }), ["/data/changes"]);
  expectFaults(await correct(network.referrer.key, { patient: { telephone: "+1 555 0178" } }), ["/data/changes/patient"]);
  assert.equal((await read(network.referrer.key, id)).version, 2);
});

test("urgency that is raised counts at once; lowered by the recipient it waits for the referrer", async () => {
  const { id } = await refer(network);
  const raised = await lives(network, id, "recipient", "referral.urgency_changed", ["sent", "recipient"], {
    urgency: "urgent",
  });
  assert.equal(raised.urgency, "urgent");
  const shown = await lives(network, id, "recipient", "referral.urgency_changed", ["sent", "recipient"], {
    urgency: "routine",
  });
  assert.equal(shown.urgency, "urgent");
  assert.equal(shown.next_due_at, raised.next_due_at);
  const agreed = await lives(network, id, "referrer", "referral.urgency_changed", ["sent", "recipient"], {
    urgency: "routine",
  });
  assert.equal(agreed.urgency, "routine");
  assert.ok(Date.parse(agreed.next_due_at) > Date.parse(raised.next_due_at));
});

test("a barrier is raised, shown as open, and resolved", async () => {
  const { id } = await refer(network);
  const raised = await lives(network, id, "recipient", "barrier.raised", ["sent", "recipient"]);
  assert.deepEqual(
    raised.barriers.map(({ kind, owner, resolved_at }) => [kind, owner, resolved_at ?? null]),
    [["transport", "referrer", null]],
  );
  const barrier = raised.barriers[0].id;
  const resolved = await lives(network, id, "referrer", "barrier.resolved", ["sent", "recipient"], { barrier });
  assert.ok(resolved.barriers[0].resolved_at);
  assert.equal(resolved.barriers.length, 1);
});

test("a question after the acceptance is open beside the status and gives the turn to the referrer", async () => {
  const { id } = await refer(network);
  await lives(network, id, "recipient", "referral.accepted", ["accepted", "recipient"]);
  const asked = await lives(network, id, "recipient", "referral.info_requested", ["accepted", "referrer"]);
  assert.ok(asked.attention.includes("info-awaited"), JSON.stringify(asked.attention));
  const answered = await lives(network, id, "referrer", "referral.info_supplied", ["accepted", "recipient"]);
  assert.ok(!answered.attention.includes("info-awaited"));
});

test("what is supplied later meets a requirement that was overridden", async () => {
  const requirement = { id: "ecg", kind: "document", code: "11524-6", display: "Resting ECG", level: "required" };
  const service = await addService(network.recipient.id, { requirements: [requirement] });
  const recipient = { organization: network.recipient.id, service };
  const overrides = [{ requirement: "ecg", reason: "It comes by fax." }];
  const sent = await refer(network, { recipient, overrides });
  assert.deepEqual([sent.requirements[0].met, sent.completeness.missing], [false, ["results"]]);
  const supporting = [{ kind: "document", code: "11524-6", display: "Resting ECG", date: daysAgo(1) }];
  const { id } = sent;
  const shown = await lives(network, id, "referrer", "referral.info_supplied", ["sent", "recipient"], { supporting });
  assert.deepEqual([shown.requirements[0].met, shown.completeness.missing], [true, []]);
});

test("for a recipient without software the referrer says what it learned, and the timeline says how", async () => {
  const clinic = await addOrganization(network.network, "fax-only", { connected: false });
  const recipient = { organization: clinic.id, service: await addService(clinic.id) };
  const { id } = await refer(network, { recipient });
  expectProblem(await sendEvent(network.referrer.key, id, "referral.accepted", {}), 403, "wrong-side");
  await lives(network, id, "referrer", "referral.accepted", ["accepted", "recipient"], { reported_by: "fax" });
  await lives(network, id, "referrer", "referral.outcome", ["completed", "referrer"], { reported_by: "letter" });
  const events = await timeline(network.referrer.key, id);
  assert.deepEqual(
    events.map(({ type, by, reported_by }) => [type, by.organization, by.side, reported_by ?? null]),
    [
      ["referral.sent", network.referrer.id, "referrer", null],
      ["referral.accepted", network.referrer.id, "recipient", "fax"],
      ["referral.outcome", network.referrer.id, "recipient", "letter"],
    ],
  );
});
