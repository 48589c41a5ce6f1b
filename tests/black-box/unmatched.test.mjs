/** What fits no referral for certain waits for a person: a wrong match is worse than an orphan. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { everyItem, expectStatus, post, unique } from "./client.mjs";
import { acceptance, codeOf, ORDERS, pid, sendHl7 } from "./doors.mjs";
import { createNetwork } from "./network.mjs";
import { newPatient, read, refer } from "./referrals.mjs";

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
