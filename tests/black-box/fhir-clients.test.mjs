/**
 * The FHIR side driven by a client that others wrote, fhir-kit-client, through a whole loop of two organisations.
 *
 * What this client sends is what counts here: which URLs, which headers, which bodies. Every answer is held to two validators that
 * others wrote (fhir-valid.mjs), as the answers of all other tests of the FHIR side are.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { CapabilityTool, Client, RESPONSE_KEY } from "fhir-kit-client";
import { adminKey, baseUrl, expectStatus, patch, unique } from "./client.mjs";
import { nameByOid, ORDERS, serviceRequest } from "./doors.mjs";
import { assertValid } from "./fhir-valid.mjs";
import { createNetwork } from "./network.mjs";
import { missing, skip } from "./python.mjs";
import { apply, daysAgo, newPatient, read, timeline } from "./referrals.mjs";

const MESSAGE_EVENTS = "http://terminology.hl7.org/CodeSystem/v2-0003";
const BSER = "http://hl7.org/fhir/us/bser/CodeSystem/bser";

let network;

before(async () => {
  network = await createNetwork();
  network.oid = await nameByOid(network.recipient);
  const service = { default_service: network.recipient.service };
  expectStatus(await patch(`/directory/organizations/${network.recipient.id}`, adminKey, service), 200);
});

const as = (organization) => new Client({ baseUrl: `${baseUrl}/fhir`, bearerToken: network[organization].key });

/** What the client gives back, once it is valid. */
async function valid(answer) {
  const resource = await (answer instanceof Promise ? answer.catch(explained) : answer);
  await assertValid(JSON.stringify(resource), false, JSON.stringify(resource).slice(0, 2000));
  return resource;
}

/** The client's error says no more than the status. */
function explained(error) {
  assert.fail(`${error.message}: ${JSON.stringify(error.response?.data)}`);
}

/** The OperationOutcome of a call that must fail. */
async function refused(answer, status) {
  let problem;
  await assert.rejects(answer, (error) => {
    problem = error;
    return true;
  });
  assert.equal(problem.response?.status, status, String(problem.stack));
  const outcome = await valid(problem.response.data);
  assert.equal(outcome.resourceType, "OperationOutcome");
  return outcome;
}

const etag = (resource) => resource[RESPONSE_KEY].headers.get("etag");
const says = (task, status, code) => ({
  ...task,
  status,
  businessStatus: { coding: [{ system: task.businessStatus.coding[0].system, code }] },
});

const send = (members) => {
  const order = unique("order");
  const body = { ...serviceRequest(newPatient(), network.oid, order), occurrenceDateTime: daysAgo(-30), ...members };
  return valid(as("referrer").create({ resourceType: "ServiceRequest", body })).then((sent) => ({ ...sent, order }));
};

test("PyPI's fhir.resources takes part", { skip: skip() }, () => {
  assert.equal(missing(), undefined);
});

test("what the client needs to know is in the CapabilityStatement", async () => {
  const tool = new CapabilityTool(await valid(as("referrer").capabilityStatement()));
  assert.ok(tool.serverCan("transaction") && tool.serverCan("batch"));
  assert.ok(tool.resourceCan("ServiceRequest", "create") && tool.resourceCan("Task", "update"));
  for (const name of ["owner", "status", "business-status", "patient", "_lastUpdated"]) {
    assert.ok(tool.resourceSearch("Task", name), name);
  }
});

test("two organisations close a loop with it", async () => {
  const [referrer, recipient] = [as("referrer"), as("recipient")];
  const sent = await send();
  const { id } = sent;

  const found = await valid(
    recipient.search({ resourceType: "Task", searchParams: { identifier: `urn:oid:${ORDERS}|${sent.order}`, _include: "Task:focus" } }),
  );
  assert.deepEqual(
    found.entry.map(({ resource, search }) => [resource.resourceType, resource.id, search.mode]),
    [
      ["Task", id, "match"],
      ["ServiceRequest", id, "include"],
    ],
  );

  // Taken on, at the version that was read; the same once more is too late.
  const first = await valid(recipient.read({ resourceType: "Task", id }));
  const options = { headers: { "If-Match": etag(first) } };
  const accepted = await valid(recipient.update({ resourceType: "Task", id, body: says(first, "accepted", "3.0"), options }));
  assert.equal(accepted.status, "accepted");
  const late = await refused(recipient.update({ resourceType: "Task", id, body: says(first, "rejected", "4.0"), options }), 412);
  assert.equal(late.issue[0].severity, "error");

  // A visit.
  const appointment = {
    resourceType: "Appointment",
    id: "visit",
    status: "booked",
    start: new Date(Date.now() + 86_400_000).toISOString(),
    end: new Date(Date.now() + 88_200_000).toISOString(),
    participant: [{ actor: { display: "Main Street 1" }, status: "accepted" }],
  };
  const booked = {
    ...says(accepted, "in-progress", "5.1.1"),
    contained: [...accepted.contained, appointment],
    output: [{ type: { text: "appointment" }, valueReference: { reference: "#visit" } }],
  };
  await valid(recipient.update({ resourceType: "Task", id, body: booked }));
  const shown = await valid(referrer.read({ resourceType: "Appointment", id }));
  assert.deepEqual([shown.status, shown.start, shown.end], ["booked", appointment.start, appointment.end].map(instant));

  // The outcome, as a message with BSeR's feedback document.
  const answer = await valid(recipient.operation({ name: "process-message", input: feedbackMessage(booked, sent) }));
  assert.equal(answer.type, "message", JSON.stringify(answer));
  const task = await valid(referrer.read({ resourceType: "Task", id }));
  assert.equal(task.status, "completed");
  assert.ok(JSON.stringify(task.output).includes("Stable angina."), JSON.stringify(task.output));

  // That it was read, and that the patient was told, has no place in FHIR; both ways end in one state.
  await apply(network.referrer.key, id, "referral.acknowledged", { care_plan_changed: true, question_answered: "yes" });
  const closed = await valid(referrer.resolve({ reference: `ServiceRequest/${id}` }));
  assert.equal(closed.status, "completed");
  assert.deepEqual(
    (await timeline(network.referrer.key, id)).map(({ type }) => type),
    ["referral.sent", "referral.accepted", "appointment.scheduled", "referral.outcome", "referral.acknowledged"],
  );
});

const instant = (text) => (/^\d{4}-/.test(text) ? new Date(text).toISOString().replace(".000Z", "Z") : text);

/** The recipient's message: the Task as it is completed, and the document. */
function feedbackMessage(task, order) {
  const at = new Date().toISOString();
  const patient = order.subject;
  const document = {
    resourceType: "Bundle",
    id: "feedback",
    type: "document",
    identifier: { system: "urn:ietf:rfc:3986", value: `urn:uuid:${crypto.randomUUID()}` },
    timestamp: at,
    entry: [
      {
        fullUrl: "http://recipient.example/fhir/Composition/feedback",
        resource: {
          resourceType: "Composition",
          id: "feedback",
          status: "final",
          type: { coding: [{ system: "http://loinc.org", code: "11488-4", display: "Consult note" }] },
          subject: patient,
          date: at,
          author: [{ display: "Hailey Eight" }],
          title: "Referral feedback",
          section: [
            {
              title: "Summary",
              code: { coding: [{ system: BSER, code: "RSRFS" }] },
              focus: { reference: `ServiceRequest/${order.id}` },
              text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml">Stable angina.</div>' },
            },
          ],
        },
      },
    ],
  };
  const completed = {
    ...says(task, "completed", "7.0"),
    executionPeriod: { end: daysAgo(0) },
    output: [{ type: { text: "feedback" }, valueReference: { reference: "http://recipient.example/fhir/Bundle/feedback" } }],
  };
  const header = {
    resourceType: "MessageHeader",
    id: "header",
    eventCoding: { system: MESSAGE_EVENTS, code: "I12" },
    destination: [{ endpoint: "http://referrer.example/fhir", receiver: { reference: `Organization/${network.referrer.id}` } }],
    sender: { reference: `Organization/${network.recipient.id}` },
    source: { endpoint: "http://recipient.example/fhir" },
    focus: [{ reference: `http://recipient.example/fhir/Task/${task.id}` }],
  };
  const entry = [header, completed, document].map((resource) => ({
    fullUrl: `http://recipient.example/fhir/${resource.resourceType}/${resource.id}`,
    resource,
  }));
  return { resourceType: "Bundle", id: unique("message"), type: "message", timestamp: at, entry };
}

test("it follows the pages of a search to the end", async () => {
  const fresh = await createNetwork();
  fresh.oid = await nameByOid(fresh.recipient);
  const service = { default_service: fresh.recipient.service };
  expectStatus(await patch(`/directory/organizations/${fresh.recipient.id}`, adminKey, service), 200);
  const referrer = new Client({ baseUrl: `${baseUrl}/fhir`, bearerToken: fresh.referrer.key });
  const ids = [];
  for (let n = 0; n < 5; n += 1) {
    const body = serviceRequest(newPatient(), fresh.oid);
    ids.push((await valid(referrer.create({ resourceType: "ServiceRequest", body }))).id);
  }
  const found = [];
  let bundle = await valid(referrer.search({ resourceType: "ServiceRequest", searchParams: { _count: "2", status: "active" } }));
  while (bundle) {
    assert.ok(bundle.entry.length <= 2);
    found.push(...bundle.entry.map(({ resource }) => resource.id));
    bundle = await referrer.nextPage({ bundle });
    if (bundle) await valid(bundle);
  }
  assert.deepEqual(found.sort(), ids.sort());
});

test("it searches by a patient in the body, and a search that names one in the URL is refused", async () => {
  const patient = newPatient();
  const sent = await send({ ...serviceRequest(patient, network.oid), occurrenceDateTime: daysAgo(-30) });
  const { system, value } = patient.identifier;
  const searchParams = { "patient:identifier": `${system}|${value}` };
  const recipient = as("recipient");
  const found = await valid(recipient.search({ resourceType: "Task", searchParams, options: { postSearch: true } }));
  assert.deepEqual(
    found.entry.map(({ resource }) => resource.id),
    [sent.id],
  );
  const outcome = await refused(recipient.search({ resourceType: "Task", searchParams }), 422);
  assert.ok(!JSON.stringify(outcome).includes(value));
});

test("its batch is answered entry by entry, its transaction as a whole", async () => {
  const referrer = as("referrer");
  const entry = (resource) => ({ resource, request: { method: "POST", url: "ServiceRequest" } });
  const [good, bad] = [serviceRequest(newPatient(), network.oid), serviceRequest(newPatient(), "2.999.404")];
  const bundle = (type, ...all) => ({ resourceType: "Bundle", type, entry: all.map(entry) });
  const batch = await valid(referrer.batch({ body: bundle("batch", good, bad) }));
  assert.deepEqual(
    batch.entry.map(({ response }) => response.status.slice(0, 3)),
    ["201", "422"],
  );
  const both = [serviceRequest(newPatient(), network.oid), serviceRequest(newPatient(), network.oid)];
  const transaction = await valid(referrer.transaction({ body: bundle("transaction", ...both) }));
  assert.deepEqual(
    transaction.entry.map(({ response }) => response.status.slice(0, 3)),
    ["201", "201"],
  );
  await refused(referrer.transaction({ body: bundle("transaction", bad) }), 422);
});

test("what it does wrong is told as an OperationOutcome that says where", async () => {
  const referrer = as("referrer");
  await refused(referrer.read({ resourceType: "Task", id: "ref-none" }), 404);
  await refused(referrer.delete({ resourceType: "Task", id: "ref-none" }), 405);
  const outcome = await refused(referrer.create({ resourceType: "ServiceRequest", body: { resourceType: "ServiceRequest", status: "active" } }), 422);
  assert.ok(outcome.issue.length > 1, "every fault at once");
  for (const issue of outcome.issue) assert.match(issue.expression[0], /^ServiceRequest/);
  const stranger = new Client({ baseUrl: `${baseUrl}/fhir`, bearerToken: "rl_nobody" });
  await refused(stranger.read({ resourceType: "Task", id: "ref-none" }), 401);
});

test("it makes a referral once, by If-None-Exist", async () => {
  const sent = await send();
  const options = { headers: { "If-None-Exist": `identifier=urn:oid:${ORDERS}|${sent.order}` } };
  const body = { ...serviceRequest(newPatient(), network.oid, sent.order), reasonCode: [{ text: "Another question?" }] };
  const again = await valid(as("referrer").create({ resourceType: "ServiceRequest", body, options }));
  assert.equal(again.id, sent.id);
  assert.equal((await read(network.referrer.key, sent.id)).version, 1);
});
