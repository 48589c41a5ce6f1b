/**
 * The functions on workerd, on this machine: the gateway and every function in one workerd, on one port, with one D1.
 *
 *     node serve.mjs --root DIR --port N --persist DIR [--control-port N] [--cron-every SECONDS] [--config FILE]…
 *
 * Without --config it serves the gateway (the first Worker answers on the port) and every function beside it.
 * Secrets come from the environment (ADMIN_KEY, MASTER_KEY, MASTER_KEY_PREVIOUS). When it is ready it prints one line,
 * `ready {"url": …, "control": …, "applied": […]}`. It stops on SIGINT, on SIGTERM, and when its standard input
 * ends: whoever started it holds the other end, so it never outlives them.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Log, LogLevel, Miniflare } from "miniflare";
import { migrate } from "./migrations.mjs";
import { readWrangler, workerOptions } from "./workers.mjs";

const HOST = "127.0.0.1";
const { values: options } = parseArgs({
  options: {
    root: { type: "string", default: "." },
    config: { type: "string", multiple: true },
    port: { type: "string", default: "8787" },
    persist: { type: "string" },
    "control-port": { type: "string" },
    "cron-every": { type: "string" },
  },
});

const root = resolve(options.root);
const workers = await Promise.all((options.config ?? (await allConfigurations())).map(readWrangler));
const names = workers.map((worker) => worker.settings.name);

const miniflare = new Miniflare({
  host: HOST,
  port: Number(options.port),
  // Otherwise it asks Cloudflare where this machine is.
  cf: false,
  d1Persist: options.persist ? join(resolve(options.persist), "d1") : false,
  // A request's line in the log would hold its URL; errors and what a function writes are enough.
  log: new Log(LogLevel.WARN),
  workers: workers.map((worker) => workerOptions(worker, process.env, names)),
});

let stopping = false;
const stops = [];
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
process.stdin.on("end", stop).on("error", stop).resume();

try {
  const url = await miniflare.ready;
  const applied = await migrateAll();
  const control = options["control-port"] && (await listenForControl(Number(options["control-port"])));
  if (options["cron-every"]) fireEvery(Number(options["cron-every"]));
  console.log(`ready ${JSON.stringify({ url: url.origin, control, applied })}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
  await stop();
}

/** The gateway's, then that of every function with one beside its code. */
async function allConfigurations() {
  const folders = (await readdir(join(root, "functions"))).sort();
  const beside = folders.map((folder) => join(root, "functions", folder, "wrangler.toml")).filter(existsSync);
  return [join(root, "wrangler.toml"), ...beside];
}

/** All functions share one database: migrating it through the first that has it is migrating it for all. */
async function migrateAll() {
  const owner = workers.find((worker) => worker.settings.d1_databases?.length > 0);
  if (!owner) return [];
  const database = await miniflare.getD1Database(owner.settings.d1_databases[0].binding, owner.settings.name);
  return migrate(database, join(root, "migrations"));
}

/** Sends each Worker that has a cron trigger its scheduled event, as the platform would. */
async function fireScheduled() {
  const outcomes = [];
  for (const { settings } of workers) {
    for (const cron of settings.triggers?.crons ?? []) {
      const worker = await miniflare.getWorker(settings.name);
      const { outcome } = await worker.scheduled({ cron, scheduledTime: new Date() });
      outcomes.push({ worker: settings.name, cron, outcome });
    }
  }
  return outcomes;
}

/** A timer whose next turn starts when the last has ended, so that a slow sweep is never joined by a second. */
function fireEvery(seconds) {
  const timer = setTimeout(async () => {
    for (const { worker, outcome } of await fireScheduled()) {
      if (outcome !== "ok") console.error(`${worker}: its scheduled event ended with ${outcome}`);
    }
    if (!stopping) fireEvery(seconds);
  }, seconds * 1000);
  stops.push(() => clearTimeout(timer));
}

/** For tests: `POST /scheduled` fires the cron triggers now and answers when they have run. */
async function listenForControl(port) {
  const server = createServer(async (request, response) => {
    if (request.method !== "POST" || request.url !== "/scheduled") return response.writeHead(404).end();
    const outcomes = await fireScheduled();
    const failed = outcomes.some(({ outcome }) => outcome !== "ok");
    response.writeHead(failed ? 500 : 200, { "content-type": "application/json" }).end(JSON.stringify(outcomes));
  });
  await new Promise((listening, failed) => server.once("error", failed).listen(port, HOST, listening));
  stops.push(() => server.close().closeAllConnections());
  return `http://${HOST}:${server.address().port}`;
}

async function stop() {
  if (stopping) return;
  stopping = true;
  for (const end of stops) end();
  await miniflare.dispose();
  // workerd is gone by now; what is left (standard input, timers of undici) must not keep the process.
  process.exit();
}
