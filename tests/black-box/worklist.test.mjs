/**
 * The read side: lists with filters and pages, search, one referral, its timeline, and the measures.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { everyItem, expectStatus, get, post, unique } from "./client.mjs";
import { assertChained } from "./chain.mjs";
import { reach, step } from "./lifecycle.mjs";
import { addService, createNetwork } from "./network.mjs";
import { expectFaults } from "./problems.mjs";
import { apply, daysAgo, eventData, newPatient, read, refer, referralBody, timeline } from "./referrals.mjs";

const ROUTINE_REFERRALS = 5;

let network;
let other;
let routine;
let urgent;
let stat;
let accepted;
let declined;

before(async () => {
  network = await createNetwork();
  other = await addService(network.recipient.id, { specialty: "audiology" });
  routine = await Promise.all(Array.from({ length: ROUTINE_REFERRALS }, () => refer(network)));
  urgent = await refer(network, { urgency: "urgent", urgency_reason: "Pain at rest." });
  stat = await refer(network, {
    urgency: "stat",
    urgency_reason: "Collapsed.",
    recipient: { organization: network.recipient.id, service: other },
  });
  accepted = await reach(network, "accepted");
  declined = await reach(network, "declined");
});

const ids = (items) => items.map(({ id }) => id).sort();
const list = async (query, key = network.referrer.key) => await everyItem(`/worklist/referrals?${query}`, key);
const listed = async (query, key) => ids(await list(query, key));

/** Every page of a list at this page size. */
async function pages(query, limit, key = network.referrer.key) {
  const all = [];
  let cursor = "";
  do {
    const { body } = expectStatus(
      await get(`/worklist/referrals?${query}&limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, key),
      200,
    );
    assert.ok(body.items.length <= limit);
    all.push(body.items);
    cursor = body.next ?? "";
  } while (cursor);
  return all;
}

test("the list shows what is open, to both sides alike", async () => {
  const all = ids([...routine, urgent, stat, accepted, declined]);
  assert.deepEqual(await listed(""), all);
  assert.deepEqual(await listed("", network.recipient.key), all);
});

test("the most pressing referral comes first", async () => {
  const items = await list("");
  const points = items.map(({ priority }) => priority.points);
  assert.deepEqual(
    points,
    points.toSorted((a, b) => b - a),
  );
  assert.equal(items[0].id, stat.id);
  assert.equal(items[1].id, urgent.id);
});

test("the filters narrow the list, alone and together", async () => {
  assert.deepEqual(await listed("status=accepted"), [accepted.id]);
  assert.deepEqual(await listed("status=declined"), [declined.id]);
  assert.deepEqual(await listed("urgency=urgent"), [urgent.id]);
  assert.deepEqual(await listed(`service=${other}`), [stat.id]);
  assert.deepEqual(await listed("status=sent&urgency=stat"), [stat.id]);
  assert.deepEqual(await listed("status=accepted&urgency=stat"), []);
});

test("direction tells sent from received", async () => {
  const all = await listed("");
  assert.deepEqual(await listed("direction=sent"), all);
  assert.deepEqual(await listed("direction=received"), []);
  assert.deepEqual(await listed("direction=sent", network.recipient.key), []);
  assert.deepEqual(await listed("direction=received", network.recipient.key), all);
});

test("turn=mine is what waits for the caller’s own side", async () => {
  assert.deepEqual(await listed("turn=mine"), [declined.id]);
  assert.deepEqual(await listed("turn=mine", network.recipient.key), ids([...routine, urgent, stat, accepted]));
});

test("attention finds what a person should look at", async () => {
  const alone = await createNetwork();
  const sent = await refer(alone);
  await refer(alone);
  await apply(alone.recipient.key, sent.id, "referral.outcome", eventData("referral.outcome"), "parked");
  assert.deepEqual(await listed("attention=report-waiting", alone.referrer.key), [sent.id]);
  assert.deepEqual(await listed("attention=patient-unreachable", alone.referrer.key), []);
});

test("pages of any size together are the whole list, each row once and in one order", async () => {
  const whole = (await list("")).map(({ id }) => id);
  for (const limit of [1, 2, 4, whole.length, whole.length + 1]) {
    const rows = (await pages("", limit)).flat().map(({ id }) => id);
    assert.deepEqual(rows, whole, `pages of ${limit}`);
  }
});

test("the newest or the oldest come first when they are asked for, in pages too", async () => {
  const alone = await createNetwork();
  const oldest = [];
  for (let sent = 0; sent < 5; sent += 1) oldest.push((await refer(alone)).id);
  for (const [sort, wanted] of [
    ["oldest", oldest],
    ["newest", oldest.toReversed()],
  ]) {
    const rows = (await pages(`sort=${sort}`, 2, alone.referrer.key)).flat().map(({ id }) => id);
    assert.deepEqual(rows, wanted, sort);
  }
});

test("a recipient that passed a referral on still finds it, as it was left, and not as its turn", async () => {
  const alone = await createNetwork();
  const sent = await refer(alone);
  await step(alone, sent.id, "recipient", "referral.redirected");
  const [row] = await list("", alone.recipient.key);
  assert.deepEqual([row.id, row.status, row.turn], [sent.id, "declined", null]);
  assert.deepEqual(await listed("status=declined", alone.recipient.key), [sent.id]);
  assert.deepEqual(await listed("status=sent", alone.recipient.key), []);
  assert.deepEqual(await listed("turn=mine", alone.recipient.key), []);
  assert.deepEqual(await listed("turn=mine", alone.second.key), [sent.id]);
});

test("a filter goes on through the pages", async () => {
  const rows = (await pages("urgency=routine", 2)).flat();
  assert.deepEqual(ids(rows), ids([...routine, accepted, declined]));
});

test("a referral that comes in between two pages moves no row of the later ones out of sight", async () => {
  const alone = await createNetwork();
  const before = await Promise.all(Array.from({ length: 4 }, () => refer(alone)));
  const first = expectStatus(await get("/worklist/referrals?limit=2", alone.referrer.key), 200).body;
  await refer(alone, { urgency: "stat", urgency_reason: "Collapsed." });
  const path = `/worklist/referrals?limit=10&cursor=${encodeURIComponent(first.next)}`;
  const second = expectStatus(await get(path, alone.referrer.key), 200).body;
  const seen = new Set([...first.items, ...second.items].map(({ id }) => id));
  for (const { id } of before) assert.ok(seen.has(id));
});

test("a list row says what a coordinator needs and is what the referral says", async () => {
  const row = (await list("")).find(({ id }) => id === accepted.id);
  const whole = await read(network.referrer.key, accepted.id);
  for (const name of [
    "id",
    "version",
    "status",
    "task_status",
    "business_status",
    "turn",
    "stage_since",
    "next_due_at",
    "attention",
    "urgency",
  ]) {
    assert.deepEqual(row[name], whole[name], name);
  }
});

test("a referral is found by its patient, its placer id and its filler id, and by text", async () => {
  const patient = newPatient({ name: { family: unique("Ravnsborg"), given: ["Kari"] } });
  const placer = { system: "urn:oid:2.999.40", value: unique("order") };
  const filler = { system: "urn:oid:2.999.41", value: unique("case") };
  const sent = await refer(network, { patient, placer });
  await refer(network);
  await apply(network.recipient.key, sent.id, "referral.accepted", { filler });
  for (const key of [network.referrer.key, network.recipient.key]) {
    for (const query of [{ patient: patient.identifier }, { placer }, { filler }, { text: patient.name.family }]) {
      const { body } = expectStatus(await post("/worklist/referrals/search", key, query), 200);
      assert.deepEqual(ids(body.items), [sent.id], JSON.stringify(Object.keys(query)));
    }
  }
  const { body } = expectStatus(
    await post("/worklist/referrals/search", network.referrer.key, { placer: { ...placer, value: "none" } }),
    200,
  );
  assert.deepEqual(body.items, []);
});

test("what is searched for is narrowed by the filters of the list, and filters alone are the list", async () => {
  const word = unique("Ravnsborg");
  const patient = () => newPatient({ name: { family: word, given: ["Kari"] } });
  const sent = await refer(network, { patient: patient() });
  const stat = await refer(network, { patient: patient(), urgency: "stat", urgency_reason: "Pain at rest." });
  await apply(network.recipient.key, sent.id, "referral.accepted", {});
  const find = async (query, key = network.referrer.key) =>
    ids(expectStatus(await post("/worklist/referrals/search", key, query), 200).body.items);
  for (const [filter, found] of [
    [{ status: "accepted,declined" }, [sent.id]],
    [{ urgency: "stat" }, [stat.id]],
    [{ turn: "mine" }, []],
    [{ direction: "received" }, []],
    [{ attention: "overdue" }, []],
    [{ service: network.recipient.service, status: "sent" }, [stat.id]],
  ])
    assert.deepEqual(await find({ text: word, ...filter }), found, JSON.stringify(filter));
  assert.deepEqual(await find({ text: word, turn: "mine" }, network.recipient.key), [sent.id, stat.id].sort());
  const listed = expectStatus(await get("/worklist/referrals?urgency=stat&limit=3", network.referrer.key), 200).body;
  assert.deepEqual(await find({ urgency: "stat", limit: 3 }), ids(listed.items));
  const answer = await post("/worklist/referrals/search", network.referrer.key, { text: word, status: "lost" });
  expectFaults(answer, ["/status"]);
});

test("a patient is found by name and date of birth", async () => {
  const family = unique("Ravnsborg");
  const sent = await refer(network, { patient: newPatient({ name: { family, given: ["Kari", "Liv"] }, birth_date: "1951-05-01" }) });
  await refer(network, { clinical_question: `Is it as with ${family}?` });
  const find = async (patient) =>
    ids(expectStatus(await post("/worklist/referrals/search", network.recipient.key, { patient }), 200).body.items);
  const name = { family: family.toUpperCase() };
  for (const patient of [{ name }, { name: { ...name, given: ["liv"] } }, { name, birth_date: "1951-05-01" }])
    assert.deepEqual(await find(patient), [sent.id], JSON.stringify(Object.keys(patient)));
  for (const patient of [{ name: { ...name, given: ["Ida"] } }, { name, birth_date: "1951-05-02" }])
    assert.deepEqual(await find(patient), []);
});

test("one referral is read as it was asked for", async () => {
  const body = referralBody(network, { summary: "Exertional pain for a month." });
  const { id } = expectStatus(await post("/intake/referrals", network.referrer.key, body), 201).body;
  for (const key of [network.referrer.key, network.recipient.key]) {
    const shown = await read(key, id);
    for (const name of [
      "patient",
      "service",
      "urgency",
      "clinical_question",
      "role",
      "summary",
      "supporting",
      "requester",
      "scheduling",
    ]) {
      assert.deepEqual(shown[name], body[name], name);
    }
    assert.deepEqual(
      shown.legs.map(({ leg, recipient, status }) => ({ leg, recipient, status })),
      [{ leg: 1, recipient: body.recipient, status: "sent" }],
    );
  }
});

test("the timeline is chained: each event carries the hash of the one before", async () => {
  const sent = await reach(network, "closed");
  const events = await timeline(network.referrer.key, sent.id);
  assert.equal(events.length, 4);
  assertChained(events);
  const paged = await everyItem(`/worklist/referrals/${sent.id}/events`, network.referrer.key, { limit: 1 });
  assert.deepEqual(paged, events);
});

test("an event says who, when it happened, and when it was learned of", async () => {
  const sent = await refer(network);
  const occurredAt = new Date(Date.parse(sent.stage_since) + 1).toISOString();
  await apply(network.recipient.key, sent.id, "referral.accepted", { occurred_at: occurredAt });
  const event = (await timeline(network.referrer.key, sent.id)).at(-1);
  assert.equal(Date.parse(event.occurred_at), Date.parse(occurredAt));
  assert.ok(Math.abs(Date.parse(event.recorded_at) - Date.now()) < 60_000);
  assert.deepEqual(
    [event.by.organization, event.by.side, event.by.label],
    [network.recipient.id, "recipient", "black-box test"],
  );
  assert.equal(event.source, "api");
});

test("who read a referral is in the audit", async () => {
  const sent = await refer(network);
  await read(network.recipient.key, sent.id);
  const entries = await everyItem(`/worklist/audit?referral=${sent.id}`, network.referrer.key);
  assert.ok(
    entries.some(({ organization }) => organization === network.recipient.id),
    JSON.stringify(entries),
  );
});

test("the measures give every rate with its numerator and denominator", async () => {
  const alone = await createNetwork();
  const closed = await reach(alone, "closed");
  await reach(alone, "not-completed");
  await refer(alone);
  await step(alone, closed.id, "referrer", "patient.informed");
  const { body } = expectStatus(await get("/worklist/measures", alone.referrer.key), 200);
  assert.equal(body.total, 3);
  assert.deepEqual(body.by_status, { closed: 1, "not-completed": 1, sent: 1 });
  assert.deepEqual(body.completion, { numerator: 1, denominator: 3, rate: body.completion.rate });
  assert.deepEqual(body.loop_closure, { numerator: 1, denominator: 3, rate: body.loop_closure.rate });
  assert.ok(Math.abs(body.completion.rate - 1 / 3) < 0.001);
  assert.deepEqual(body.non_completion_reasons, { "no-time": 1 });
  assert.deepEqual(Object.keys(body.days_to_closed).sort(), ["count", "median", "p90"]);
});

test("the measures are the same by any group, and leave out what was entered in error", async () => {
  const alone = await createNetwork();
  await reach(alone, "completed", { members: { urgency: "urgent", urgency_reason: "Pain at rest." } });
  await reach(alone, "declined");
  await reach(alone, "entered-in-error");
  for (const by of ["specialty", "urgency", "recipient", "month"]) {
    const { body } = expectStatus(await get(`/worklist/measures?by=${by}`, alone.referrer.key), 200);
    assert.equal(body.total, 2);
    assert.equal(
      body.groups.reduce((sum, { total }) => sum + total, 0),
      2,
      by,
    );
    assert.ok(body.groups.every((group) => typeof group[by] === "string"));
  }
  const { body } = expectStatus(await get("/worklist/measures?by=urgency", alone.referrer.key), 200);
  const totals = Object.fromEntries(body.groups.map(({ urgency, total }) => [urgency, total]));
  assert.deepEqual(totals, { urgent: 1, routine: 1 });
});

test("measures of a range count what was sent in it", async () => {
  const alone = await createNetwork();
  await refer(alone);
  const total = async (query) =>
    expectStatus(await get(`/worklist/measures?${query}`, alone.referrer.key), 200).body.total;
  assert.equal(await total(`from=${daysAgo(1)}&to=${daysAgo(-1)}`), 1);
  assert.equal(await total(`from=${daysAgo(-1)}`), 0);
  assert.equal(await total(`to=${daysAgo(1)}`), 0);
  const { body } = expectStatus(await get("/worklist/measures?direction=received", alone.recipient.key), 200);
  assert.equal(body.total, 1);
});
