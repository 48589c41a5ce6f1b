/** What comes from and goes to other systems, in the hands of a person. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { adminKey, everyItem, expectStatus, post, unique } from "../black-box/client.mjs";
import { acceptance, codeOf, ORDERS, pid, sendHl7 } from "../black-box/doors.mjs";
import { createNetwork } from "../black-box/network.mjs";
import { startReceiver } from "../black-box/receiver.mjs";
import { newPatient, read, refer } from "../black-box/referrals.mjs";
import { assertFocusVisible, assertUsable, DESKTOP, open, PHONE } from "./browser.mjs";

const UNMATCHED = "/worklist/pages/unmatched";
const DELIVERIES = "/worklist/pages/deliveries";
const LAYOUTS = [
  ["en", DESKTOP],
  ["es", PHONE],
];

/** A referral, and a message of its recipient's with its number and another patient. */
async function createMismatch() {
  const network = await createNetwork();
  const order = unique("order");
  const referral = await refer(network, { placer: { system: `urn:oid:${ORDERS}`, value: order } });
  assert.equal(codeOf(await sendHl7(network.recipient.key, acceptance(order, pid(newPatient())))), "AE");
  return { network, referral, order };
}

test("a person reads what fits no referral, finds the referral, and says that it belongs there", async (t) => {
  const { network, referral, order } = await createMismatch();
  const page = await open(t, { key: network.recipient.key });
  await page.getByRole("link", { name: "Unmatched" }).click();
  const message = page.locator(".messages > li");
  await message.getByText("It names another patient").waitFor();
  await message.getByText("The message as it came").click();
  assert.ok((await message.locator("pre").innerText()).includes(order));

  await message.getByLabel("Which referral?").fill("nobody's name");
  await page.keyboard.press("Enter");
  await message.getByRole("alert").getByText("No referral has these words").waitFor();
  await message.getByLabel("Which referral?").fill("Chalmers");
  await page.keyboard.press("Enter");
  await message.getByRole("radio", { name: "Chalmers" }).check();
  await assertUsable(page);
  await message.getByRole("button", { name: "It belongs there" }).click();
  await page.getByText("Nothing waits").waitFor();
  await page.getByRole("status").getByText("The message was placed.").waitFor();
  assert.equal((await read(network.referrer.key, referral.id)).status, "accepted");
});

test("a message that belongs nowhere is set aside with the reason", async (t) => {
  const { network, referral } = await createMismatch();
  const page = await open(t, { key: network.recipient.key, path: UNMATCHED });
  await page.getByLabel("Or it belongs to none, because").fill("A test of the sender's.");
  await page.getByRole("button", { name: "Set aside" }).click();
  await page.getByText("Nothing waits").waitFor();
  assert.deepEqual(await everyItem("/worklist/unmatched", network.recipient.key), []);
  assert.equal((await read(network.referrer.key, referral.id)).status, "sent");
});

test("who was not the first to decide is told so", async (t) => {
  const { network } = await createMismatch();
  const page = await open(t, { key: network.recipient.key, path: UNMATCHED, expected: [/status of 409/] });
  await page.getByLabel("Or it belongs to none, because").fill("A test.");
  const [one] = await everyItem("/worklist/unmatched", network.recipient.key);
  expectStatus(await post(`/status/unmatched/${one.id}/match`, network.recipient.key, { dismiss: "A colleague." }), 202);
  await page.getByRole("button", { name: "Set aside" }).click();
  await page.getByText("Somebody else was first").waitFor();
  await page.getByText("Nothing waits").waitFor();
});

test("a message that comes in while the view is open shows without a reload", async (t) => {
  const network = await createNetwork();
  const prepare = (context) => context.clock.install();
  const page = await open(t, { key: network.recipient.key, path: UNMATCHED, prepare });
  await page.getByText("Nothing waits").waitFor();
  assert.equal(codeOf(await sendHl7(network.recipient.key, acceptance(unique("order"), pid(newPatient())))), "AE");
  await page.clock.runFor(5_000);
  await page.locator(".messages > li").getByText("No referral has what it names").waitFor();
});

test("what somebody is typing is left alone by a change; they are told of it and decide when it shows", async (t) => {
  const { network } = await createMismatch();
  const prepare = (context) => context.clock.install();
  const page = await open(t, { key: network.recipient.key, path: UNMATCHED, prepare });
  const reason = page.getByLabel("Or it belongs to none, because");
  await reason.fill("half a sent");
  assert.equal(codeOf(await sendHl7(network.recipient.key, acceptance(unique("order"), pid(newPatient())))), "AE");
  await page.clock.runFor(5_000);
  const show = page.getByRole("button", { name: "Show them" });
  await show.waitFor();
  assert.equal(await reason.inputValue(), "half a sent");
  assert.equal(await page.locator(".messages > li").count(), 1);
  await show.click();
  await page.locator(".messages > li").nth(1).waitFor();
});

/** An organisation with an address that says of the first message after its challenge that it is gone. */
async function createGone(t) {
  const network = await createNetwork();
  const receiver = await startReceiver((count) => (count === 2 ? 410 : 204));
  t.after(() => receiver.stop());
  const base = `/directory/organizations/${network.recipient.id}`;
  expectStatus(await post(`${base}/endpoints`, adminKey, { url: receiver.url }), 201);
  const undelivered = (query = "") => everyItem(`${base}/deliveries${query}`, adminKey);
  await sweepUntil(async () => receiver.received.length === 1 && (await undelivered()).length === 0);
  const referral = await refer(network);
  await sweepUntil(async () => (await undelivered("?state=dead")).length === 1);
  return { network, receiver, referral, undelivered };
}

/** What was answered is written down a moment after it was. */
async function sweepUntil(isSo) {
  const SWEEPS_MAX = 2_000;
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep += 1) {
    expectStatus(await post("/sweep", adminKey), 200);
    if (await isSo()) return;
  }
  assert.fail("it never came");
}

test("a person sees what was not delivered and why, switches the address on, and sends it again", async (t) => {
  const { network, receiver, referral, undelivered } = await createGone(t);
  const page = await open(t, { key: network.recipient.key });
  await page.getByRole("link", { name: "Deliveries" }).click();
  await page.getByText("it said that it is gone").waitFor();
  await page.getByText("Answered with status 410").waitFor();
  assert.equal(await page.getByRole("link", { name: `Referral ${referral.id}` }).count(), 1);
  await assertUsable(page);

  await page.getByRole("button", { name: "Switch on again" }).click();
  await page.getByRole("status").getByText("The address is challenged now.").waitFor();
  await page.getByRole("button", { name: "Send again", exact: true }).click();
  await page.getByRole("status").getByText("It is sent again.").waitFor();
  await sweepUntil(async () => (await undelivered()).length === 0);
  assert.equal(receiver.received.filter(({ body }) => body.type === "referral.sent").length, 2);
  await page.reload();
  await page.getByText("all that was sent arrived").waitFor();
});

for (const [language, viewport] of LAYOUTS) {
  test(`both views are accessible and fit (${language}, ${viewport.width} wide)`, async (t) => {
    const { network } = await createGone(t);
    assert.equal(codeOf(await sendHl7(network.recipient.key, acceptance(unique("order"), pid(newPatient())))), "AE");
    const page = await open(t, { key: network.recipient.key, path: UNMATCHED, language, viewport });
    await page.locator("details > summary").click();
    await assertUsable(page);
    assert.ok((await assertFocusVisible(page)) > 8);
    await page.goto(DELIVERIES);
    await assertUsable(page);
    assert.ok((await assertFocusVisible(page)) > 8);
  });
}
