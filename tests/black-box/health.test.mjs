/**
 * What every function says of itself: health, its description, and how it refuses what it does not serve.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { baseUrl, call, expectStatus, get } from "./client.mjs";
import { description as document } from "./openapi.mjs";
import { expectProblem } from "./problems.mjs";

const SEGMENTS = ["directory", "intake", "status", "sweep", "worklist"];

/** One function under two segments, which answers in the formats' own terms: its tests are its own. */
const EXCHANGE = ["fhir", "hl7"];

/** A resource of each function that takes POST and nothing else. */
const POST_ONLY = {
  directory: "/directory/organizations/none/endpoints/none/rotate",
  intake: "/intake/referrals",
  status: "/status/referrals/none/events",
  sweep: "/sweep",
  worklist: "/worklist/referrals/search",
};

for (const segment of SEGMENTS) {
  test(`${segment} says its version and that its database answers`, async () => {
    const { body } = expectStatus(await get(`/${segment}/health`), 200);
    assert.match(body.version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(body, { function: segment, version: body.version, database: "ok" });
  });

  test(`${segment} answers 404 with a problem to a path that it does not serve`, async () => {
    expectProblem(await get(`/${segment}/no-such-thing`), 404, "not-found");
  });

  test(`${segment} answers 405 to a wrong method and says which are allowed`, async () => {
    const answer = await call("DELETE", POST_ONLY[segment]);
    expectProblem(answer, 405, "method-not-allowed");
    const allowed = answer.headers.get("allow").split(/,\s*/);
    assert.ok(allowed.includes("POST") && !allowed.includes("DELETE"), allowed.join());
  });

  test(`${segment} publishes its part of docs/openapi.json`, async () => {
    const { body } = expectStatus(await get(`/${segment}/openapi.json`), 200);
    const owned = (path) =>
      path === `/${segment}` || path.startsWith(`/${segment}/`) || (segment === "worklist" && path === "/");
    const paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => owned(path)));
    assert.notDeepEqual(paths, {});
    assert.equal(body.openapi, document.openapi);
    assert.deepEqual(body.paths, paths);
    for (const [kind, components] of Object.entries(body.components ?? {})) {
      for (const [name, component] of Object.entries(components)) {
        assert.deepEqual(component, document.components[kind][name], `components/${kind}/${name}`);
      }
    }
  });
}

test("the whole description is OpenAPI 3.1 and has no path that no function owns", () => {
  assert.match(document.openapi, /^3\.1\.\d+$/);
  for (const path of Object.keys(document.paths)) {
    assert.ok(path === "/" || [...SEGMENTS, ...EXCHANGE].includes(path.split("/")[1]), path);
  }
});

test("every reference in the description leads somewhere", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
  for (const reference of references) {
    assert.ok(reference.startsWith("#/"), reference);
    const target = reference
      .slice(2)
      .split("/")
      .reduce((part, key) => part?.[key], document);
    assert.ok(target, `${reference} leads nowhere`);
  }
});

test("the root leads to the worklist page", async () => {
  const answer = await call("GET", "/");
  assert.ok([302, 303, 307, 308].includes(answer.status), answer.told);
  assert.equal(new URL(answer.headers.get("location"), baseUrl).pathname, "/worklist/");
});

test("a path that no function owns is 404", async () => {
  const answer = await call("GET", "/no-such-function/health");
  assert.equal(answer.status, 404, answer.told);
});
