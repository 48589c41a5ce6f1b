/**
 * What is refused as it stands, each kind with a problem type of its own that callers can rely on.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, call, expectStatus, get, post, unique } from "./client.mjs";
import { reach } from "./lifecycle.mjs";
import { addKey, createNetwork } from "./network.mjs";
import { expectFaults, expectProblem } from "./problems.mjs";
import { apply, eventData, refer, referralBody, sendEvent } from "./referrals.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

const JSON_TYPE = "application/json";
const MEGABYTE = 1024 * 1024;

/** Every place that takes a JSON body, with a key that may send one. */
const takers = (referral) => [
  ["/directory/organizations", adminKey],
  ["/intake/referrals", network.referrer.key],
  [`/status/referrals/${referral}/events`, network.referrer.key],
  ["/worklist/referrals/search", network.referrer.key],
];

const raw = (path, key, text, type = JSON_TYPE) => call("POST", path, { key, raw: text, type });

test("a body that is not JSON is refused by every function alike", async () => {
  const sent = await refer(network);
  for (const [path, key] of takers(sent.id)) {
    for (const text of ["{", '{"a": 1,}', "patient=x", "", "\u0000"])
      expectProblem(await raw(path, key, text), 400, "not-json");
  }
});

test("a body that is not UTF-8 is refused", async () => {
  expectProblem(
    await raw("/intake/referrals", network.referrer.key, new Uint8Array([0x22, 0xff, 0xfe, 0x22])),
    400,
    "not-json",
  );
});

test("a body that is nested too deep is refused by every function alike", async () => {
  const DEPTH = 5000;
  const sent = await refer(network);
  for (const [path, key] of takers(sent.id)) {
    expectProblem(await raw(path, key, "[".repeat(DEPTH) + "]".repeat(DEPTH)), 400, "too-deep");
    expectProblem(await raw(path, key, '{"a":'.repeat(DEPTH) + "1" + "}".repeat(DEPTH)), 400, "too-deep");
  }
});

test("a body that is too large is refused, and the limit is named", async () => {
  const sent = await refer(network);
  for (const [path, key] of takers(sent.id)) {
    const body = expectProblem(
      await raw(path, key, JSON.stringify({ text: "x".repeat(3 * MEGABYTE) })),
      413,
      "too-large",
    );
    assert.match(body.detail, /\d/, "the limit is not named");
    assert.ok(Number.isSafeInteger(body.limit_bytes), JSON.stringify(body));
  }
});

test("a body far over the limit is answered while it comes in, by every function and whatever the answer", async () => {
  const sent = await refer(network);
  const key = network.referrer.key;
  const text = "x".repeat(2 * MEGABYTE);
  for (const [method, path, status, type] of [
    ...takers(sent.id).map(([path]) => ["POST", path, 413]),
    ["PATCH", `/directory/organizations/${network.referrer.id}`, 413],
    ["POST", "/sweep", 413],
    ["POST", "/status/webhooks/none", 413],
    ["POST", "/status/documents", 413, "application/pdf"],
    ["POST", "/fhir", 413, "application/fhir+json"],
    ["POST", "/hl7", 413, "application/hl7-v2"],
    ["PUT", "/intake/referrals", 405],
    ["POST", "/intake/nothing", 404],
    // A path that no function owns is the platform's to answer.
  ]) {
    const send = () => call(method, path, { key, raw: text, type: type ?? JSON_TYPE, described: status !== 404 });
    for (const answer of await Promise.all(Array.from({ length: 12 }, send)))
      assert.equal(answer.status, status, answer.told);
  }
});

test("a body of just the limit is read, and one byte more is not", async () => {
  const path = "/intake/referrals";
  const { limit_bytes: limit } = (await raw(path, network.referrer.key, JSON.stringify("x".repeat(3 * MEGABYTE)))).body;
  const padded = (bytes) => {
    const text = JSON.stringify(referralBody(network));
    return text + " ".repeat(bytes - Buffer.byteLength(text));
  };
  expectStatus(await raw(path, network.referrer.key, padded(limit)), 201);
  expectProblem(await raw(path, network.referrer.key, padded(limit + 1)), 413, "too-large");
});

test("another content type than JSON is refused, and a charset beside it is not", async () => {
  const text = JSON.stringify(referralBody(network));
  const send = (type) => raw("/intake/referrals", network.referrer.key, text, type);
  expectProblem(await send("text/plain"), 415, "wrong-content-type");
  expectProblem(await send("application/x-www-form-urlencoded"), 415, "wrong-content-type");
  expectStatus(await send("application/json; charset=utf-8"), 201);
});

test("a value of the wrong type is named by its place", async () => {
  const send = (members) => post("/intake/referrals", network.referrer.key, referralBody(network, members));
  expectFaults(await send({ patient: 5 }), ["/patient"]);
  expectFaults(await send({ supporting: { kind: "lab" } }), ["/supporting"]);
  expectFaults(await send({ clinical_question: ["a", "b"] }), ["/clinical_question"]);
  expectFaults(await send({ preparation: { agreed: "yes", barriers: [5] } }), ["/preparation/barriers/0"]);
  for (const body of [[], 5, "text", null])
    expectFaults(await post("/intake/referrals", network.referrer.key, body), [""]);
});

test("an empty referral names every member that it lacks", async () => {
  expectFaults(await post("/intake/referrals", network.referrer.key, {}), [
    "/patient",
    "/recipient",
    "/service",
    "/urgency",
    "/clinical_question",
    "/role",
    "/preparation",
  ]);
});

test("every wrong field of a referral is named at once", async () => {
  const answer = await post("/intake/referrals", network.referrer.key, {
    patient: {
      identifier: { system: "urn:oid:2.999.1" },
      name: { family: "", given: "Peter" },
      birth_date: "1974-13-45",
      email: 5,
    },
    recipient: { organization: network.recipient.id, service: 7 },
    service: { system: "http://snomed.info/sct", code: "", display: "x" },
    urgency: "soon",
    clinical_question: "",
    role: "admire",
    supporting: [
      { kind: "lab", display: "Creatinine", date: "2026-02-30" },
      { kind: "rumour", date: "2026-01-01" },
    ],
    preparation: { agreed: "perhaps", barriers: [] },
    ordered_at: "yesterday",
    scheduling: "nobody",
    needed_by: "31.12.2030",
    placer: { system: "urn:oid:2.999.1" },
    overrides: [{ requirement: "x" }],
  });
  expectFaults(answer, [
    "/patient/identifier/value",
    "/patient/name/family",
    "/patient/name/given",
    "/patient/birth_date",
    "/patient/email",
    "/recipient/service",
    "/service/code",
    "/urgency",
    "/clinical_question",
    "/role",
    "/supporting/0/date",
    "/supporting/1/kind",
    "/supporting/1/display",
    "/preparation/agreed",
    "/ordered_at",
    "/scheduling",
    "/needed_by",
    "/placer/value",
    "/overrides/0/reason",
  ]);
});

test("every wrong field of an event is named at once", async () => {
  const sent = await refer(network);
  const recipient = network.recipient.key;
  expectFaults(await sendEvent(recipient, sent.id, "referral.declined", { reason: "mood", occurred_at: "noon" }), [
    "/data/occurred_at",
    "/data/reason",
  ]);
  expectFaults(await sendEvent(recipient, sent.id, "appointment.scheduled", { start: "Tuesday", end: 5 }), [
    "/data/end",
    "/data/start",
  ]);
  expectFaults(await sendEvent(recipient, sent.id, "referral.outcome", {}), ["/data/summary", "/data/visit_on"]);
  expectFaults(await sendEvent(recipient, sent.id, "referral.redirected", {}), ["/data/reason", "/data/to"]);
  expectFaults(await post(`/status/referrals/${sent.id}/events`, recipient, {}), ["/data", "/type"]);
  expectFaults(await sendEvent(recipient, sent.id, "referral.exploded", {}), ["/type"]);
});

test("the events that only the system writes are not taken from a caller", async () => {
  const sent = await refer(network);
  for (const type of ["referral.sent", "referral.overdue", "reminder.due"]) {
    expectFaults(await sendEvent(network.referrer.key, sent.id, type, {}), ["/type"]);
  }
});

test("the patient’s identifier is no correction", async () => {
  const sent = await refer(network);
  const changes = { patient: { identifier: { system: "urn:oid:2.999.1", value: "another" } } };
  const answer = await sendEvent(network.referrer.key, sent.id, "referral.corrected", { changes, reason: "wrong" });
  expectFaults(answer, ["/data/changes/patient/identifier"]);
});

test("an end without a report is not acknowledged without saying what becomes of the need", async () => {
  const sent = await refer(network);
  await apply(network.recipient.key, sent.id, "referral.declined", eventData("referral.declined"));
  const answer = await sendEvent(network.referrer.key, sent.id, "referral.acknowledged", { care_plan_changed: false });
  expectFaults(answer, ["/data/resolution"]);
});

test("a wrong filter or cursor of a list is a fault of that parameter", async () => {
  const key = network.referrer.key;
  for (const query of [
    "status=lost",
    "urgency=soon",
    "limit=0",
    "limit=many",
    "cursor=nowhere",
    "turn=theirs",
    "direction=up",
    "sort=beauty",
    "attention=none",
  ]) {
    const body = expectProblem(await get(`/worklist/referrals?${query}`, key), 422, "invalid");
    assert.equal(body.errors.length, 1, JSON.stringify(body));
  }
});

test("each kind of refusal has a type of its own, and the same one every time", async () => {
  const key = network.referrer.key;
  const reader = await addKey(network.referrer.id, ["referrals:read"]);
  const sent = await refer(network);
  const ended = await reach(network, "declined");
  const path = "/intake/referrals";
  const reused = { headers: { "idempotency-key": unique("key") } };
  await post(path, key, referralBody(network), reused);
  const kinds = {
    "not-json": () => raw(path, key, "{"),
    "too-deep": () => raw(path, key, "[".repeat(5000)),
    "too-large": () => raw(path, key, JSON.stringify("x".repeat(3 * MEGABYTE))),
    "wrong-content-type": () => raw(path, key, "{}", "text/plain"),
    invalid: () => post(path, key, {}),
    "idempotency-mismatch": () => post(path, key, referralBody(network), reused),
    "method-not-allowed": () => call("PUT", path, { key, json: {} }),
    "not-found": () => get(`/worklist/referrals/${unique("nothing")}`, key),
    unauthorized: () => get("/worklist/referrals"),
    "forbidden-scope": () => post(path, reader, referralBody(network)),
    "wrong-side": () => sendEvent(key, sent.id, "referral.accepted", {}),
    "never-legal": () => sendEvent(key, ended.id, "referral.cancellation_requested", { reason: "x" }),
    "version-mismatch": () =>
      sendEvent(key, sent.id, "referral.note", { note: "x" }, { headers: { "if-match": '"99"' } }),
  };
  const types = new Map();
  for (const [name, send] of Object.entries(kinds)) {
    const [first, again] = [await send(), await send()];
    assert.equal(first.body.type, again.body.type);
    assert.equal(first.body.title, again.body.title);
    expectProblem(first, first.status, name);
    types.set(first.body.type, name);
  }
  assert.equal(types.size, Object.keys(kinds).length);
});
