/**
 * Deliveries in the receiver's format: notifications of FHIR Subscriptions, and HL7 v2 messages. On Spin nothing happens after an answer:
 * `POST /fhir/$deliver` sends, and on Workers it sends what is left.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adminKey, expectStatus, get, post } from "./client.mjs";
import { fhir } from "./doors.mjs";
import { addKey, createNetwork } from "./network.mjs";
import { isSigned, startReceiver, verify } from "./receiver.mjs";
import { apply, refer } from "./referrals.mjs";

const BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition";

let network;
let schedule;
let receiver;

before(async () => {
  network = await createNetwork();
  schedule = await addKey(network.recipient.id, ["sweep:run"]);
  receiver = await startReceiver();
});
after(() => receiver.stop());

/** How often the schedule runs until what was queued has come; what is leased by another round is left to it. */
const RUNS_MAX = 2_000;

async function deliverUntil(arrived) {
  for (let run = 0; run < RUNS_MAX; run += 1) {
    const { body } = expectStatus(await post("/fhir/$deliver", schedule), 200);
    for (const name of ["delivered", "delivery_failed"]) assert.ok(Number.isInteger(body[name]), name);
    if (await arrived()) return;
  }
  assert.fail("it never came");
}

function subscription(url, content = "id-only") {
  return {
    resourceType: "Subscription",
    status: "requested",
    reason: "Referrals to us",
    criteria: "urn:referral-loop:topic:task-changed",
    channel: {
      type: "rest-hook",
      endpoint: url,
      payload: "application/fhir+json",
      _payload: { extension: [{ url: `${BACKPORT}/backport-payload-content`, valueCode: content }] },
    },
  };
}

const parameters = ({ body }) =>
  Object.fromEntries(body.entry[0].resource.parameter.map((one) => [one.name, one]));
const purpose = (delivery) => parameters(delivery).type.valueCode;
const focus = (delivery) =>
  parameters(delivery)["notification-event"]?.part.find(({ name }) => name === "focus")?.valueReference.reference;

test("a Subscription is active after its handshake, and its notifications name what changed and nothing of it", async () => {
  const made = await fhir("POST", "/Subscription", network.recipient.key, subscription(receiver.url));
  assert.equal(made.status, 201, made.told);
  const { id } = made.fhir;
  assert.ok(made.headers.get("location").endsWith(`/fhir/Subscription/${id}`));
  const standing = async () => (await fhir("GET", `/Subscription/${id}`, network.recipient.key)).fhir.status;
  await deliverUntil(async () => (await standing()) === "active");
  assert.equal(purpose(receiver.received[0]), "handshake");
  assert.equal((await fhir("GET", `/Subscription/${id}`, network.outsider.key)).status, 404);
  // Sent by JSON, told in FHIR.
  const sent = await refer(network);
  const about = (delivery) => focus(delivery)?.endsWith(`/Task/${sent.id}`);
  await deliverUntil(() => receiver.received.some(about));
  await apply(network.referrer.key, sent.id, "referral.note", { note: "Secret of the patient." });
  await deliverUntil(() => receiver.received.filter(about).length === 2);
  const [first, second] = receiver.received.filter(about);
  const numbers = [first, second].map((delivery) =>
    Number(parameters(delivery)["notification-event"].part.find(({ name }) => name === "event-number").valueString),
  );
  assert.deepEqual(numbers, [1, 2]);
  assert.equal(first.headers["content-type"], "application/fhir+json");
  assert.deepEqual([first.body.type, first.body.entry[1].fullUrl], ["history", focus(first)]);
  for (const { text } of receiver.received) assert.doesNotMatch(text, /Chalmers|1974-12-25|chest pain|Secret/);
  const task = await fhir("GET", `/Task/${sent.id}`, network.recipient.key);
  assert.equal(task.status, 200, task.told);
  const status = await fhir("GET", `/Subscription/${id}/$status`, network.recipient.key);
  const told = status.fhir.entry[0].resource.parameter;
  assert.equal(told.find(({ name }) => name === "events-since-subscription-start").valueString, "2");
  // The secret of its signatures is the endpoint's: shown when it is rotated.
  const path = `/directory/organizations/${network.recipient.id}/endpoints/${id}/rotate`;
  const { secret } = expectStatus(await post(path, network.recipient.key), 200).body;
  await apply(network.referrer.key, sent.id, "referral.note", { note: "Again." });
  await deliverUntil(() => receiver.received.filter(about).length === 3);
  verify(secret, receiver.received.filter(about)[2]);
});

test("a Subscription that asks for what is not done is refused, each by its place", async () => {
  const refused = async (change, expression) => {
    const resource = subscription(receiver.url);
    change(resource);
    const answer = await fhir("POST", "/Subscription", network.recipient.key, resource);
    assert.equal(answer.status, 422, answer.told);
    assert.deepEqual(answer.fhir.issue[0].expression, [expression], answer.told);
  };
  await refused((it) => (it.channel.header = ["Authorization: Bearer x"]), "Subscription.channel.header");
  await refused(
    (it) => (it.channel._payload.extension[0].valueCode = "full-resource"),
    "Subscription.channel.payload.extension",
  );
  await refused((it) => (it.criteria = "Task?status=requested"), "Subscription.criteria");
  await refused((it) => (it.channel.endpoint = "https://10.0.0.1/x"), "Subscription.channel.endpoint");
});

test("an endpoint that takes HL7 v2 is sent the referral as a message", async () => {
  const engine = await startReceiver();
  try {
    const path = `/directory/organizations/${network.second.id}/endpoints`;
    const made = expectStatus(await post(path, adminKey, { url: engine.url, format: "hl7" }), 201).body;
    assert.equal(made.format, "hl7");
    const listed = expectStatus(await get(path, adminKey), 200).body.items;
    assert.deepEqual(listed.map(({ format }) => format), ["hl7"]);
    const recipient = { organization: network.second.id, service: network.second.service };
    const sent = await refer(network, { recipient });
    await deliverUntil(() => engine.received.length >= 2);
    const [challenge, message] = engine.received;
    assert.match(challenge.text, /^MSH\|\^~\\&\|.*\|NMD\^N02\^NMD_N02\|/);
    assert.match(message.text, /\|(REF\^I12|OMG\^O19)\^/);
    assert.match(message.headers["content-type"], /^application\/hl7-v2/);
    assert.ok(message.text.includes(sent.patient.identifier.value), message.text);
    assert.ok(isSigned(made.secret, message));
  } finally {
    await engine.stop();
  }
});
