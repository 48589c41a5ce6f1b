/**
 * A referral comes in: what is stored, what is answered, and what is asked of it first.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, everyItem, expectStatus, get, patch, post, unique } from "./client.mjs";
import { addOrganization, addService, createNetwork } from "./network.mjs";
import { expectFaults, expectProblem } from "./problems.mjs";
import { apply, daysAgo, newPatient, read, refer, referralBody, sendEvent } from "./referrals.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

const intake = (body, key = network.referrer.key, options) => post("/intake/referrals", key, body, options);

/** A referral to a service of the recipient that wants a recent ECG, and would like a BNP. */
async function demandingService() {
  return addService(network.recipient.id, {
    requirements: [
      { id: "ecg", kind: "document", code: "11524-6", display: "Resting ECG", max_age_days: 90, level: "required" },
      { id: "creatinine", kind: "lab", code: "2160-0", display: "Creatinine", max_age_days: 30, level: "required" },
      { id: "bnp", kind: "lab", code: "30934-4", display: "BNP", level: "advisory" },
    ],
  });
}

const ECG = { kind: "document", code: "11524-6", display: "Resting ECG", date: daysAgo(10) };
const CREATININE = { kind: "lab", code: "2160-0", display: "Creatinine", date: daysAgo(10), value: "0.9 mg/dL" };
const BNP = { kind: "lab", code: "30934-4", display: "BNP", date: daysAgo(10), value: "80 pg/mL" };

test("a complete referral is stored, and the answer says where it is and where it stands", async () => {
  const placer = { system: "urn:oid:2.999.10", value: unique("order") };
  const answer = expectStatus(await intake(referralBody(network, { placer })), 201);
  const { body } = answer;
  assert.equal(answer.headers.get("location"), `/worklist/referrals/${body.id}`);
  assert.equal(answer.headers.get("etag"), `"${body.version}"`);
  const fixed = {
    id: body.id,
    version: 1,
    leg: 1,
    status: "sent",
    task_status: "received",
    business_status: "2.0",
    turn: "recipient",
    attention: [],
    possible_duplicates: [],
    requirements: [],
    completeness: { score: 10, of: 10, missing: [] },
    closure: {},
    placer,
  };
  for (const [name, value] of Object.entries(fixed)) assert.deepEqual(body[name], value, name);
  assert.match(body.id, /^[A-Za-z0-9_-]{8,64}$/);
  assert.ok(Date.parse(body.next_due_at) > Date.parse(body.stage_since));
  assert.equal(body.filler ?? null, null);
  assert.equal(
    body.priority.points,
    body.priority.reasons.reduce((sum, { points }) => sum + points, 0),
  );
  for (const reason of body.priority.reasons) assert.equal(typeof reason.what, "string");
});

test("what intake answered is what the worklist reads", async () => {
  const sent = await refer(network);
  const shown = await read(network.referrer.key, sent.id);
  for (const name of [
    "id",
    "version",
    "leg",
    "status",
    "task_status",
    "business_status",
    "turn",
    "stage_since",
    "next_due_at",
    "completeness",
    "requirements",
    "closure",
  ]) {
    assert.deepEqual(shown[name], sent[name], name);
  }
});

test("items missing from the request are named and held up nothing", async () => {
  const { requester, scheduling, reason, ...body } = referralBody(network, {
    supporting: [],
    patient: newPatient({ phone: undefined }),
  });
  const sent = expectStatus(await intake(body), 201).body;
  assert.equal(sent.completeness.of, 10);
  assert.equal(sent.completeness.score, 10 - sent.completeness.missing.length);
  assert.ok(sent.completeness.missing.length >= 4, JSON.stringify(sent.completeness));
});

test("a statement that none is known counts as given", async () => {
  const sent = await refer(network, { supporting: [CREATININE], none_known: ["allergy", "medication"] });
  assert.deepEqual(sent.completeness, { score: 10, of: 10, missing: [] });
});

test("required items that are missing or too old are refused, each one named", async () => {
  const recipient = { organization: network.recipient.id, service: await demandingService() };
  const old = { ...CREATININE, date: daysAgo(31) };
  const answer = await intake(referralBody(network, { recipient, supporting: [old] }));
  const body = expectProblem(answer, 422, "requirements-missing");
  assert.deepEqual(body.errors.map(({ requirement }) => requirement).sort(), ["creatinine", "ecg"]);
  assert.deepEqual(
    await everyItem("/worklist/referrals?direction=received", network.recipient.key).then((items) =>
      items.filter((item) => item.service === recipient.service),
    ),
    [],
  );
});

test("a required item of just the age allowed is good", async () => {
  const recipient = { organization: network.recipient.id, service: await demandingService() };
  const supporting = [ECG, { ...CREATININE, date: daysAgo(30) }, BNP];
  const sent = await refer(network, { recipient, supporting });
  assert.deepEqual(
    sent.requirements.map(({ id, level, met }) => ({ id, level, met })),
    [
      { id: "ecg", level: "required", met: true },
      { id: "creatinine", level: "required", met: true },
      { id: "bnp", level: "advisory", met: true },
    ],
  );
});

test("an override with a reason lets a referral through and shows", async () => {
  const recipient = { organization: network.recipient.id, service: await demandingService() };
  const overrides = [{ requirement: "ecg", reason: "The machine is broken; recorded at the visit." }];
  const sent = await refer(network, { recipient, supporting: [CREATININE], overrides });
  const ecg = sent.requirements.find(({ id }) => id === "ecg");
  assert.equal(ecg.met, false);
  assert.equal(ecg.override, overrides[0].reason);
});

test("an urgent referral goes through without what is required, and shows it as not met", async () => {
  const recipient = { organization: network.recipient.id, service: await demandingService() };
  const sent = await refer(network, { recipient, urgency: "urgent", urgency_reason: "Pain at rest.", supporting: [] });
  assert.deepEqual(
    sent.requirements.map(({ met }) => met),
    [false, false, false],
  );
  assert.ok(
    sent.priority.reasons.some(({ points }) => points === 30),
    JSON.stringify(sent.priority),
  );
});

test("what an urgent referral went through without is chased until it comes", async () => {
  const recipient = { organization: network.recipient.id, service: await demandingService() };
  const sent = await refer(network, { recipient, urgency: "urgent", urgency_reason: "Pain at rest.", supporting: [] });
  const owed = ({ requirements }) => requirements.filter(({ level, met }) => level === "required" && !met).map(({ id }) => id);
  const chased = ({ tasks, deadlines }) => ({
    tasks: tasks.map(({ kind, owner, requirements }) => [kind, owner, requirements]),
    is_due: deadlines.some(({ limit, due_at }) => limit === "info-supplied" && due_at),
  });
  assert.ok(owed(sent).length > 0);
  assert.deepEqual(chased(sent), { tasks: [["supply-information", "referrer", owed(sent)]], is_due: true });
  await apply(network.referrer.key, sent.id, "referral.info_supplied", { supporting: [ECG, CREATININE] });
  const supplied = await read(network.referrer.key, sent.id);
  assert.deepEqual(owed(supplied), []);
  assert.deepEqual(chased(supplied), { tasks: [], is_due: false });
});

test("an advisory item that is missing shows and holds up nothing", async () => {
  const recipient = { organization: network.recipient.id, service: await demandingService() };
  const sent = await refer(network, { recipient, supporting: [ECG, CREATININE] });
  const bnp = sent.requirements.find(({ id }) => id === "bnp");
  assert.deepEqual({ level: bnp.level, met: bnp.met }, { level: "advisory", met: false });
});

test("a check answers as intake would and stores nothing", async () => {
  const alone = await createNetwork();
  const recipient = { organization: alone.recipient.id, service: alone.recipient.service };
  const checked = expectStatus(
    await post("/intake/referrals/check", alone.referrer.key, referralBody(alone, { recipient })),
    200,
  ).body;
  assert.equal(checked.status, "sent");
  assert.deepEqual(checked.completeness, { score: 10, of: 10, missing: [] });
  assert.deepEqual(await everyItem("/worklist/referrals", alone.referrer.key), []);
  assert.deepEqual(await everyItem("/worklist/referrals", alone.recipient.key), []);
});

test("a check refuses what intake would refuse", async () => {
  const recipient = { organization: network.recipient.id, service: await demandingService() };
  const body = referralBody(network, { recipient, supporting: [] });
  const checked = await post("/intake/referrals/check", network.referrer.key, body);
  const refused = await intake(body);
  expectProblem(checked, 422, "requirements-missing");
  assert.deepEqual(checked.body.errors, refused.body.errors);
});

test("a check of what is not finished says how far it has come", async () => {
  const { patient, recipient } = referralBody(network);
  const draft = { patient: { identifier: patient.identifier, phone: patient.phone }, recipient };
  const answer = await post("/intake/referrals/check", network.referrer.key, draft);
  const { so_far } = expectProblem(answer, 422, "invalid");
  assert.deepEqual(so_far.completeness, {
    score: 4,
    of: 10,
    missing: ["question", "coded-reason", "medications", "allergies", "patient-agrees", "who-calls"],
  });
  assert.deepEqual([so_far.requirements, so_far.possible_duplicates], [[], []]);
});

test("an inactive organisation takes no new referral", async () => {
  const closed = await addOrganization(network.network, "closed");
  const service = await addService(closed.id);
  expectStatus(await patch(`/directory/organizations/${closed.id}`, adminKey, { active: false }), 200);
  const answer = await intake(referralBody(network, { recipient: { organization: closed.id, service } }));
  expectProblem(answer, 422, "recipient-inactive");
});

test("a recipient or service that does not exist is a fault of that field", async () => {
  const { recipient } = network;
  expectFaults(
    await intake(referralBody(network, { recipient: { organization: unique("nobody"), service: recipient.service } })),
    ["/recipient/organization"],
  );
  expectFaults(
    await intake(referralBody(network, { recipient: { organization: recipient.id, service: unique("none") } })),
    ["/recipient/service"],
  );
});

test("an organisation of another network cannot be referred to", async () => {
  const other = await createNetwork();
  const recipient = { organization: other.recipient.id, service: other.recipient.service };
  expectFaults(await intake(referralBody(network, { recipient })), ["/recipient/organization"]);
});

test("a placer id is taken once by an organisation, and another organisation may use the same", async () => {
  const placer = { system: "urn:oid:2.999.11", value: unique("order") };
  await refer(network, { placer });
  expectProblem(await intake(referralBody(network, { placer })), 409, "taken");
  const sent = await refer(network, { placer }, network.second.key);
  assert.deepEqual(sent.placer, placer);
});

test("a second referral of one patient to one service is stored and points at the first", async () => {
  const patient = newPatient();
  const first = await refer(network, { patient });
  const second = await refer(network, { patient });
  assert.deepEqual(second.possible_duplicates, [first.id]);
  assert.deepEqual(second.attention, ["possible-duplicate"]);
});

test("a possible duplicate of another organisation is not named", async () => {
  const patient = newPatient();
  await refer(network, { patient });
  const sent = await refer(network, { patient }, network.outsider.key);
  assert.deepEqual(sent.possible_duplicates, []);
});

test("a possible duplicate can be dismissed with a reason", async () => {
  const patient = newPatient();
  await refer(network, { patient });
  const second = await refer(network, { patient });
  await apply(network.referrer.key, second.id, "attention.dismissed", {
    what: "possible-duplicate",
    reason: "Another question.",
  });
  assert.deepEqual((await read(network.referrer.key, second.id)).attention, []);
});

test("a route finds the service of a specialty", async () => {
  const { recipient, ...body } = referralBody(network);
  const specialty = unique("audiology");
  const service = await addService(network.second.id, { specialty });
  const sent = expectStatus(await intake({ ...body, route: { specialty } }), 201).body;
  const shown = await read(network.referrer.key, sent.id);
  assert.deepEqual(shown.legs[0].recipient, { organization: network.second.id, service });
  assert.deepEqual(shown.routed, sent.routed);
  assert.equal(sent.routed.asked.specialty, specialty);
  assert.equal(sent.routed.alternatives, 0);
  assert.equal(
    sent.routed.expected_days,
    sent.routed.reasons.reduce((sum, { days }) => sum + days, 0),
  );
});

test("a route that finds no service is a fault", async () => {
  const { recipient, ...body } = referralBody(network);
  expectFaults(await intake({ ...body, route: { specialty: "phrenology" } }), ["/route/specialty"]);
});

test("a route that only finds services that cannot take it says how many and why", async () => {
  const { recipient, ...body } = referralBody(network);
  const specialty = unique("audiology");
  await addService(network.second.id, { specialty, capacity: 0 });
  await addService(network.outsider.id, { specialty, urgencies: ["stat"] });
  const { errors } = expectFaults(await intake({ ...body, route: { specialty } }), ["/route/specialty"]);
  assert.equal(errors[0].code, "no-match");
  for (const part of ["excluded: 2", "1 no-room", "1 urgency-not-taken"]) {
    assert.ok(errors[0].detail.includes(part), errors[0].detail);
  }
});

test("a route and a recipient together are a fault, and so is neither", async () => {
  const { recipient, ...body } = referralBody(network);
  expectFaults(await intake({ ...body, recipient, route: { specialty: "cardiology" } }), ["/route"]);
  expectFaults(await intake(body), ["/recipient"]);
  expectFaults(await intake({ ...body, route: {} }), ["/route/specialty"]);
});

test("what a service requires is asked for when a route finds it too", async () => {
  const { recipient, ...body } = referralBody(network, { supporting: [] });
  const specialty = unique("audiology");
  const requirements = [{ id: "ecg", kind: "document", display: "Resting ECG", level: "required" }];
  await addService(network.second.id, { specialty, requirements });
  const answer = await intake({ ...body, route: { specialty } });
  const { errors } = expectProblem(answer, 422, "requirements-missing");
  assert.deepEqual(
    errors.map(({ requirement }) => requirement),
    ["ecg"],
  );
});

test("a check by route answers as intake would and stores nothing", async () => {
  const { recipient, ...body } = referralBody(network);
  const specialty = unique("audiology");
  const service = await addService(network.second.id, { specialty });
  const request = { ...body, route: { specialty } };
  const checked = expectStatus(await post("/intake/referrals/check", network.referrer.key, request), 200).body;
  assert.deepEqual(checked.recipient, { organization: network.second.id, service });
  const sent = expectStatus(await intake(request), 201).body;
  assert.deepEqual(sent.routed, checked.routed);
  assert.deepEqual(sent.possible_duplicates, []);
});

test("for an external recipient the referrer records what it learned, and says how", async () => {
  const recipient = { external: { name: "Dr Far Away", fax: "+1 555 0177" } };
  const sent = await refer(network, { recipient });
  assert.equal(sent.status, "sent");
  expectProblem(await sendEvent(network.referrer.key, sent.id, "referral.accepted", {}), 403, "wrong-side");
  await apply(network.referrer.key, sent.id, "referral.accepted", { reported_by: "phone" });
  const shown = await read(network.referrer.key, sent.id);
  assert.equal(shown.status, "accepted");
  const { body } = expectStatus(await get(`/worklist/referrals/${sent.id}/events`, network.referrer.key), 200);
  assert.equal(body.items.at(-1).reported_by, "phone");
});

test("a referral may follow an earlier one", async () => {
  const earlier = await refer(network);
  const sent = await refer(network, { follows: earlier.id });
  assert.equal((await read(network.referrer.key, sent.id)).follows, earlier.id);
  // Whoever says so knows of it: it is no possible duplicate.
  const same = await refer(network, { follows: earlier.id, patient: earlier.patient });
  assert.deepEqual(same.possible_duplicates, []);
});
