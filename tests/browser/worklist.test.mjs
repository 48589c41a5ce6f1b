/** The worklist as a coordinator has it open all day. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createNetwork } from "../black-box/network.mjs";
import { apply, newPatient, refer } from "../black-box/referrals.mjs";
import { assertFits, assertFocusVisible, assertUsable, DESKTOP, open, PHONE } from "./browser.mjs";

/** What a change by the other side may take until it shows. */
const SHOWN_MS = 5_000;
/** What the first view may weigh. */
const FIRST_VIEW_BYTES_MAX = 100_000;

/** A network in which something stands in every light: sent, asked, scheduled, declined, urgent, seen. */
async function createBusyNetwork() {
  const network = await createNetwork();
  const { recipient } = network;
  const [sent, asked, scheduled, declined, urgent, reported] = await Promise.all([
    refer(network),
    refer(network),
    refer(network),
    refer(network),
    refer(network, { urgency: "stat" }),
    refer(network, { patient: newPatient({ name: { family: "Núñez-Oyarzábal-Etxeberria", given: ["María José"] } }) }),
  ]);
  await apply(recipient.key, asked.id, "referral.info_requested", { question: "Which medication?" });
  await apply(recipient.key, scheduled.id, "referral.accepted", {});
  await apply(recipient.key, scheduled.id, "appointment.scheduled", {
    start: new Date(Date.now() + 7 * 24 * 60 * 60 * 1000).toISOString(),
  });
  await apply(recipient.key, declined.id, "referral.declined", { reason: "capacity" });
  await apply(recipient.key, reported.id, "referral.accepted", {});
  await apply(recipient.key, reported.id, "referral.outcome", {
    visit_on: new Date().toISOString().slice(0, 10),
    summary: "Stable angina.",
    next_steps: [],
    documents: [],
  });
  return { ...network, referrals: { sent, asked, scheduled, declined, urgent, reported } };
}

const rowOf = (page, referral) => page.locator(`.row[data-referral="${referral.id}"]`);
const focusedRow = (page) =>
  page.evaluate(() => document.activeElement.closest("[data-referral]")?.dataset.referral ?? document.activeElement.id);

test("a change by the other side shows within 5 seconds, without a reload, in both windows", async (t) => {
  const network = await createNetwork();
  // The page's time stands still until the test moves it.
  const prepare = (context) => context.clock.install();
  const [referrer, recipient] = await Promise.all([
    open(t, { key: network.referrer.key, prepare }),
    open(t, { key: network.recipient.key, prepare }),
  ]);
  for (const page of [referrer, recipient]) {
    await page.evaluate(() => (window.wasHereBefore = true));
    await page.getByText("No referrals yet.").waitFor();
  }
  const referral = await refer(network);
  await Promise.all([referrer, recipient].map((page) => page.clock.runFor(SHOWN_MS)));
  await rowOf(referrer, referral).getByText("Their turn").waitFor();
  await rowOf(recipient, referral).getByText("Your turn").waitFor();

  // From the recipient's own window, by its own session.
  const told = await recipient.evaluate(
    (id) => loop.call("POST", `/status/referrals/${id}/events`, { type: "referral.declined", data: { reason: "capacity" } }),
    referral.id,
  );
  assert.equal(told.status, 202);
  await referrer.clock.runFor(SHOWN_MS);
  await rowOf(referrer, referral).getByText("Your turn").waitFor();
  await rowOf(referrer, referral).getByText("Declined").waitFor();
  await referrer.getByRole("status").getByText("Updated just now.").waitFor();
  assert.equal(await referrer.evaluate(() => window.wasHereBefore), true);
});

test("a window that nobody sees asks seldom, and shows what changed when it is seen again", async (t) => {
  const network = await createNetwork();
  const page = await open(t, { key: network.referrer.key, prepare: (context) => context.clock.install() });
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/worklist/pages/live")) asked += 1;
  });
  const setHidden = (isHidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await setHidden(true);
  const referral = await refer(network);
  await page.clock.runFor(50_000);
  assert.equal(asked, 0);
  await setHidden(false);
  await rowOf(page, referral).waitFor();
});

test("by keyboard alone a coordinator goes from row to row, searches, asks for help, and switches the keys off", async (t) => {
  const network = await createBusyNetwork();
  const page = await open(t, { key: network.referrer.key });
  const order = await page.locator("[data-referral]").evaluateAll((rows) => rows.map((row) => row.dataset.referral));
  assert.equal(order.length, 6);

  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await focusedRow(page), "content");

  for (const [pressed, at] of [["j", 0], ["j", 1], ["ArrowDown", 2], ["ArrowUp", 1], ["k", 0], ["k", 0]]) {
    await page.keyboard.press(pressed);
    assert.equal(await focusedRow(page), order[at], pressed);
  }
  await page.keyboard.press("/");
  assert.equal(await focusedRow(page), "search");
  // In a field a key is a letter.
  await page.keyboard.type("j?k/");
  assert.equal(await page.locator("#search").inputValue(), "j?k/");
  assert.equal(await page.locator("#keys").isVisible(), false);

  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("?");
  assert.equal(await page.locator("#keys").isVisible(), true);
  await assertUsable(page);
  await page.getByLabel("Use single keys on this device").press("Space");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#keys").isVisible(), false);
  await page.reload();
  await page.keyboard.press("j");
  assert.equal(await focusedRow(page), "");
  // The arrows on a row are no single letters, and stay.
  await page.locator("[data-row]").first().focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await focusedRow(page), order[1]);
});

test("a search stands in no address, and finds what its words are in", async (t) => {
  const network = await createBusyNetwork();
  const page = await open(t, { key: network.referrer.key });
  await page.locator("#search").fill("núñez");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "What was found" }).waitFor();
  assert.ok(!page.url().includes("?"), page.url());
  await assertUsable(page);
  await page.locator("#search").fill("oyarz");
  await page.keyboard.press("Enter");
  await rowOf(page, network.referrals.reported).waitFor();
  assert.equal(await page.locator("[data-referral]").count(), 1);
});

test("filters are parameters of the address, and a link to them shows the same", async (t) => {
  const network = await createBusyNetwork();
  const { sent, declined, urgent, reported } = network.referrals;
  const page = await open(t, { key: network.referrer.key });
  await page.getByRole("link", { name: "Our turn" }).click();
  await rowOf(page, declined).waitFor();
  assert.equal(new URL(page.url()).search, "?turn=mine");
  assert.equal(await rowOf(page, sent).count(), 0);

  await page.getByText("More filters").click();
  await page.getByLabel("Turn").selectOption("Anyone's");
  await page.getByLabel("Urgency").selectOption("Immediately (stat)");
  await page.getByRole("button", { name: "Apply" }).click();
  await rowOf(page, urgent).waitFor();
  assert.equal(await page.locator("[data-referral]").count(), 1);
  assert.equal(await page.getByLabel("Urgency").inputValue(), "stat");

  const link = await open(t, { key: network.recipient.key, path: page.url() });
  await rowOf(link, urgent).waitFor();
  assert.equal(await link.locator("[data-referral]").count(), 1);
  await link.goto("/worklist/?direction=sent");
  await link.getByText("No referral fits these filters.").waitFor();
  await page.goto("/worklist/?attention=unacknowledged");
  await rowOf(page, reported).waitFor();
});

test("the rows say why they press, whose turn it is and by when, in words", async (t) => {
  const network = await createBusyNetwork();
  const page = await open(t, { key: network.recipient.key });
  const text = await rowOf(page, network.referrals.urgent).innerText();
  for (const said of ["Immediately (stat)", "Your turn", "due in", "Why it presses", "Urgency +", "from referrer clinic"]) {
    assert.ok(text.includes(said), `${said}: ${text}`);
  }
  assert.equal(await page.locator("[data-referral]").first().getAttribute("data-referral"), network.referrals.urgent.id);
});

for (const language of ["en", "es"]) {
  for (const viewport of [DESKTOP, PHONE]) {
    test(`the worklist is accessible and fits (${language}, ${viewport.width} wide)`, async (t) => {
      const network = await createBusyNetwork();
      const page = await open(t, { key: network.referrer.key, language, viewport });
      await assertUsable(page);
      await page.locator("#filters > summary").click();
      await assertUsable(page);
      assert.ok((await assertFocusVisible(page)) > 20);
    });
  }
}

test("on paper there are the rows, and none of what can only be clicked", async (t) => {
  const network = await createBusyNetwork();
  const page = await open(t, { key: network.referrer.key });
  await page.emulateMedia({ media: "print" });
  assert.equal(await rowOf(page, network.referrals.urgent).isVisible(), true);
  for (const hidden of ["nav >> nth=0", "[role=search]", "[data-keys-open]", "[data-sign-out]", "#filters"]) {
    assert.equal(await page.locator(hidden).isVisible(), false, hidden);
  }
  await assertFits(page);
});

test("the first view with a full page of rows weighs less than 100 kB", async (t) => {
  const network = await createNetwork();
  await Promise.all(Array.from({ length: 26 }, () => refer(network)));
  const page = await open(t, { key: network.referrer.key });
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  client.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.reload({ waitUntil: "networkidle" });
  assert.equal(await page.locator("[data-referral]").count(), 25);
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes > 10_000 && bytes < FIRST_VIEW_BYTES_MAX, `${bytes}`);
  await page.getByRole("link", { name: "Next page" }).click();
  await page.getByRole("link", { name: "First page" }).waitFor();
  assert.equal(await page.locator("[data-referral]").count(), 1);
});
