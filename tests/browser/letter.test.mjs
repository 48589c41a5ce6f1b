/** The recipient without software, in a real browser: the whole loop by one user and a link. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { addOrganization, addService, createNetwork } from "../black-box/network.mjs";
import { apply, read, refer, timeline } from "../black-box/referrals.mjs";
import { assertAccessible, assertUsable, open, PHONE } from "./browser.mjs";

/** A referral from the network's referrer to an office without software. */
async function referToOffice(members = {}) {
  const network = await createNetwork();
  const office = await addOrganization(network.network, "office", { connected: false });
  office.service = await addService(office.id);
  const recipient = { organization: office.id, service: office.service };
  return { network, referral: await refer(network, { recipient, ...members }) };
}

const sheetOf = ({ id }) => `/worklist/pages/referrals/${id}/letter`;

/** Makes a letter on the referrer's page: its link and its code. */
async function makeLetter(page) {
  await page.locator("[data-make]").click();
  await page.locator("[data-made]").waitFor();
  const text = (name) => page.locator(`[data-later=${name}]`).first().innerText();
  return { link: await text("link"), code: await text("code") };
}

/** Opens a link with a code, as an office does. */
async function openLetter(page, code) {
  await page.locator("#code").fill(code);
  await page.locator("#open-letter button").click();
}

/** Fills in the form of an event and sends it; what is then shown says so. */
async function say(page, event, fields = {}) {
  const form = page.locator(`form[data-event="${event}"]`);
  await form.waitFor({ state: "attached" });
  if (!(await form.isVisible())) await page.locator("details", { has: form }).locator("summary").click();
  for (const [member, value] of Object.entries(fields)) await form.locator(`[data-member=${member}]`).fill(value);
  // The notice of what was said before stands until the page is there anew.
  const anew = page.waitForEvent("load");
  await form.locator("button").click();
  await anew;
  await page.locator("#notices .notice").filter({ hasText: "The referrer has it now" }).waitFor();
}

/** What a phone reads that is held before an element of a page. */
async function scanned(page, selector) {
  const picture = await page.locator(selector).screenshot();
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("jsqr"), "utf8"));
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const { width, height } = bitmap;
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(bitmap, 0, 0);
    return window.jsQR(canvas.getImageData(0, 0, width, height).data, width, height)?.data;
  }, picture.toString("base64"));
}

test("a referrer sends a letter, the office answers by its link on a phone, and the referrer acknowledges", async (t) => {
  const { network, referral } = await referToOffice();
  // As sharp as a printer is at least.
  const referrer = await open(t, { key: network.referrer.key, path: sheetOf(referral), deviceScaleFactor: 3 });
  await assertUsable(referrer);
  const { link, code } = await makeLetter(referrer);
  const token = link.split("#")[1];
  await assertUsable(referrer);
  await referrer.evaluate(() => {
    window.print = () => {
      window.printed = document.body.dataset.printing;
    };
  });
  await referrer.emulateMedia({ media: "print" });
  const isShown = (id) => referrer.locator(id).isVisible();
  assert.deepEqual([await isShown("#sheet-letter"), await isShown("#sheet-code"), await isShown("[data-make]")], [true, true, false]);
  await referrer.emulateMedia({ media: "screen" });
  await referrer.locator("[data-print=letter]").click();
  assert.equal(await referrer.evaluate(() => window.printed), "letter");
  await referrer.emulateMedia({ media: "print" });
  assert.deepEqual([await isShown("#sheet-letter"), await isShown("#sheet-code")], [true, false]);
  assert.equal(await scanned(referrer, "#sheet-letter .qr"), link);
  await referrer.emulateMedia({ media: "screen" });

  const asked = [];
  const office = await open(t, {
    viewport: PHONE,
    path: link,
    expected: [/status of 401/],
    prepare: (context) => context.on("request", (request) => asked.push(request.url())),
  });
  await assertUsable(office);
  await openLetter(office, "AAAA-AAAA");
  await office.locator("#open-error").filter({ hasText: "do not belong together" }).waitFor();
  await assertAccessible(office);
  await openLetter(office, code.toLowerCase().replace("-", " "));
  await office.locator("#leg").waitFor();
  assert.equal(new URL(office.url()).pathname, `/worklist/pages/letter/${referral.id}`);
  assert.equal(new URL(office.url()).hash, "");
  await assertUsable(office);
  await say(office, "referral.accepted");
  await say(office, "appointment.scheduled", { start: "2030-01-02T10:00", location: "Suite 4" });
  const report = { visit_on: "2026-01-02", summary: "Stable angina.", next_steps: "Beta blocker: you\nSeen again in June: us" };
  await say(office, "referral.outcome", report);
  await assertUsable(office);
  assert.ok(asked.every((url) => !url.includes(token)), "no request has the token");

  const outcome = (await timeline(network.referrer.key, referral.id)).find(({ type }) => type === "referral.outcome");
  assert.deepEqual([outcome.source, outcome.data.next_steps], ["letter", ["Beta blocker: you", "Seen again in June: us"]]);
  await referrer.goto("/worklist/");
  await referrer.locator("li.row", { has: referrer.locator(`#open-${referral.id}`) }).filter({ hasText: "Report received" }).waitFor();
  const acknowledged = await referrer.evaluate(
    ([id]) => loop.call("POST", `/status/referrals/${id}/events`, { type: "referral.acknowledged", data: { care_plan_changed: true } }),
    [referral.id],
  );
  assert.equal(acknowledged.status, 202);
  assert.equal((await read(network.referrer.key, referral.id)).status, "closed");
});

test("an office uploads its report, and is told what is missing", async (t) => {
  const { network, referral } = await referToOffice();
  const referrer = await open(t, { key: network.referrer.key, path: sheetOf(referral) });
  const { link, code } = await makeLetter(referrer);
  const office = await open(t, { viewport: PHONE, path: link, expected: [/status of 422/] });
  await openLetter(office, code);
  await say(office, "referral.accepted");
  const form = office.locator('form[data-event="referral.outcome"]');
  await office.locator("details", { has: form }).locator("summary").click();
  await form.locator("[data-member=summary]").fill("See the report.");
  const file = { name: "report.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4") };
  await form.locator("[data-member=documents]").setInputFiles(file);
  await form.locator("button").click();
  await form.getByRole("alert").filter({ hasText: "Something is missing" }).waitFor();
  assert.equal(await form.locator("[aria-invalid]").getAttribute("data-member"), "visit_on");
  assert.deepEqual(await form.locator("[data-fault]:visible").allInnerTexts(), ["This is needed."]);
  await assertAccessible(office);
  await form.locator("[data-member=visit_on]").fill("2026-01-02");
  const stored = office.waitForResponse((answer) => answer.url().endsWith("/events") && answer.status() === 202);
  await form.locator("button").click();
  await stored;
  await office.locator("#notices .notice").filter({ hasText: "The referrer has it now" }).waitFor();
  const outcome = (await timeline(network.referrer.key, referral.id)).find(({ type }) => type === "referral.outcome");
  assert.equal(outcome.data.documents.length, 1);
});

test("what an office typed is there still when its session ends, or somebody writes meanwhile", async (t) => {
  const { network, referral } = await referToOffice();
  const referrer = await open(t, { key: network.referrer.key, path: sheetOf(referral) });
  const { link, code } = await makeLetter(referrer);
  const office = await open(t, { viewport: PHONE, path: link, expected: [/status of 401|status of 412/] });
  await openLetter(office, code);
  const form = office.locator('form[data-event="referral.info_requested"]');
  await office.locator("details", { has: form }).locator("summary").click();
  await form.locator("[data-member=question]").fill("Which medications?");
  await office.context().clearCookies();
  await form.locator("button").click();
  await form.getByRole("alert").filter({ hasText: "in another tab" }).waitFor();

  const anotherTab = await office.context().newPage();
  await anotherTab.goto(link);
  await openLetter(anotherTab, code);
  await anotherTab.locator("#leg").waitFor();
  await apply(network.referrer.key, referral.id, "referral.note", { note: "Short of breath as well." });
  await form.locator("button").click();
  await form.getByRole("alert").filter({ hasText: "still here" }).waitFor();
  await office.locator("#part-said").filter({ hasText: "Short of breath as well." }).waitFor();
  await assertUsable(office);
  const anew = office.waitForEvent("load");
  await form.locator("button").click();
  await anew;
  const asked = (await timeline(network.referrer.key, referral.id)).find(({ type }) => type === "referral.info_requested");
  assert.equal(asked.data.question, "Which medications?");
});

test("who has signed in opens a letter and stays signed in", async (t) => {
  const { network, referral } = await referToOffice();
  const referrer = await open(t, { key: network.referrer.key, path: sheetOf(referral), expected: [/status of 401/] });
  const { link, code } = await makeLetter(referrer);
  const office = await referrer.context().newPage();
  await office.goto(link);
  await openLetter(office, code);
  await say(office, "referral.accepted");
  await referrer.reload();
  await referrer.locator("[data-sign-out]").waitFor();
  await office.locator("[data-close]").click();
  await office.getByText("has closed").waitFor();
  await referrer.reload();
  await referrer.locator("[data-sign-out]").waitFor();
  const accepted = (await timeline(network.referrer.key, referral.id)).find(({ type }) => type === "referral.accepted");
  assert.equal(accepted.source, "letter");
});

test("a letter that is revoked says whom to call, and what was open closes", async (t) => {
  const { network, referral } = await referToOffice();
  const referrer = await open(t, { key: network.referrer.key, path: sheetOf(referral) });
  const { link, code } = await makeLetter(referrer);
  const office = await open(t, { viewport: PHONE, path: link, expected: [/status of 40[0-9]|status of 410/] });
  await openLetter(office, code);
  await office.locator("#leg").waitFor();
  await referrer.reload();
  await referrer.locator("[data-revoke]").click();
  await referrer.locator(".letters .badge").filter({ hasText: "Revoked" }).waitFor();
  await office.reload();
  await office.getByText("has closed").waitFor();
  await office.goto("about:blank");
  await office.goto(link);
  await openLetter(office, code);
  await office.getByText("referrer clinic").waitFor();
  await assertUsable(office);
});

test("the note to the patient is in the patient's language and fits a phone", async (t) => {
  const patient = {
    identifier: { system: "urn:oid:1.2.3", value: `p-${Date.now()}` },
    name: { family: "Reyes", given: ["Luz"] },
    birth_date: "1990-01-01",
    language: "es",
  };
  const { network, referral } = await referToOffice({ patient });
  const path = `/worklist/pages/referrals/${referral.id}/note`;
  const page = await open(t, { key: network.referrer.key, path, viewport: PHONE });
  await page.locator("#sheet-note[lang=es]").filter({ hasText: "Qué llevar" }).waitFor();
  await assertUsable(page);
});
