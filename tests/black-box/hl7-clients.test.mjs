/** HL7 v2 built, sent and judged by programs that others wrote: hl7apy, and node-hl7-client through the relay. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, expectStatus, get, patch, unique } from "./client.mjs";
import { acceptance, codeOf, nameByOid, ORDERS, pid, sendHl7 } from "./doors.mjs";
import { assertValidHl7, built, has, VERSIONS } from "./hl7-built.mjs";
import { createNetwork } from "./network.mjs";
import { missing, skip } from "./python.mjs";
import { newPatient, read, timeline } from "./referrals.mjs";

let network;

before(async () => {
  network = await createNetwork();
  network.oid = await nameByOid(network.recipient);
  const service = { default_service: network.recipient.service };
  expectStatus(await patch(`/directory/organizations/${network.recipient.id}`, adminKey, service), 200);
});

/** Sends a message that must be taken; its answer must be valid too. */
async function take(side, text) {
  const answer = await sendHl7(network[side].key, text);
  assert.equal(codeOf(answer), "AA", answer.told);
  await assertValidHl7(answer.text);
  return answer.text;
}

async function referralOf(order) {
  const { items } = expectStatus(await get("/worklist/referrals?limit=100", network.recipient.key), 200).body;
  const found = items.filter(({ placer }) => placer?.system === `urn:oid:${ORDERS}` && placer.value === order);
  assert.equal(found.length, 1, order);
  return found[0];
}

for (const version of VERSIONS) {
  test(`hl7apy's messages of ${version} carry a referral to its outcome`, { skip: skip() }, async () => {
    assert.equal(missing(), undefined);
    const about = { order: unique("order"), patient: newPatient(), to: network.oid };
    assert.match(await take("referrer", await built(version, "referral", about)), /\|RRI\^I12/);
    const { id } = await referralOf(about.order);
    // hl7apy has no OSU^O51.
    await take("recipient", acceptance(about.order, pid(about.patient)).replace("|2.5.1", `|${version}`));
    const visit = has(version, "appointment");
    if (visit) await take("recipient", await built(version, "appointment", about));
    await take("recipient", await built(version, "result", about));
    const { status } = await read(network.referrer.key, id);
    assert.equal(status, "completed");
    const told = (await timeline(network.referrer.key, id)).map(({ type }) => type);
    assert.deepEqual(told, [
      "referral.sent",
      "referral.accepted",
      ...(visit ? ["appointment.scheduled"] : []),
      "referral.outcome",
    ]);
  });

  test(`hl7apy's order and letter of ${version} are taken and answered`, { skip: skip() }, async () => {
    assert.equal(missing(), undefined);
    const about = { order: unique("order"), patient: newPatient(), to: network.oid };
    const asks = has(version, "order") ? "order" : "referral";
    const answer = await take("referrer", await built(version, asks, about));
    assert.match(answer, asks === "order" ? /\|ORG\^O20/ : /\|RRI\^I12/);
    const { id } = await referralOf(about.order);
    await take("recipient", acceptance(about.order, pid(about.patient)).replace("|2.5.1", `|${version}`));
    await take("recipient", await built(version, "letter", about));
    assert.equal((await read(network.referrer.key, id)).status, "completed");
  });
}

test("what is refused is refused in a message that is valid", { skip: skip() }, async () => {
  assert.equal(missing(), undefined);
  for (const version of VERSIONS) {
    const about = { order: unique("order"), patient: newPatient(), to: network.oid };
    const text = (await built(version, "referral", about)).replace(/\rPID[^\r]*/, "\rPID|1");
    const answer = await sendHl7(network.referrer.key, text);
    assert.equal(codeOf(answer), "AE", answer.told);
    await assertValidHl7(answer.text);
  }
});
