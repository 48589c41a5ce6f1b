/**
 * Takes the pictures of the README from the demo network.
 *
 *     BASE_URL=… CHROMIUM_BIN=… SCREENSHOTS=FOLDER DEMO_NETWORK=JSON node screenshots.mjs
 *
 * A new picture is a line in `VIEWS`. DEMO_NETWORK is what `demo-data` printed.
 */
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { BASE_URL, CHROMIUM_BIN, SCREENSHOTS, DEMO_NETWORK } = process.env;
const PRACTICE = "demo-riverside";
const HEART_CENTRE = "demo-heart-centre";

/** A picture is part of every clone. */
const BYTES_MAX = 200_000;

const DESKTOP = { width: 1280, height: 720 };
const TALL = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 720 };

/** What is taken: the file's name, who looks, how large the window is, and how to get to the view from the worklist. */
const VIEWS = [
  { name: "worklist", by: PRACTICE, viewport: DESKTOP },
  { name: "worklist-phone", by: PRACTICE, viewport: PHONE },
  { name: "referral", by: PRACTICE, viewport: TALL, visit: openReported },
  { name: "new-referral", by: PRACTICE, viewport: TALL, path: "/worklist/pages/new", visit: write },
  { name: "measures", by: PRACTICE, viewport: DESKTOP, path: "/worklist/pages/measures" },
  { name: "unmatched", by: HEART_CENTRE, viewport: DESKTOP, path: "/worklist/pages/unmatched" },
];

const { keys } = JSON.parse(DEMO_NETWORK);
await mkdir(SCREENSHOTS, { recursive: true });
const browser = await chromium.launch({ executablePath: CHROMIUM_BIN, args: ["--no-sandbox"] });
try {
  for (const view of VIEWS) await take(view);
} finally {
  await browser.close();
}

/** A referral whose report is to be read: what to do next stands out. */
async function openReported(page) {
  const row = page.locator("[data-referral]").filter({ hasText: "Report received" }).filter({ hasText: "late by" });
  await page.goto(await row.first().locator("[data-row]").getAttribute("href"));
}

/** A referral half written: who could take it, and what is still missing. */
async function write(page) {
  for (const [at, text] of [
    ["patient-name-given", "Ana"],
    ["patient-name-family", "Testington"],
    ["patient-birth_date", "1980-02-29"],
    ["patient-identifier-value", "DEMO-2001"],
    ["patient-phone", "+1 555 0100"],
    ["clinical_question", "Is the exertional chest pain cardiac?"],
  ]) {
    await page.locator(`#f-${at}`).fill(text);
  }
  await page.locator("#specialty").selectOption("cardiology");
  await page.locator("[data-requirement]").first().waitFor();
  await page.locator("#recipient").evaluate((part) => part.scrollIntoView());
}

async function take({ name, by, viewport, path = "/worklist/", visit = () => {} }) {
  const context = await browser.newContext({ baseURL: BASE_URL, viewport, locale: "en-US", reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(path);
  await page.locator("#key").fill(keys.find(({ organization }) => organization === by).key);
  await page.locator("#sign-in button").click();
  await page.locator("[data-sign-out]").waitFor();
  await visit(page);
  const file = join(SCREENSHOTS, `${name}.png`);
  await page.screenshot({ path: file });
  await context.close();
  const { size } = await stat(file);
  console.log(`${name}.png: ${(size / 1000).toFixed(0)} kB`);
  if (size > BYTES_MAX) throw new Error(`${name}.png is larger than ${BYTES_MAX} bytes: make its window smaller`);
}
