/**
 * What every answer carries beside its body: what it cost, whose business it is, and which version it shows.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, call, expectStatus, get, post, unique } from "./client.mjs";
import { reach } from "./lifecycle.mjs";
import { addSource, createNetwork } from "./network.mjs";
import { apply, eventData, refer, referralBody, sendEvent } from "./referrals.mjs";
import { deliver, webhookBody } from "./webhooks.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

/** The metrics of a Server-Timing header by name, with their descriptions as numbers. */
function serverTiming(answer) {
  const header = answer.headers.get("server-timing");
  assert.ok(header, `no server-timing: ${answer.told}`);
  const metrics = [...header.matchAll(/([a-z-]+);desc="(\d+)"/g)].map(([, name, value]) => [name, Number(value)]);
  return Object.fromEntries(metrics);
}

/** Asserts the number of database round trips before the answer; the rows are there where the platform counts them. */
function tookRoundTrips(answer, trips) {
  const timing = serverTiming(answer);
  assert.equal(timing.db, trips, answer.told);
  assert.equal("rows-read" in timing, "rows-written" in timing);
}

test("intake takes two round trips to the database", async () => {
  const answer = await post("/intake/referrals", network.referrer.key, referralBody(network), {
    headers: { "idempotency-key": unique("key") },
  });
  tookRoundTrips(expectStatus(answer, 201), 2);
});

test("an event by key takes two round trips, however long the timeline is", async () => {
  const sent = await reach(network, "closed");
  const answer = await sendEvent(network.referrer.key, sent.id, "patient.informed", eventData("patient.informed"));
  tookRoundTrips(expectStatus(answer, 202), 2);
});

test("a webhook takes two round trips, and one when it is a duplicate", async () => {
  const source = await addSource(network.recipient.id);
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const id = unique("msg");
  tookRoundTrips(expectStatus(await deliver(source, body, { id }), 202), 2);
  tookRoundTrips(expectStatus(await deliver(source, body, { id }), 202), 1);
});

test("every function says what its answer cost, refusals included", async () => {
  const answers = await Promise.all([
    get("/directory/organizations", adminKey),
    post("/intake/referrals", network.referrer.key, {}),
    sendEvent(network.referrer.key, unique("nothing"), "referral.note", { note: "x" }),
    get("/worklist/referrals", network.referrer.key),
    get("/worklist/referrals"),
    post("/sweep", adminKey),
    get("/intake/health"),
  ]);
  for (const answer of answers) assert.ok("db" in serverTiming(answer), answer.told);
});

test("a refusal does not say by its cost whether something is there", async () => {
  const sent = await refer(network);
  const { key } = network.outsider;
  for (const [there, nowhere] of [
    [`/worklist/referrals/${sent.id}`, `/worklist/referrals/${unique("ref")}`],
    [`/directory/organizations/${network.referrer.id}`, `/directory/organizations/${unique("none")}`],
  ]) {
    const [one, other] = [await get(there, key), await get(nowhere, key)];
    assert.deepEqual([one.status, other.status], [404, 404]);
    assert.deepEqual(serverTiming(one), serverTiming(other), there);
    assert.ok(!("rows-read" in serverTiming(one)));
  }
});

test("a referral carries its version as ETag", async () => {
  const sent = await refer(network);
  await apply(network.recipient.key, sent.id, "referral.accepted", {});
  const answer = expectStatus(await get(`/worklist/referrals/${sent.id}`, network.referrer.key), 200);
  assert.equal(answer.headers.get("etag"), '"2"');
  assert.equal(answer.body.version, 2);
});

test("nothing that may name a patient is kept by a cache", async () => {
  const sent = await refer(network);
  for (const path of [
    "/worklist/referrals",
    `/worklist/referrals/${sent.id}`,
    `/worklist/referrals/${sent.id}/events`,
  ]) {
    const answer = await get(path, network.referrer.key);
    assert.equal(answer.headers.get("cache-control"), "no-store", path);
  }
});

test("no header of an answer names the patient", async () => {
  const answer = expectStatus(await post("/intake/referrals", network.referrer.key, referralBody(network)), 201);
  assert.ok(![...answer.headers.values()].some((value) => /Chalmers|Peter|patient-/.test(value)));
  assert.equal((await call("GET", answer.headers.get("location"), { key: network.referrer.key })).status, 200);
});
