/**
 * Webhooks sent: the other party learns of each event, signed, in order, and without the patient.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adminKey, everyItem, expectStatus, get, post, remove } from "./client.mjs";
import { createNetwork } from "./network.mjs";
import { expectFaults, expectProblem } from "./problems.mjs";
import { startReceiver, verify } from "./receiver.mjs";
import { apply, eventData, read, refer } from "./referrals.mjs";

let network;
let receiver;
let endpoint;

/** Registers a receiver as an endpoint of an organisation. */
async function register(organization, url, members = {}) {
  return expectStatus(
    await post(`/directory/organizations/${organization.id}/endpoints`, adminKey, { url, ...members }),
    201,
  ).body;
}

const endpoints = ({ id }) => everyItem(`/directory/organizations/${id}/endpoints`, adminKey);

before(async () => {
  network = await createNetwork();
  receiver = await startReceiver();
  endpoint = await register(network.recipient, receiver.url);
});
after(() => receiver.stop());

/** What came about one referral; a challenge is about none. */
const about = (id) => (delivery) => delivery.body.data.referral?.id === id;

/** How often a sweep is tried until a message that failed before is due again: its first wait is 5 to 6 seconds. */
const SWEEPS_MAX = 2_000;

/**
 * Sweeps until `arrived` says so: what failed waits for its time, and a sweep is what sends it then. What a receiver has got is
 * written down a moment after it has answered.
 */
async function sweepUntil(arrived) {
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep += 1) {
    expectStatus(await post("/sweep", adminKey), 200);
    if (await arrived()) return;
  }
  assert.fail("it never came");
}

/** What this receiver got for one referral; a sweep makes sure that nothing still waits. */
async function deliveries(id, count, from = receiver) {
  expectStatus(await post("/sweep", adminKey), 200);
  return from.wait(count, about(id));
}

test("the recipient’s system is told of a new referral, signed, without the patient", async () => {
  const sent = await refer(network);
  const [delivery] = await deliveries(sent.id, 1);
  const body = verify(endpoint.secret, delivery);
  assert.equal(body.type, "referral.sent");
  assert.equal(body.data.referral.id, sent.id);
  assert.equal(body.data.referral.version, 1);
  assert.equal(body.data.referral.status, "sent");
  assert.ok(Math.abs(Date.parse(body.timestamp) - Date.now()) < 60_000);
  assert.doesNotMatch(delivery.text, /Chalmers|1974-12-25|chest pain|Creatinine/);
});

test("each event of the other side is sent, in order, and the own ones are not", async () => {
  const sent = await refer(network);
  await apply(network.recipient.key, sent.id, "referral.accepted", {});
  await apply(network.referrer.key, sent.id, "referral.note", { note: "Secret of the patient." });
  await apply(
    network.referrer.key,
    sent.id,
    "referral.cancellation_requested",
    eventData("referral.cancellation_requested"),
  );
  const got = (await deliveries(sent.id, 3)).map((delivery) => verify(endpoint.secret, delivery));
  assert.deepEqual(
    got.map(({ type, data }) => [type, data.referral.version]),
    [
      ["referral.sent", 1],
      ["referral.note", 3],
      ["referral.cancellation_requested", 4],
    ],
  );
  assert.ok(receiver.received.every(({ text }) => !text.includes("Secret of the patient")));
});

test("every delivery has an id of its own", async () => {
  const sent = await refer(network);
  await apply(network.referrer.key, sent.id, "referral.note", { note: "one" });
  const got = await deliveries(sent.id, 2);
  assert.equal(new Set(got.map(({ headers }) => headers["webhook-id"])).size, 2);
});

test("an endpoint that wants some events gets those alone", async () => {
  const some = await startReceiver();
  await register(network.referrer, some.url, { events: ["referral.declined"] });
  const sent = await refer(network);
  await apply(network.recipient.key, sent.id, "referral.accepted", {});
  await apply(network.recipient.key, sent.id, "referral.declined", eventData("referral.declined"));
  const got = await deliveries(sent.id, 1, some);
  assert.deepEqual(
    got.map(({ body }) => body.type),
    ["referral.declined"],
  );
  await some.stop();
});

test("a new endpoint is sent a challenge, and nothing else before it has answered it", async () => {
  let status = 500;
  const doubting = await startReceiver(() => status);
  const { id, secret } = await register(network.second, doubting.url);
  const recipient = { organization: network.second.id, service: network.second.service };
  const sent = await refer(network, { recipient });
  await sweepUntil(() => doubting.received.length > 0);
  assert.deepEqual(
    doubting.received.map(({ body }) => body.type),
    ["endpoint.challenge"],
  );
  const shown = async () => (await endpoints(network.second)).find((each) => each.id === id);
  assert.equal((await shown()).proven, false);
  status = 200;
  await sweepUntil(() => doubting.received.some(about(sent.id)));
  assert.equal((await shown()).proven, true);
  const [failed, passed] = doubting.received;
  assert.equal(passed.body.type, "endpoint.challenge");
  assert.deepEqual(verify(secret, passed).data, { organization: network.second.id, endpoint: id });
  assert.equal(failed.headers["webhook-id"], passed.headers["webhook-id"]);
  await doubting.stop();
  await remove(`/directory/organizations/${network.second.id}/endpoints/${id}`, adminKey);
});

test("a message that failed is sent again under the same id, and what stands behind it waits", async () => {
  const alone = await createNetwork();
  let fails = false;
  const flaky = await startReceiver(() => (fails ? 503 : 200));
  const { secret } = await register(alone.recipient, flaky.url);
  await deliveries((await refer(alone)).id, 1, flaky);
  fails = true;
  const sent = await refer(alone);
  await deliveries(sent.id, 1, flaky);
  await apply(alone.referrer.key, sent.id, "referral.note", { note: "second" });
  fails = false;
  const own = () => flaky.received.filter(about(sent.id));
  await sweepUntil(() => own().length >= 3);
  const [failed, again, second] = own();
  assert.deepEqual(
    [failed, again, second].map((delivery) => verify(secret, delivery).data.event.seq),
    [1, 1, 2],
  );
  assert.equal(failed.headers["webhook-id"], again.headers["webhook-id"]);
  assert.equal(failed.text, again.text);
  await flaky.stop();
});

test("a redirect is not followed", async () => {
  const alone = await createNetwork();
  const target = await startReceiver();
  const redirecting = await startReceiver(() => ({ status: 307, headers: { location: target.url } }));
  await register(alone.recipient, redirecting.url);
  await refer(alone);
  await sweepUntil(() => redirecting.received.length > 0);
  const waiting = await everyItem(`/directory/organizations/${alone.recipient.id}/deliveries`, adminKey);
  assert.deepEqual(
    waiting.map(({ type, state }) => [type, state]),
    [
      ["endpoint.challenge", "waiting"],
      ["referral.sent", "waiting"],
    ],
  );
  assert.deepEqual(target.received, []);
  await Promise.all([target.stop(), redirecting.stop()]);
});

test("private and link-local addresses are refused", async () => {
  const path = `/directory/organizations/${network.recipient.id}/endpoints`;
  for (const url of [
    "https://10.0.0.1/hooks",
    "https://192.168.1.1/hooks",
    "https://172.16.0.1/hooks",
    "https://169.254.169.254/latest/meta-data",
    "https://[fe80::1]/hooks",
    "https://[fd00::1]/hooks",
    "https://[::ffff:10.0.0.1]/hooks",
    "https://0x0a000001/hooks",
    "https://167772161/hooks",
    "https://metadata.internal/hooks",
    "http://example.com/hooks",
  ]) {
    expectFaults(await post(path, adminKey, { url }), ["/url"]);
  }
});

test("an endpoint that answers 410 is switched off", async () => {
  const gone = await startReceiver(() => 410);
  const { id } = await register(network.second, gone.url);
  const recipient = { organization: network.second.id, service: network.second.service };
  await refer(network, { recipient });
  const shown = async () => (await endpoints(network.second)).find((each) => each.id === id);
  await sweepUntil(async () => !(await shown()).active);
  assert.equal((await shown()).disabled_because, "gone");
  await gone.stop();
});

test("what an endpoint that was gone did not take is a dead letter, and can be sent again", async () => {
  const alone = await createNetwork();
  let status = 200;
  const back = await startReceiver(() => status);
  const { id, secret } = await register(alone.recipient, back.url);
  await deliveries((await refer(alone)).id, 1, back);
  status = 410;
  const sent = await refer(alone);
  await deliveries(sent.id, 1, back);
  const failed = async () => (await read(alone.referrer.key, sent.id)).attention.includes("delivery-failed");
  await sweepUntil(failed);
  const base = `/directory/organizations/${alone.recipient.id}`;
  const [dead] = await everyItem(`${base}/deliveries?state=dead`, alone.recipient.key);
  assert.deepEqual(
    [dead.type, dead.referral, dead.endpoint, dead.last_error],
    ["referral.sent", sent.id, id, "http-410"],
  );
  status = 204;
  expectStatus(await post(`${base}/endpoints/${id}/enable`, alone.recipient.key), 202);
  expectStatus(await post(`${base}/deliveries/${dead.id}/resend`, alone.recipient.key), 202);
  await sweepUntil(() => back.received.filter(about(sent.id)).length >= 2);
  const [first, second] = back.received.filter(about(sent.id));
  assert.equal(first.headers["webhook-id"], dead.id);
  assert.equal(second.headers["webhook-id"], dead.id);
  verify(secret, second);
  await sweepUntil(async () => (await everyItem(`${base}/deliveries`, alone.recipient.key)).length === 0);
  await sweepUntil(async () => !(await failed()));
  await back.stop();
});

test("another organisation neither sees nor sends dead letters", async () => {
  const base = `/directory/organizations/${network.recipient.id}`;
  for (const answer of [
    await get(`${base}/deliveries`, network.outsider.key),
    await post(`${base}/endpoints/${endpoint.id}/enable`, network.outsider.key),
    await post(`${base}/endpoints/${endpoint.id}/resend`, network.outsider.key),
    await post(`${base}/deliveries/x.y.${endpoint.id}/resend`, network.outsider.key),
    await post(`${base}/deliveries/unknown/resend`, network.recipient.key),
  ]) {
    expectProblem(answer, 404, "not-found");
  }
});
