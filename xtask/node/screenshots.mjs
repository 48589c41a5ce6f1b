/**
 * Takes the pictures of the README from the demo network.
 *
 *     BASE_URL=… CHROMIUM_BIN=… SCREENSHOTS=FOLDER node screenshots.mjs --keys FILE
 *
 * A new picture is a line in `VIEWS`. FILE is what the demo remembered.
 */
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { PRACTICE } from "./demo-network.mjs";

const { BASE_URL, CHROMIUM_BIN, SCREENSHOTS } = process.env;
const { values: options } = parseArgs({ options: { keys: { type: "string" } } });

/** A picture is part of every clone. */
const BYTES_MAX = 150_000;

const DESKTOP = { width: 1180, height: 820 };
const PHONE = { width: 360, height: 720 };

/** What is taken: the file's name, who looks, how large the window is, and how to get to the view from the worklist. */
const VIEWS = [
  { name: "worklist", by: PRACTICE, viewport: DESKTOP },
  { name: "worklist-phone", by: PRACTICE, viewport: PHONE },
];

const { keys } = JSON.parse(await readFile(options.keys, "utf8"));
await mkdir(SCREENSHOTS, { recursive: true });
const browser = await chromium.launch({ executablePath: CHROMIUM_BIN, args: ["--no-sandbox"] });
try {
  for (const view of VIEWS) await take(view);
} finally {
  await browser.close();
}

async function take({ name, by, viewport, path = "/worklist/", visit = () => {} }) {
  const context = await browser.newContext({ baseURL: BASE_URL, viewport, locale: "en-US", reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(path);
  await page.locator("#key").fill(keys[by]);
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
