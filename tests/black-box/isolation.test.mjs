/**
 * Who may see and do what: organisations, sides, scopes and keys.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, call, everyItem, expectStatus, get, post, remove, unique } from "./client.mjs";
import { addKey, addSource, createNetwork, EVERY_ORGANISATION_SCOPE } from "./network.mjs";
import { expectProblem } from "./problems.mjs";
import { afterSent, apply, eventData, newPatient, read, refer, referralBody, sendEvent, timeline } from "./referrals.mjs";
import { deliver, webhookBody } from "./webhooks.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

/** A problem without what names the very request. */
const withoutInstance = ({ instance, ...body }) => body;

test("another organisation gets 404 everywhere, the same as for a referral that is not there", async () => {
  const sent = await refer(network);
  const stranger = network.outsider.key;
  const calls = (id) => [
    get(`/worklist/referrals/${id}`, stranger),
    get(`/worklist/referrals/${id}/events`, stranger),
    sendEvent(stranger, id, "referral.note", { note: "hello" }),
    sendEvent(stranger, id, "referral.accepted", {}),
  ];
  const [foreign, absent] = await Promise.all([Promise.all(calls(sent.id)), Promise.all(calls(unique("nothing")))]);
  foreign.forEach((answer, index) => {
    expectProblem(answer, 404, "not-found");
    assert.deepEqual(withoutInstance(answer.body), withoutInstance(absent[index].body));
  });
  assert.equal((await timeline(network.referrer.key, sent.id)).length, 1);
});

test("another organisation finds nothing in its lists and by search", async () => {
  const patient = newPatient();
  const placer = { system: "urn:oid:2.999.30", value: unique("order") };
  await refer(network, { patient, placer });
  const stranger = await createNetwork();
  assert.deepEqual(await everyItem("/worklist/referrals", stranger.referrer.key), []);
  for (const query of [{ patient: patient.identifier }, { placer }, { text: "Chalmers" }]) {
    const answer = expectStatus(await post("/worklist/referrals/search", network.outsider.key, query), 200);
    assert.deepEqual(answer.body.items, []);
  }
});

test("a referral to another organisation of the network is not in a third one’s list", async () => {
  const sent = await refer(network);
  const seenBy = async (organization) =>
    (await everyItem("/worklist/referrals", organization.key)).some(({ id }) => id === sent.id);
  assert.deepEqual(
    await Promise.all([network.referrer, network.recipient, network.second, network.outsider].map(seenBy)),
    [true, true, false, false],
  );
});

test("a recipient sees its own leg alone, and its status is that leg’s", async () => {
  const sent = await refer(network);
  await apply(network.recipient.key, sent.id, "referral.redirected", eventData("referral.redirected", network));
  await apply(network.second.key, sent.id, "referral.accepted", {});

  const [whole, old, current] = await Promise.all(
    [network.referrer, network.recipient, network.second].map(({ key }) => read(key, sent.id)),
  );
  const legs = (referral) => referral.legs.map(({ leg, status }) => ({ leg, status }));
  assert.deepEqual(legs(whole), [
    { leg: 1, status: "declined" },
    { leg: 2, status: "accepted" },
  ]);
  assert.deepEqual(legs(old), [{ leg: 1, status: "declined" }]);
  assert.deepEqual(legs(current), [{ leg: 2, status: "accepted" }]);
  assert.deepEqual([whole.status, old.status, current.status], ["accepted", "declined", "accepted"]);
});

test("a recipient whose leg has ended learns nothing of the next one and cannot act in it", async () => {
  const sent = await refer(network);
  await apply(network.referrer.key, sent.id, "referral.redirected", eventData("referral.redirected", network));
  await apply(network.second.key, sent.id, "referral.accepted", {});
  const seen = await timeline(network.recipient.key, sent.id);
  assert.ok(seen.every(({ by }) => by?.organization !== network.second.id));
  assert.ok(!JSON.stringify(seen).includes("referral.accepted"));
  const answer = await sendEvent(
    network.recipient.key,
    sent.id,
    "appointment.scheduled",
    eventData("appointment.scheduled"),
  );
  assert.ok([403, 404, 409].includes(answer.status), answer.told);
  const whole = await read(network.referrer.key, sent.id);
  assert.deepEqual([whole.status, whole.version], ["accepted", 3]);
});

test("a recipient that a redirection which came late puts in the middle lists its leg", async () => {
  const sent = await refer(network);
  const away = { to: { organization: network.outsider.id, service: network.outsider.service }, reason: "No answer." };
  const at = (milliseconds) => afterSent(sent, milliseconds);
  await apply(network.referrer.key, sent.id, "referral.redirected", { ...away, occurred_at: at(2) });
  const late = { ...eventData("referral.redirected", network), occurred_at: at(1) };
  await apply(network.recipient.key, sent.id, "referral.redirected", late);
  const whole = await read(network.referrer.key, sent.id);
  assert.deepEqual(
    whole.legs.map(({ recipient, status }) => [recipient.organization, status]),
    [
      [network.recipient.id, "declined"],
      [network.second.id, "not-completed"],
      [network.outsider.id, "sent"],
    ],
  );
  const listed = await everyItem("/worklist/referrals?direction=received", network.second.key);
  assert.deepEqual(
    listed.filter(({ id }) => id === sent.id).map(({ status }) => status),
    ["not-completed"],
  );
});

test("a recipient that is not yet one sees nothing before the redirection", async () => {
  const sent = await refer(network);
  expectProblem(await get(`/worklist/referrals/${sent.id}`, network.second.key), 404, "not-found");
  await apply(network.recipient.key, sent.id, "referral.redirected", eventData("referral.redirected", network));
  assert.equal((await read(network.second.key, sent.id)).status, "sent");
});

test("the wrong side is 403 by key and changes nothing", async () => {
  const sent = await refer(network);
  expectProblem(await sendEvent(network.referrer.key, sent.id, "referral.accepted", {}), 403, "wrong-side");
  expectProblem(
    await sendEvent(network.recipient.key, sent.id, "patient.informed", { channel: "phone" }),
    403,
    "wrong-side",
  );
  assert.equal((await read(network.referrer.key, sent.id)).version, sent.version);
});

test("the wrong side is 409 by webhook and changes nothing", async () => {
  const sent = await refer(network);
  const [ofReferrer, ofRecipient] = await Promise.all([
    addSource(network.referrer.id),
    addSource(network.recipient.id),
  ]);
  expectProblem(await deliver(ofReferrer, webhookBody("referral.accepted", sent.id)), 409);
  expectProblem(await deliver(ofRecipient, webhookBody("patient.informed", sent.id, { channel: "phone" })), 409);
  assert.equal((await read(network.referrer.key, sent.id)).version, sent.version);
});

test("where one organisation is both sides the event says as which it speaks", async () => {
  const recipient = { organization: network.recipient.id, service: network.recipient.service };
  const sent = await refer(network, { recipient }, network.recipient.key);
  const key = network.recipient.key;
  expectProblem(await sendEvent(key, sent.id, "referral.note", { note: "as whom?" }), 422, "invalid");
  await apply(key, sent.id, "referral.accepted", { as: "recipient" });
  await apply(key, sent.id, "referral.cancellation_requested", { as: "referrer", reason: "No longer needed." });
  assert.equal((await read(key, sent.id)).status, "cancellation-requested");
});

test("only for an organisation without software may the other side say what it did", async () => {
  const sent = await refer(network);
  const answer = await sendEvent(network.referrer.key, sent.id, "referral.accepted", { reported_by: "phone" });
  expectProblem(answer, 403, "wrong-side");
  assert.equal((await read(network.referrer.key, sent.id)).version, sent.version);
});

const SCOPED_CALLS = [
  ["referrals:write", (key) => post("/intake/referrals", key, referralBody(network))],
  ["referrals:write", (key) => post("/intake/referrals/check", key, referralBody(network))],
  ["referrals:read", (key) => get("/worklist/referrals", key)],
  ["referrals:read", (key, id) => get(`/worklist/referrals/${id}`, key)],
  ["referrals:read", (key, id) => get(`/worklist/referrals/${id}/events`, key)],
  ["referrals:read", (key) => post("/worklist/referrals/search", key, { text: "Chalmers" })],
  ["events:write", (key, id) => sendEvent(key, id, "referral.note", { note: "hello" })],
  ["measures:read", (key) => get("/worklist/measures", key)],
  ["sweep:run", (key) => post("/sweep", key)],
];

for (const [scope, send] of SCOPED_CALLS) {
  test(`a key without ${scope} is 403 where it is needed: ${send.toString().replace(/^.*=> /, "")}`, async () => {
    const sent = await refer(network);
    const scopes = EVERY_ORGANISATION_SCOPE.filter((each) => each !== scope);
    const key = await addKey(network.referrer.id, scopes);
    expectProblem(await send(key, sent.id), 403, "forbidden-scope");
    assert.equal((await timeline(network.referrer.key, sent.id)).length, 1);
  });
}

test("an absent, malformed, unknown or revoked key is 401 everywhere", async () => {
  const keys = `/directory/organizations/${network.outsider.id}/keys`;
  const revoked = expectStatus(await post(keys, adminKey, { scopes: EVERY_ORGANISATION_SCOPE }), 201).body;
  expectStatus(await get("/worklist/referrals", revoked.key), 200);
  assert.equal((await remove(`${keys}/${revoked.id}`, adminKey)).status, 204);

  const authorizations = [
    undefined,
    "Bearer",
    "Bearer ",
    `Basic ${revoked.key}`,
    `Bearer ${unique("key")}`,
    "Bearer \u00e6\u00f8",
    `Bearer ${revoked.key}`,
  ];
  const targets = [
    ["GET", "/worklist/referrals"],
    ["GET", "/directory/organizations"],
    ["POST", "/intake/referrals"],
    ["POST", "/status/referrals/none/events"],
    ["POST", "/sweep"],
  ];
  for (const authorization of authorizations) {
    for (const [method, path] of targets) {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await call(method, path, { headers, ...(method === "POST" && { json: {} }) });
      expectProblem(answer, 401, "unauthorized");
      assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/, answer.told);
    }
  }
});

test("the operator’s key reads no referral", async () => {
  const sent = await refer(network);
  for (const path of [
    "/worklist/referrals",
    `/worklist/referrals/${sent.id}`,
    `/worklist/referrals/${sent.id}/events`,
  ]) {
    const answer = await get(path, adminKey);
    assert.ok([401, 403].includes(answer.status), answer.told);
    assert.ok(!answer.text.includes("Chalmers"));
  }
});

test("an error names no patient", async () => {
  const { patient, ...body } = referralBody(network);
  const answers = await Promise.all([
    post("/intake/referrals", network.referrer.key, {
      ...body,
      patient: { ...patient, birth_date: "Chalmers was born on a Monday" },
    }),
    post("/intake/referrals", network.referrer.key, { ...body, patient: { ...patient, identifier: "Chalmers" } }),
    post("/intake/referrals", network.referrer.key, { ...body, patient, urgency: "Chalmers" }),
  ]);
  for (const answer of answers) {
    expectProblem(answer, 422, "invalid");
    assert.ok(!answer.text.includes("Chalmers"), answer.told);
  }
});
