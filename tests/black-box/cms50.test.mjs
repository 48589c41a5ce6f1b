/**
 * CMS50, Closing the Referral Loop: test cases after the structure of the measure's official ones, the organisation's own year, and its
 * export for another engine.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { call, expectStatus, FHIR_XML_TYPE, get, unique } from "./client.mjs";
import { fhir } from "./doors.mjs";
import { addKey, createNetwork } from "./network.mjs";
import { apply, newPatient, refer } from "./referrals.mjs";

const YEAR = new Date().getUTCFullYear();
const EVALUATE = "/Measure/cms50/$evaluate";

const readData = async (name) => JSON.parse(await readFile(new URL(`./data/cms50/${name}.json`, import.meta.url), "utf8"));

let cases;
let sets;

before(async () => {
  cases = await readData("cases");
  sets = await readData("value-sets");
});

async function load(key, valueSets = sets) {
  for (const set of valueSets) {
    const put = await fhir("PUT", `/ValueSet/${set.id}`, key, set);
    assert.equal(put.status, 201, put.told);
  }
}

function parameters(more = [], year = 2026) {
  const parameter = [
    { name: "periodStart", valueDate: `${year}-01-01` },
    { name: "periodEnd", valueDate: `${year}-12-31` },
    ...more,
  ];
  return { resourceType: "Parameters", parameter };
}

const data = (resource) => ({ name: "additionalData", resource });
const subject = (id) => ({ name: "subject", valueString: `Patient/${id}` });

async function evaluate(key, more, year) {
  const answer = await fhir("POST", EVALUATE, key, parameters(more, year));
  assert.equal(answer.status, 200, answer.told);
  assert.equal(answer.fhir.resourceType, "MeasureReport");
  return answer.fhir;
}

/** The count of each population, by its code. */
function counts(report) {
  const populations = report.group[0].population;
  return Object.fromEntries(populations.map(({ code, count }) => [code.coding[0].code, count]));
}

function wanted({ want }) {
  const denominator = want === "none" ? 0 : 1;
  return { "initial-population": denominator, denominator, numerator: want === "numerator" ? 1 : 0 };
}

test("each case is in the populations that the measure puts it in, and the report says why", async () => {
  const { referrer } = await createNetwork();
  await load(referrer.key);
  for (const one of cases) {
    const report = await evaluate(referrer.key, [subject(one.subject), data(one.bundle)]);
    assert.deepEqual(counts(report), wanted(one), one.name);
    assert.equal(report.type, "individual");
    const { issue } = report.contained.find(({ id }) => id === "messages");
    assert.deepEqual(issue.map(({ details }) => details.coding[0].code), one.reasons, one.name);
  }
});

test("all cases in one Bundle with the value sets are evaluated alone, and nothing of them is stored", async () => {
  const { referrer } = await createNetwork();
  const entry = [...cases.map(({ bundle }) => bundle), ...sets].map((resource) => ({ resource }));
  const bundle = { resourceType: "Bundle", type: "collection", entry };
  const want = { "initial-population": 0, denominator: 0, numerator: 0 };
  for (const one of cases) for (const [code, count] of Object.entries(wanted(one))) want[code] += count;
  const report = await evaluate(referrer.key, [data(bundle)]);
  assert.deepEqual(counts(report), want);
  assert.equal(report.type, "summary");
  assert.equal(report.group[0].measureScore.value, want.numerator / want.denominator);
  const own = expectStatus(await get("/worklist/measures/cms50?year=2026", referrer.key), 200).body;
  assert.deepEqual([own.patients, own.missing_value_sets.length], [0, 10]);
});

/** A patient who is in the numerator where `isReported`, otherwise in the denominator alone, in as few words as can be. */
function seenAndReferred(id, isReported) {
  const patient = { reference: `Patient/${id}` };
  const coded = (system, code) => ({ coding: [{ system, code }] });
  const period = { start: "2026-03-02", end: "2026-03-02" };
  const status = isReported ? "completed" : "in-progress";
  const code = coded("http://hl7.org/fhir/CodeSystem/task-code", "fulfill");
  const referral = coded("http://snomed.info/sct", "103696004");
  return [
    { resourceType: "Patient", id },
    { resourceType: "Encounter", status: "finished", type: [coded("urn:example:visits", "office-visit")], subject: patient, period },
    { resourceType: "ServiceRequest", id: "s", status: "active", intent: "order", code: referral, subject: patient, authoredOn: "2026-03-02" },
    {
      ...{ resourceType: "Task", status, intent: "order", code, for: patient, focus: { reference: "ServiceRequest/s" } },
      ...{ reasonCode: coded("http://loinc.org", "11488-4"), executionPeriod: { end: "2026-04-01" } },
    },
  ].map((resource) => ({ resource }));
}

test("a Bundle of thousands of patients is counted, and a larger one is refused by its limit", async () => {
  const { referrer } = await createNetwork();
  await load(referrer.key);
  const bundle = (patients) => {
    const entry = Array.from({ length: patients }, (_, n) => seenAndReferred(`p${n}`, n % 3 === 0)).flat();
    return data({ resourceType: "Bundle", type: "collection", entry });
  };
  const report = await evaluate(referrer.key, [bundle(3_000)]);
  assert.deepEqual(counts(report), { "initial-population": 3_000, denominator: 3_000, numerator: 1_000 });
  const large = await fhir("POST", EVALUATE, referrer.key, parameters([bundle(6_000)]));
  assert.equal(large.status, 413, large.told);
  assert.match(large.fhir.issue[0].diagnostics, /4000000|4,000,000/);
});

test("a value set that is not loaded is named, and so much less is not counted in silence", async () => {
  const { referrer } = await createNetwork();
  const [{ bundle }] = cases;
  const lacking = await evaluate(referrer.key, [data(bundle)]);
  assert.equal(lacking.status, "error");
  assert.equal(lacking.group[0].measureScore, undefined);
  for (const { id } of sets) assert.match(JSON.stringify(lacking.contained), new RegExp(id));
  await load(referrer.key, sets.slice(0, 3));
  const partly = await evaluate(referrer.key, [data(bundle)]);
  assert.equal(partly.status, "complete");
  const { issue } = partly.contained.find(({ id }) => id === "messages");
  assert.deepEqual([counts(partly).numerator, issue.length], [1, 7]);
});

test("an evaluation is answered in XML too", async () => {
  const { referrer } = await createNetwork();
  const raw = JSON.stringify(parameters());
  const headers = { accept: FHIR_XML_TYPE };
  const answer = await call("POST", `/fhir${EVALUATE}`, { key: referrer.key, raw, type: "application/fhir+json", headers });
  assert.equal(answer.status, 200, answer.told);
  assert.match(answer.text, /<MeasureReport xmlns="http:\/\/hl7.org\/fhir">.*<count value="0"\/>/);
});

test("no URL names a patient, and a summary may be asked for by GET", async () => {
  const { referrer } = await createNetwork();
  const query = "periodStart=2026-01-01&periodEnd=2026-12-31";
  const summary = await fhir("GET", `${EVALUATE}?${query}`, referrer.key);
  assert.equal(summary.fhir.type, "summary", summary.told);
  const refused = await fhir("GET", `${EVALUATE}?${query}&subject=Patient/1`, referrer.key);
  assert.equal(refused.status, 422, refused.told);
});

/** A referral that was made in time, however late in the year this runs. */
function early(network, patient) {
  return refer(network, { patient, ordered_at: `${YEAR}-01-01T00:00:00Z` });
}

function visit({ identifier }) {
  return {
    resourceType: "Encounter",
    identifier: [{ system: "urn:example:visit-numbers", value: unique("visit") }],
    status: "finished",
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
    type: [{ coding: [{ system: "urn:example:visits", code: "office-visit" }] }],
    subject: { identifier },
    period: { start: `${YEAR}-01-01T00:00:00Z`, end: `${YEAR}-01-01T00:30:00Z` },
  };
}

/** Two patients who were seen and referred, one of them with a report, and one who was referred and not seen. */
async function year() {
  const network = await createNetwork();
  const { referrer, recipient } = network;
  await load(referrer.key);
  const [met, open, unseen] = [newPatient(), newPatient(), newPatient()];
  const ids = {};
  for (const [name, patient] of Object.entries({ met, open, unseen })) ids[name] = (await early(network, patient)).id;
  await apply(recipient.key, ids.met, "referral.accepted", {});
  const outcome = { visit_on: `${YEAR}-01-01`, summary: "Stable.", next_steps: [] };
  await apply(recipient.key, ids.met, "referral.outcome", outcome);
  const entry = [met, open].map((patient) => ({
    resource: visit(patient),
    request: { method: "POST", url: "Encounter" },
  }));
  for (const type of ["transaction", "batch"]) {
    const sent = await fhir("POST", "", referrer.key, { resourceType: "Bundle", type, entry });
    const status = type === "transaction" ? "201 Created" : "200 OK";
    assert.deepEqual(sent.fhir.entry.map(({ response }) => response.status), [status, status], sent.told);
  }
  return { network, referrer, ids };
}

test("an organisation's own year has its rate, and for each patient the reason", async () => {
  const { network, referrer, ids } = await year();
  const path = `/worklist/measures/cms50?year=${YEAR}`;
  const own = expectStatus(await get(path, referrer.key), 200).body;
  assert.deepEqual(own.rate, { numerator: 1, denominator: 2, rate: 0.5 });
  const reasons = Object.fromEntries(own.items.map((item) => [item.id, item.reasons.map(({ code }) => code)]));
  assert.deepEqual(reasons, { [ids.met]: ["report-received"], [ids.open]: ["report-status"], [ids.unseen]: ["no-visit"] });
  const report = await evaluate(referrer.key, [], YEAR);
  assert.deepEqual(counts(report), { "initial-population": 2, denominator: 2, numerator: 1 });
  const one = await evaluate(referrer.key, [subject(ids.met)], YEAR);
  assert.equal(one.group[0].measureScore.value, 1);
  assert.deepEqual(
    one.evaluatedResource.map(({ reference }) => reference.split("/")[0]),
    ["Patient", "Encounter", "ServiceRequest", "Task"],
  );
  const patient = await fhir("GET", `/${one.subject.reference}`, referrer.key);
  assert.equal(patient.fhir.resourceType, "Patient", patient.told);
  // It names patients: who read it is recorded, and others have none of it.
  const audit = expectStatus(await get("/worklist/audit?action=measure", referrer.key), 200).body;
  assert.deepEqual([...audit.items.at(-1).referrals].sort(), Object.values(ids).sort());
  const others = expectStatus(await get(path, network.outsider.key), 200).body;
  assert.equal(others.patients, 0);
  const reader = await addKey(referrer.id, ["referrals:read"]);
  expectStatus(await call("GET", path, { key: reader }), 403);
});

test("a year is exported in pages that another engine evaluates to the same numbers", async () => {
  const { referrer } = await year();
  const entry = [];
  let path = `/fhir/Measure/cms50/$export?year=${YEAR}&limit=2`;
  let pages = 0;
  while (path) {
    const page = await call("GET", path, { key: referrer.key });
    assert.equal(page.status, 200, page.told);
    assert.equal(page.contentType, "application/fhir+ndjson");
    for (const line of page.text.trim().split("\n")) entry.push({ resource: JSON.parse(line) });
    path = page.headers.get("link")?.match(/^<([^>]+)>; rel="next"$/)[1];
    pages += 1;
  }
  assert.equal(pages, 2);
  const types = entry.map(({ resource }) => resource.resourceType).sort();
  const want = ["Encounter", "Encounter", ...Array(3).fill("Patient"), ...Array(3).fill("ServiceRequest"), ...Array(3).fill("Task")];
  assert.deepEqual(types, want);
  const bundle = { resourceType: "Bundle", type: "collection", entry };
  const theirs = await evaluate(referrer.key, [data(bundle)], YEAR);
  assert.deepEqual(counts(theirs), { "initial-population": 2, denominator: 2, numerator: 1 });
  const measures = await addKey(referrer.id, ["measures:read"]);
  const refused = await call("GET", `/fhir/Measure/cms50/$export?year=${YEAR}`, { key: measures });
  assert.equal(refused.status, 403, refused.told);
});
