/**
 * Best fit: who could take a referral, in which order, for which reasons, and why the others cannot.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, expectStatus, patch, post, put, unique } from "./client.mjs";
import { addKey, addOrganization, addService, createNetwork } from "./network.mjs";
import { expectFaults, expectProblem } from "./problems.mjs";
import { afterSent, apply, daysAgo, refer, referralBody } from "./referrals.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

const HOUR_MS = 60 * 60 * 1000;
const CODE = { system: "http://snomed.info/sct", code: "183519002" };

/** What a match answers, each sum of it checked; `key` asks. */
async function find(question, key = network.referrer.key) {
  const { body } = expectStatus(await post("/intake/match", key, question), 200);
  body.items.forEach((item, index) => {
    assert.equal(item.rank, index + 1);
    assert.equal(
      item.expected_days,
      item.reasons.reduce((sum, { days }) => sum + days, 0),
      JSON.stringify(item),
    );
    if (index > 0) assert.ok(body.items[index - 1].expected_days <= item.expected_days, JSON.stringify(body.items));
  });
  assert.ok(body.basis.length > 0);
  return body;
}

const services = (list) => list.map(({ service }) => service);
const codes = ({ reasons }) => reasons.map(({ what, days }) => [what, days]);

/** The calendar day so many days from now. */
const inDays = (days) => daysAgo(-days);

/** A referral to a service that saw the patient before it was written down, as both events say: a wait of no time. */
async function visit({ id, key }, service, members = {}) {
  const sent = await refer(network, { recipient: { organization: id, service }, ...members });
  await apply(key, sent.id, "referral.accepted", { occurred_at: afterSent(sent, -2 * HOUR_MS) });
  await apply(key, sent.id, "referral.interim_note", { note: "Seen.", occurred_at: afterSent(sent, -HOUR_MS) });
  return sent;
}

test("a match lists who could take it, the soonest first, with what a referrer needs to know", async () => {
  const specialty = unique("specialty");
  const requirements = [{ id: "ecg", kind: "document", display: "Resting ECG", level: "required" }];
  const later = await addService(network.recipient.id, { specialty, next_available: inDays(9) });
  const sooner = await addService(network.second.id, { specialty, next_available: inDays(3), requirements });
  const unknown = await addService(network.outsider.id, { specialty });
  const { items, excluded, more } = await find({ specialty, code: CODE, urgency: "routine" });
  assert.deepEqual(services(items), [sooner, later, unknown]);
  assert.deepEqual({ excluded, more }, { excluded: [], more: false });
  const { reasons, expected_days, ...place } = items[0];
  assert.deepEqual(place, {
    rank: 1,
    organization: network.second.id,
    name: "second clinic",
    service: sooner,
    specialty,
    locations: ["Main Street 1"],
    languages: ["en"],
    next_available: inDays(3),
    requirements,
  });
  assert.equal(expected_days, 3);
  assert.equal(typeof reasons[0].detail, "string");
  assert.deepEqual(items.map(codes), [[["next-available", 3]], [["next-available", 9]], [["time-allowed", 28]]]);
});

test("a place that is not near counts half of the time allowed, and an interpreter a quarter", async () => {
  const specialty = unique("specialty");
  const near = await addService(network.recipient.id, {
    specialty,
    locations: ["Main Street 1, 1011 Harbour"],
    languages: ["uk"],
    next_available: inDays(10),
  });
  const far = await addService(network.second.id, {
    specialty,
    locations: ["Hilltop 5, 2022 Hill"],
    languages: ["en"],
    next_available: inDays(5),
  });
  const spoken = await find({ specialty, near: "hARBour", language: "uk-UA" });
  assert.deepEqual(services(spoken.items), [near, far]);
  assert.deepEqual(spoken.items.map(codes), [
    [
      ["next-available", 10],
      ["near", 0],
      ["language-spoken", 0],
    ],
    [
      ["next-available", 5],
      ["not-near", 14],
      ["interpreter-needed", 7],
    ],
  ]);
  // By postcode; and a language that is not listed excludes nobody.
  const byPostcode = await find({ specialty, near: "2022", language: "fr" });
  assert.deepEqual(services(byPostcode.items), [far, near]);
  assert.deepEqual(byPostcode.excluded, []);
  // Where a day counts, the way does not hold anybody up.
  const stat = await find({ specialty, near: "harbour", urgency: "stat" });
  assert.deepEqual(services(stat.items), [far, near]);
});

test("the time allowed is the network's own", async () => {
  const own = await createNetwork();
  const seen = { stat: "24h", asap: "48h", urgent: "96h", routine: "14d" };
  expectStatus(await put(`/directory/networks/${own.network}/policy`, adminKey, { limits: { seen } }), 200);
  const { items } = await find({ specialty: "cardiology", near: "nowhere" }, own.referrer.key);
  for (const item of items) {
    assert.deepEqual(codes(item), [
      ["time-allowed", 14],
      ["not-near", 7],
    ]);
  }
  assert.equal(items.length, 3);
});

test("equal places are in the order of their organisation and service", async () => {
  const specialty = unique("specialty");
  const added = [];
  for (const organization of [network.second.id, network.recipient.id, network.second.id]) {
    added.push([organization, await addService(organization, { specialty })]);
  }
  const { items } = await find({ specialty });
  assert.deepEqual(
    items.map(({ organization, service }) => [organization, service]),
    added.sort((a, b) => (a.join() < b.join() ? -1 : 1)),
  );
});

test("a service that cannot take it is excluded with every reason", async () => {
  const specialty = unique("specialty");
  const closed = await addOrganization(network.network, "closed");
  const asks = await addOrganization(network.network, "asks", { roles: ["referrer"] });
  const want = new Map([
    [await addService(network.recipient.id, { specialty, capacity: 0 }), ["no-room"]],
    [await addService(network.recipient.id, { specialty, active: false }), ["service-inactive"]],
    [await addService(network.recipient.id, { specialty, codes: [{ ...CODE, code: "1" }] }), ["code-not-offered"]],
    [
      await addService(network.recipient.id, { specialty, urgencies: ["routine"], capacity: 0 }),
      ["urgency-not-taken", "no-room"],
    ],
    [await addService(closed.id, { specialty }), ["organization-inactive"]],
    [await addService(asks.id, { specialty }), ["not-a-recipient"]],
  ]);
  expectStatus(await patch(`/directory/organizations/${closed.id}`, adminKey, { active: false }), 200);
  const open = await addService(network.second.id, { specialty, codes: ["183519002"], capacity: 1 });
  const { items, excluded } = await find({ specialty, code: CODE, urgency: "urgent" });
  assert.deepEqual(services(items), [open]);
  assert.deepEqual(new Map(excluded.map(({ service, reasons }) => [service, reasons])), want);
  const owners = excluded.map(({ organization }) => organization);
  assert.deepEqual(owners, owners.toSorted());
});

test("a service that has room again is found again", async () => {
  const specialty = unique("specialty");
  const service = await addService(network.recipient.id, { specialty, capacity: 0 });
  assert.deepEqual((await find({ specialty })).items, []);
  const path = `/directory/organizations/${network.recipient.id}/services/${service}`;
  expectStatus(await patch(path, adminKey, { capacity: 3 }), 200);
  assert.deepEqual(services((await find({ specialty })).items), [service]);
});

test("services of another network are neither listed nor excluded", async () => {
  const specialty = unique("specialty");
  const other = await createNetwork();
  await addService(other.recipient.id, { specialty });
  await addService(other.second.id, { specialty, capacity: 0 });
  const { items, excluded } = await find({ specialty });
  assert.deepEqual({ items, excluded }, { items: [], excluded: [] });
  const { recipient, ...body } = referralBody(network);
  const answer = await post("/intake/referrals", network.referrer.key, { ...body, route: { specialty } });
  const { errors } = expectFaults(answer, ["/route/specialty"]);
  assert.ok(!/\d/.test(errors[0].detail), errors[0].detail);
});

test("the median of five visits takes the place of what the service promises", async () => {
  const specialty = unique("specialty");
  const known = await addService(network.recipient.id, { specialty, next_available: inDays(40) });
  const promising = await addService(network.second.id, { specialty, next_available: inDays(2) });
  for (let count = 1; count <= 4; count += 1) await visit(network.recipient, known);
  const before = await find({ specialty });
  assert.deepEqual(services(before.items), [promising, known]);
  assert.deepEqual(codes(before.items[1]), [["next-available", 40]]);
  // A visit of another urgency says nothing about this one.
  await visit(network.recipient, known, { urgency: "urgent", urgency_reason: "Pain at rest." });
  assert.deepEqual(services((await find({ specialty })).items), [promising, known]);
  await visit(network.recipient, known);
  const after = await find({ specialty });
  assert.deepEqual(services(after.items), [known, promising]);
  assert.deepEqual(codes(after.items[0]), [["past-waits", 0]]);
  assert.match(after.items[0].reasons[0].detail, /\b5 visits\b/);
  const { recipient, ...body } = referralBody(network);
  const request = { ...body, route: { specialty } };
  const sent = expectStatus(await post("/intake/referrals", network.referrer.key, request), 201).body;
  assert.deepEqual(sent.recipient, { organization: network.recipient.id, service: known });
  assert.deepEqual(sent.routed.alternatives, 1);
});

test("visits that were entered in error no longer count", async () => {
  const specialty = unique("specialty");
  const service = await addService(network.recipient.id, { specialty, next_available: inDays(40) });
  const seen = [];
  for (let count = 1; count <= 5; count += 1) seen.push(await visit(network.recipient, service));
  assert.deepEqual((await find({ specialty })).items.map(codes), [[["past-waits", 0]]]);
  await apply(network.referrer.key, seen[0].id, "referral.entered_in_error", { reason: "A test." });
  assert.deepEqual((await find({ specialty })).items.map(codes), [[["next-available", 40]]]);
});

test("an organisation may be the best fit for itself", async () => {
  const specialty = unique("specialty");
  const service = await addService(network.referrer.id, { specialty });
  assert.deepEqual(services((await find({ specialty })).items), [service]);
});

test("a limit cuts the list and not the reasons for the others", async () => {
  const specialty = unique("specialty");
  for (const { id } of [network.recipient, network.second]) {
    await addService(id, { specialty });
    await addService(id, { specialty, capacity: 0 });
  }
  const { items, excluded } = await find({ specialty, limit: 1 });
  assert.deepEqual([items.length, excluded.length], [1, 2]);
});

test("a question with faults names every one of them", async () => {
  const question = { code: { code: "" }, urgency: "soon", language: "?", near: "", limit: 101 };
  expectFaults(await post("/intake/match", network.referrer.key, question), [
    "/specialty",
    "/code/system",
    "/code/code",
    "/urgency",
    "/language",
    "/near",
    "/limit",
  ]);
});

test("a match needs a key with the scope referrals:write", async () => {
  const question = { specialty: "cardiology" };
  expectProblem(await post("/intake/match", undefined, question), 401, "unauthorized");
  const reader = await addKey(network.referrer.id, ["referrals:read"]);
  expectProblem(await post("/intake/match", reader, question), 403, "forbidden-scope");
});

test("a match takes one round trip to the database, and a referral by route two", async () => {
  const trips = ({ headers }) => /^db;desc="?(\d+)/.exec(headers.get("server-timing"))?.[1];
  const { recipient, ...body } = referralBody(network);
  const question = await post("/intake/match", network.referrer.key, { specialty: "cardiology" });
  assert.equal(trips(expectStatus(question, 200)), "1");
  const request = { ...body, route: { specialty: "cardiology" } };
  const sent = await post("/intake/referrals", network.referrer.key, request);
  assert.equal(trips(expectStatus(sent, 201)), "2");
});
