/**
 * Webhooks into the status function, by the Standard Webhooks specification and the clients that its authors publish.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { call, expectStatus, post, unique } from "./client.mjs";
import { addSource, createNetwork } from "./network.mjs";
import { expectProblem } from "./problems.mjs";
import { assertResult, read, refer, timeline } from "./referrals.mjs";
import { deliver, signedHeaders, webhookBody } from "./webhooks.mjs";

const TOLERANCE_MS = 5 * 60 * 1000;
const MARGIN_MS = 20 * 1000;

let network;
let source;
before(async () => {
  network = await createNetwork();
  source = await addSource(network.recipient.id);
});

/** Asserts that a delivery was refused as unsigned and that nothing came of it. */
async function refusedAsUnsigned(answer, sent) {
  expectProblem(answer, 401, "unauthorized");
  assert.equal((await read(network.referrer.key, sent.id)).version, sent.version);
}

test("a signed webhook moves the referral", async () => {
  const sent = await refer(network);
  const answer = expectStatus(await deliver(source, webhookBody("referral.accepted", sent.id)), 202);
  assertResult(answer.body, "applied", sent.id, 2);
  const event = (await timeline(network.referrer.key, sent.id)).at(-1);
  assert.equal(event.type, "referral.accepted");
  assert.deepEqual(
    { organization: event.by.organization, side: event.by.side },
    { organization: network.recipient.id, side: "recipient" },
  );
  assert.equal(event.source, `webhook:${source.id}`);
});

test("a webhook finds its referral by the placer id, and by the filler id that the recipient gave", async () => {
  const placer = { system: "urn:oid:2.999.20", value: unique("order") };
  const filler = { system: "urn:oid:2.999.21", value: unique("case") };
  const sent = await refer(network, { placer });
  const accepted = expectStatus(await deliver(source, webhookBody("referral.accepted", placer, { filler })), 202);
  assert.equal(accepted.body.referral, sent.id);
  const noted = expectStatus(
    await deliver(source, webhookBody("referral.note", filler, { note: "Triage on Monday." })),
    202,
  );
  assertResult(noted.body, "applied", sent.id, 3);
  assert.deepEqual((await read(network.referrer.key, sent.id)).filler, filler);
});

test("the same webhook id again is a duplicate and changes nothing", async () => {
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const id = unique("msg");
  const first = expectStatus(await deliver(source, body, { id }), 202);
  const again = expectStatus(await deliver(source, body, { id, at: new Date(Date.now() + 1000) }), 202);
  assertResult(again.body, "duplicate", sent.id, first.body.version);
  assert.equal((await timeline(network.referrer.key, sent.id)).length, 2);
});

test("the same webhook id at once happens once", async () => {
  const AT_ONCE = 6;
  const sent = await refer(network);
  const body = webhookBody("referral.note", sent.id, { note: "once" });
  const id = unique("msg");
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => deliver(source, body, { id })));
  const results = answers.map((answer) => expectStatus(answer, 202).body.result).sort();
  assert.deepEqual(results, ["applied", ...Array(AT_ONCE - 1).fill("duplicate")]);
  assert.equal((await timeline(network.referrer.key, sent.id)).length, 2);
});

test("a webhook id of one source is no duplicate at another", async () => {
  const other = await addSource(network.recipient.id, "second system");
  const sent = await refer(network);
  const id = unique("msg");
  const body = webhookBody("referral.note", sent.id, { note: "from two systems" });
  assert.equal(expectStatus(await deliver(source, body, { id }), 202).body.result, "applied");
  assert.equal(expectStatus(await deliver(other, body, { id }), 202).body.result, "applied");
});

test("a bad signature is refused", async () => {
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const foreign = await addSource(network.referrer.id);
  await refusedAsUnsigned(await deliver({ id: source.id, secret: foreign.secret }, body), sent);
});

test("a body that was changed after it was signed is refused", async () => {
  const sent = await refer(network);
  const headers = signedHeaders(source.secret, webhookBody("referral.accepted", sent.id));
  await refusedAsUnsigned(
    await deliver(source, webhookBody("referral.declined", sent.id, { reason: "other" }), { headers }),
    sent,
  );
});

test("an id or a time that was changed after it was signed is refused", async () => {
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const headers = signedHeaders(source.secret, body);
  await refusedAsUnsigned(await deliver(source, body, { headers: { ...headers, "webhook-id": unique("msg") } }), sent);
  const later = String(Number(headers["webhook-timestamp"]) + 1);
  await refusedAsUnsigned(await deliver(source, body, { headers: { ...headers, "webhook-timestamp": later } }), sent);
});

test("a signature that is too old or from the future is refused, and one just inside is taken", async () => {
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const away = (milliseconds) => ({ at: new Date(Date.now() + milliseconds) });
  await refusedAsUnsigned(await deliver(source, body, away(-TOLERANCE_MS - MARGIN_MS)), sent);
  await refusedAsUnsigned(await deliver(source, body, away(TOLERANCE_MS + MARGIN_MS)), sent);
  expectStatus(await deliver(source, body, away(-TOLERANCE_MS + MARGIN_MS)), 202);
});

test("each header of the signature must be there and well formed", async () => {
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const headers = signedHeaders(source.secret, body);
  for (const name of Object.keys(headers)) {
    const { [name]: dropped, ...rest } = headers;
    await refusedAsUnsigned(await deliver(source, body, { headers: rest }), sent);
  }
  await refusedAsUnsigned(await deliver(source, body, { headers: { ...headers, "webhook-timestamp": "today" } }), sent);
  await refusedAsUnsigned(await deliver(source, body, { signature: "v1,not-base64!" }), sent);
  await refusedAsUnsigned(await deliver(source, body, { signature: "v1" }), sent);
  await refusedAsUnsigned(await deliver(source, body, { signature: "" }), sent);
});

test("a source that does not exist is refused just as a bad signature is", async () => {
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const unknown = await deliver({ id: unique("source"), secret: source.secret }, body);
  const wrong = await deliver(source, body, { signature: "v1,AAAA" });
  expectProblem(unknown, 401, "unauthorized");
  assert.deepEqual(unknown.body, wrong.body);
});

test("among several signatures one good one is enough, and versions that are not known are skipped", async () => {
  const sent = await refer(network);
  const body = webhookBody("referral.accepted", sent.id);
  const id = unique("msg");
  const at = new Date();
  const good = signedHeaders(source.secret, body, { id, at })["webhook-signature"];
  const other = (await addSource(network.referrer.id)).secret;
  const bad = signedHeaders(other, body, { id, at })["webhook-signature"];
  await refusedAsUnsigned(await deliver(source, body, { id, at, signature: `${bad} ${bad}` }), sent);
  await refusedAsUnsigned(await deliver(source, body, { id, at, signature: good.replace("v1,", "v1a,") }), sent);
  expectStatus(await deliver(source, body, { id, at, signature: `v1a,AAAA ${bad} v2,AAAA ${good}` }), 202);
});

test("both secrets are good after a rotation", async () => {
  const rotating = await addSource(network.recipient.id);
  const path = `/directory/organizations/${network.recipient.id}/sources/${rotating.id}/rotate`;
  const { secret } = expectStatus(await post(path, network.recipient.key), 200, 201).body;
  for (const each of [rotating.secret, secret]) {
    const sent = await refer(network);
    expectStatus(await deliver({ id: rotating.id, secret: each }, webhookBody("referral.accepted", sent.id)), 202);
  }
});

test("a referral that is unknown to the organisation is 404", async () => {
  const foreign = await addSource(network.outsider.id);
  const placer = { system: "urn:oid:2.999.22", value: unique("order") };
  const sent = await refer(network, { placer });
  const answers = await Promise.all([
    deliver(foreign, webhookBody("referral.accepted", sent.id)),
    deliver(foreign, webhookBody("referral.accepted", placer)),
    deliver(source, webhookBody("referral.accepted", unique("nothing"))),
    deliver(source, webhookBody("referral.accepted", { system: "urn:oid:2.999.22", value: unique("nothing") })),
  ]);
  for (const answer of answers) expectProblem(answer, 404, "not-found");
  assert.equal((await read(network.referrer.key, sent.id)).version, sent.version);
});

test("an event that can never become legal is 409 and changes nothing", async () => {
  const sent = await refer(network);
  expectStatus(await deliver(source, webhookBody("referral.accepted", sent.id)), 202);
  expectProblem(await deliver(source, webhookBody("referral.accepted", sent.id)), 409, "never-legal");
  assert.equal((await read(network.referrer.key, sent.id)).version, 2);
});

test("a signed body that is not a webhook is refused with its faults", async () => {
  const sent = await refer(network);
  const answer = await deliver(source, webhookBody("referral.exploded", sent.id));
  assert.deepEqual(
    expectProblem(answer, 422, "invalid").errors.map(({ pointer }) => pointer),
    ["/type"],
  );
  expectProblem(await deliver(source, "no json"), 400, "not-json");
});

test("webhooks take POST alone", async () => {
  const answer = await call("GET", `/status/webhooks/${source.id}`);
  expectProblem(answer, 405, "method-not-allowed");
  assert.match(answer.headers.get("allow"), /\bPOST\b/);
});
