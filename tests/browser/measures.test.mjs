/** The measures as a quality manager reads and prints them. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { expectStatus, get } from "../black-box/client.mjs";
import { reach } from "../black-box/lifecycle.mjs";
import { createNetwork } from "../black-box/network.mjs";
import { refer } from "../black-box/referrals.mjs";
import { assertUsable, DESKTOP, open, PHONE } from "./browser.mjs";

const PATH = "/worklist/pages/measures";
/** A4 and Letter at 96 dots an inch, without margins of 15 mm. */
const SHEETS = { A4: { width: 680, height: 1009 }, Letter: { width: 702, height: 942 } };

let network;

before(async () => {
  network = await createNetwork();
  await Promise.all([
    reach(network, "closed"),
    reach(network, "declined"),
    reach(network, "not-completed"),
    reach(network, "scheduled"),
    refer(network),
  ]);
});

/** Whoever is not signed in is asked to do so with 401, which the browser logs. */
const look = (t, options = {}) => open(t, { key: network.referrer.key, path: PATH, expected: [/ 401 /], ...options });

/** The cells of a row of a table, by the ids of its section and the text of its head. */
const row = (page, section, head) =>
  page
    .locator(`section[aria-labelledby="${section}"] tr`)
    .filter({ has: page.getByRole("rowheader", { name: head, exact: true }) })
    .getByRole("cell")
    .allTextContents();

test("the numbers of the tables are those of the API, and the same in the charts", async (t) => {
  const page = await look(t, { path: `${PATH}?by=recipient` });
  const { body } = expectStatus(await get("/worklist/measures?by=recipient", network.referrer.key), 200);
  assert.equal(await page.locator("[data-total]").textContent(), String(body.total));
  assert.equal((await row(page, "funnel", "Loop closed"))[0], String(body.reached.closed));
  assert.equal((await row(page, "funnel", "Visit booked"))[0], String(body.reached.booked));
  assert.equal((await row(page, "declined", "No capacity"))[0], String(body.decline_reasons.capacity));
  assert.equal((await row(page, "not-completed", "No time"))[0], String(body.non_completion_reasons["no-time"]));
  const { numerator, denominator } = body.loop_closure;
  assert.deepEqual((await row(page, "rates", "Loop closed")).slice(0, 2), [String(numerator), String(denominator)]);
  const waited = body.days_to_decision;
  const days = [waited.median, waited.p90].map((days) => days.toFixed(days < 10 ? 1 : 0));
  assert.deepEqual((await row(page, "waits", "Sent to decided")).slice(0, 3), [String(waited.count), ...days]);
  assert.equal((await row(page, "grouped", `${network.recipient.id.split("-")[0]} clinic`)).length > 0, true);
  const chart = page.getByRole("img", { name: "From sent to closed" });
  assert.ok((await chart.textContent()).includes(`Sent: ${body.total}.`));
});

for (const language of ["en", "es"]) {
  for (const [name, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    test(`everybody can use it: ${language}, ${name}`, async (t) => {
      const page = await look(t, { language, viewport, path: `${PATH}?by=month` });
      await page.locator("#funnel").waitFor();
      await assertUsable(page);
    });
  }
}

test("a period and a grouping are chosen by the form, and stand in the address without a patient", async (t) => {
  const page = await look(t);
  await page.locator("#funnel").waitFor();
  await page.getByLabel("A table by").selectOption("urgency");
  await page.getByLabel("From", { exact: true }).fill("2020-01-01");
  await page.getByLabel("To", { exact: true }).fill("2020-02-01");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText("No referral was sent in this period.").waitFor();
  const { searchParams } = new URL(page.url());
  assert.deepEqual(Object.fromEntries(searchParams), {
    from: "2020-01-01",
    to: "2020-02-01",
    by: "urgency",
    direction: "sent",
  });
  await page.getByRole("link", { name: "This month" }).click();
  await page.getByRole("heading", { name: "By urgency" }).waitFor();
});

test("a period that ends before it begins is not asked for", async (t) => {
  const page = await look(t);
  await page.locator("#funnel").waitFor();
  const address = page.url();
  await page.getByLabel("From", { exact: true }).fill("2026-03-02");
  await page.getByLabel("To", { exact: true }).fill("2026-03-01");
  await page.getByRole("button", { name: "Show" }).click();
  assert.equal(await page.locator("#to").evaluate((it) => it.validity.rangeUnderflow), true);
  assert.equal(page.url(), address);
});

test("on paper there are the charts and the tables, within the sheet, and nothing to press", async (t) => {
  const page = await look(t, { path: `${PATH}?by=recipient` });
  await page.locator("#funnel").waitFor();
  await page.emulateMedia({ media: "print" });
  for (const [sheet, viewport] of Object.entries(SHEETS)) {
    await page.setViewportSize(viewport);
    const seen = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth > innerWidth,
      pressed: [...document.querySelectorAll("button, form, nav, .button")].filter((it) => it.checkVisibility()).length,
      cut: [...document.querySelectorAll(".table")].filter((it) => it.scrollWidth > it.clientWidth + 1).length,
    }));
    assert.deepEqual(seen, { wide: false, pressed: 0, cut: 0 }, sheet);
  }
  assert.ok(await page.getByRole("img", { name: "From sent to closed" }).isVisible());
  assert.ok(await page.getByText("For use inside the organization").isVisible());
});

test("the version to hand on hides what stands for few, as the CSV does", async (t) => {
  const page = await look(t);
  await page.getByRole("link", { name: "Version to hand on" }).click();
  await page.getByText("To hand on:").waitFor();
  assert.equal(await page.locator("[data-total]").textContent(), "hidden");
  assert.deepEqual(await row(page, "declined", "No capacity"), ["hidden"]);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV of From sent to closed" }).click();
  const stream = await (await download).createReadStream();
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  assert.ok(text.startsWith("by,group,measure,code,count,of,value\r\n,,total,,suppressed,,\r\n"), text.slice(0, 200));
});
