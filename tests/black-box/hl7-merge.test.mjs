/** ADT^A40: a patient's records are merged, and the referrals that the organisation has sent go along. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { adminKey, expectStatus, post, unique } from "./client.mjs";
import { acceptance, codeOf, message, ORDERS, PATIENTS, pid, sendHl7 } from "./doors.mjs";
import { createNetwork } from "./network.mjs";
import { newPatient, read, refer, timeline } from "./referrals.mjs";

const merge = (from, to) =>
  message("ADT^A40^ADT_A39", ["EVN|A40", `PID|1||${to}^^^&${PATIENTS}&ISO^MR`, `MRG|${from}^^^&${PATIENTS}&ISO^MR`]);

const withNumber = (patient, value) => ({ ...patient, identifier: { ...patient.identifier, value } });

/** What the acknowledgement says was done. */
function done(answer) {
  assert.equal(codeOf(answer), "AA", answer.told);
  const msa = answer.text.split("\r").find((segment) => segment.startsWith("MSA|"));
  return msa.split("|")[3];
}

async function found(key, patient) {
  const body = { patient: { identifier: patient.identifier } };
  const { items } = expectStatus(await post("/worklist/referrals/search", key, body), 200).body;
  return items.map(({ id }) => id).sort();
}

test("referrals carry the new id in whatever order they and the merges come, and either id finds them", async () => {
  const network = await createNetwork();
  const patient = newPatient();
  const old = patient.identifier.value;
  const [middle, stays] = [unique("p"), unique("p")];
  const order = unique("order");
  const before = await refer(network, { patient, placer: { system: `urn:oid:${ORDERS}`, value: order } });
  // The second link of the chain comes first.
  assert.equal(done(await sendHl7(network.referrer.key, merge(middle, stays))), "0 referrals carry the new id");
  const last = merge(old, middle);
  assert.equal(done(await sendHl7(network.referrer.key, last)), "1 referral carries the new id");
  assert.match(done(await sendHl7(network.referrer.key, last)), /came before/);
  const after = await refer(network, { patient: { ...patient } });
  assert.deepEqual(after.possible_duplicates, [before.id]);
  assert.equal(after.version, 2);
  const both = [before.id, after.id].sort();
  for (const { key } of [network.referrer, network.recipient]) {
    for (const id of both) {
      assert.equal((await read(key, id)).patient.identifier.value, stays);
    }
    for (const number of [old, middle, stays]) {
      assert.deepEqual(await found(key, withNumber(patient, number)), both);
    }
  }
  const events = await timeline(network.referrer.key, before.id);
  assert.deepEqual(events.map(({ type }) => type), ["referral.sent", "patient.merged"]);
  assert.equal(events[1].previous_hash, events[0].hash);
  assert.deepEqual(events[1].data.to, { ...patient.identifier, value: stays });
  // A later message that has the old number means the same patient.
  assert.equal(codeOf(await sendHl7(network.recipient.key, acceptance(order, pid(patient)))), "AA");
  assert.equal((await read(network.referrer.key, before.id)).status, "accepted");
});

test("of a circle the newest merge counts", async () => {
  const network = await createNetwork();
  const patient = newPatient();
  const [one, other] = [patient.identifier.value, unique("p")];
  const first = await refer(network, { patient });
  const second = await refer(network, { patient: withNumber(patient, other) });
  done(await sendHl7(network.referrer.key, merge(one, other)));
  done(await sendHl7(network.referrer.key, merge(other, one)));
  for (const { id } of [first, second]) {
    assert.equal((await read(network.referrer.key, id)).patient.identifier.value, one);
  }
  // What contradicts an earlier merge is an error.
  assert.equal(codeOf(await sendHl7(network.referrer.key, merge(other, unique("p")))), "AE");
});

test("a merge of anybody else changes nothing", async () => {
  const network = await createNetwork();
  const patient = newPatient();
  const referral = await refer(network, { patient });
  for (const { key } of [network.recipient, network.outsider]) {
    const answer = await sendHl7(key, merge(patient.identifier.value, unique("p")));
    assert.equal(done(answer), "0 referrals carry the new id");
  }
  assert.deepEqual((await read(network.referrer.key, referral.id)).patient.identifier, patient.identifier);
  assert.equal((await refer(network, { patient })).version, 1);
});

test("many referrals go along in slices, two merges at once are both done, and the sweep does the rest", async () => {
  const network = await createNetwork();
  const patient = newPatient();
  const sent = await Promise.all(Array.from({ length: 12 }, () => refer(network, { patient })));
  const stays = unique("p");
  const end = unique("p");
  const answers = await Promise.all([
    sendHl7(network.referrer.key, merge(patient.identifier.value, stays)),
    sendHl7(network.referrer.key, merge(stays, end)),
  ]);
  answers.forEach(done);
  for (let more = true; more; ) {
    ({ more } = expectStatus(await post("/sweep", adminKey), 200).body);
  }
  for (const { id } of sent) {
    assert.equal((await read(network.recipient.key, id)).patient.identifier.value, end);
  }
});
