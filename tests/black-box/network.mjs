/**
 * A network of organisations of its own for each test: whatever another test does cannot be seen from it.
 *
 * The usual network has a referrer, a recipient, a second recipient to redirect to, and an outsider who must see nothing.
 */

import { adminKey, expectStatus, post, unique } from "./client.mjs";

export const EVERY_ORGANISATION_SCOPE = [
  "referrals:write",
  "referrals:read",
  "events:write",
  "measures:read",
  "directory:write",
];

/** Adds an organisation with a key of every scope; `members` override the body. */
export async function addOrganization(network, name, members = {}) {
  const id = unique(name);
  const body = { id, name: `${name} clinic`, network, roles: ["referrer", "recipient"], ...members };
  expectStatus(await post("/directory/organizations", adminKey, body), 201);
  const key = await addKey(id, EVERY_ORGANISATION_SCOPE);
  return { id, network, key };
}

/** A new key of an organisation, as the text that a caller sends. */
export async function addKey(organization, scopes, members = {}) {
  const path = `/directory/organizations/${organization}/keys`;
  return expectStatus(await post(path, adminKey, { scopes, label: "black-box test", ...members }), 201).body.key;
}

/** Adds a service that wants nothing beyond the request itself; `members` override the body. */
export async function addService(organization, members = {}) {
  const id = members.id ?? unique("service");
  const body = {
    id,
    specialty: "cardiology",
    codes: [{ system: "http://snomed.info/sct", code: "183519002", display: "Referral to cardiology service" }],
    urgencies: ["routine", "urgent", "asap", "stat"],
    locations: ["Main Street 1"],
    languages: ["en"],
    requirements: [],
    ...members,
  };
  expectStatus(await post(`/directory/organizations/${organization}/services`, adminKey, body), 201);
  return id;
}

/** Adds a sender of inbound webhooks: its id and its secret. */
export async function addSource(organization, name = "test system") {
  const path = `/directory/organizations/${organization}/sources`;
  return expectStatus(await post(path, adminKey, { name }), 201).body;
}

/**
 * A network with a referrer, two recipients with a service each, and an outsider.
 */
export async function createNetwork() {
  const network = unique("network");
  const [referrer, recipient, second, outsider] = await Promise.all(
    ["referrer", "recipient", "second", "outsider"].map((name) => addOrganization(network, name)),
  );
  [recipient.service, second.service, outsider.service] = await Promise.all(
    [recipient, second, outsider].map((organization) => addService(organization.id)),
  );
  return { network, referrer, recipient, second, outsider };
}
