/**
 * The store's tests where they are deployed: BASE_URL serves tests/store-function, which lists its cases and runs one when
 * asked. Each is a test here.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

const suite = `${process.env.BASE_URL}/store-suite`;
const cases = await (await fetch(suite)).json();
assert.ok(cases.length > 0, "the suite has no case");

for (const name of cases) {
  test(`store: ${name}`, async () => {
    const response = await fetch(`${suite}/${name}`, { method: "POST" });
    assert.equal(response.status, 200, await response.text());
  });
}
