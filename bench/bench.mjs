/**
 * The numbers of the README in one run: sizes, round trips and rows, requests a second beside the floor, and sixteen writers
 * on one referral. Fails when a number that repeats exactly is over its budget (`budgets.json`); times are printed only.
 *
 *     node bench.mjs --root DIR --state DIR [--page]
 *
 * `--page` measures the page alone.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { Agent } from "node:http";
import { calls } from "./calls.mjs";
import { ADMIN_KEY, TO_FLOOR, deploy, deployWithRecorder } from "./deployment.mjs";
import { features } from "./features.mjs";
import { load, rowsWritten, send } from "./load.mjs";
import { registerNetwork } from "./network.mjs";
import { page as viewPage } from "./page.mjs";

const FUNCTIONS = ["directory", "exchange", "intake", "status", "sweep", "worklist"];
const SIZES = [
  { connections: 1, requests: 300 },
  { connections: 16, requests: 960 },
];
const WARM_UP = { connections: 4, requests: 100 };
const WRITERS = { connections: 16, requests: 640 };

const { values: options } = parseArgs({
  options: { root: { type: "string" }, state: { type: "string" }, page: { type: "boolean" } },
});
const budgets = JSON.parse(await readFile(new URL("budgets.json", import.meta.url), "utf8"));
const over = [];

if (!options.page) await sizes();
const { network, tapes } = options.page ? {} : await record();
const deployment = await deploy(options.root, options.state, tapes);
try {
  if (!options.page) {
    await speeds(deployment.url, calls(network));
    await writers(deployment.url, calls(network));
  }
  const known = network ?? (await registerNetwork(deployment.url, ADMIN_KEY));
  await viewPage(deployment.url, known, budgets, within);
} finally {
  await deployment.stop();
}
for (const line of over) console.error(`over budget: ${line}`);
process.exitCode = over.length === 0 ? 0 : 1;

/** Gzipped bytes of each function on each runtime. */
async function sizes() {
  console.log("\nGzipped size, kB");
  for (const name of FUNCTIONS) {
    const worker = await gzipped(`functions/${name}/build/index_bg.wasm`);
    const component = await gzipped(`target/wasm32-wasip2/release/${name}.wasm`);
    console.log(`  ${name.padEnd(10)} Worker ${kilobytes(worker)}   Spin component ${kilobytes(component)}`);
    const most = budgets.bytes[name] ?? budgets.bytes.each;
    within(`${name} as a Worker, bytes`, worker, most);
    within(`${name} as a Spin component, bytes`, component, most);
  }
}

async function gzipped(path) {
  return gzipSync(await readFile(join(options.root, path)), { level: 9 }).length;
}

/** Registers the network and records the SQL of each call once, which the floor then runs. */
async function record() {
  const deployment = await deployWithRecorder(options.root, options.state);
  try {
    const network = await registerNetwork(deployment.url, ADMIN_KEY);
    const { intake, webhook, read, page } = calls(network);
    const agent = new Agent({ keepAlive: true });
    const tapes = {};
    console.log("\nDatabase: round trips, rows written");
    const recorded = async (name, call, words) => {
      deployment.tape();
      const { status, headers, text } = await send(agent, deployment.url, call);
      if (status >= 300) throw new Error(`${name} answered ${status}: ${text}`);
      const body = JSON.parse(text);
      tapes[name] = { batches: deployment.tape(), words: words(body) };
      const trips = tapes[name].batches.length;
      const said = Number(/db;desc="(\d+)"/.exec(headers["server-timing"])?.[1]);
      if (said !== trips) over.push(`${name} says ${said} round trips and makes ${trips}`);
      within(`${name}, round trips`, trips, budgets[name].trips);
      return body;
    };
    const [patient, key] = ["pat-00000000000000000000000000", "key-00000000000000000000000000"];
    const first = await recorded("intake", intake(patient, key), ({ id }) => [id, patient, key]);
    // The webhook's own id is the referral's, so that one fresh word makes the whole of it fresh.
    await recorded("webhook", webhook(first.id, first.id), () => [first.id]);
    await recorded("read", read(first.id), () => [first.id]);
    await recorded("page", page(), () => []);
    await features(deployment, network, budgets.features, within);
    agent.destroy();
    return { network, tapes };
  } finally {
    await deployment.stop();
  }
}

/** Each call at one and at sixteen connections, and the floor beside it. */
async function speeds(url, { intake, webhook, read, page }) {
  const floor = (name, referral) => ({
    method: "POST",
    path: `/${name}${referral ? `/${referral}` : ""}`,
    headers: { ...TO_FLOOR },
    body: "{}",
  });
  const collect = (ids) => ({ text }) => ids.push(JSON.parse(text).id);
  await rows(url, { intake, webhook });
  console.log("\nRequests a second (99th percentile, ms); the floor; the share of it");
  for (const size of SIZES) {
    const own = [];
    const bare = [];
    await load(url, WARM_UP, () => intake());
    await load(url, WARM_UP, () => floor("intake"));
    compare(
      "intake",
      size,
      await load(url, size, () => intake(), collect(own)),
      await load(url, size, () => floor("intake"), collect(bare)),
    );
    compare(
      "webhook",
      size,
      await load(url, size, (index) => webhook(own[index])),
      await load(url, size, (index) => floor("webhook", bare[index])),
    );
    compare(
      "read",
      size,
      await load(url, size, (index) => read(own[index])),
      await load(url, size, (index) => floor("read", own[index])),
    );
    compare("page", size, await load(url, size, () => page()), await load(url, size, () => floor("page")));
  }
}

/** Rows written, as D1 counts them: by the functions as they are deployed, without the recorder. */
async function rows(url, { intake, webhook }) {
  const agent = new Agent({ keepAlive: true });
  const written = ({ headers }) => rowsWritten(headers);
  const taken = await send(agent, url, intake());
  const told = await send(agent, url, webhook(JSON.parse(taken.text).id));
  for (const [name, answer] of [["intake", taken], ["webhook", told]]) {
    console.log(`  ${name.padEnd(10)} 2 trips, ${written(answer)} rows written`);
    within(`${name}, rows written`, written(answer), budgets[name].rows_written);
  }
  agent.destroy();
}

function compare(name, { connections }, real, floor) {
  for (const [whose, { statuses }] of Object.entries({ [name]: real, [`the floor of ${name}`]: floor })) {
    const bad = Object.keys(statuses).filter((status) => status >= 300);
    if (bad.length > 0) over.push(`${whose} answered ${bad.join(", ")}`);
  }
  const share = (real.perSecond / floor.perSecond).toFixed(2);
  const shown = ({ perSecond, p99 }) => `${perSecond.toFixed(0).padStart(5)} (${p99.toFixed(0)})`.padEnd(12);
  console.log(
    `  ${name.padEnd(10)} ${String(connections).padStart(2)} connections  ${shown(real)} floor ${shown(floor)} ${share}`,
  );
}

/** Sixteen writers at once on one referral: every note is stored once, and nobody sees a 5xx. */
async function writers(url, { intake, note, events }) {
  // Without kept connections: the server may close one that idles while the writers write, just as it is used again.
  const agent = new Agent();
  const { id } = JSON.parse((await send(agent, url, intake())).text);
  const { perSecond, p99, statuses } = await load(url, WRITERS, (index) => note(id, index));
  let stored = 0;
  for (let cursor; ; ) {
    const page = JSON.parse((await send(agent, url, events(id, cursor))).text);
    stored += page.items.filter(({ type }) => type === "referral.note").length;
    if (!page.next) break;
    cursor = page.next;
  }
  agent.destroy();
  console.log(
    `\nSixteen writers on one referral: ${perSecond.toFixed(0)} a second, 99th percentile ${p99.toFixed(0)} ms, ` +
      `answers ${JSON.stringify(statuses)}, ${stored} of ${WRITERS.requests} stored\n`,
  );
  if (statuses[202] !== WRITERS.requests) over.push(`writers saw ${JSON.stringify(statuses)}`);
  within("notes lost", WRITERS.requests - stored, 0);
}

function within(what, value, most) {
  if (!(value <= most)) over.push(`${what}: ${value}, at most ${most}`);
}

function kilobytes(bytes) {
  return (bytes / 1000).toFixed(0).padStart(4);
}
