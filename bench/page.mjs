/**
 * The page as a browser on a slow line has it: how long until it can be used, what it weighs, and what a look whether something has
 * changed costs. Times are printed only.
 */
import { chromium } from "playwright-core";
import { PRACTICE } from "../xtask/node/demo-network.mjs";
import { calls } from "./calls.mjs";
import { send } from "./load.mjs";
import { Agent } from "node:http";

/** Lighthouse's slow 4G, and a processor a quarter as fast as this one. */
const LINE = { offline: false, latency: 150, downloadThroughput: 204_800, uploadThroughput: 96_000 };
const CPU_SLOWDOWN = 4;
const VIEWS = 5;
const PAGE_ROWS = 25;

/**
 * Prints the numbers of the worklist view.
 *
 * @param {string} url the deployment
 * @param {object} network what the demo registered
 * @param {{trips: number, rows_read: number}} budget of a look
 * @param {(what: string, value: number, most: number) => void} within notes what is over
 */
export async function page(url, network, budget, within) {
  const agent = new Agent({ keepAlive: true });
  for (let row = 0; row < PAGE_ROWS; row += 1) await send(agent, url, calls(network).intake());
  const headers = { authorization: `Bearer ${network.keys[PRACTICE]}` };
  const look = await send(agent, url, { method: "GET", path: "/worklist/pages/live?of=worklist", headers });
  agent.destroy();
  const timing = look.headers["server-timing"];
  const trips = Number(/db;desc="(\d+)"/.exec(timing)?.[1]);
  const rowsRead = Number(/rows-read;desc="(\d+)"/.exec(timing)?.[1]);
  console.log(`\nThe page\n  a look whether something has changed: ${trips} trip, ${rowsRead} rows read`);
  within("a look of the page, round trips", trips, budget.trips);
  within("a look of the page, rows read", rowsRead, budget.rows_read);

  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_BIN, args: ["--no-sandbox"] });
  try {
    const seen = [];
    for (let view = 0; view < VIEWS; view += 1) seen.push(await firstView(browser, url, network.keys[PRACTICE]));
    const median = (name) => seen.map((one) => one[name]).sort((a, b) => a - b)[Math.floor(VIEWS / 2)];
    console.log(
      `  first view on slow 4G: ${(median("bytes") / 1000).toFixed(0)} kB, something is seen after ${median("painted").toFixed(0)} ms, ` +
        `it can be used after ${median("usable").toFixed(0)} ms`,
    );
  } finally {
    await browser.close();
  }
}

/** One view with nothing kept from before, except the session. */
async function firstView(browser, url, key) {
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    await tab.goto(`${url}/worklist/`);
    await tab.locator("#key").fill(key);
    await tab.locator("#sign-in button").click();
    await tab.locator("[data-row]").first().waitFor();
    const client = await context.newCDPSession(tab);
    await client.send("Network.enable");
    await client.send("Network.setCacheDisabled", { cacheDisabled: true });
    await client.send("Network.emulateNetworkConditions", LINE);
    await client.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
    let bytes = 0;
    client.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    await tab.reload({ waitUntil: "load" });
    const times = await tab.evaluate(() => ({
      painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
      // Every script of the page is deferred: they have run by then.
      usable: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
    }));
    return { ...times, bytes };
  } finally {
    await context.close();
  }
}
