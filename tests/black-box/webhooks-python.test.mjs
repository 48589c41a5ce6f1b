/**
 * The same webhooks, signed by the Python client that the specification's authors publish on PyPI.
 *
 * Needs python3 with venv and a package index; without them the test is skipped and says why (in CI it fails instead).
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { baseUrl, unique } from "./client.mjs";
import { addSource, createNetwork } from "./network.mjs";
import { assertResult, read, refer } from "./referrals.mjs";
import { webhookBody } from "./webhooks.mjs";

const PACKAGE = "standardwebhooks==1.1.0";
const VENV = fileURLToPath(new URL(`../../target/black-box/${PACKAGE.replace("==", "-")}`, import.meta.url));
const PYTHON = `${VENV}/bin/python`;
const CLIENT = fileURLToPath(new URL("send_webhook.py", import.meta.url));

function run(command, args, options) {
  const done = spawnSync(command, args, { encoding: "utf8", ...options });
  return { ok: done.status === 0, stdout: done.stdout ?? "", stderr: done.error?.message ?? done.stderr };
}

/** Why the client cannot be had here, or nothing when it is ready. */
function missing() {
  const ready = () => existsSync(PYTHON) && run(PYTHON, ["-c", "import standardwebhooks"]).ok;
  if (ready()) return undefined;
  if (!run("python3", ["--version"]).ok) return "python3 is not installed";
  const made = run("python3", ["-m", "venv", "--clear", VENV]);
  if (!made.ok) return `python3 cannot make a virtual environment: ${made.stderr.trim()}`;
  const installed = run(PYTHON, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]);
  if (!installed.ok) return `${PACKAGE} cannot be installed: ${installed.stderr.trim()}`;
  return undefined;
}

const reason = missing();
const skip = process.env.CI === "true" ? false : reason;

test("the Python client of Standard Webhooks is understood", { skip }, async () => {
  assert.equal(reason, undefined);
  const network = await createNetwork();
  const source = await addSource(network.recipient.id, "a system in Python");
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const delivery = { url: `${baseUrl}/status/webhooks/${source.id}`, secret: source.secret, id: unique("msg"), body };
  const send = () => {
    const done = run(PYTHON, [CLIENT], { input: JSON.stringify(delivery) });
    assert.ok(done.ok, done.stderr);
    const { status, body } = JSON.parse(done.stdout);
    assert.equal(status, 202, done.stdout);
    return body;
  };
  assertResult(send(), "applied", sent.id, 2);
  assertResult(send(), "duplicate", sent.id, 2);
  assert.equal((await read(network.referrer.key, sent.id)).status, "accepted");
});
