/**
 * Documents: what goes up comes down as it was, to the two sides of its referral alone.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { call, expectStatus, unique } from "./client.mjs";
import { createNetwork } from "./network.mjs";
import { expectProblem } from "./problems.mjs";
import { apply, daysAgo, eventData, read, refer } from "./referrals.mjs";

const DOCUMENT_BYTES_MAX = 1_500_000;

let network;
before(async () => {
  network = await createNetwork();
});

/** Sends a document up as it is. */
function upload(key, referral, bytes, type = "application/pdf") {
  return call("POST", `/status/documents?referral=${referral}`, {
    key,
    raw: bytes,
    type,
    headers: { "content-disposition": 'attachment; filename="report.pdf"' },
  });
}

/** A document whose bytes are all different enough to show a change of encoding. */
function pdf(size) {
  return Uint8Array.from({ length: size }, (_, index) => (index * 131) % 256);
}

async function download(key, id) {
  const response = await fetch(`${process.env.BASE_URL}/worklist/documents/${id}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    headers: response.headers,
    bytes: new Uint8Array(await response.arrayBuffer()),
  };
}

test("a document runs nothing in a browser, whatever it says that it is", async () => {
  const sent = await refer(network);
  for (const type of ["text/html", "image/svg+xml", "text/javascript"]) {
    const page = new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>");
    const { id } = expectStatus(await upload(network.recipient.key, sent.id, page, type), 201).body;
    const { headers } = await download(network.recipient.key, id);
    const told = ["content-disposition", "x-content-type-options", "content-security-policy", "cache-control"].map((name) => headers.get(name));
    assert.deepEqual(told, ["attachment", "nosniff", "default-src 'none'; sandbox", "no-store"], type);
  }
});

test("a document of a report goes up, is named in the outcome, and comes down as it was", async () => {
  const sent = await refer(network);
  const bytes = pdf(10_000);
  const { id } = expectStatus(await upload(network.recipient.key, sent.id, bytes), 201).body;
  await apply(network.recipient.key, sent.id, "referral.accepted", {});
  await apply(network.recipient.key, sent.id, "referral.outcome", {
    ...eventData("referral.outcome"),
    documents: [id],
  });
  for (const side of ["referrer", "recipient"]) {
    const got = await download(network[side].key, id);
    assert.deepEqual([got.status, got.type], [200, "application/pdf"]);
    assert.deepEqual(got.bytes, bytes);
  }
});

test("what came with a request, or was supplied later, is read by whom it is with, and by nobody else", async () => {
  const store = async (key) => expectStatus(await upload(key, "", pdf(100)), 201).body.id;
  const item = (id) => ({
    kind: "document",
    display: "ECG",
    date: daysAgo(1),
    url: `${process.env.BASE_URL}/worklist/documents/${id}`,
  });
  const [first, later, foreign] = await Promise.all(["referrer", "referrer", "outsider"].map((side) => store(network[side].key)));
  assert.equal((await download(network.recipient.key, first)).status, 404);
  const sent = await refer(network, { supporting: [item(first), item(foreign)] });
  await apply(network.recipient.key, sent.id, "referral.info_requested", eventData("referral.info_requested"));
  await apply(network.referrer.key, sent.id, "referral.info_supplied", { supporting: [item(later)], note: "Here it is." });
  for (const id of [first, later]) {
    assert.equal((await download(network.recipient.key, id)).status, 200);
    assert.equal((await download(network.outsider.key, id)).status, 404);
  }
  // To name another's document opens it to nobody.
  assert.equal((await download(network.recipient.key, foreign)).status, 404);
  assert.equal((await download(network.referrer.key, foreign)).status, 404);
  // It stays with the first referral that named it.
  await refer(network, { supporting: [item(first)], recipient: { organization: network.second.id, service: network.second.service } });
  assert.equal((await download(network.recipient.key, first)).status, 200);
  assert.equal((await download(network.second.key, first)).status, 404);
});

test("another organisation cannot have a document", async () => {
  const sent = await refer(network);
  const { id } = expectStatus(await upload(network.recipient.key, sent.id, pdf(100)), 201).body;
  assert.equal((await download(network.outsider.key, id)).status, 404);
  assert.equal((await download(network.recipient.key, unique("none"))).status, 404);
});

test("a document of just the limit is taken, and one byte more is refused with the limit", async () => {
  const sent = await refer(network);
  const { id } = expectStatus(await upload(network.recipient.key, sent.id, pdf(DOCUMENT_BYTES_MAX)), 201).body;
  assert.equal((await download(network.recipient.key, id)).bytes.length, DOCUMENT_BYTES_MAX);
  const body = expectProblem(
    await upload(network.recipient.key, sent.id, pdf(DOCUMENT_BYTES_MAX + 1)),
    413,
    "too-large",
  );
  assert.equal(body.limit_bytes, DOCUMENT_BYTES_MAX);
});

test("an outcome that names a document that is not there is refused", async () => {
  const sent = await refer(network);
  await apply(network.recipient.key, sent.id, "referral.accepted", {});
  const data = { ...eventData("referral.outcome"), documents: [unique("document")] };
  const answer = await call("POST", `/status/referrals/${sent.id}/events`, {
    key: network.recipient.key,
    json: { type: "referral.outcome", data },
  });
  expectProblem(answer, 422, "invalid");
  assert.equal((await read(network.referrer.key, sent.id)).status, "accepted");
});
