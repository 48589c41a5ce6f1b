/**
 * The Idempotency-Key header: a POST that is sent again is answered again and happens once.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, everyItem, expectStatus, get, post, unique } from "./client.mjs";
import { createNetwork } from "./network.mjs";
import { expectProblem } from "./problems.mjs";
import { apply, eventData, newPatient, refer, referralBody, sendEvent, timeline } from "./referrals.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

const intake = (body, idempotencyKey, key = network.referrer.key) =>
  post("/intake/referrals", key, body, { headers: { "idempotency-key": idempotencyKey } });

test("the same key with the same body gives the first answer again", async () => {
  const body = referralBody(network);
  const key = `"${unique("key")}"`;
  const first = expectStatus(await intake(body, key), 201);
  const again = expectStatus(await intake(body, key), 201);
  assert.deepEqual(again.body, first.body);
  assert.equal(again.headers.get("location"), first.headers.get("location"));
  assert.equal(again.headers.get("etag"), first.headers.get("etag"));
});

test("the first answer is given again after the referral has moved on", async () => {
  const body = referralBody(network);
  const key = `"${unique("key")}"`;
  const first = expectStatus(await intake(body, key), 201);
  await apply(network.recipient.key, first.body.id, "referral.accepted", {});
  const again = expectStatus(await intake(body, key), 201);
  const known = ({ id, version, status, turn }) => ({ id, version, status, turn });
  assert.deepEqual(known(again.body), known(first.body));
  assert.equal(again.headers.get("etag"), first.headers.get("etag"));
});

test("a quoted key and the bare one are the same key", async () => {
  const body = referralBody(network);
  const key = unique("key");
  const quoted = expectStatus(await intake(body, `"${key}"`), 201);
  const bare = expectStatus(await intake(body, key), 201);
  assert.equal(bare.body.id, quoted.body.id);
});

test("the same key with another body is 422", async () => {
  const key = `"${unique("key")}"`;
  expectStatus(await intake(referralBody(network), key), 201);
  expectProblem(await intake(referralBody(network), key), 422, "idempotency-mismatch");
});

test("the same key of two organisations is two keys", async () => {
  const body = referralBody(network);
  const key = `"${unique("key")}"`;
  const first = expectStatus(await intake(body, key), 201);
  const other = expectStatus(await intake(body, key, network.second.key), 201);
  assert.notEqual(other.body.id, first.body.id);
});

test("a refused request does not use its key up", async () => {
  const key = `"${unique("key")}"`;
  expectProblem(await intake(referralBody(network, { urgency: "soon" }), key), 422);
  expectStatus(await intake(referralBody(network), key), 201);
});

test("many at once with one key make one referral", async () => {
  const AT_ONCE = 8;
  const patient = newPatient();
  const body = referralBody(network, { patient });
  const key = `"${unique("key")}"`;
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => intake(body, key)));
  const made = answers.filter(({ status }) => status === 201);
  assert.ok(made.length > 0, answers.map(({ told }) => told).join("\n"));
  for (const answer of answers) expectStatus(answer, 201, 409);
  assert.equal(new Set(made.map(({ body: { id } }) => id)).size, 1);
  const search = expectStatus(
    await post("/worklist/referrals/search", network.referrer.key, { patient: patient.identifier }),
    200,
  );
  assert.equal(search.body.items.length, 1);
});

test("an event that is sent again with its key happens once", async () => {
  const sent = await refer(network);
  const options = { headers: { "idempotency-key": unique("key") } };
  const note = () => sendEvent(network.recipient.key, sent.id, "referral.note", eventData("referral.note"), options);
  const first = expectStatus(await note(), 202);
  const again = expectStatus(await note(), 202);
  assert.deepEqual(again.body, first.body);
  const notes = (await timeline(network.referrer.key, sent.id)).filter(({ type }) => type === "referral.note");
  assert.equal(notes.length, 1);
});

test("an event key with another body is 422 and stores nothing", async () => {
  const sent = await refer(network);
  const options = { headers: { "idempotency-key": unique("key") } };
  expectStatus(await sendEvent(network.recipient.key, sent.id, "referral.note", { note: "one" }, options), 202);
  const second = await sendEvent(network.recipient.key, sent.id, "referral.note", { note: "two" }, options);
  expectProblem(second, 422, "idempotency-mismatch");
  assert.equal((await timeline(network.referrer.key, sent.id)).length, 2);
});

test("a directory POST that is sent again with its key happens once", async () => {
  const path = `/directory/organizations/${network.outsider.id}/sources`;
  const name = unique("system");
  const options = { headers: { "idempotency-key": unique("key") } };
  const first = expectStatus(await post(path, adminKey, { name }, options), 201);
  const again = expectStatus(await post(path, adminKey, { name }, options), 201);
  assert.equal(again.body.id, first.body.id);
  const named = (await everyItem(path, adminKey)).filter((source) => source.name === name);
  assert.equal(named.length, 1);
});

test("a key that is made again with its idempotency key is the same key, shown again", async () => {
  const path = `/directory/organizations/${network.outsider.id}/keys`;
  const options = { headers: { "idempotency-key": unique("key") } };
  const make = () => post(path, adminKey, { scopes: ["referrals:read"] }, options);
  const first = expectStatus(await make(), 201);
  const again = expectStatus(await make(), 201);
  assert.deepEqual(again.body, first.body);
  expectStatus(await get("/worklist/referrals", again.body.key), 200);
});

test("many at once with one key store one event", async () => {
  const AT_ONCE = 8;
  const sent = await refer(network);
  const options = { headers: { "idempotency-key": unique("key") } };
  const send = () => sendEvent(network.recipient.key, sent.id, "referral.note", { note: "once" }, options);
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, send));
  for (const answer of answers) expectStatus(answer, 202, 409);
  assert.ok(answers.some(({ status }) => status === 202));
  assert.equal((await timeline(network.referrer.key, sent.id)).length, 2);
});
