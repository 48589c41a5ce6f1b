/**
 * The deployment that is measured: every function in one workerd, and beside them the floor, on the same database. No proxy
 * of wrangler's stands before it.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { Log, LogLevel, Miniflare, Response } from "miniflare";
import { migrate } from "../xtask/node/migrations.mjs";
import { readWrangler, workerOptions } from "../xtask/node/workers.mjs";

const FLOOR = "floor";
const RECORDER = "recorder";
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Sent along, it takes a request to the floor instead of the gateway, by the same way in. */
export const TO_FLOOR = { "mf-route-override": FLOOR };

/** The secrets of a deployment that is thrown away. */
export const ADMIN_KEY = "bench-admin-key";
const MASTER_KEY = "bench-master-key, which signs nothing that matters";

/**
 * Starts it.
 *
 * @param {string} root the repository
 * @param {string} state the folder of the database
 * @param {object} [tapes] what the floor runs
 */
export async function deploy(root, state, tapes = {}) {
  const { workers, databaseId } = await product(root);
  workers.push({
    name: FLOOR,
    modules: true,
    scriptPath: here("floor.mjs"),
    compatibilityDate: workers[0].compatibilityDate,
    d1Databases: { DB: databaseId },
    bindings: { TAPES: tapes },
  });
  return start(root, state, workers);
}

/**
 * The same with a recorder between the functions and the database. What was recorded since the last call of either: `tape()` is the
 * statements of each batch, `rowsWritten()` what D1 counted for all of them, work after an answer included.
 *
 * @param {string} root the repository
 * @param {string} state the folder of the database
 */
export async function deployWithRecorder(root, state) {
  const { workers, databaseId } = await product(root);
  const recorded = [];
  for (const worker of workers) {
    if (Object.keys(worker.d1Databases).length === 0) continue;
    worker.d1Databases = {};
    worker.wrappedBindings = { DB: { scriptName: RECORDER } };
  }
  workers.push({
    name: RECORDER,
    modules: true,
    scriptPath: here("recorder.mjs"),
    d1Databases: { DB: databaseId },
    serviceBindings: {
      TAPE: async (request) => {
        recorded.push(await request.json());
        return new Response();
      },
    },
  });
  const deployment = await start(root, state, workers, databaseId);
  const taken = () => recorded.splice(0);
  deployment.tape = () => taken().map(({ statements }) => statements);
  deployment.rowsWritten = () => taken().reduce((sum, batch) => sum + batch.rowsWritten, 0);
  return deployment;
}

async function product(root) {
  const folders = (await readdir(join(root, "functions"))).sort();
  const files = folders.map((folder) => join(root, "functions", folder, "wrangler.toml")).filter(existsSync);
  const read = await Promise.all([join(root, "wrangler.toml"), ...files].map(readWrangler));
  const names = read.map(({ settings }) => settings.name);
  const workers = read.map((wrangler) => workerOptions(wrangler, { ADMIN_KEY, MASTER_KEY }, names));
  const { DB: databaseId } = workers.find((worker) => worker.d1Databases.DB).d1Databases;
  return { workers, databaseId };
}

async function start(root, state, workers) {
  const miniflare = new Miniflare({ cf: false, d1Persist: state, log: new Log(LogLevel.WARN), workers });
  const { origin } = await miniflare.ready;
  const owner = workers.find((worker) => worker.d1Databases.DB);
  await migrate(await miniflare.getD1Database("DB", owner.name), join(root, "migrations"));
  return { url: origin, stop: () => miniflare.dispose() };
}
