/**
 * Who read and who changed what: GET /worklist/audit.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { call, everyItem, expectStatus, get, post } from "./client.mjs";
import { addKey, createNetwork } from "./network.mjs";
import { expectProblem } from "./problems.mjs";
import { apply, daysAgo, eventData, read, refer, timeline } from "./referrals.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

const audit = (organization, query = "") => everyItem(`/worklist/audit?${query}`, organization.key);
const ofReferral = (organization, id, query = "") => audit(organization, `referral=${id}${query}`);

/** Who did what, as `organization action`, each once and sorted: reads of one millisecond have no order. */
function told(entries) {
  const names = new Map(Object.entries(network).map(([name, { id }]) => [id, name]));
  return [...new Set(entries.map(({ organization, action }) => `${names.get(organization)} ${action}`))].sort();
}

test("every way to read a referral is recorded, with who, when and what", async () => {
  const sent = await refer(network);
  const { id: document } = expectStatus(
    await call("POST", "/status/documents", { key: network.recipient.key, raw: "report", type: "text/plain" }),
    201,
  ).body;
  await apply(network.recipient.key, sent.id, "referral.accepted", {});
  const report = { ...eventData("referral.outcome"), documents: [document] };
  await apply(network.recipient.key, sent.id, "referral.outcome", report);

  await read(network.recipient.key, sent.id);
  await timeline(network.recipient.key, sent.id);
  await everyItem("/worklist/referrals", network.recipient.key);
  const search = { patient: sent.patient.identifier };
  expectStatus(await post("/worklist/referrals/search", network.recipient.key, search), 200);
  assert.equal((await call("GET", `/worklist/documents/${document}`, { key: network.referrer.key })).status, 200);

  const entries = await ofReferral(network.referrer, sent.id);
  assert.deepEqual(told(entries), [
    "recipient change",
    "recipient list",
    "recipient read",
    "recipient search",
    "recipient timeline",
    "referrer change",
    "referrer document",
  ]);
  for (const entry of entries) {
    assert.deepEqual(entry.referrals, [sent.id]);
    assert.equal(entry.label, "black-box test");
    assert.ok(Math.abs(Date.parse(entry.at) - Date.now()) < 60_000, entry.at);
  }
  assert.equal(entries.find(({ action }) => action === "document").document, document);
  const times = entries.map(({ at }) => Date.parse(at));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => b - a),
  );
});

test("each change is an event of the timeline, without its text", async () => {
  const sent = await refer(network);
  await apply(network.recipient.key, sent.id, "referral.note", { note: "Prefers mornings." });
  const events = await timeline(network.referrer.key, sent.id);
  const changes = await ofReferral(network.referrer, sent.id, "&action=change");
  assert.deepEqual(
    changes.map(({ event }) => event).toSorted((a, b) => a.seq - b.seq),
    events.map(({ id, type, seq }) => ({ id, type, seq })),
  );
  assert.deepEqual([...new Set(changes.map(({ source }) => source))], ["api"]);
  const text = JSON.stringify(await ofReferral(network.referrer, sent.id));
  const { patient } = sent;
  for (const word of ["mornings", patient.name.family, patient.birth_date, patient.identifier.value]) {
    assert.ok(!text.includes(word), word);
  }
});

test("a referrer sees what every recipient did, a recipient nothing of another one", async () => {
  const sent = await refer(network);
  await read(network.recipient.key, sent.id);
  await apply(network.recipient.key, sent.id, "referral.redirected", eventData("referral.redirected", network));
  await read(network.second.key, sent.id);
  await apply(network.second.key, sent.id, "referral.accepted", {});
  await read(network.referrer.key, sent.id);
  assert.deepEqual(told(await ofReferral(network.referrer, sent.id)), [
    "recipient change",
    "recipient read",
    "referrer change",
    "referrer read",
    "second change",
    "second read",
  ]);
  const ofFirst = await ofReferral(network.recipient, sent.id);
  assert.deepEqual(told(ofFirst), ["recipient change", "recipient read", "referrer change"]);
  assert.ok(!JSON.stringify(ofFirst).includes(network.second.id));
  const ofSecond = await ofReferral(network.second, sent.id);
  assert.deepEqual(told(ofSecond), ["referrer change", "second change", "second read"]);
  assert.ok(!JSON.stringify(ofSecond).includes(network.recipient.id));
});

test("whoever has no part in a referral gets 404 for its audit, and leaves no trace in it", async () => {
  const sent = await refer(network);
  expectProblem(await get(`/worklist/audit?referral=${sent.id}`, network.outsider.key), 404, "not-found");
  expectProblem(await get(`/worklist/referrals/${sent.id}`, network.outsider.key), 404, "not-found");
  const blind = await addKey(network.recipient.id, ["referrals:write", "events:write", "measures:read"]);
  expectProblem(await get(`/worklist/referrals/${sent.id}`, blind), 403, "forbidden-scope");
  expectProblem(await get(`/worklist/audit?referral=${sent.id}`, blind), 403, "forbidden-scope");
  expectProblem(await get(`/worklist/audit?referral=${sent.id}`, "rl_nobody"), 401, "unauthorized");
  assert.deepEqual(told(await ofReferral(network.referrer, sent.id)), ["referrer change"]);
});

test("reading the audit of a referral is in its audit", async () => {
  const sent = await refer(network);
  await ofReferral(network.recipient, sent.id);
  const entries = await ofReferral(network.referrer, sent.id, "&action=audit");
  assert.ok(told(entries).includes("recipient audit"), JSON.stringify(entries));
});

test("without a referral it is what the organisation’s own people did", async () => {
  const alone = await createNetwork();
  const sent = await refer(alone);
  await read(alone.recipient.key, sent.id);
  await apply(alone.recipient.key, sent.id, "referral.accepted", {});
  const told = async ({ key }, query = "") =>
    (await everyItem(`/worklist/audit?${query}`, key)).map(({ action }) => action).sort();
  assert.deepEqual(await told(alone.referrer), ["change"]);
  assert.deepEqual(await told(alone.recipient), ["change", "read"]);
  assert.deepEqual(await told(alone.recipient, "action=read"), ["read"]);
  assert.deepEqual(await told(alone.outsider), []);
  assert.deepEqual(await told(alone.recipient, `from=${daysAgo(1)}&to=${daysAgo(-1)}`), ["change", "read"]);
  assert.deepEqual(await told(alone.recipient, `to=${daysAgo(1)}`), []);
  assert.deepEqual(await told(alone.recipient, `from=${new Date(Date.now() + 3_600_000).toISOString()}`), []);
});

test("pages of one entry are the same audit", async () => {
  const sent = await refer(network);
  for (let times = 0; times < 3; times += 1) await read(network.recipient.key, sent.id);
  const path = `/worklist/audit?referral=${sent.id}&action=read`;
  const whole = await everyItem(path, network.referrer.key);
  assert.equal(whole.length, 3);
  assert.deepEqual(await everyItem(path, network.referrer.key, { limit: 1 }), whole);
});

test("what is asked for wrongly is told all at once", async () => {
  const answer = await get("/worklist/audit?from=yesterday&to=2026-02-30&action=opened", network.referrer.key);
  const { errors } = expectProblem(answer, 422, "invalid");
  assert.deepEqual(
    errors.map(({ parameter }) => parameter),
    ["from", "to", "action"],
  );
  for (const query of [`from=${daysAgo(93)}`, "cursor=nowhere", "limit=0"]) {
    expectProblem(await get(`/worklist/audit?${query}`, network.referrer.key), 422, "invalid");
  }
  expectStatus(await get(`/worklist/audit?from=${daysAgo(91)}`, network.referrer.key), 200);
});
