/**
 * The server under test: started, killed without warning, and started again on the same state and the same port.
 *
 * KILL_SERVER is its command line, `{"program", "args", "env", "cwd"}`, from whoever built it.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { baseUrl } from "../black-box/client.mjs";

/** The first start of a runtime may have to compile what it serves. */
const READY_MS_MAX = 90_000;
/** A killed process is gone at once; its port may take a moment. */
const GONE_MS_MAX = 10_000;
const POLL_MS = 20;
const READY = /^(ready |listening on |Serving http)/;

const command = JSON.parse(process.env.KILL_SERVER ?? "null");
if (!command) throw new Error("KILL_SERVER must be set: `cargo e2e kill` does");

const { hostname, port } = new URL(baseUrl);

/** Starts the server and waits until it answers; gives back how to kill it. */
export async function startServer() {
  const child = spawn(command.program, command.args, {
    cwd: command.cwd ?? undefined,
    env: { ...process.env, ...command.env },
    // A process group of its own: what it starts (workerd, under node) is killed with it.
    detached: true,
    // It stops when its input ends, so that it does not outlive this process.
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {});
  const exited = once(child, "exit");
  await saysReady(child);
  await until(READY_MS_MAX, "the server does not answer", async () => {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode} before it was ready`);
    const answer = await fetch(`${baseUrl}/worklist/health`).catch(() => undefined);
    await answer?.text().catch(() => {});
    return answer?.status === 200;
  });
  return {
    /** Kills all of it now; nothing of it gets to run another instruction of its own. */
    kill: () => process.kill(-child.pid, "SIGKILL"),
    /** Once all of it is gone. */
    async gone() {
      await exited;
      await until(GONE_MS_MAX, "something still listens on the port", async () => !(await listens()));
    },
  };
}

/** Its line that says so: it may answer before that, and has no tables yet. */
async function saysReady(child) {
  const timer = setTimeout(() => child.stdout.destroy(new Error("the server is not ready")), READY_MS_MAX);
  try {
    for await (const line of createInterface({ input: child.stdout })) if (READY.test(line)) return;
  } finally {
    clearTimeout(timer);
    // Nobody reads on, but a full pipe would stop the server.
    child.stdout.resume();
  }
  throw new Error("the server ended before it was ready");
}

async function listens() {
  const socket = connect(Number(port), hostname);
  const connected = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return connected;
}

async function until(millisecondsMax, otherwise, holds) {
  const deadline = Date.now() + millisecondsMax;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await pause(POLL_MS);
  }
}
