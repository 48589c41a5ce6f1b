/**
 * The page as a browser on a slow line has it: how long until it can be used, what it weighs, and what a look whether something has
 * changed costs. What repeats exactly is held to a budget; times are printed only.
 *
 * A line is emulated by the browser, a request at a time: it leaves out that a connection has to be made, which is added in figures (TCP
 * and TLS 1.3 take a round trip each). What comes over it is compressed, as in a deployment.
 */
import { Agent } from "node:http";
import { chromium } from "playwright-core";
import { calls } from "./calls.mjs";
import { edge } from "./edge.mjs";
import { send } from "./load.mjs";
import { PRACTICE } from "./network.mjs";

/** Lighthouse's slow 4G (its throttling constants, `mobileSlow4G`). */
const SLOW_4G = { name: "slow 4G", rttMs: 150, latency: 150, downloadThroughput: 204_800, uploadThroughput: 96_000 };
/** Chromium's own preset of that name: a request waits 3.75 round trips of 150 ms, as if each made a connection of its own. */
const FAST_3G = { name: "Fast 3G", rttMs: 0, latency: 562.5, downloadThroughput: 180_000, uploadThroughput: 84_375 };
/** A phone's processor beside this one. */
const CPU_SLOWDOWN = 4;
const CONNECT_ROUND_TRIPS = 2;
const VIEWS = 5;
const PAGE_ROWS = 25;

/**
 * Prints the numbers of the page.
 *
 * @param {string} url the deployment
 * @param {object} network what was registered
 * @param {object} budgets `look` and `first_view`
 * @param {(what: string, value: number, most: number) => void} within notes what is over
 */
export async function page(url, network, budgets, within) {
  const agent = new Agent({ keepAlive: true });
  let referral;
  for (let row = 0; row < PAGE_ROWS; row += 1) {
    const { text } = await send(agent, url, calls(network).intake());
    referral = JSON.parse(text).id;
  }
  const headers = { authorization: `Bearer ${network.keys[PRACTICE]}` };
  const look = await send(agent, url, { method: "GET", path: "/worklist/pages/live?of=worklist", headers });
  agent.destroy();
  const timing = look.headers["server-timing"];
  const trips = Number(/db;desc="(\d+)"/.exec(timing)?.[1]);
  const rowsRead = Number(/rows-read;desc="(\d+)"/.exec(timing)?.[1]);
  console.log(`\nThe page\n  a look whether something has changed: ${trips} trip, ${rowsRead} rows read`);
  within("a look of the page, round trips", trips, budgets.look.trips);
  within("a look of the page, rows read", rowsRead, budgets.look.rows_read);

  const front = await edge(url);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_BIN, args: ["--no-sandbox"] });
  try {
    for (const [name, path] of [
      ["worklist", "/worklist/"],
      ["referral", `/worklist/pages/referrals/${referral}`],
      ["new referral", "/worklist/pages/new"],
    ]) {
      for (const line of name === "worklist" ? [SLOW_4G, FAST_3G] : [SLOW_4G]) {
        const bytes = await firstViews(browser, front.url, network.keys[PRACTICE], { name, path, line });
        within(`first view of the ${name}, bytes`, bytes, budgets.first_view[name]);
      }
    }
  } finally {
    await browser.close();
    front.stop();
  }
}

/** Prints the medians of several first views, and gives the bytes of one. */
async function firstViews(browser, url, key, { name, path, line }) {
  const seen = [];
  for (let view = 0; view < VIEWS; view += 1) seen.push(await firstView(browser, url, key, path, line));
  const median = (of) => seen.map((one) => one[of]).sort((a, b) => a - b)[Math.floor(VIEWS / 2)];
  const connecting = CONNECT_ROUND_TRIPS * line.rttMs;
  console.log(
    `  first view of the ${name} on ${line.name}: ${(median("bytes") / 1000).toFixed(1)} kB (${(median("uncompressed") / 1000).toFixed(0)} uncompressed) ` +
      `in ${median("requests")} requests, ` +
      `seen after ${median("painted").toFixed(0)} ms, can be used after ${median("usable").toFixed(0)} ms` +
      (connecting > 0 ? `, with the connection to be made after ${(median("usable") + connecting).toFixed(0)} ms` : ""),
  );
  return median("bytes");
}

/** One view with nothing kept from before, except the session. */
async function firstView(browser, url, key, path, { latency, downloadThroughput, uploadThroughput }) {
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    await tab.goto(`${url}/worklist/`);
    await tab.locator("#key").fill(key);
    await tab.locator("#sign-in button").click();
    await tab.locator("[data-sign-out]").waitFor();
    await tab.goto("about:blank");
    const client = await context.newCDPSession(tab);
    await client.send("Network.enable");
    await client.send("Network.setCacheDisabled", { cacheDisabled: true });
    const conditions = { offline: false, latency, downloadThroughput, uploadThroughput };
    await client.send("Network.emulateNetworkConditions", conditions);
    await client.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
    let bytes = 0;
    let uncompressed = 0;
    let requests = 0;
    client.on("Network.dataReceived", ({ dataLength }) => (uncompressed += dataLength));
    client.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
      requests += 1;
    });
    await tab.goto(`${url}${path}`, { waitUntil: "load" });
    const times = await tab.evaluate(() => ({
      painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
      // Every script of the page is deferred: they have run by then.
      usable: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
    }));
    return { ...times, bytes, uncompressed, requests };
  } finally {
    await context.close();
  }
}
