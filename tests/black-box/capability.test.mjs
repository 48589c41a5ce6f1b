/** The CapabilityStatement lists what works, and nothing else: every interaction, search parameter and operation of it is driven here. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adminKey, call, expectStatus, FHIR_TYPE, FHIR_XML_TYPE, patch, unique } from "./client.mjs";
import { fhir, nameByOid, ORDERS, serviceRequest } from "./doors.mjs";
import { addKey, createNetwork } from "./network.mjs";
import { startReceiver } from "./receiver.mjs";
import { apply, eventData, newPatient, timeline } from "./referrals.mjs";

const FORM = "application/x-www-form-urlencoded";

let network;
let statement;
let order;
let id;
let messageId;
let communication;
let receiver;

before(async () => {
  receiver = await startReceiver();
  network = await createNetwork();
  const oid = await nameByOid(network.recipient);
  const service = { default_service: network.recipient.service };
  expectStatus(await patch(`/directory/organizations/${network.recipient.id}`, adminKey, service), 200);
  order = unique("order");
  const resource = serviceRequest(newPatient(), oid, order);
  const sent = await fhir("POST", "/ServiceRequest", network.referrer.key, resource);
  assert.equal(sent.status, 201, sent.told);
  id = sent.fhir.id;
  network.oid = oid;
  await apply(network.recipient.key, id, "referral.accepted", {});
  await apply(network.recipient.key, id, "appointment.scheduled", eventData("appointment.scheduled"));
  await apply(network.referrer.key, id, "referral.note", { note: "Prefers mornings." });
  const events = await timeline(network.referrer.key, id);
  messageId = events[0].source_id;
  statement = (await fhir("GET", "/metadata")).fhir;
});

after(() => receiver.stop());

const as = (side) => network[side].key;

async function expectFhir(answer, type, status = 200) {
  assert.equal(answer.status, status, answer.told);
  assert.equal(answer.fhir.resourceType, type, answer.told);
  return answer.fhir;
}

async function firstId(kind, parameter) {
  const found = await expectFhir(await fhir("GET", `/${kind}?${parameter}=ServiceRequest/${id}`, as("referrer")), "Bundle");
  return found.entry[0].resource.id;
}

const readById = async (kind, known) => expectFhir(await fhir("GET", `/${kind}/${known}`, as("referrer")), kind);

/** A search that must find something. */
async function finds(kind, parameter, value) {
  const query = `${parameter}=${encodeURIComponent(value)}`;
  const bundle = await expectFhir(await fhir("GET", `/${kind}?${query}`, as("referrer")), "Bundle");
  assert.ok(bundle.entry?.length > 0, `${kind}?${query}`);
  for (const { resource } of bundle.entry) assert.equal(resource.resourceType, kind);
}

async function findsByBody(kind, parameter, value) {
  const raw = new URLSearchParams({ [parameter]: value }).toString();
  const answer = await call("POST", `/fhir/${kind}/_search`, { key: as("referrer"), type: FORM, raw });
  const bundle = await expectFhir(answer, "Bundle");
  assert.deepEqual(bundle.entry.map(({ resource }) => resource.id), [id]);
}

const subscription = () => ({
  resourceType: "Subscription",
  status: "requested",
  reason: "Referrals to us",
  criteria: "urn:referral-loop:topic:referral-changed",
  channel: {
    type: "rest-hook",
    endpoint: receiver.url,
    payload: "application/fhir+json",
    _payload: {
      extension: [
        {
          url: "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content",
          valueCode: "id-only",
        },
      ],
    },
  },
});

async function subscribe() {
  return expectFhir(await fhir("POST", "/Subscription", as("second"), subscription()), "Subscription", 201);
}

async function bundle(type) {
  const resource = serviceRequest(newPatient(), network.oid);
  const entry = [{ resource, request: { method: "POST", url: "ServiceRequest" } }];
  const answer = await fhir("POST", "", as("referrer"), { resourceType: "Bundle", type, entry });
  const answered = await expectFhir(answer, "Bundle");
  assert.equal(answered.entry[0].response.status.slice(0, 3), "201", answer.told);
}

async function evaluate(operation) {
  const parameter = [
    { name: "periodStart", valueDate: "2026-01-01" },
    { name: "periodEnd", valueDate: "2026-12-31" },
  ];
  const asked = { resourceType: "Parameters", parameter };
  await expectFhir(await fhir("POST", `/Measure/cms50/${operation}`, as("referrer"), asked), "MeasureReport");
}

async function putValueSet() {
  const expansion = { timestamp: "2026-01-01", contains: [{ system: "urn:example:codes", code: "1" }] };
  const set = { resourceType: "ValueSet", url: "urn:example:set", status: "active", expansion };
  const answer = await fhir("PUT", "/ValueSet/listed", as("referrer"), set);
  assert.ok([200, 201].includes(answer.status), answer.told);
}

/** What is sent of visits, and read again. */
function visits(kind, members) {
  const resource = () => ({ resourceType: kind, ...members, subject: { identifier: newPatient().identifier } });
  return {
    [`${kind}.create`]: async () => expectFhir(await fhir("POST", `/${kind}`, as("referrer"), resource()), kind, 201),
    [`${kind}.update`]: async () => {
      const answer = await fhir("PUT", `/${kind}/${unique("put")}`, as("referrer"), resource());
      await expectFhir(answer, kind, 201);
    },
    [`${kind}.read`]: async () => {
      const made = await expectFhir(await fhir("POST", `/${kind}`, as("referrer"), resource()), kind, 201);
      await readById(kind, made.id);
    },
  };
}

const INTERACTIONS = {
  "ServiceRequest.read": () => readById("ServiceRequest", id),
  "ServiceRequest.create": async () => {
    const resource = serviceRequest(newPatient(), network.oid);
    await expectFhir(await fhir("POST", "/ServiceRequest", as("referrer"), resource), "ServiceRequest", 201);
  },
  "ServiceRequest.conditionalCreate": async () => {
    const condition = { "if-none-exist": `identifier=urn:oid:${ORDERS}|${order}` };
    const resource = serviceRequest(newPatient(), network.oid, order);
    const answer = await fhir("POST", "/ServiceRequest", as("referrer"), resource, condition);
    assert.equal((await expectFhir(answer, "ServiceRequest")).id, id);
  },
  "ServiceRequest.search-type": () => finds("ServiceRequest", "_id", id),
  "Task.read": () => readById("Task", id),
  "Task.update": async () => {
    const task = await readById("Task", id);
    const answer = await fhir("PUT", `/Task/${id}`, as("recipient"), task);
    assert.equal((await expectFhir(answer, "Task")).meta.versionId, task.meta.versionId, "it was not changed");
  },
  "Task.search-type": () => finds("Task", "_id", id),
  "Patient.read": () => readById("Patient", id),
  "Appointment.read": () => readById("Appointment", id),
  "Appointment.search-type": () => finds("Appointment", "based-on", `ServiceRequest/${id}`),
  "Communication.read": async () => readById("Communication", (communication = await firstId("Communication", "based-on"))),
  "Communication.search-type": () => finds("Communication", "based-on", id),
  "Provenance.read": async () => readById("Provenance", await firstId("Provenance", "target")),
  "Provenance.search-type": () => finds("Provenance", "target", `ServiceRequest/${id}`),
  "Binary.read": async () => {
    const came = await fhir("GET", `/Binary/${messageId}`, as("referrer"));
    assert.equal(came.status, 200, came.told);
  },
  "Subscription.create": subscribe,
  "Subscription.read": async () => {
    const { id: made } = await subscribe();
    await expectFhir(await fhir("GET", `/Subscription/${made}`, as("second")), "Subscription");
  },
  "Subscription.update": async () => {
    const made = await subscribe();
    const changed = { ...made, status: "off" };
    const answer = await fhir("PUT", `/Subscription/${made.id}`, as("second"), changed);
    assert.equal((await expectFhir(answer, "Subscription")).status, "off");
  },
  "Subscription.delete": async () => {
    const { id: made } = await subscribe();
    assert.equal((await fhir("DELETE", `/Subscription/${made}`, as("second"))).status, 204);
    assert.equal((await fhir("GET", `/Subscription/${made}`, as("second"))).status, 404);
  },
  "Subscription.search-type": async () => {
    const { id: made } = await subscribe();
    for (const query of [`_id=${made}`, "status=requested,active,error"]) {
      const found = await expectFhir(await fhir("GET", `/Subscription?${query}`, as("second")), "Bundle");
      assert.ok(found.entry.some(({ resource }) => resource.id === made), query);
    }
  },
  "Subscription.$status": async () => {
    const { id: made } = await subscribe();
    const answer = await fhir("GET", `/Subscription/${made}/$status`, as("second"));
    assert.equal((await expectFhir(answer, "Bundle")).entry[0].resource.resourceType, "Parameters");
  },
  "Measure.read": async () => expectFhir(await fhir("GET", "/Measure/cms50", as("referrer")), "Measure"),
  "Measure.$evaluate": () => evaluate("$evaluate"),
  "Measure.$evaluate-measure": () => evaluate("$evaluate-measure"),
  "Measure.$export": async () => {
    const answer = await fhir("GET", "/Measure/cms50/$export?year=2026", as("referrer"));
    assert.equal(answer.status, 200, answer.told);
    assert.equal(answer.contentType, "application/fhir+ndjson");
  },
  "ValueSet.update": putValueSet,
  "ValueSet.read": async () => {
    await putValueSet();
    await readById("ValueSet", "listed");
  },
  ...visits("Encounter", { class: { code: "AMB" }, status: "finished" }),
  ...visits("Procedure", { code: { text: "Assessment" }, status: "completed" }),
  transaction: () => bundle("transaction"),
  batch: () => bundle("batch"),
  "$process-message": async () => {
    const answer = await fhir("POST", "/$process-message", as("referrer"), { resourceType: "Bundle", type: "collection" });
    await expectFhir(answer, "OperationOutcome", 422);
  },
  $deliver: async () => {
    const key = await addKey(network.second.id, ["sweep:run"]);
    assert.equal((await call("POST", "/fhir/$deliver", { key })).status, 200);
  },
};

const DATE = "ge2020-01-01";
const PARAMETERS = {
  "Task._id": () => id,
  "Task._lastUpdated": () => DATE,
  "Task.authored-on": () => DATE,
  "Task.based-on": () => `ServiceRequest/${id}`,
  "Task.business-status": () => "5.1.1",
  "Task.focus": () => `ServiceRequest/${id}`,
  "Task.identifier": () => `urn:oid:${ORDERS}|${order}`,
  "Task.modified": () => DATE,
  "Task.owner": () => `Organization/${network.recipient.id}`,
  "Task.requester": () => `Organization/${network.referrer.id}`,
  "Task.status": () => "in-progress",
  "ServiceRequest._id": () => id,
  "ServiceRequest._lastUpdated": () => DATE,
  "ServiceRequest.authored": () => DATE,
  "ServiceRequest.identifier": () => `urn:oid:${ORDERS}|${order}`,
  "ServiceRequest.performer": () => `Organization/${network.recipient.id}`,
  "ServiceRequest.requester": () => `Organization/${network.referrer.id}`,
  "ServiceRequest.status": () => "active",
};
/** These no URL may have. */
const IN_BODY = ["Task.patient", "ServiceRequest.patient"];
/** Driven with their interaction. */
const WITH_INTERACTION = [
  "Appointment.based-on",
  "Communication.based-on",
  "Provenance.target",
  "Subscription._id",
  "Subscription.status",
];

test("every interaction and operation that is listed works, and none that works here is left out", async () => {
  const [rest] = statement.rest;
  const listed = [];
  for (const resource of rest.resource) {
    for (const { code } of resource.interaction) listed.push(`${resource.type}.${code}`);
    if (resource.conditionalCreate) listed.push(`${resource.type}.conditionalCreate`);
    for (const { name } of resource.operation ?? []) listed.push(`${resource.type}.$${name}`);
  }
  listed.push(...rest.interaction.map(({ code }) => code), ...rest.operation.map(({ name }) => `$${name}`));
  const unknown = Object.keys(INTERACTIONS).filter((name) => !listed.includes(name));
  assert.deepEqual(unknown, []);
  for (const name of listed.filter((known) => known in INTERACTIONS)) await INTERACTIONS[name]();
  // What another test drives is named there.
  const elsewhere = listed.filter((name) => !(name in INTERACTIONS));
  assert.deepEqual(elsewhere, []);
  assert.ok(communication);
});

test("every search parameter that is listed finds, and what is included comes", async () => {
  for (const resource of statement.rest[0].resource) {
    for (const { name } of resource.searchParam ?? []) {
      const known = `${resource.type}.${name}`;
      if (IN_BODY.includes(known)) await findsByBody(resource.type, name, `Patient/${id}`);
      else if (known in PARAMETERS) await finds(resource.type, name, PARAMETERS[known]());
      else assert.ok(WITH_INTERACTION.includes(known), known);
    }
    for (const include of resource.searchInclude ?? []) {
      const path = `/${resource.type}?_id=${id}&_include=${include}`;
      const found = await expectFhir(await fhir("GET", path, as("referrer")), "Bundle");
      assert.deepEqual(found.entry.map(({ search }) => search.mode), ["match", "include"], include);
    }
  }
});

test("both formats that are listed are read and written", async () => {
  assert.deepEqual(statement.format, ["json", "xml"]);
  const path = `/fhir/Task/${id}`;
  for (const [accept, begins] of [
    [FHIR_TYPE, "{"],
    [FHIR_XML_TYPE, "<?xml"],
  ]) {
    const answer = await call("GET", path, { key: as("recipient"), headers: { accept } });
    assert.equal(answer.status, 200, answer.told);
    assert.ok(answer.headers.get("content-type").startsWith(accept), answer.told);
    assert.ok(answer.text.startsWith(begins), answer.text);
  }
  // An unchanged Task goes back as it came, in XML too.
  const { text } = await call("GET", path, { key: as("recipient"), headers: { accept: FHIR_XML_TYPE } });
  const put = await call("PUT", path, { key: as("recipient"), type: FHIR_XML_TYPE, raw: text, headers: { accept: FHIR_XML_TYPE } });
  assert.equal(put.status, 200, put.told);
  const refused = await call("PUT", path, { key: as("recipient"), type: FHIR_XML_TYPE, raw: "<Task", headers: { accept: FHIR_XML_TYPE } });
  assert.equal(refused.status, 422, refused.told);
  // As deep as a body may be long, and growing: refused, and the next call is answered.
  const deep = `<Task xmlns="http://hl7.org/fhir">${"<a>".repeat(140_000)}${"</a>".repeat(140_000)}</Task>`;
  const growing = `<!DOCTYPE a [<!ENTITY b "${"c".repeat(1_000)}">]><Task xmlns="http://hl7.org/fhir"><id value="&b;&b;"/></Task>`;
  for (const raw of [deep, growing]) {
    const answer = await call("PUT", path, { key: as("recipient"), type: FHIR_XML_TYPE, raw, headers: { accept: FHIR_XML_TYPE } });
    assert.equal(answer.status, 422, answer.told);
  }
  assert.match(refused.text, /<OperationOutcome xmlns="http:\/\/hl7.org\/fhir">/);
});
