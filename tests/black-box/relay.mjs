/** The relay (`cargo mllp`) as a clinic runs it, and the network between it and the deployment, which a test may take away. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { baseUrl } from "./client.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TARGET = `${ROOT}target`;

/** Builds the relay; `cargo e2e` has done it before. */
export function buildRelay() {
  const args = ["build", "--quiet", "--locked", "--package", "mllp"];
  const built = spawnSync("cargo", args, { cwd: ROOT, encoding: "utf8", env: { ...process.env, CARGO_TARGET_DIR: TARGET } });
  assert.equal(built.status, 0, built.error?.message ?? built.stderr);
}

/** A folder for messages that wait, and how to take it away. */
export function spool() {
  mkdirSync(`${TARGET}/black-box`, { recursive: true });
  const folder = mkdtempSync(`${TARGET}/black-box/spool-`);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Starts the relay; `port` is where it takes MLLP. */
export async function startRelay({ to = baseUrl, folder, key, answer }) {
  const args = ["--to", to, "--spool", folder, "--listen", "127.0.0.1:0", "--answer", answer];
  const child = spawn(`${TARGET}/debug/mllp`, args, {
    env: { ...process.env, REFERRAL_LOOP_KEY: key },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const port = Number(line.match(/:(\d+),/)[1]);
  return {
    port,
    /** Ends it as a power cut does. */
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** A network that is away: its address refuses until it is brought up; then it hands on to the deployment. */
export async function awayNetwork() {
  const server = createServer((request, response) => handOn(request, response).then(looks, looks));
  let answered = 0;
  let look = () => {};
  const looks = () => {
    answered += 1;
    look();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return {
    url: `http://127.0.0.1:${port}`,
    async up() {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
      server.unref();
    },
    /** Until so many requests have been answered. */
    async answered(count) {
      if (answered >= count) return;
      await new Promise((resolve) => {
        look = () => answered >= count && resolve();
      });
    },
    down: () => server.close(),
  };
}

async function handOn(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const { authorization, "content-type": type } = request.headers;
  const headers = { authorization, "content-type": type };
  const answer = await fetch(`${baseUrl}${request.url}`, { method: "POST", headers, body: Buffer.concat(parts) });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
  response.end(Buffer.from(await answer.arrayBuffer()));
  await once(response, "close");
}
