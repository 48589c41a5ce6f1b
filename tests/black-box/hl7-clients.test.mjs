/** HL7 v2 built, sent and judged by programs that others wrote: hl7apy, and node-hl7-client through the relay. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Client, HL7_2_5_1 } from "node-hl7-client";
import { adminKey, expectStatus, get, patch, unique } from "./client.mjs";
import { acceptance, codeOf, nameByOid, ORDERS, pid, sendHl7 } from "./doors.mjs";
import { assertValidHl7, built, has, VERSIONS } from "./hl7-built.mjs";
import { createNetwork } from "./network.mjs";
import { missing, skip } from "./python.mjs";
import { newPatient, read, refer, timeline } from "./referrals.mjs";
import { awayNetwork, buildRelay, spool, startRelay } from "./relay.mjs";

let network;

before(async () => {
  buildRelay();
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
    await take("recipient", await built(version, has(version, "result") ? "result" : "letter", about));
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

/** A message as node-hl7-client's builder makes it. It holds PID-3 and ORC-2 to 20 characters, and so they are set afterwards. */
function engineMessage(trigger, order, patient, segments) {
  const builder = new HL7_2_5_1({ hardError: true });
  const [type, event] = trigger.split("^");
  const parties = { msh_4: "HEART^2.999.2^ISO", msh_6: "CLINIC^2.999.1^ISO" };
  builder.buildMSH({ ...parties, msh_9_1: type, msh_9_2: event, msh_10: unique("m").slice(0, 20), msh_11_1: "P" });
  builder.buildPID({ pid_3: "P", pid_5: `${patient.name.family}^${patient.name.given[0]}`, pid_7: patient.birth_date.replaceAll("-", "") });
  segments(builder);
  const message = builder.toMessage();
  message.set("PID.3", pid(patient).split("|")[3]);
  if (type !== "SIU") message.set("ORC.2", `${order}^^${ORDERS}^ISO`);
  return message;
}

const acceptanceOf = (order, patient) => engineMessage("OSU^O51", order, patient, (builder) => builder.buildORC({ orc_1: "OK", orc_2: "o", orc_5: "IP" }));

function noteOf(order, patient) {
  return engineMessage("ORU^R01", order, patient, (builder) => {
    builder.buildORC({ orc_1: "RE", orc_2: "o" });
    builder.buildOBR({ obr_1: "1", obr_4: "11488-4^Consult note^LN", obr_7: "20260401", obr_25: "P" });
    builder.buildOBX({ obx_1: "1", obx_2: "TX", obx_3: "11488-4^Consult note^LN", obx_5: "Seen today.", obx_11: "P" });
  });
}

function reportOf(order, patient) {
  return engineMessage("ORU^R01", order, patient, (builder) => {
    builder.buildORC({ orc_1: "RE", orc_2: "o" });
    builder.buildOBR({ obr_1: "1", obr_4: "11488-4^Consult note^LN", obr_7: "20260402", obr_25: "F" });
    builder.buildOBX({ obx_1: "1", obx_2: "TX", obx_3: "11488-4^Consult note^LN", obx_5: "Stable angina.", obx_11: "F" });
  });
}

/** Sends messages over MLLP, one after the other; gives the codes of the acknowledgements. */
async function sendOverMllp(port, messages) {
  const client = new Client({ host: "127.0.0.1", version: "2.5.1" });
  const codes = [];
  let heard;
  const connection = client.createConnection({ port }, async (response) => {
    codes.push(response.getMessage().get("MSA.1").toString());
    heard();
  });
  for (const message of messages) {
    const answered = new Promise((resolve) => {
      heard = resolve;
    });
    await connection.sendMessage(message);
    await answered;
  }
  await connection.close();
  return codes;
}

test("an engine speaks MLLP to the relay and hears what the function says", async () => {
  const order = unique("order");
  const referral = await refer(network, { placer: { system: `urn:oid:${ORDERS}`, value: order } });
  const waiting = spool();
  const relay = await startRelay({ folder: waiting.folder, key: network.recipient.key, answer: "function" });
  try {
    const stranger = newPatient();
    const codes = await sendOverMllp(relay.port, [acceptanceOf(order, referral.patient), acceptanceOf(unique("order"), stranger)]);
    assert.equal(codes[0], "AA");
    assert.ok(["AA", "AE"].includes(codes[1]), codes[1]);
    assert.equal((await read(network.referrer.key, referral.id)).status, "accepted");
  } finally {
    await relay.kill();
    waiting.remove();
  }
});

test("with the network away the relay loses nothing, not by a power cut either, and keeps the order", async () => {
  const order = unique("order");
  const referral = await refer(network, { placer: { system: `urn:oid:${ORDERS}`, value: order } });
  const line = await awayNetwork();
  const waiting = spool();
  const options = { to: line.url, folder: waiting.folder, key: network.recipient.key, answer: "stored" };
  const first = await startRelay(options);
  let second;
  try {
    const messages = [acceptanceOf, noteOf, reportOf].map((message) => message(order, referral.patient));
    assert.deepEqual(await sendOverMllp(first.port, messages), ["AA", "AA", "AA"]);
    assert.equal((await read(network.referrer.key, referral.id)).status, "sent");
    await first.kill();
    second = await startRelay(options);
    await line.up();
    await line.answered(messages.length);
    const told = (await timeline(network.referrer.key, referral.id)).map(({ type }) => type);
    assert.deepEqual(told, ["referral.sent", "referral.accepted", "referral.interim_note", "referral.outcome"]);
  } finally {
    await first.kill();
    await second?.kill();
    line.down();
    waiting.remove();
  }
});
