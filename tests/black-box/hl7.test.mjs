/** HL7 v2 in: one message a call, acknowledged once it is stored. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { adminKey, expectStatus, get, patch, unique } from "./client.mjs";
import { acceptance, codeOf, message, nameByOid, ORDERS, pid, sendHl7 } from "./doors.mjs";
import { addKey, createNetwork } from "./network.mjs";
import { apply, eventData, newPatient, read, refer, timeline } from "./referrals.mjs";

const placer = (order) => ({ system: `urn:oid:${ORDERS}`, value: order });

test("a referral sent by JSON is taken on by an HL7 message, once", async () => {
  const network = await createNetwork();
  const order = unique("order");
  const referral = await refer(network, { placer: placer(order) });
  const control = unique("m");
  const text = acceptance(order, pid(referral.patient), { control });
  assert.equal(codeOf(await sendHl7(network.recipient.key, text)), "AA");
  assert.equal((await read(network.referrer.key, referral.id)).status, "accepted");
  // The same message, and the same content under a new number, changes nothing.
  assert.equal(codeOf(await sendHl7(network.recipient.key, text)), "AA");
  const again = text.replace(control, unique("m"));
  assert.equal(codeOf(await sendHl7(network.recipient.key, again)), "AA");
  assert.equal((await read(network.referrer.key, referral.id)).version, 2);
  // The same number with other content is refused.
  const other = text.replace(/\|IP\r/, "|IP|||\rNTE|1||More\r");
  const refused = await sendHl7(network.recipient.key, other);
  assert.equal(codeOf(refused), "AE");
  assert.match(refused.text, /205/);
});

test("what came in can be read as it came by both sides, and by nobody else", async () => {
  const network = await createNetwork();
  const order = unique("order");
  const referral = await refer(network, { placer: placer(order) });
  const text = acceptance(order, pid(referral.patient));
  assert.equal(codeOf(await sendHl7(network.recipient.key, text)), "AA");
  const [, taken] = await timeline(network.referrer.key, referral.id);
  assert.equal(taken.source, "hl7");
  for (const key of [network.referrer.key, network.recipient.key]) {
    const came = await get(`/fhir/Binary/${taken.source_id}`, key);
    assert.equal(came.status, 200, came.told);
    assert.equal(came.text, text);
  }
  expectStatus404(await get(`/fhir/Binary/${taken.source_id}`, network.outsider.key));
});

function expectStatus404(answer) {
  assert.equal(answer.status, 404, answer.told);
}

test("a referral sent by HL7 is answered by JSON", async () => {
  const network = await createNetwork();
  const oid = await nameByOid(network.recipient);
  const service = { default_service: network.recipient.service };
  expectStatus(await patch(`/directory/organizations/${network.recipient.id}`, adminKey, service), 200);
  const patient = newPatient();
  const order = unique("order");
  const text = message(
    "REF^I12^REF_I12",
    [
      `RF1|P|R|||O|${order}^^${ORDERS}^ISO|20260302|||R07.9^Chest pain^I10C`,
      "PRD|RP|Referrer^Ada",
      "PRD|RT|Heart^Helen",
      pid(patient),
      `OBR|1||${order}^^${ORDERS}^ISO|183519002^Referral to cardiology^SCT`,
      "NTE|1||Is this angina?",
    ],
    { to: oid },
  );
  const answer = await sendHl7(network.referrer.key, text);
  assert.equal(codeOf(answer), "AA", answer.told);
  assert.match(answer.text, /RRI\^I12/);
  const found = expectStatus(await get("/worklist/referrals", network.recipient.key), 200).body.items;
  assert.equal(found.length, 1);
  assert.equal(found[0].patient.identifier.value, patient.identifier.value);
  assert.deepEqual(found[0].recipient, { organization: network.recipient.id, service: network.recipient.service });
});

test("HTTP says what is wrong with a call, the acknowledgement what is wrong with a message", async () => {
  const network = await createNetwork();
  const order = unique("order");
  const referral = await refer(network, { placer: placer(order) });
  const text = acceptance(order, pid(referral.patient));
  assert.equal((await sendHl7(undefined, text)).status, 401);
  assert.equal((await sendHl7("rl_nobody", text)).status, 401);
  // Nobody without a live key is told what is wrong with what they sent.
  assert.equal((await sendHl7("rl_nobody", text, { type: "application/xml" })).status, 401);
  const reader = await addKey(network.recipient.id, ["referrals:read"]);
  assert.equal((await sendHl7(reader, text)).status, 403);
  assert.equal((await sendHl7(network.recipient.key, text, { type: "application/xml" })).status, 415);
  assert.equal((await sendHl7(network.recipient.key, "x".repeat(1_000_001))).status, 413);
  assert.equal((await sendHl7(network.recipient.key, "no message")).status, 422);
  const unknown = message("XYZ^Z99", [pid(referral.patient)]);
  assert.equal(codeOf(await sendHl7(network.recipient.key, unknown)), "AR");
  const quiet = text.replace("|P|2.5.1", "|P|2.5.1|||NE|NE");
  const silent = await sendHl7(network.recipient.key, quiet);
  assert.equal(silent.status, 204, silent.told);
  assert.equal((await read(network.referrer.key, referral.id)).status, "accepted");
});

test("what happens in the second of an event by JSON happens after it", async () => {
  const network = await createNetwork();
  const order = unique("order");
  const { id, patient } = await refer(network, { placer: placer(order) });
  const ids = `${order}^^${ORDERS}^ISO`;
  const appointment = (type, day) =>
    message(`SIU^${type}^SIU_S12`, [
      `SCH||${unique("a")}|||||||||^^^202701${day}103000+0000|||||||||||||||${ids}`,
      pid(patient),
    ]);
  const report = [
    `ORC|RE|${ids}|||CM`,
    `OBR|1|${ids}||11488-4^Consult note^LN|||20261201||||||||||||||||||F`,
    "OBX|1|TX|11488-4^Consult note^LN||Stable angina.||||||F",
  ];
  await apply(network.recipient.key, id, "referral.accepted", {});
  for (const [text, status] of [
    [appointment("S12", "05"), "scheduled"],
    [appointment("S26", "05"), "no-show"],
    [appointment("S13", "06"), "scheduled"],
    [appointment("S15", "06"), "appointment-cancelled"],
    [appointment("S12", "07"), "scheduled"],
    [message("ORU^R01^ORU_R01", [pid(patient), ...report]), "completed"],
  ]) {
    const answer = await sendHl7(network.recipient.key, text);
    assert.equal(codeOf(answer), "AA", answer.told);
    assert.equal((await read(network.referrer.key, id)).status, status, text);
  }
});

test("what is said without a reason counts, and says that there was none", async () => {
  const network = await createNetwork();
  const NONE = "No reason was given.";
  const status = (order, patient, codes) =>
    message("OSU^O51^OSU_O51", [pid(patient), `ORC|${codes[0]}|${order}^^${ORDERS}^ISO|||${codes[1]}`]);
  for (const [side, codes, want, member, steps] of [
    ["recipient", ["UA", "CA"], "declined", "note", []],
    ["referrer", ["CA", ""], "cancellation-requested", "reason", []],
    ["recipient", ["UC", ""], "cancellation-requested", "reason", ["referral.cancellation_requested"]],
  ]) {
    const order = unique("order");
    const { id, patient } = await refer(network, { placer: placer(order) });
    for (const type of steps) await apply(network.referrer.key, id, type, eventData(type));
    const answer = await sendHl7(network[side].key, status(order, patient, codes));
    assert.equal(codeOf(answer), "AA", answer.told);
    assert.equal((await read(network.referrer.key, id)).status, want);
    assert.equal((await timeline(network.referrer.key, id)).at(-1).data[member], NONE, codes[0]);
  }
  // Nor does a visit that is booked need its date.
  const order = unique("order");
  const { id, patient } = await refer(network, { placer: placer(order) });
  await apply(network.recipient.key, id, "referral.accepted", {});
  assert.equal(codeOf(await sendHl7(network.recipient.key, status(order, patient, ["SC", "SC"]))), "AA");
  assert.equal((await read(network.referrer.key, id)).status, "scheduled");
});
