/** A new referral, written by whoever coordinates them: by keyboard, on a phone, in either language, and sent once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { everyItem, unique } from "../black-box/client.mjs";
import { addOrganization, addService, createNetwork } from "../black-box/network.mjs";
import { newPatient, refer } from "../black-box/referrals.mjs";
import { assertUsable, open, PHONE } from "./browser.mjs";

const FORM = "/worklist/pages/new";
/** What is not finished is answered so, and a browser logs it. */
const UNFINISHED = /status of 422/;
const SNOMED = "http://snomed.info/sct";

/** A network with two services of a specialty of its own: one asks for an ECG and is free soon, one is free late and asks for nothing. */
async function createNetworkThatAsks() {
  const network = await createNetwork();
  const specialty = unique("specialty");
  const day = (days) => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  const codes = [{ system: SNOMED, code: "183519002", display: "Referral to cardiology service" }];
  const requirements = [{ id: "ecg", kind: "document", display: "Resting ECG", max_age_days: 90, level: "required" }];
  const soon = { specialty, codes, requirements, next_available: day(3), locations: ["Main Street 1, Harbour"], languages: ["es"] };
  network.recipient.asking = await addService(network.recipient.id, soon);
  const late = { specialty, codes, next_available: day(20), locations: ["Hilltop 5"], languages: ["en"] };
  network.second.late = await addService(network.second.id, late);
  const closed = await addOrganization(network.network, "full");
  await addService(closed.id, { specialty, codes, capacity: 0 });
  return { ...network, specialty };
}

const sentBy = (network) => everyItem("/worklist/referrals", network.referrer.key);
const openForm = (t, network, options = {}) =>
  open(t, { key: network.referrer.key, path: FORM, expected: [UNFINISHED, /status of 404/], ...options });

/** Goes on by Tab until the focus is on an element. */
async function tabTo(page, selector) {
  const PRESSES_MAX = 150;
  for (let pressed = 0; pressed < PRESSES_MAX; pressed += 1) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached by the keyboard`);
}

async function type(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.type(text);
}

/** What a request needs, but for the recipient. */
async function fillNeeded(page, patient = newPatient()) {
  for (const [at, value] of [
    ["patient-name-given", patient.name.given.join(" ")],
    ["patient-name-family", patient.name.family],
    ["patient-birth_date", patient.birth_date],
    ["patient-identifier-value", patient.identifier.value],
    ["patient-identifier-system", patient.identifier.system],
    ["clinical_question", "Is the chest pain cardiac?"],
  ]) {
    await page.locator(`#f-${at}`).fill(value);
  }
}

test("by keyboard alone a referral is written, its missing requirement overridden, and sent to whom was chosen", async (t) => {
  const network = await createNetworkThatAsks();
  const page = await openForm(t, network);
  const patient = newPatient();
  await page.locator("[data-score]").getByText("of 10").waitFor();

  await type(page, "#f-patient-name-given", "Ana María");
  await type(page, "#f-patient-name-family", patient.name.family);
  // A date is typed as the reader's language writes it.
  await type(page, "#f-patient-birth_date", "02291980");
  await type(page, "#f-patient-identifier-value", patient.identifier.value);
  await type(page, "#f-patient-identifier-system", patient.identifier.system);
  await type(page, "#f-patient-phone", "+1 555 0100");
  await type(page, "#f-clinical_question", "Is the chest pain cardiac?");
  await type(page, "#specialty", network.specialty);
  const places = page.locator("[name=place]");
  await places.nth(2).waitFor();
  // The soonest first, after whoever fits best; who cannot take it is told with the reason.
  assert.deepEqual(await places.evaluateAll((all) => all.map(({ value }) => value)), [
    "",
    `${network.recipient.id} ${network.recipient.asking}`,
    `${network.second.id} ${network.second.late}`,
  ]);
  const first = await page.locator(".place").nth(1).textContent();
  for (const told of ["recipient clinic", "about 3 days", "Harbour", "Spanish", "until its first free day"]) {
    assert.ok(first.includes(told), `${told}: ${first}`);
  }
  await page.locator("[data-excluded] summary").click();
  await page.getByText("It has no room").waitFor();
  // One code is all that its services do: it is filled in.
  assert.equal(await page.locator("#f-service-code").inputValue(), "183519002");

  await page.locator("#near").focus();
  await tabTo(page, "[name=place]");
  await page.keyboard.press("ArrowDown");
  const requirement = page.locator("[data-requirement=ecg]");
  await requirement.getByText("Missing").waitFor();
  assert.ok((await requirement.textContent()).includes("at most 90 days old"));
  assert.ok((await page.locator("[data-part=needed]").textContent()).includes("Resting ECG"));
  await type(page, "#override-ecg", "The machine is broken.");
  await requirement.getByText("Goes without it").waitFor();
  await page.getByText("Nothing holds it up.").waitFor();
  await tabTo(page, "[type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/worklist/pages/referrals/*");

  const [sent, ...others] = await sentBy(network);
  assert.deepEqual(others, []);
  assert.ok(page.url().endsWith(`/${sent.id}`));
  assert.deepEqual(sent.recipient, { organization: network.recipient.id, service: network.recipient.asking });
  assert.deepEqual(sent.patient.name, { family: patient.name.family, given: ["Ana", "María"] });
  assert.equal(sent.patient.birth_date, "1980-02-29");
  assert.deepEqual(
    sent.requirements.map(({ id, met, override }) => ({ id, met, override })),
    [{ id: "ecg", met: false, override: "The machine is broken." }],
  );
});

test("every fault is shown beside its field at once, with the focus on the first, and nothing is sent", async (t) => {
  const network = await createNetworkThatAsks();
  const page = await openForm(t, network);
  await page.locator("#f-patient-email").fill("nobody");
  await page.locator("[type=submit]").click();
  await page.locator("#f-patient-name-family-fault").getByText("This is needed.").waitFor();
  const invalid = await page.locator("[aria-invalid=true]").evaluateAll((fields) => fields.map(({ id }) => id));
  assert.deepEqual(invalid, [
    "f-patient-name-family",
    "f-patient-birth_date",
    "f-patient-identifier-value",
    "f-patient-identifier-system",
    "f-patient-email",
    "f-clinical_question",
    "specialty",
    "f-service-code",
    "f-service-system",
  ]);
  assert.equal(await page.evaluate(() => document.activeElement.id), "f-patient-name-family");
  assert.deepEqual(await sentBy(network), []);
  await page.locator("#f-patient-name-family").fill("Rivera");
  await page.locator("#f-patient-name-family[aria-invalid]").waitFor({ state: "detached" });
  await assertUsable(page);
});

test("sent twice, and once more after the answer was lost, it is one referral", async (t) => {
  const network = await createNetworkThatAsks();
  const page = await openForm(t, network);
  await fillNeeded(page);
  await page.locator("#specialty").selectOption(network.specialty);
  await page.locator(`[name=place][value="${network.second.id} ${network.second.late}"]`).check();
  // It arrives; what it answers does not.
  await page.evaluate(() => {
    const really = window.fetch;
    window.sent = 0;
    window.fetch = async (path, options) => {
      const answer = await really(path, options);
      if (path !== "/intake/referrals") return answer;
      window.sent += 1;
      if (window.sent === 1) throw new TypeError("the answer was lost");
      return answer;
    };
  });
  await page.locator("#compose").evaluate((form) => {
    form.requestSubmit();
    form.requestSubmit();
  });
  await page.locator("#form-fault").getByText("No connection").waitFor();
  assert.equal(await page.evaluate(() => window.sent), 1);
  assert.equal((await sentBy(network)).length, 1);
  await page.locator("[type=submit]").dblclick();
  await page.waitForURL("**/worklist/pages/referrals/*");
  const all = await sentBy(network);
  assert.equal(all.length, 1);
  assert.ok(page.url().endsWith(`/${all[0].id}`));
});

test("what a service asks for is added with one button, and an open referral of the same patient is pointed at", async (t) => {
  const network = await createNetworkThatAsks();
  const patient = newPatient();
  const open = await refer(network, {
    patient,
    urgency: "urgent",
    recipient: { organization: network.recipient.id, service: network.recipient.asking },
  });
  const page = await openForm(t, network);
  await fillNeeded(page, patient);
  await page.locator("#specialty").selectOption(network.specialty);
  await page.locator("[data-part=duplicates] a").getByText(open.id).waitFor();
  await page.locator("[data-requirement=ecg] [data-add-it]").click();
  assert.equal(await page.evaluate(() => document.activeElement.dataset.member), "date");
  await page.locator("[data-item] [data-member=date]").fill(new Date().toISOString().slice(0, 10));
  await page.locator("[data-requirement=ecg]").getByText("There").waitFor();
  // Whoever fits best is found when it is sent.
  await page.locator("[type=submit]").click();
  await page.waitForURL("**/worklist/pages/referrals/*");
  const made = (await sentBy(network)).find(({ id }) => page.url().endsWith(id));
  assert.deepEqual(made.recipient, { organization: network.recipient.id, service: network.recipient.asking });
  assert.equal(made.routed.alternatives, 1);
  assert.deepEqual(made.possible_duplicates, [open.id]);
});

test("an office outside the network is written down, and an item that was removed is not sent", async (t) => {
  const network = await createNetworkThatAsks();
  const page = await openForm(t, network);
  await fillNeeded(page);
  await page.locator("[name=to][value=outside]").check();
  await page.locator("#service-code summary").click();
  await page.locator("#f-service-code").fill("183543004");
  await page.locator("#f-service-system").fill(SNOMED);
  await page.locator("#f-service-display").fill("Referral to service");
  await page.locator("#f-supporting [data-add]").click();
  await page.locator("[type=submit]").click();
  // The name of the office is needed now; an item in which nothing stands is none.
  await page.locator("#f-recipient-external-name-fault").getByText("This is needed.").waitFor();
  await page.locator("#f-recipient-external-name").fill("Dr Nobody");
  await page.locator("#f-supporting [data-member=display]").fill("Letter");
  await page.locator("#f-supporting [data-remove]").click();
  await page.getByText("Nothing holds it up.").waitFor();
  await page.locator("[type=submit]").click();
  await page.waitForURL("**/worklist/pages/referrals/*");
  const [sent] = await sentBy(network);
  assert.deepEqual(sent.recipient, { external: { name: "Dr Nobody" } });
  assert.deepEqual(sent.supporting, []);
});

test("in Spanish and on a phone it is the same form, and nothing of it is kept by the device", async (t) => {
  const network = await createNetworkThatAsks();
  const page = await openForm(t, network, { language: "es", viewport: PHONE });
  await page.getByRole("heading", { name: "Nueva derivación" }).waitFor();
  await fillNeeded(page);
  await page.locator("#specialty").selectOption(network.specialty);
  await page.locator(".place").nth(1).getByText("hasta su primer día libre").waitFor();
  await page.locator("[data-requirement=ecg]").getByText("Falta").waitFor();
  await page.locator("[type=submit]").click();
  await page.locator("#override-ecg-fault").getByText("El servicio lo necesita.").waitFor();
  for (const folded of await page.locator("details").all()) await folded.evaluate((details) => (details.open = true));
  await page.locator("#f-supporting [data-add]").click();
  await page.locator("#f-reason [data-add]").click();
  await assertUsable(page);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.cookie]));
  assert.ok(!kept.includes("cardiac") && !kept.includes("Chalmers"), kept);
  assert.deepEqual(await sentBy(network), []);
});

test("a file goes with it: too large is said beside it, and the recipient reads it", async (t) => {
  const network = await createNetworkThatAsks();
  const page = await openForm(t, network);
  await fillNeeded(page);
  await page.locator("#specialty").selectOption(network.specialty);
  const requirement = page.locator("[data-requirement=ecg]");
  await requirement.getByRole("button", { name: "Add it" }).click();
  const item = page.locator("#f-supporting [data-item]");
  await item.getByLabel("Date").fill(new Date().toISOString().slice(0, 10));
  const file = item.getByLabel("File");
  const chosen = (bytes) => ({ name: "ecg.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(bytes, "e") });
  await file.setInputFiles(chosen(1_500_001));
  await requirement.getByText("There").waitFor();
  await page.locator("[type=submit]").click();
  await item.getByText("larger than 1.5 MB").waitFor();
  assert.equal(await file.getAttribute("aria-invalid"), "true");
  assert.deepEqual(await sentBy(network), []);
  await file.setInputFiles(chosen(1_000));
  await assertUsable(page);
  await page.locator("[type=submit]").click();
  await page.waitForURL("**/worklist/pages/referrals/*");

  const recipient = await open(t, { key: network.recipient.key, path: new URL(page.url()).pathname });
  const loading = recipient.waitForEvent("download");
  await recipient.locator("#part-supporting").getByRole("link", { name: "Download" }).click();
  const stream = await (await loading).createReadStream();
  assert.equal(Buffer.concat(await stream.toArray()).length, 1_000);
});
