/** One referral in a real browser: the whole loop by two people, by keyboard, on a phone, in print. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { addService, createNetwork } from "../black-box/network.mjs";
import { apply, eventData, read, refer } from "../black-box/referrals.mjs";
import { assertAccessible, assertFits, open, PHONE } from "./browser.mjs";

const pathOf = ({ id }) => `/worklist/pages/referrals/${id}`;
const status = (page) => page.locator("[data-status]");
const standsAt = (page, text) => status(page).filter({ hasText: text }).waitFor();
const said = (page, text) => page.locator("#notices").filter({ hasText: text }).waitFor();

/** Opens the form behind a button, and gives it. */
async function form(page, name) {
  await page.locator("summary", { hasText: name }).first().click();
  return page.getByRole("form", { name });
}

/** The referral as the interface shows it. */
const stored = (network, { id }) => read(network.referrer.key, id);

const submit = (form) => form.locator("button[type=submit]").click();

/** As a person types it into a field for a local time. */
function local(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T10:30`;
}

const NEXT_WEEK = new Date(Date.now() + 7 * 24 * 60 * 60 * 1000);

test("two people close a loop, and each sees what the other does without a reload", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  const path = pathOf(referral);
  const recipient = await open(t, { key: network.recipient.key, path });
  const referrer = await open(t, { key: network.referrer.key, path });
  await standsAt(referrer, "Waiting for an answer");

  await submit(await form(recipient, "Accept"));
  await said(recipient, "Done.");
  await standsAt(recipient, "Accepted");
  await standsAt(referrer, "Accepted");

  const book = await form(recipient, "Book the visit");
  await book.getByLabel("Start").fill(local(NEXT_WEEK));
  await book.getByLabel("Where").fill("Main Street 1");
  await submit(book);
  await standsAt(recipient, "Visit booked");
  await standsAt(referrer, "Visit booked");

  const report = await form(recipient, "Send the report");
  await report.getByLabel("Seen on").fill(new Date().toISOString().slice(0, 10));
  await report.getByLabel("Summary").fill("Stable angina.\nNo stress test needed.");
  const steps = report.getByRole("group", { name: "Next steps" });
  await steps.getByLabel("What").fill("Start a beta blocker");
  await steps.getByLabel("Who").fill("Referrer");
  await steps.getByRole("button", { name: "Add another" }).click();
  await steps.getByLabel("What").nth(1).fill("Control in six months");
  await report.getByLabel("Documents").setInputFiles({
    name: "report.pdf",
    mimeType: "application/pdf",
    buffer: Buffer.from("%PDF-1.4 the report"),
  });
  await submit(report);
  await standsAt(recipient, "Report received");
  await standsAt(referrer, "Report received");

  const reports = referrer.locator("#part-reports");
  await reports.getByText("Start a beta blocker · Referrer").waitFor();
  const loading = referrer.waitForEvent("download");
  await reports.getByRole("link", { name: "Download" }).click();
  const stream = await (await loading).createReadStream();
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), "%PDF-1.4 the report");

  const acknowledge = await form(referrer, "Acknowledge");
  await acknowledge.getByRole("group", { name: "Does the care plan change?" }).getByLabel("Yes").check();
  await submit(acknowledge);
  await standsAt(referrer, "Loop closed");
  await standsAt(recipient, "Loop closed");

  const told = await form(referrer, "Patient was told");
  await told.getByLabel("How").selectOption("phone");
  await submit(told);
  const closing = referrer.locator("#part-closing");
  await closing.filter({ hasNotText: "not yet" }).waitFor();
  await recipient.locator("#part-closing").filter({ hasNotText: "not yet" }).waitFor();
  await assertAccessible(referrer);
});

test("every fault of a form is shown at its field, and the first has the focus", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  await apply(network.recipient.key, referral.id, "referral.accepted", eventData("referral.accepted"));
  const page = await open(t, { key: network.recipient.key, path: pathOf(referral), expected: [/status of 422/] });
  const report = await form(page, "Send the report");
  await report.getByLabel("Who sees the patient").fill("Dr Bell");
  await submit(report);
  await report.getByText("Please look at what is marked.").waitFor();
  const visitOn = report.getByLabel("Seen on");
  assert.equal(await visitOn.getAttribute("aria-invalid"), "true");
  assert.equal(await report.getByLabel("Summary").getAttribute("aria-invalid"), "true");
  assert.equal(await visitOn.evaluate((input) => input === document.activeElement), true);
  assert.match(await report.locator("[data-member=visit_on] [data-error]").innerText(), /This is needed/);
  assert.equal(await report.getByLabel("Who sees the patient").inputValue(), "Dr Bell", "what was typed stays");
  await assertAccessible(page);
});

test("what the other side did meanwhile is shown, and what was typed is kept", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  for (const type of ["referral.accepted", "referral.outcome"]) {
    await apply(network.recipient.key, referral.id, type, eventData(type));
  }
  const page = await open(t, { key: network.referrer.key, path: pathOf(referral), expected: [/status of 4(09|12)/] });
  const acknowledge = await form(page, "Acknowledge");
  await acknowledge.getByLabel("Note").fill("We stop the aspirin.");
  await acknowledge.getByRole("group", { name: "Does the care plan change?" }).getByLabel("Yes").check();
  const amended = { ...eventData("referral.outcome_amended"), summary: "Angina after all." };
  await apply(network.recipient.key, referral.id, "referral.outcome_amended", amended);
  // Seen live while somebody types, in every part but the one that is typed in.
  await page.locator("#part-reports").getByText("Angina after all.").waitFor();
  assert.equal(await acknowledge.getByLabel("Note").inputValue(), "We stop the aspirin.");
  await submit(acknowledge);
  await acknowledge.getByText("Meanwhile: Report amended.").waitFor();
  assert.equal(await acknowledge.getByLabel("Note").inputValue(), "We stop the aspirin.");
  assert.equal((await stored(network, referral)).status, "completed", "nothing was sent");
  await submit(acknowledge);
  await standsAt(page, "Loop closed");
});

test("what ends a referral is asked twice", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  const page = await open(t, { key: network.recipient.key, path: pathOf(referral) });
  const decline = await form(page, "End it without a report");
  await decline.getByLabel("Reason").selectOption("moved");
  await submit(decline);
  const sure = page.getByRole("dialog", { name: "Are you sure?" });
  await assertAccessible(page);
  await sure.getByRole("button", { name: "Go back" }).click();
  await sure.waitFor({ state: "hidden" });
  assert.equal((await stored(network, referral)).status, "sent");
  await submit(decline);
  await sure.getByRole("button", { name: "End it without a report" }).click();
  await standsAt(page, "Ended without a visit or report");
});

test("an event that comes before its place is said to wait, and is applied by a person", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  await apply(network.recipient.key, referral.id, "referral.outcome", eventData("referral.outcome"), "parked");
  const page = await open(t, { key: network.referrer.key, path: pathOf(referral) });
  await page.locator("#events").getByText("Parked: it waits for its place").waitFor();
  await page.locator("#state").getByRole("link", { name: "Apply now: Report" }).first().click();
  await page.keyboard.type("It is theirs, by phone");
  await page.getByRole("form", { name: "Apply now: Report" }).locator("button[type=submit]").click();
  await standsAt(page, "Report received");
  await page.locator("#events").getByText("Implied: taken to have happened.").first().waitFor();
});

test("a referrer insists, and a recipient sends on", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  await apply(network.recipient.key, referral.id, "referral.declined", eventData("referral.declined"));
  const page = await open(t, { key: network.referrer.key, path: pathOf(referral) });
  const insist = await form(page, "Insist on it");
  await insist.getByLabel("Reason").fill("She meets the criteria.");
  await submit(insist);
  await standsAt(page, "Waiting for an answer");
  await page.locator("#course").getByRole("heading", { name: /Leg 2/ }).waitFor();

  const recipient = await open(t, { key: network.recipient.key, path: pathOf(referral) });
  const on = await form(recipient, "Send on to another recipient");
  const second = `${network.second.id}/${network.second.service}`;
  const whom = on.getByLabel("To whom");
  await whom.locator(`option[value="${second}"]`).waitFor({ state: "attached" });
  // Who has it already is not offered.
  assert.equal(await whom.locator(`option[value="${network.recipient.id}/${network.recipient.service}"]`).count(), 0);
  await whom.selectOption(second);
  await on.getByLabel("Reason").fill("They have the scanner.");
  await submit(on);
  await recipient.getByRole("dialog").getByRole("button", { name: "Send on to another recipient" }).click();
  await page.locator("#course").getByRole("heading", { name: /Leg 3/ }).waitFor();
});

test("among many recipients one is found by its name, and what was chosen stays", async (t) => {
  const OTHERS = 51;
  const network = await createNetwork();
  const ids = Array.from({ length: OTHERS }, (_, index) => `ward-${String(index).padStart(2, "0")}`);
  await Promise.all(ids.map((id) => addService(network.second.id, { id })));
  const referral = await refer(network);
  const page = await open(t, { key: network.recipient.key, path: pathOf(referral) });
  const on = await form(page, "Send on to another recipient");
  const whom = on.getByLabel("To whom");
  await whom.locator("option", { hasText: "More: search for it" }).waitFor({ state: "attached" });
  await on.getByLabel("Search by office").fill("WARD-50");
  await whom.locator("option", { hasText: "More" }).waitFor({ state: "detached" });
  await whom.selectOption(`${network.second.id}/ward-50`);
  await on.getByLabel("Search by office").fill("nobody is called that");
  await page.waitForFunction((select) => select.options.length === 2, await whom.elementHandle());
  assert.equal(await whom.inputValue(), `${network.second.id}/ward-50`);
});

test("what happened earlier is said with its time, and what is still to come is refused beside the field, in the page's language", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  const options = { key: network.recipient.key, path: pathOf(referral), language: "es", timezoneId: "UTC", expected: [/status of 422/] };
  const page = await open(t, options);
  const contact = await form(page, "Registrar un contacto con el paciente");
  await contact.getByLabel("Cómo").selectOption("phone");
  await contact.getByLabel("Resultado").selectOption("reached");
  const when = contact.getByLabel("Cuándo ocurrió");
  await when.fill(local(NEXT_WEEK));
  await submit(contact);
  await contact.locator("[data-member=occurred_at] [data-error]").filter({ hasText: "Está en el futuro." }).waitFor();
  assert.equal(await when.getAttribute("aria-invalid"), "true");
  // A moment after it was sent, and before now.
  const earlier = new Date(Date.parse(referral.sent_at) + 1).toISOString();
  await when.fill(earlier.slice(0, -1));
  await submit(contact);
  await said(page, "Hecho.");
  const { contacts } = await stored(network, referral);
  assert.deepEqual(contacts.map(({ at, outcome }) => ({ at: Date.parse(at), outcome })), [{ at: Date.parse(earlier), outcome: "reached" }]);
});

test("the note to the patient is a click away, and for an office without software the letter is what to do next", async (t) => {
  const network = await createNetwork();
  const [connected, external] = await Promise.all([
    refer(network),
    refer(network, { recipient: { external: { name: "Dr Nobody's Clinic", phone: "+1 555 0190" } } }),
  ]);
  const page = await open(t, { key: network.referrer.key, path: pathOf(external) });
  const todo = page.locator("#todo");
  await todo.getByText("It waits for Dr Nobody's Clinic.").waitFor();
  await todo.getByRole("link", { name: "Letter to the office" }).click();
  await page.getByRole("button", { name: "Make link and code" }).waitFor();
  await page.getByRole("link", { name: "Back to the referral" }).click();
  await todo.getByRole("link", { name: "Note to the patient" }).click();
  await page.getByRole("button", { name: "Print the note" }).waitFor();
  await page.goto(pathOf(connected));
  await todo.getByRole("link", { name: "Note to the patient" }).waitFor();
  assert.equal(await todo.getByRole("link", { name: "Letter to the office" }).count(), 0);
  // A recipient has neither.
  const recipient = await open(t, { key: network.recipient.key, path: pathOf(connected) });
  assert.equal(await recipient.locator("#todo").getByRole("link").count(), 0);
});

test("a file is supplied with what was asked for, and the other side reads it", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  await apply(network.recipient.key, referral.id, "referral.info_requested", eventData("referral.info_requested"));
  const page = await open(t, { key: network.referrer.key, path: pathOf(referral) });
  const supply = await form(page, "Supply information");
  const rows = supply.getByRole("group", { name: "What comes with it" });
  await rows.getByLabel("Kind").selectOption("document");
  await rows.getByLabel("What").fill("ECG");
  await rows.getByLabel("Date").fill(new Date().toISOString().slice(0, 10));
  await rows.getByLabel("File").setInputFiles({ name: "ecg.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF the ECG") });
  await submit(supply);
  await said(page, "Done.");
  const recipient = await open(t, { key: network.recipient.key, path: pathOf(referral) });
  const loading = recipient.waitForEvent("download");
  await recipient.locator("#part-supporting").getByRole("link", { name: "Download" }).click();
  const stream = await (await loading).createReadStream();
  assert.equal(Buffer.concat(await stream.toArray()).toString(), "%PDF the ECG");
});

test("a referral is accepted and a visit booked by keyboard alone", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  const page = await open(t, { key: network.recipient.key, path: pathOf(referral) });
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement.innerText ?? "");
  /** Tabs until something has the focus; the order of the page must lead there. */
  async function tabTo(isThere, what) {
    for (let tabs = 0; tabs < 80; tabs += 1) {
      await keyboard.press("Tab");
      if (await isThere()) return;
    }
    assert.fail(`no way to ${what}`);
  }
  await tabTo(async () => (await focused()).startsWith("Accept"), "Accept");
  await keyboard.press("Enter");
  const send = page.locator("#do-0-referral-accepted-send");
  await tabTo(() => send.evaluate((button) => button === document.activeElement), "its button");
  await keyboard.press("Enter");
  await standsAt(page, "Accepted");
  // What was done is where the focus is: the new state.
  await page.waitForFunction(() => document.activeElement.id === "state");
  await tabTo(async () => (await focused()).startsWith("Book the visit"), "Book the visit");
  await keyboard.press("Enter");
  await keyboard.press("Tab");
  const start = page.locator("#do-0-appointment-scheduled-start");
  assert.equal(await start.evaluate((input) => input === document.activeElement), true);
  // Month, day and year, then the time; a year may have more digits than four, so that it is left by a key.
  const [year, month, day] = local(NEXT_WEEK).slice(0, 10).split("-");
  await keyboard.type(`${month}${day}${year}`);
  await keyboard.press("ArrowRight");
  await keyboard.type("1030AM");
  await keyboard.press("Enter");
  await standsAt(page, "Visit booked");
});

for (const language of ["en", "es"]) {
  test(`it fits a phone and is accessible with a form open (${language})`, async (t) => {
    const network = await createNetwork();
    const referral = await refer(network);
    await apply(network.recipient.key, referral.id, "referral.accepted", eventData("referral.accepted"));
    await apply(network.recipient.key, referral.id, "referral.info_requested", eventData("referral.info_requested"));
    const page = await open(t, { key: network.recipient.key, path: pathOf(referral), language, viewport: PHONE });
    for (const id of ["do-0-referral-outcome", "do-0-referral-redirected", "do-0-appointment-scheduled"]) {
      await page.locator(`#${id}-open`).click();
    }
    await assertFits(page);
    await assertAccessible(page);
  });
}

test("without a script everything can be read, and nothing is sent", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  const plain = await open(t, { key: network.recipient.key });
  // Signing in takes a script; from here on there is none.
  const browser = await plain.context().newCDPSession(plain);
  await browser.send("Emulation.setScriptExecutionDisabled", { value: true });
  await plain.goto(pathOf(referral));
  await plain.locator("#todo noscript p").filter({ hasText: "Acting on a referral needs JavaScript." }).waitFor();
  await plain.locator("#events").getByText("Referral sent").waitFor();
  await plain.locator("#do-0-referral-accepted-open").click();
  await plain.locator("#do-0-referral-accepted-send").click();
  assert.equal(new URL(plain.url()).pathname, pathOf(referral));
  assert.equal((await stored(network, referral)).status, "sent");
});

test("in print there is everything but the forms", async (t) => {
  const network = await createNetwork();
  const referral = await refer(network);
  const page = await open(t, { key: network.recipient.key, path: pathOf(referral) });
  await page.emulateMedia({ media: "print" });
  for (const id of ["state", "course", "part-request", "part-patient", "part-supporting", "events"]) {
    assert.equal(await page.locator(`#${id}`).isVisible(), true, id);
  }
  assert.equal(await page.locator("#todo").isVisible(), false);
  assert.equal(await page.locator("main button:visible, nav:visible").count(), 0);
  await page.pdf();
});
