/**
 * The recipient without software: an office opens the link of its letter with the code, answers, and opens nothing else.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { adminKey, baseUrl, call, expectStatus, get, post, put, remove } from "./client.mjs";
import { addOrganization, addService, createNetwork } from "./network.mjs";
import { apply, newPatient, read, refer, referralBody, timeline } from "./referrals.mjs";

const SAME_ORIGIN = { "sec-fetch-site": "same-origin" };
const lettersOf = ({ id }) => `/worklist/referrals/${id}/letters`;

/** A network with an office without software. */
async function networkWithOffice() {
  const network = await createNetwork();
  const office = await addOrganization(network.network, "office", { connected: false, contact: "+1 555 0177" });
  office.service = await addService(office.id);
  return { ...network, office };
}

/** A referral to the office, or to one outside the network. */
const referToOffice = (network, members = {}) =>
  refer(network, { recipient: { organization: network.office.id, service: network.office.service }, ...members });
const referOutside = (network, members = {}) =>
  refer(network, { recipient: { external: { name: "Eastside Heart", phone: "+1 555 0188" } }, ...members });

/** A letter as it was made, with its token. */
async function makeLetter(network, referral, options) {
  const made = expectStatus(await post(lettersOf(referral), network.referrer.key, {}, options), 201).body;
  const [path, token] = made.link.split("#");
  assert.equal(path, `${new URL(baseUrl).origin}/worklist/pages/letter`);
  assert.ok(token.length >= 22, "at least 128 bits");
  return { ...made, token };
}

const tryToOpen = ({ token, code }, headers = SAME_ORIGIN) =>
  call("POST", "/worklist/letters/open", { json: { token, code }, headers });

/** The headers of the session that a letter opens. */
async function openLetter(letter) {
  const answer = await tryToOpen(letter);
  assert.equal(answer.status, 204, answer.told);
  const cookie = answer.headers.get("set-cookie");
  assert.match(cookie, /^__Host-[^;]+; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Strict$/);
  const [pair, referral] = cookie.match(/^__Host-rl-letter-([^=]+)=[^;]+/);
  return { cookie: pair, "rl-letter": referral, ...SAME_ORIGIN };
}

const say = (headers, { id }, type, data = {}) =>
  call("POST", `/status/referrals/${id}/events`, { json: { type, data }, headers });

async function mustSay(headers, referral, type, data) {
  const { body } = expectStatus(await say(headers, referral, type, data), 202);
  assert.equal(body.result, "applied", type);
}

/** A page as a browser gets it. */
async function browse(path, headers = {}) {
  const response = await fetch(`${baseUrl}${path}`, { headers, redirect: "manual" });
  return { status: response.status, html: await response.text(), headers: response.headers };
}

describe("an office without software", () => {
  for (const [name, referTo] of [
    ["of the network", referToOffice],
    ["outside it", referOutside],
  ]) {
    test(`${name} accepts, schedules and reports by the link in its letter, and the loop is closed`, async () => {
      const network = await networkWithOffice();
      const referral = await referTo(network);
      const session = await openLetter(await makeLetter(network, referral));
      const page = await browse(`/worklist/pages/letter/${referral.id}`, session);
      assert.equal(page.status, 200, page.html);
      assert.match(page.html, /Is the exertional chest pain cardiac/);
      await mustSay(session, referral, "referral.accepted");
      await mustSay(session, referral, "appointment.scheduled", { start: "2030-01-02T10:00:00Z" });
      const document = expectStatus(
        await call("POST", "/status/documents", { raw: "a report", type: "text/plain", headers: session }),
        201,
      ).body;
      const report = { visit_on: "2026-01-02", summary: "Stable angina.", documents: [document.id] };
      await mustSay(session, referral, "referral.outcome", report);
      const accepted = (await timeline(network.referrer.key, referral.id)).find(({ type }) => type === "referral.accepted");
      assert.match(accepted.by.label, /, by letter link$/);
      assert.equal(accepted.by.side, "recipient");
      assert.equal(accepted.source, "letter");
      await apply(network.referrer.key, referral.id, "referral.acknowledged", { care_plan_changed: true });
      assert.equal((await read(network.referrer.key, referral.id)).status, "closed");
      const content = await get(`/worklist/documents/${document.id}`, network.referrer.key, { described: false });
      assert.equal(content.text, "a report");
    });

    test(`${name} opens one referral's leg and nothing else`, async () => {
      const network = await networkWithOffice();
      const referral = await referTo(network);
      const other = await referTo(network);
      const session = await openLetter(await makeLetter(network, referral));
      for (const path of [
        `/worklist/referrals/${referral.id}`,
        `/worklist/referrals/${referral.id}/events`,
        "/worklist/referrals",
        "/worklist/audit",
        "/worklist/unmatched",
        lettersOf(referral),
      ]) {
        assert.equal((await call("GET", path, { headers: session })).status, 403, path);
      }
      assert.equal((await call("POST", lettersOf(referral), { json: {}, headers: session })).status, 403);
      const body = referralBody(network, { patient: newPatient() });
      assert.equal((await call("POST", "/intake/referrals", { json: body, headers: session })).status, 403);
      assert.equal((await say(session, other, "referral.accepted")).status, 404);
      assert.equal((await browse(`/worklist/pages/letter/${other.id}`, session)).status, 401);
      // Whoever has the cookie may give it another's name, or a person's who has signed in.
      const [, token] = session.cookie.split("=");
      const renamed = { cookie: `__Host-rl-letter-${other.id}=${token}` };
      assert.equal((await browse(`/worklist/pages/letter/${other.id}`, renamed)).status, 404);
      const signedIn = { cookie: `__Host-rl=${token}` };
      assert.equal((await call("GET", "/worklist/referrals", { headers: signedIn })).status, 403);
      assert.equal((await browse("/worklist/", signedIn)).status, 403);
      const to = { organization: network.second.id, service: network.second.service };
      assert.equal((await say(session, referral, "referral.redirected", { to, reason: "x" })).status, 403);
      assert.equal((await say(session, referral, "referral.accepted", { as: "referrer" })).status, 403);
      assert.equal((await read(network.referrer.key, other.id)).status, "sent");
      const elsewhere = { ...session, "sec-fetch-site": "cross-site" };
      assert.equal((await say(elsewhere, referral, "referral.accepted")).status, 403);
      const { "rl-letter": _, ...unsaid } = session;
      assert.equal((await say(unsaid, referral, "referral.accepted")).status, 401);
    });
  }
});

describe("a letter", () => {
  test("locks after five wrong codes, also when they come at once, and says whom to call and nothing of the patient", async () => {
    const network = await networkWithOffice();
    const referral = await referToOffice(network);
    const letter = await makeLetter(network, referral);
    const wrong = { ...letter, code: "AAAA-AAAA" };
    const answers = await Promise.all(Array.from({ length: 8 }, () => tryToOpen(wrong)));
    const count = (status) => answers.filter((answer) => answer.status === status).length;
    assert.deepEqual([count(401), count(410)], [4, 4]);
    const locked = await tryToOpen(letter);
    assert.equal(locked.status, 410, locked.told);
    assert.equal(locked.body.code, "link-ended");
    assert.equal(locked.body.referrer.name, "referrer clinic");
    assert.ok(!locked.text.includes("Chalmers") && !locked.text.includes(referral.id));
    const { items } = expectStatus(await get(lettersOf(referral), network.referrer.key), 200).body;
    assert.equal(items[0].state, "locked");
  });

  test("is not told from one that nobody made by its answer", async () => {
    const network = await networkWithOffice();
    const letter = await makeLetter(network, await referToOffice(network));
    const wrong = await tryToOpen({ ...letter, code: "AAAA-AAAA" });
    const unknown = await tryToOpen({ token: "A".repeat(43), code: letter.code });
    assert.deepEqual([wrong.status, wrong.text], [unknown.status, unknown.text]);
    assert.equal(wrong.status, 401);
    const told = ({ headers }) => [...headers].filter(([name]) => name !== "date");
    assert.deepEqual(told(wrong), told(unknown));
  });

  test("is revoked and sent anew, and the one before opens no more at once", async () => {
    const network = await networkWithOffice();
    const referral = await referToOffice(network);
    const first = await makeLetter(network, referral);
    const session = await openLetter(first);
    const second = await makeLetter(network, referral);
    assert.equal((await tryToOpen(first)).status, 410);
    assert.equal((await say(session, referral, "referral.accepted")).status, 401);
    const next = await openLetter(second);
    assert.equal((await remove(`${lettersOf(referral)}/${second.id}`, network.referrer.key)).status, 204);
    assert.equal((await say(next, referral, "referral.accepted")).status, 401);
    assert.equal((await browse(`/worklist/pages/letter/${referral.id}`, next)).status, 401);
    const { items } = expectStatus(await get(lettersOf(referral), network.referrer.key), 200).body;
    assert.deepEqual(items.map(({ state }) => state), ["revoked", "revoked"]);
  });

  test("is shown once: the same call again shows it again, and no list or second call does", async () => {
    const network = await networkWithOffice();
    const referral = await referToOffice(network);
    const headers = { "idempotency-key": '"once"' };
    const first = await makeLetter(network, referral, { headers });
    assert.deepEqual(await makeLetter(network, referral, { headers }), first);
    const list = await get(lettersOf(referral), network.referrer.key);
    for (const secret of [first.token, first.code]) assert.ok(!list.text.includes(secret));
  });

  test("is the referrer's alone to make, and only to who has no software", async () => {
    const network = await networkWithOffice();
    const referral = await referToOffice(network);
    for (const key of [network.recipient.key, network.outsider.key, network.office.key]) {
      assert.equal((await post(lettersOf(referral), key, {})).status, 404);
      assert.equal((await get(lettersOf(referral), key)).status, 404);
    }
    const connected = await refer(network);
    assert.equal((await post(lettersOf(connected), network.referrer.key, {})).status, 409);
  });

  test("opens no more when the referral has gone to another recipient", async () => {
    const network = await networkWithOffice();
    const referral = await referToOffice(network);
    const letter = await makeLetter(network, referral);
    const session = await openLetter(letter);
    await mustSay(session, referral, "referral.declined", { reason: "capacity" });
    const to = { organization: network.second.id, service: network.second.service };
    await apply(network.referrer.key, referral.id, "referral.redirected", { to, reason: "capacity" });
    assert.equal((await tryToOpen(letter)).status, 410);
    assert.equal((await say(session, referral, "referral.accepted")).status, 404);
    const page = await browse(`/worklist/pages/letter/${referral.id}`, session);
    assert.equal(page.status, 410);
    assert.ok(!page.html.includes("Chalmers"));
  });

  test("is printed with every item, and worded as the network has it", async () => {
    const network = await networkWithOffice();
    const referral = await referToOffice(network, { reason: [] });
    const key = { authorization: `Bearer ${network.referrer.key}` };
    const path = `/worklist/pages/referrals/${referral.id}/letter`;
    const page = await browse(path, key);
    assert.equal(page.status, 200);
    assert.match(page.html, /Reason: <\/b>not given/);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
    const template = `/directory/networks/${network.network}/templates/code/en`;
    const text = "# Hello {recipient}\n\n{code}\n\n{referrer}";
    assert.equal((await put(template, adminKey, { text: "{code} {link}" })).status, 422);
    expectStatus(await put(template, adminKey, { text }), 200);
    assert.match((await browse(path, key)).html, /Hello office clinic/);
    const note = await browse(`/worklist/pages/referrals/${referral.id}/note`, key);
    assert.match(note.html, /What to bring/);
  });
});
