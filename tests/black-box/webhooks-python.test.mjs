/**
 * The same webhooks, signed by the Python client that the specification's authors publish on PyPI.
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { baseUrl, unique } from "./client.mjs";
import { addSource, createNetwork } from "./network.mjs";
import { missing, run, skip } from "./python.mjs";
import { assertResult, read, refer } from "./referrals.mjs";
import { webhookBody } from "./webhooks.mjs";

const CLIENT = fileURLToPath(new URL("send_webhook.py", import.meta.url));

test("the Python client of Standard Webhooks is understood", { skip: skip() }, async () => {
  assert.equal(missing(), undefined);
  const network = await createNetwork();
  const source = await addSource(network.recipient.id, "a system in Python");
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const delivery = { url: `${baseUrl}/status/webhooks/${source.id}`, secret: source.secret, id: unique("msg"), body };
  const send = () => {
    const done = run([CLIENT], { input: JSON.stringify(delivery) });
    assert.ok(done.ok, done.stderr);
    const { status, body } = JSON.parse(done.stdout);
    assert.equal(status, 202, done.stdout);
    return body;
  };
  assertResult(send(), "applied", sent.id, 2);
  assertResult(send(), "duplicate", sent.id, 2);
  assert.equal((await read(network.referrer.key, sent.id)).status, "accepted");
});
