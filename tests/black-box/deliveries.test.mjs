/**
 * Webhooks sent: the other party learns of each event, signed, in order, and without the patient.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adminKey, expectStatus, get, post } from "./client.mjs";
import { createNetwork } from "./network.mjs";
import { startReceiver, verify } from "./receiver.mjs";
import { apply, eventData, refer } from "./referrals.mjs";

/** Why these tests do not run; nothing once the deployment sends webhooks. */
const skip = "webhooks are not sent yet";

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

before(async () => {
  network = await createNetwork();
  receiver = await startReceiver();
  endpoint = await register(network.recipient, receiver.url);
});
after(() => receiver.stop());

const about = (id) => (delivery) => delivery.body.data.referral.id === id;

/** What this receiver got for one referral; a sweep makes sure that nothing still waits. */
async function deliveries(id, count, from = receiver) {
  expectStatus(await post("/sweep", adminKey), 200);
  return from.wait(count, about(id));
}

test("the recipient’s system is told of a new referral, signed, without the patient", { skip }, async () => {
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

test("each event of the other side is sent, in order, and the own ones are not", { skip }, async () => {
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

test("every delivery has an id of its own", { skip }, async () => {
  const sent = await refer(network);
  await apply(network.referrer.key, sent.id, "referral.note", { note: "one" });
  const got = await deliveries(sent.id, 2);
  assert.equal(new Set(got.map(({ headers }) => headers["webhook-id"])).size, 2);
});

test("an endpoint that wants some events gets those alone", { skip }, async () => {
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

test("an endpoint that answers 410 is switched off", { skip }, async () => {
  const gone = await startReceiver(() => 410);
  const { id } = await register(network.second, gone.url);
  const recipient = { organization: network.second.id, service: network.second.service };
  const first = await refer(network, { recipient });
  await deliveries(first.id, 1, gone);
  expectStatus(await post("/sweep", adminKey), 200);
  const { body } = expectStatus(await get(`/directory/organizations/${network.second.id}/endpoints`, adminKey), 200);
  assert.equal(body.items.find((each) => each.id === id).active, false);
  await gone.stop();
});
