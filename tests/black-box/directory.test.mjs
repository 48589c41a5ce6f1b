/**
 * The directory: who is in a network, what they offer, who may call, and where webhooks come from and go to.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminKey, everyItem, expectStatus, get, patch, post, put, remove, unique } from "./client.mjs";
import { addKey, createNetwork } from "./network.mjs";
import { expectFaults, expectProblem } from "./problems.mjs";
import { referralBody } from "./referrals.mjs";
import { deliver, webhookBody } from "./webhooks.mjs";

let network;
before(async () => {
  network = await createNetwork();
});

const organizationPath = (organization) => `/directory/organizations/${organization.id}`;

/** Asserts that every member of `part` is in `whole` as it is. */
function includes(whole, part) {
  for (const [name, value] of Object.entries(part)) assert.deepEqual(whole[name], value, name);
}

test("an organisation is stored as it was sent, and read back alone and in the list", async () => {
  const sent = {
    id: unique("clinic"),
    name: "Harbour Clinic",
    network: network.network,
    roles: ["referrer"],
    identifiers: [{ system: "urn:ietf:rfc:3986", value: "urn:oid:2.999.1" }],
    connected: false,
    time_zone: "Europe/Oslo",
    contact: "front desk, +47 55 00 00 00",
  };
  const created = expectStatus(await post("/directory/organizations", adminKey, sent), 201);
  includes(created.body, { ...sent, active: true });
  assert.equal(created.headers.get("location"), `/directory/organizations/${sent.id}`);
  const read = expectStatus(await get(`/directory/organizations/${sent.id}`, adminKey), 200);
  assert.deepEqual(read.body, created.body);
  const listed = await everyItem("/directory/organizations", adminKey);
  assert.deepEqual(
    listed.filter(({ id }) => id === sent.id),
    [created.body],
  );
});

test("PATCH changes what it names and nothing else", async () => {
  const created = { id: unique("clinic"), name: "Old Name", network: network.network, roles: ["recipient"] };
  const first = expectStatus(await post("/directory/organizations", adminKey, created), 201).body;
  const path = `/directory/organizations/${created.id}`;
  const changed = expectStatus(await patch(path, adminKey, { name: "New Name", active: false }), 200).body;
  assert.deepEqual(
    { ...changed, updated_at: undefined },
    { ...first, name: "New Name", active: false, updated_at: undefined },
  );
  assert.deepEqual(expectStatus(await get(path, adminKey), 200).body, changed);
});

test("an organisation id is taken once", async () => {
  const body = { id: network.referrer.id, name: "Another", network: network.network, roles: ["referrer"] };
  expectProblem(await post("/directory/organizations", adminKey, body), 409, "taken");
});

test("every fault of an organisation is named at once", async () => {
  const body = {
    id: "",
    name: 5,
    network: network.network,
    roles: ["spectator"],
    time_zone: "Mars/Olympus",
    identifiers: [{}],
  };
  expectFaults(await post("/directory/organizations", adminKey, body), [
    "/id",
    "/name",
    "/roles/0",
    "/time_zone",
    "/identifiers/0/system",
    "/identifiers/0/value",
  ]);
});

test("a key is shown once, listed without itself, and revoked at once", async () => {
  const path = `${organizationPath(network.outsider)}/keys`;
  const sent = { scopes: ["referrals:read"], label: "front desk", person: "Kim Berg" };
  const { body: created } = expectStatus(await post(path, adminKey, sent), 201);
  includes(created, sent);
  assert.ok(created.key.length >= 32);
  expectStatus(await get("/worklist/referrals", created.key), 200);

  const list = expectStatus(await get(path, adminKey), 200);
  assert.ok(!list.text.includes(created.key), "the list shows a key");
  const { key, ...shown } = created;
  includes(
    list.body.items.find(({ id }) => id === created.id),
    { scopes: shown.scopes, label: shown.label },
  );

  const revoked = await remove(`${path}/${created.id}`, adminKey);
  assert.equal(revoked.status, 204, revoked.told);
  expectProblem(await get("/worklist/referrals", key), 401, "unauthorized");
});

test("a key stops at its expiry", async () => {
  const DEADLINE_MS = 10_000;
  const started = Date.now();
  const expiresAt = new Date(started + 1500).toISOString();
  const key = await addKey(network.outsider.id, ["referrals:read"], { expires_at: expiresAt });
  let status;
  do {
    status = (await get("/worklist/referrals?limit=1", key)).status;
  } while (status === 200 && Date.now() - started < DEADLINE_MS);
  assert.equal(status, 401);
  assert.ok(Date.now() >= Date.parse(expiresAt), "it stopped before its time");
});

test("a key takes no unknown scope and none at all is a fault", async () => {
  const path = `${organizationPath(network.outsider)}/keys`;
  expectFaults(await post(path, adminKey, { scopes: ["referrals:burn"], expires_at: "soon" }), [
    "/expires_at",
    "/scopes/0",
  ]);
  expectFaults(await post(path, adminKey, { scopes: [] }), ["/scopes"]);
});

test("a service is stored with its requirements and changed by PATCH", async () => {
  const path = `${organizationPath(network.recipient)}/services`;
  const sent = {
    id: unique("echo"),
    specialty: "cardiology",
    codes: [{ system: "http://snomed.info/sct", code: "40701008", display: "Echocardiography" }],
    urgencies: ["routine", "urgent"],
    locations: ["Harbour Street 2"],
    languages: ["en", "no"],
    next_available: "2030-01-15",
    capacity: 12,
    requirements: [
      { id: "ecg", kind: "document", display: "Resting ECG", max_age_days: 90, level: "required" },
      { id: "bnp", kind: "lab", code: "30934-4", display: "BNP", level: "advisory" },
    ],
  };
  const created = expectStatus(await post(path, adminKey, sent), 201).body;
  includes(created, sent);
  const listed = (await everyItem(path, adminKey)).find(({ id }) => id === sent.id);
  assert.deepEqual(listed, created);

  const change = { next_available: "2030-02-01", capacity: 3, active: false };
  const changed = expectStatus(await patch(`${path}/${sent.id}`, adminKey, change), 200).body;
  includes(changed, { ...sent, ...change });
});

test("every fault of a service is named at once", async () => {
  const body = {
    id: unique("bad"),
    specialty: "",
    urgencies: ["soon"],
    capacity: -1,
    requirements: [{ id: "x", kind: "rumour" }],
  };
  expectFaults(await post(`${organizationPath(network.recipient)}/services`, adminKey, body), [
    "/capacity",
    "/requirements/0/display",
    "/requirements/0/kind",
    "/requirements/0/level",
    "/specialty",
    "/urgencies/0",
  ]);
});

test("an endpoint has a secret that is shown once and another one after a rotation", async () => {
  const path = `${organizationPath(network.outsider)}/endpoints`;
  const created = expectStatus(await post(path, adminKey, { url: "https://receiver.example/hooks" }), 201).body;
  assert.match(created.secret, /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/);
  const list = expectStatus(await get(path, adminKey), 200);
  assert.equal(list.body.items.find(({ id }) => id === created.id).url, "https://receiver.example/hooks");
  assert.ok(!list.text.includes("whsec_"), "the list shows a secret");
  const rotated = expectStatus(await post(`${path}/${created.id}/rotate`, adminKey), 200, 201).body;
  assert.equal(rotated.id, created.id);
  assert.match(rotated.secret, /^whsec_/);
  assert.notEqual(rotated.secret, created.secret);
});

test("an endpoint must be a web address", async () => {
  const path = `${organizationPath(network.outsider)}/endpoints`;
  expectFaults(await post(path, adminKey, { url: "not an address" }), ["/url"]);
  expectFaults(await post(path, adminKey, { url: "ftp://receiver.example/hooks" }), ["/url"]);
});

test("a source that was rotated still takes what the old secret signed, and takes the new one", async () => {
  const path = `${organizationPath(network.recipient)}/sources`;
  const created = expectStatus(await post(path, adminKey, { name: "EHR" }), 201).body;
  assert.equal(new URL(created.url, "https://any.example").pathname, `/status/webhooks/${created.id}`);
  const rotated = expectStatus(await post(`${path}/${created.id}/rotate`, adminKey), 200, 201).body;
  assert.notEqual(rotated.secret, created.secret);
  const list = expectStatus(await get(path, adminKey), 200);
  assert.equal(list.body.items.find(({ id }) => id === created.id).name, "EHR");
  assert.ok(!list.text.includes("whsec_"), "the list shows a secret");

  for (const secret of [created.secret, rotated.secret]) {
    const sent = expectStatus(await post("/intake/referrals", network.referrer.key, referralBody(network)), 201).body;
    const body = webhookBody("referral.accepted", sent.id);
    expectStatus(await deliver({ id: created.id, secret }, body), 202);
  }
});

test("the default policy shows until another is put, which then applies", async () => {
  const path = `/directory/networks/${network.network}/policy`;
  const shown = expectStatus(await get(path, adminKey), 200).body;
  const { is_default: isDefault, ...policy } = shown;
  assert.equal(isDefault, true);
  const changed = { ...policy, retention_days: policy.retention_days + 1 };
  expectStatus(await put(path, adminKey, changed), 200);
  assert.deepEqual(expectStatus(await get(path, adminKey), 200).body, { ...changed, is_default: false });
});

test("the default time limits are the published ones", async () => {
  const shown = expectStatus(await get(`/directory/networks/${unique("untouched")}/policy`, adminKey), 200).body;
  assert.deepEqual(shown.limits.decided, { stat: "24h", asap: "1bd", urgent: "3bd", routine: "5bd" });
});

test("a key of an organisation manages that organisation and no other", async () => {
  const { outsider, recipient } = network;
  const own = organizationPath(outsider);
  expectStatus(await patch(own, outsider.key, { name: "Renamed by itself" }), 200);
  expectStatus(await post(`${own}/sources`, outsider.key, { name: "own" }), 201);
  const foreign = organizationPath(recipient);
  expectProblem(await patch(foreign, outsider.key, { name: "Stolen" }), 404, "not-found");
  expectProblem(await post(`${foreign}/keys`, outsider.key, { scopes: ["referrals:read"] }), 404, "not-found");
  expectProblem(await post(`${foreign}/sources`, outsider.key, { name: "stolen" }), 404, "not-found");
  expectProblem(await get(`${foreign}/keys`, outsider.key), 404, "not-found");
});

test("a key without directory:write changes nothing, and only the operator adds an organisation", async () => {
  const reader = await addKey(network.outsider.id, ["referrals:read"]);
  expectProblem(await patch(organizationPath(network.outsider), reader, { name: "No" }), 403, "forbidden-scope");
  expectProblem(
    await post(`${organizationPath(network.outsider)}/keys`, reader, { scopes: ["referrals:read"] }),
    403,
    "forbidden-scope",
  );
  const body = { id: unique("clinic"), name: "Mine", network: network.network, roles: ["referrer"] };
  expectProblem(await post("/directory/organizations", network.outsider.key, body), 403, "forbidden-scope");
});

test("a key cannot give a new key a scope that it does not have", async () => {
  const limited = await addKey(network.outsider.id, ["directory:write"]);
  const path = `${organizationPath(network.outsider)}/keys`;
  expectProblem(await post(path, limited, { scopes: ["sweep:run"] }), 403, "forbidden-scope");
});
