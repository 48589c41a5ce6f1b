/** The way in and out, in a real browser. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createNetwork } from "../black-box/network.mjs";
import { refer } from "../black-box/referrals.mjs";
import { assertAccessible, assertFits, open, PHONE, SESSION_COOKIE, signIn } from "./browser.mjs";

test("a person signs in with a key, sees the worklist, and signs out", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  const page = await open(t, { key: network.referrer.key });
  const row = page.locator(`#open-${referral.id}`);
  assert.equal(await row.innerText(), "Chalmers, Peter James");

  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name === SESSION_COOKIE);
  const { secure, httpOnly, sameSite, path } = session;
  assert.deepEqual({ secure, httpOnly, sameSite, path }, { secure: true, httpOnly: true, sameSite: "Strict", path: "/" });
  assert.ok(!session.value.includes(network.referrer.key));
  assert.equal(await page.evaluate(() => document.cookie), "");
  // The key is nowhere that a script of the page could read.
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.ok(!kept.includes(network.referrer.key));

  await page.locator("[data-sign-out]").click();
  await page.locator("#key").waitFor();
  assert.equal((await page.context().cookies()).some(({ name }) => name === SESSION_COOKIE), false);
  await page.goto("/worklist/?turn=mine");
  await page.locator("#key").waitFor();
});

test("a key that is nobody's signs nobody in, and the way in says so", async (t) => {
  const network = await createNetwork();
  const page = await open(t, { expected: [/status of 401/] });
  await page.locator("#key").fill("rl_nobodys");
  await page.keyboard.press("Enter");
  const error = page.getByRole("alert");
  await error.filter({ hasText: "unknown, expired or revoked" }).waitFor();
  assert.equal(await page.locator("#key").evaluate((input) => input === document.activeElement), true);
  await assertAccessible(page);
  await signIn(page, network.referrer.key);
});

test("who is not signed in comes back to the view that was asked for", async (t) => {
  const network = await createNetwork();
  const page = await open(t, { path: "/worklist/?direction=sent" });
  await signIn(page, network.referrer.key);
  assert.equal(new URL(page.url()).search, "?direction=sent");
});

test("the policy of the page is in force: a script that stands in it does not run", async (t) => {
  const page = await open(t, { expected: [/blocked: script-src/, /console: .*Content Security Policy/] });
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => window.ran), undefined);
});

for (const language of ["en", "es"]) {
  test(`the way in is accessible and fits a phone (${language})`, async (t) => {
    const page = await open(t, { language, viewport: PHONE });
    assert.equal(await page.locator("html").getAttribute("lang"), language);
    await assertAccessible(page);
    await assertFits(page);
  });
}

test("the language that a person chooses stays", async (t) => {
  const network = await createNetwork();
  const page = await open(t, { key: network.referrer.key, path: "/worklist/?turn=mine" });
  await page.getByRole("link", { name: "Español" }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "es");
  assert.equal(new URL(page.url()).search, "?turn=mine");
  await page.goto("/worklist/");
  assert.equal(await page.locator("html").getAttribute("lang"), "es");
});
