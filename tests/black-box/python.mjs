/**
 * Python with the packages of requirements.txt: clients and validators that others wrote.
 *
 * Needs python3 with venv and a package index. Where one is missing, the tests that ask for it are skipped and say why (in CI
 * they fail instead).
 */

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const VERSION = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
const FOLDER = fileURLToPath(new URL(`../../target/black-box/python-${VERSION}`, import.meta.url));
const LOCK = `${FOLDER}.lock`;
const READY = `${FOLDER}/ready`;
const PYTHON = `${FOLDER}/bin/python`;

/** How often a test file looks whether another one has finished the installation. */
const LOOK_AGAIN_MS = 200;
/** An installation that takes longer was cut off, and its lock left behind. */
const INSTALLATION_MS_MAX = 300_000;

/** Runs a program of Python's to its end. */
export function run(args, options, command = PYTHON) {
  const done = spawnSync(command, args, { encoding: "utf8", ...options });
  return { ok: done.status === 0, stdout: done.stdout ?? "", stderr: done.error?.message ?? done.stderr };
}

/** Why Python cannot be had here, or nothing when it is ready. Test files run at the same time: one of them installs it. */
function install() {
  if (existsSync(READY)) return undefined;
  if (!run(["--version"], {}, "python3").ok) return "python3 is not installed";
  while (!locked()) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
    if (existsSync(READY)) return undefined;
  }
  try {
    if (existsSync(READY)) return undefined;
    const made = run(["-m", "venv", "--clear", FOLDER], {}, "python3");
    if (!made.ok) return `python3 cannot make a virtual environment: ${made.stderr.trim()}`;
    const quiet = ["--quiet", "--disable-pip-version-check", "--no-input"];
    const packages = run(["-m", "pip", "install", ...quiet, "--require-hashes", "-r", REQUIREMENTS]);
    if (!packages.ok) return `${REQUIREMENTS} cannot be installed: ${packages.stderr.trim()}`;
    writeFileSync(READY, "");
    return undefined;
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

/** Whether the lock is ours now. */
function locked() {
  try {
    mkdirSync(FOLDER, { recursive: true });
    mkdirSync(LOCK);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > INSTALLATION_MS_MAX) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

let installed;

/** Why there is no Python with the packages, or nothing. The first who asks has it installed. */
export function missing() {
  installed ??= { reason: install() };
  return installed.reason;
}

/** For the option `skip` of a test that needs it. */
export const skip = () => (process.env.CI === "true" ? false : missing());

/**
 * A Python program that answers each line on its standard input by one on its standard output, both JSON; started with the first
 * question. It keeps nobody waiting: the process may end while it is idle.
 */
export function helper(file) {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const waiting = [];
  let child;
  const hold = (held) => {
    for (const handle of [child, child.stdin, child.stdout]) held ? handle.ref() : handle.unref();
  };
  const start = () => {
    child = spawn(PYTHON, [program], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", (line) => {
      waiting.shift().resolve(JSON.parse(line));
      if (waiting.length === 0) hold(false);
    });
    child.on("exit", () => {
      child = undefined;
      for (const { reject } of waiting.splice(0)) reject(new Error(`${file} ended before it answered`));
    });
  };
  return (question) =>
    new Promise((resolve, reject) => {
      if (!child) start();
      hold(true);
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(question)}\n`);
    });
}
