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
const BYTES_MAX = 150_000;

const DESKTOP = { width: 1120, height: 680 };
const PHONE = { width: 360, height: 720 };

/** What is taken: the file's name, who looks, how large the window is, and how to get to the view from the worklist. */
const VIEWS = [
  { name: "worklist", by: PRACTICE, viewport: DESKTOP },
  { name: "worklist-phone", by: PRACTICE, viewport: PHONE },
  { name: "referral", by: PRACTICE, viewport: DESKTOP, visit: (page) => follow(page, page.locator("[data-row]").first()) },
  { name: "new-referral", by: PRACTICE, viewport: DESKTOP, path: "/worklist/pages/new" },
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

/** Follows a link to where it leads. */
async function follow(page, link) {
  const path = await link.getAttribute("href");
  await page.goto(path);
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
