/** What fits no referral for certain waits for a person: a wrong match is worse than an orphan. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { adminKey, everyItem, expectStatus, get, post, put, unique } from "./client.mjs";
import { acceptance, codeOf, ORDERS, pid, sendHl7 } from "./doors.mjs";
import { createNetwork } from "./network.mjs";
import { newPatient, read, refer, timeline } from "./referrals.mjs";

const waiting = (key) => everyItem("/worklist/unmatched", key);
const decide = (key, id, json, options) => post(`/status/unmatched/${id}/match`, key, json, options);

test("the right number with the wrong patient waits, until a person says where it belongs", async () => {
  const network = await createNetwork();
  const order = unique("order");
  const referral = await refer(network, { placer: { system: `urn:oid:${ORDERS}`, value: order } });
  const text = acceptance(order, pid(newPatient()));
  assert.equal(codeOf(await sendHl7(network.recipient.key, text)), "AE");
  assert.equal((await read(network.referrer.key, referral.id)).status, "sent");
  const [one, ...others] = await waiting(network.recipient.key);
  assert.deepEqual(others, []);
  assert.deepEqual(
    { format: one.format, why: one.why, content: one.content, overdue: one.overdue, type: one.event.type },
    { format: "hl7", why: "patient-differs", content: text, overdue: false, type: "referral.accepted" },
  );
  for (const { key } of [network.referrer, network.outsider]) {
    assert.deepEqual(await waiting(key), []);
    assert.equal((await decide(key, one.id, { referral: referral.id })).status, 404);
  }
  const done = expectStatus(await decide(network.recipient.key, one.id, { referral: referral.id }), 202).body;
  assert.equal(done.result, "applied");
  assert.equal((await read(network.referrer.key, referral.id)).status, "accepted");
  assert.deepEqual(await waiting(network.recipient.key), []);
  assert.equal((await decide(network.recipient.key, one.id, { referral: referral.id })).status, 409);
});

test("of two who match a message at once one wins", async () => {
  const network = await createNetwork();
  const order = unique("order");
  const referral = await refer(network, { placer: { system: `urn:oid:${ORDERS}`, value: order } });
  assert.equal(codeOf(await sendHl7(network.recipient.key, acceptance(order, pid(newPatient())))), "AE");
  const [one] = await waiting(network.recipient.key);
  const tries = Array.from({ length: 6 }, () => decide(network.recipient.key, one.id, { referral: referral.id }));
  const statuses = (await Promise.all(tries)).map(({ status }) => status).sort();
  assert.deepEqual(statuses, [202, 409, 409, 409, 409, 409]);
  assert.equal((await read(network.referrer.key, referral.id)).version, 2);
});

test("a message that belongs nowhere is dismissed with a reason, and what is wrong is named", async () => {
  const network = await createNetwork();
  const text = acceptance(unique("order"), pid(newPatient()));
  assert.equal(codeOf(await sendHl7(network.recipient.key, text)), "AE");
  const [one] = await waiting(network.recipient.key);
  assert.equal(one.why, "no-referral");
  for (const [body, status] of [
    [{}, 422],
    [{ referral: "ref-none" }, 422],
    [{ referral: "ref-none", dismiss: "Both." }, 422],
    [{ dismiss: "" }, 422],
  ]) {
    assert.equal((await decide(network.recipient.key, one.id, body)).status, status, JSON.stringify(body));
  }
  const headers = { "idempotency-key": unique("key") };
  const dismissed = await decide(network.recipient.key, one.id, { dismiss: "A test." }, { headers });
  assert.deepEqual(expectStatus(dismissed, 202).body, { result: "dismissed", message: one.id });
  const again = await decide(network.recipient.key, one.id, { dismiss: "A test." }, { headers });
  assert.deepEqual(expectStatus(again, 202).body, dismissed.body);
  assert.deepEqual(await waiting(network.recipient.key), []);
});

test("a message without an id is matched by its patient where the policy allows it, and it shows", async () => {
  const network = await createNetwork();
  const { body: policy } = await get(`/directory/networks/${network.network}/policy`, adminKey);
  assert.equal(policy.match_by_patient_days, 0);
  const referral = await refer(network);
  const text = () => acceptance("", pid(referral.patient)).replace(`^^${ORDERS}^ISO`, "");
  assert.equal(codeOf(await sendHl7(network.recipient.key, text())), "AE");
  const path = `/directory/networks/${network.network}/policy`;
  expectStatus(await put(path, adminKey, { match_by_patient_days: 30 }), 200);
  const answer = await sendHl7(network.recipient.key, text());
  assert.equal(codeOf(answer), "AA", answer.told);
  assert.match(answer.text, /matched_by patient/);
  assert.equal((await read(network.referrer.key, referral.id)).status, "accepted");
  const last = (await timeline(network.referrer.key, referral.id)).at(-1);
  assert.equal(last.matched_by, "patient");
});

test("what waits shows how often it was chased", async () => {
  const network = await createNetwork();
  assert.equal(codeOf(await sendHl7(network.recipient.key, acceptance(unique("order"), pid(newPatient())))), "AE");
  const [one] = await waiting(network.recipient.key);
  assert.deepEqual(
    { overdue: one.overdue, times_chased: one.times_chased, is_later: one.due_at > one.since },
    { overdue: false, times_chased: 0, is_later: true },
  );
});
