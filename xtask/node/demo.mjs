/**
 * Loads the demo network through the HTTP interface, once, and prints how to talk to it.
 *
 *     BASE_URL=… ADMIN_KEY=… node demo.mjs --keys FILE
 *
 * FILE remembers the keys: they are shown once when they are made. Where it is there and its keys still work, nothing is
 * loaded.
 */
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Caller } from "./demo-api.mjs";
import { HEART_CENTRE, PRACTICE, registerNetwork } from "./demo-network.mjs";
import { referralBody, sendReferrals } from "./demo-referrals.mjs";

const { BASE_URL, ADMIN_KEY } = process.env;
const { values: options } = parseArgs({ options: { keys: { type: "string" } } });

try {
  show(await loaded());
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** What the file remembers, after loading what is not there yet. */
async function loaded() {
  const remembered = await remember();
  const operator = new Caller(BASE_URL, ADMIN_KEY, remembered.run);
  if (remembered.keys && (await operator.as(remembered.keys[PRACTICE]).canRead())) return remembered;
  console.log("loading the demo network (a few seconds, once)");
  const { keys, source } = await registerNetwork(operator);
  const now = new Date(remembered.now);
  const referrals = await sendReferrals((organization) => operator.as(keys[organization]), now);
  return keep({ ...remembered, keys, source, referrals });
}

/** The run and the day are kept before anything is sent, so that a load that is cut off goes on as the same one. */
async function remember() {
  try {
    return JSON.parse(await readFile(options.keys, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return keep({ run: randomUUID(), now: new Date().toISOString() });
  }
}

async function keep(remembered) {
  await writeFile(options.keys, `${JSON.stringify(remembered, null, 2)}\n`, { mode: 0o600 });
  return remembered;
}

function show({ run, keys, referrals }) {
  console.log("\nThe demo network's keys:");
  for (const [organization, key] of Object.entries(keys)) console.log(`  ${organization.padEnd(18)} ${key}`);

  const body = JSON.stringify(referralBody(new Date(), 49, "Novak"));
  const accepted = JSON.stringify({ type: "referral.accepted", data: {} });
  console.log("\nRefer a patient, as the practice:");
  console.log(curl(keys[PRACTICE], "/intake/referrals", body));
  console.log("\nAccept a referral, as the heart centre:");
  const idempotency = `-H 'Idempotency-Key: "paste-${run}"'`;
  console.log(curl(keys[HEART_CENTRE], `/status/referrals/${referrals.sent}/events`, accepted, idempotency));
  console.log("\nRead the practice's worklist, most pressing first:");
  console.log(curl(keys[PRACTICE], "/worklist/referrals?limit=5"));
  console.log();
}

function curl(key, path, body, header = "") {
  const data = body ? `-H 'Content-Type: application/json' ${header} -d '${body}'` : "";
  return `  curl -s -w '\\n' -H 'Authorization: Bearer ${key}' ${data} '${BASE_URL}${path}'`.replace(/ +/g, " ").replace(/^ /, "  ");
}
