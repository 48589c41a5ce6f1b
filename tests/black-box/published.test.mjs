/** The examples that were published with the standards come in by their doors and go out with the same meaning (data/published). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { adminKey, call, expectStatus, FHIR_XML_TYPE, get, patch, post } from "./client.mjs";
import { fhir, sendHl7 } from "./doors.mjs";
import { createNetwork } from "./network.mjs";
import { apply, eventData, read } from "./referrals.mjs";

const published = (name) => readFileSync(new URL(`data/published/${name}`, import.meta.url), "utf8");
const SAINT_LUKE = { system: "http://hl7.org/fhir/sid/us-npi", value: "1063494177" };
const RECEIVER_360X = { system: "urn:ietf:rfc:3986", value: "urn:oid:1.3.6.1.4.1.21367.2016.10.1.32" };

let network;

before(async () => {
  network = await createNetwork();
  const members = { identifiers: [SAINT_LUKE, RECEIVER_360X], default_service: network.recipient.service };
  expectStatus(await patch(`/directory/organizations/${network.recipient.id}`, adminKey, members), 200);
});

const message = () => JSON.parse(published("bser-message-eve-everywoman.json"));
const theTask = (bundle) => bundle.entry.find(({ resource }) => resource.resourceType === "Task").resource;

/** The message as it is when the referral is sent: its Task asks, and names no feedback yet. */
function asking() {
  const bundle = message();
  const task = theTask(bundle);
  task.businessStatus.coding[0].code = "2.0";
  delete task.output;
  return bundle;
}

async function only(key) {
  const { items } = expectStatus(await get("/worklist/referrals", key), 200).body;
  return items;
}

test("BSeR's message makes a referral, and its feedback document completes it", async () => {
  // As it was published it tells of an outcome: of a referral that nobody here has, it is kept for a person.
  const early = await fhir("POST", "/$process-message", network.referrer.key, message());
  assert.ok(early.status < 300, early.told);
  assert.equal((await only(network.referrer.key)).length, 0);
  const { items: waiting } = expectStatus(await get("/worklist/unmatched", network.referrer.key), 200).body;
  assert.equal(waiting.length, 1);
  expectStatus(await post(`/status/unmatched/${waiting[0].id}/match`, network.referrer.key, { dismiss: "a test" }), 200, 202, 204);

  const sent = await fhir("POST", "/$process-message", network.referrer.key, asking());
  assert.ok(sent.status < 300, sent.told);
  const [referral] = await only(network.recipient.key);
  const { id } = referral;
  assert.equal(referral.patient.name.family, "Everywoman");
  assert.equal(referral.clinical_question, "Arthritis (disorder)");

  // Out again: the same patient, code, reason, insurance and items.
  const order = (await fhir("GET", `/ServiceRequest/${id}`, network.recipient.key)).fhir;
  const patient = (await fhir("GET", `/Patient/${id}`, network.recipient.key)).fhir;
  const resources = asking().entry.map(({ resource }) => resource);
  const [source] = resources.filter(({ resourceType }) => resourceType === "ServiceRequest");
  const [person] = resources.filter(({ resourceType }) => resourceType === "Patient");
  assert.deepEqual(order.code.coding, source.code.coding);
  assert.ok(order.reasonCode.some(({ coding }) => coding?.[0].code === source.reasonCode[0].coding[0].code));
  assert.equal(order.occurrenceDateTime, source.occurrenceDateTime);
  assert.equal(order.identifier[0].value, source.identifier[0].value);
  assert.deepEqual(
    [patient.name[0].family, patient.name[0].given, patient.birthDate, patient.identifier[0].value],
    [person.name[0].family, person.name[0].given, person.birthDate, person.identifier[0].value],
  );
  const kinds = order.contained.map(({ resourceType }) => resourceType);
  for (const kind of ["AllergyIntolerance", "Consent", "Coverage", "MedicationStatement", "Observation"]) {
    assert.ok(kinds.includes(kind), `${kind} in ${kinds}`);
  }
  const xml = await call("GET", `/fhir/ServiceRequest/${id}`, { key: network.recipient.key, headers: { accept: FHIR_XML_TYPE } });
  assert.equal(xml.status, 200, xml.told);

  // The feedback document, by itself, says which ServiceRequest it is about.
  await apply(network.recipient.key, id, "referral.accepted", {});
  await apply(network.recipient.key, id, "appointment.scheduled", eventData("appointment.scheduled"));
  const feedback = JSON.parse(published("bser-feedback-eve-everywoman.json"));
  // Published years ago; it must not have happened before the referral was sent.
  feedback.entry[0].resource.date = new Date().toISOString();
  const told = await fhir("POST", "", network.recipient.key, feedback);
  assert.ok(told.status < 300, told.told);
  assert.equal((await read(network.referrer.key, id)).status, "completed");
  const task = (await fhir("GET", `/Task/${id}`, network.referrer.key)).fhir;
  assert.match(JSON.stringify(task.output), /Patient's condition improved/);
});

test("360X's messages ask and cancel", async () => {
  const asked = await sendHl7(network.referrer.key, published("360x-omg-o19-request.hl7"));
  // MSH-15 and 16 want nothing in return.
  assert.equal(asked.status, 204, asked.told);
  const referral = (await only(network.recipient.key)).find(({ patient }) => patient.name.family === "Packton");
  assert.ok(referral);
  const { id } = referral;
  assert.equal(referral.clinical_question, "Rule out headache");
  assert.deepEqual(referral.placer, { system: "urn:oid:1.3.6.1.4.1.21367.2016.10.1.21.15", value: "889342" });
  const order = (await fhir("GET", `/ServiceRequest/${id}`, network.recipient.key)).fhir;
  assert.equal(order.reasonCode[0].text, "Rule out headache");
  assert.equal(order.code.coding[0].code, "57133-1");

  const cancel = published("360x-osu-o51-cancel.hl7").replace("20161007092857+0000", "");
  assert.equal((await sendHl7(network.referrer.key, cancel)).status, 204);
  assert.equal((await read(network.referrer.key, id)).status, "cancellation-requested");
});
