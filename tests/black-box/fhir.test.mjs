/** FHIR R4 in and out: a referral as a ServiceRequest, a leg as a Task, faults as OperationOutcomes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { adminKey, call, expectStatus, patch, unique } from "./client.mjs";
import { acceptance, codeOf, fhir, nameByOid, ORDERS, pid, sendHl7, serviceRequest } from "./doors.mjs";
import { createNetwork } from "./network.mjs";
import { apply, eventData, newPatient, read, refer, timeline } from "./referrals.mjs";

async function namedNetwork() {
  const network = await createNetwork();
  const oid = await nameByOid(network.recipient);
  const service = { default_service: network.recipient.service };
  expectStatus(await patch(`/directory/organizations/${network.recipient.id}`, adminKey, service), 200);
  return { ...network, oid };
}

test("a referral goes in by FHIR, is taken on by HL7, and is read by JSON", async () => {
  const network = await namedNetwork();
  const patient = newPatient();
  const order = unique("order");
  const resource = serviceRequest(patient, network.oid, order);
  const sent = await fhir("POST", "/ServiceRequest", network.referrer.key, resource);
  assert.equal(sent.status, 201, sent.told);
  assert.equal(sent.headers.get("etag"), 'W/"1"');
  const { id } = sent.fhir;
  assert.ok(sent.headers.get("location").endsWith(`/fhir/ServiceRequest/${id}`), sent.headers.get("location"));
  assert.equal(codeOf(await sendHl7(network.recipient.key, acceptance(order, pid(patient)))), "AA");
  const referral = await read(network.referrer.key, id);
  assert.equal(referral.status, "accepted");
  assert.deepEqual(referral.placer, { system: `urn:oid:${ORDERS}`, value: order });
  for (const type of ["ServiceRequest", "Task", "Patient"]) {
    const got = await fhir("GET", `/${type}/${id}`, network.recipient.key);
    assert.equal(got.status, 200, got.told);
    assert.deepEqual([got.fhir.resourceType, got.fhir.id], [type, id]);
    assert.equal(got.headers.get("etag"), 'W/"2"');
    assert.equal((await fhir("GET", `/${type}/${id}`, network.outsider.key)).status, 404);
  }
});

test("a referral is made once, by its content and by If-None-Exist", async () => {
  const network = await namedNetwork();
  const order = unique("order");
  const resource = serviceRequest(newPatient(), network.oid, order);
  const { id } = (await fhir("POST", "/ServiceRequest", network.referrer.key, resource)).fhir;
  const again = await fhir("POST", "/ServiceRequest", network.referrer.key, resource);
  assert.deepEqual([again.status, again.fhir.id], [200, id], again.told);
  const changed = { ...resource, reasonCode: [{ text: "Another question?" }] };
  const condition = { "if-none-exist": `identifier=urn:oid:${ORDERS}|${order}` };
  const found = await fhir("POST", "/ServiceRequest", network.referrer.key, changed, condition);
  assert.deepEqual([found.status, found.fhir.id], [200, id], found.told);
  assert.equal((await fhir("POST", "/ServiceRequest", network.referrer.key, changed)).status, 409);
});

test("a Task says what has happened, at the version that was read", async () => {
  const network = await createNetwork();
  const { id } = await refer(network);
  const task = (await fhir("GET", `/Task/${id}`, network.recipient.key)).fhir;
  task.status = "accepted";
  task.businessStatus.coding[0].code = "3.0";
  assert.equal((await fhir("PUT", `/Task/${id}`, network.outsider.key, task)).status, 404);
  assert.equal((await fhir("PUT", `/Task/${id}`, undefined, task)).status, 401);
  const first = { "if-match": 'W/"1"' };
  const updated = await fhir("PUT", `/Task/${id}`, network.recipient.key, task, first);
  assert.equal(updated.status, 200, updated.told);
  assert.deepEqual([updated.fhir.status, updated.headers.get("etag")], ["accepted", 'W/"2"']);
  assert.equal((await read(network.referrer.key, id)).status, "accepted");
  assert.equal((await fhir("PUT", `/Task/${id}`, network.recipient.key, task, first)).status, 412);
  const other = await fhir("PUT", `/Task/${id}`, network.recipient.key, { ...task, id: "ref-other" });
  assert.equal(other.status, 422, other.told);
  assert.deepEqual(other.fhir.issue[0].expression, ["Task.id"]);
});

test("a batch is answered entry by entry, and what fails leaves nothing", async () => {
  const network = await namedNetwork();
  const entry = (resource) => ({ resource, request: { method: "POST", url: "ServiceRequest" } });
  const wrong = serviceRequest(newPatient(), "2.999.404");
  const resources = [serviceRequest(newPatient(), network.oid), wrong, serviceRequest(newPatient(), network.oid)];
  const batch = { resourceType: "Bundle", type: "batch", entry: resources.map(entry) };
  const answer = await fhir("POST", "", network.referrer.key, batch);
  assert.equal(answer.status, 200, answer.told);
  assert.equal(answer.fhir.type, "batch-response");
  assert.deepEqual(
    answer.fhir.entry.map(({ response }) => response.status.slice(0, 3)),
    ["201", "422", "201"],
  );
  const transaction = { ...batch, type: "transaction", entry: [entry(serviceRequest(newPatient(), network.oid))] };
  const whole = await fhir("POST", "", network.referrer.key, transaction);
  assert.deepEqual([whole.status, whole.fhir.type], [200, "transaction-response"], whole.told);
  const count = async () => (await fhir("GET", "/Task", network.recipient.key)).fhir.entry.length;
  assert.equal(await count(), 3);
  // A transaction of several makes all of them or none.
  const several = (...all) => fhir("POST", "", network.referrer.key, { ...batch, type: "transaction", entry: all.map(entry) });
  const none = await several(serviceRequest(newPatient(), network.oid), wrong);
  assert.equal(none.status, 422, none.told);
  assert.equal(await count(), 3);
  const both = await several(serviceRequest(newPatient(), network.oid), serviceRequest(newPatient(), network.oid));
  assert.deepEqual(both.fhir.entry.map(({ response }) => response.status.slice(0, 3)), ["201", "201"], both.told);
  assert.equal(await count(), 5);
});

test("a search shows an organisation its own, page by page, and no patient stands in a URL", async () => {
  const network = await createNetwork();
  const referrals = [await refer(network), await refer(network), await refer(network)];
  const ids = referrals.map(({ id }) => id).sort();
  const found = [];
  let path = "/Task?_count=1&status=received&_include=Task:patient";
  for (let page = 0; page < ids.length; page += 1) {
    const { status, fhir: bundle, told } = await fhir("GET", path, network.recipient.key);
    assert.equal(status, 200, told);
    const tasks = bundle.entry.filter(({ resource }) => resource.resourceType === "Task");
    assert.equal(tasks.length, 1);
    assert.equal(bundle.entry.length, 2);
    found.push(tasks[0].resource.id);
    const next = bundle.link.find(({ relation }) => relation === "next");
    assert.equal(Boolean(next), page < ids.length - 1);
    if (next) path = next.url.slice(next.url.indexOf("/Task"));
  }
  assert.deepEqual(found, ids);
  const none = await fhir("GET", "/Task", network.outsider.key);
  assert.deepEqual(none.fhir.entry ?? [], []);
  const { system, value } = referrals[0].patient.identifier;
  const refused = await fhir("GET", `/Task?patient:identifier=${encodeURIComponent(`${system}|${value}`)}`, network.recipient.key);
  assert.equal(refused.status, 422);
  const form = { key: network.recipient.key, type: "application/x-www-form-urlencoded" };
  const raw = new URLSearchParams({ "patient:identifier": `${system}|${value}` }).toString();
  const own = await call("POST", "/fhir/Task/_search", { ...form, raw });
  assert.deepEqual(
    own.fhir.entry.map(({ resource }) => resource.id),
    [referrals[0].id],
  );
});

test("every refusal is an OperationOutcome", async () => {
  const network = await createNetwork();
  const { key } = network.referrer;
  for (const [method, path, by, resource, status] of [
    ["GET", "/Task/ref-none", undefined, undefined, 401],
    ["GET", "/Task/ref-none", key, undefined, 404],
    ["GET", "/Nothing", key, undefined, 404],
    ["DELETE", "/Task/ref-none", key, undefined, 405],
    ["GET", "/Task?color=red", key, undefined, 422],
    ["POST", "", key, { resourceType: "Patient" }, 422],
    ["POST", "/ServiceRequest", key, { resourceType: "ServiceRequest" }, 422],
  ]) {
    const answer = await fhir(method, path, by, resource);
    assert.equal(answer.status, status, answer.told);
    assert.equal(answer.fhir.resourceType, "OperationOutcome", answer.told);
    assert.equal(answer.fhir.issue[0].severity, "error");
  }
  assert.equal((await fhir("GET", "/metadata", undefined, undefined, { accept: "text/html" })).status, 406);
  const statement = await fhir("GET", "/metadata");
  assert.deepEqual([statement.status, statement.fhir.resourceType, statement.fhir.fhirVersion], [200, "CapabilityStatement", "4.0.1"]);
});

const BSER = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS";

/** A Task with no more than its statuses: what a sender says that has nothing else to say. */
const bare = (id, status, code) => ({
  resourceType: "Task",
  id,
  status,
  intent: "order",
  businessStatus: { coding: [{ system: BSER, code }] },
});

test("the coarse 5.1 is a visit without a date, or a note that the patient was seen, and is never sent", async () => {
  const network = await createNetwork();
  const { id } = await refer(network);
  const put = (task) => fhir("PUT", `/Task/${id}`, network.recipient.key, task);
  await apply(network.recipient.key, id, "referral.accepted", {});
  const booked = await put(bare(id, "in-progress", "5.1"));
  assert.equal(booked.status, 200, booked.told);
  assert.equal(booked.fhir.businessStatus.coding[0].code, "5.1.1");
  const { start } = eventData("appointment.scheduled");
  await apply(network.recipient.key, id, "appointment.scheduled", { start });
  // Said once more without a date, it takes away none.
  const again = await put(bare(id, "in-progress", "5.1"));
  assert.equal(again.status, 200, again.told);
  assert.equal((await read(network.referrer.key, id)).legs[0].appointment.start, start);
  const other = await refer(network);
  await apply(network.recipient.key, other.id, "referral.accepted", {});
  const noted = { ...bare(other.id, "in-progress", "5.1"), note: [{ text: "Seen today." }] };
  const seen = await fhir("PUT", `/Task/${other.id}`, network.recipient.key, noted);
  assert.equal(seen.status, 200, seen.told);
  assert.equal(seen.fhir.businessStatus.coding[0].code, "5.1.4");
});

test("a cancellation or an error without a reason is taken, and says that there was none", async () => {
  const network = await createNetwork();
  const { id } = await refer(network);
  const put = (task) => fhir("PUT", `/Task/${id}`, network.referrer.key, task);
  const requested = await put(bare(id, "in-progress", "5.2"));
  assert.equal(requested.status, 200, requested.told);
  const [, event] = await timeline(network.recipient.key, id);
  assert.deepEqual([event.type, event.data.reason], ["referral.cancellation_requested", "No reason was given."]);
  const { businessStatus: _, ...wrong } = bare(id, "entered-in-error");
  const entered = await put({ ...wrong, note: [{ text: "Wrong patient." }] });
  assert.equal(entered.status, 200, entered.told);
  assert.equal((await timeline(network.referrer.key, id)).at(-1).data.reason, "Wrong patient.");
});

test("a Task that was read and is put back with another status says what happened now", async () => {
  const network = await createNetwork();
  const { id } = await refer(network);
  await apply(network.recipient.key, id, "referral.declined", eventData("referral.declined"));
  await apply(network.referrer.key, id, "referral.disputed", eventData("referral.disputed"));
  const task = (await fhir("GET", `/Task/${id}-2`, network.recipient.key)).fhir;
  task.status = "accepted";
  task.businessStatus.coding[0].code = "3.0";
  const updated = await fhir("PUT", `/Task/${id}-2`, network.recipient.key, task);
  assert.equal(updated.status, 200, updated.told);
  assert.equal((await read(network.referrer.key, id)).status, "accepted");
});

test("the same key with the same resource gives the first answer again", async () => {
  const network = await namedNetwork();
  const resource = serviceRequest(newPatient(), network.oid);
  const key = { "idempotency-key": unique("key") };
  const send = (body) => fhir("POST", "/ServiceRequest", network.referrer.key, body, key);
  const [first, again] = [await send(resource), await send(resource)];
  assert.deepEqual([first.status, again.status], [201, 201], again.told);
  assert.deepEqual(again.fhir, first.fhir);
  assert.equal(again.headers.get("location"), first.headers.get("location"));
  assert.equal((await send({ ...resource, priority: "urgent" })).status, 422);
  const bundle = {
    resourceType: "Bundle",
    type: "transaction",
    entry: [{ resource: serviceRequest(newPatient(), network.oid), request: { method: "POST", url: "ServiceRequest" } }],
  };
  const whole = { "idempotency-key": unique("key") };
  for (const _ of [1, 2]) {
    const answer = await fhir("POST", "", network.referrer.key, bundle, whole);
    assert.equal(answer.fhir.entry[0].response.status, "201 Created", answer.told);
  }
});

test("the Tasks of one referral are found by it, and a status that no Task has finds none", async () => {
  const network = await createNetwork();
  const [{ id }] = [await refer(network), await refer(network)];
  await apply(network.recipient.key, id, "referral.declined", eventData("referral.declined"));
  await apply(network.referrer.key, id, "referral.disputed", eventData("referral.disputed"));
  const found = async (query) => {
    const { status, fhir: bundle, told } = await fhir("GET", `/Task?${query}`, network.recipient.key);
    assert.equal(status, 200, told);
    return (bundle.entry ?? []).map(({ resource }) => resource.id);
  };
  for (const query of [`based-on=ServiceRequest/${id}`, `focus=ServiceRequest/${id}`, `focus=${id}`])
    assert.deepEqual(await found(query), [id, `${id}-2`], query);
  assert.deepEqual(await found(`focus=ServiceRequest/${id}&status=received`), [`${id}-2`]);
  assert.deepEqual(await found("focus=ServiceRequest/ref-none"), []);
  assert.deepEqual(await found("status=requested"), []);
});
