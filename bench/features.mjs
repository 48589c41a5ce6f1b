/**
 * What each feature adds to the rows that D1 counts as written and bills: the same calls with and without it, work after the answer
 * included. Numbers that repeat exactly, each with a budget.
 */
import { once } from "node:events";
import { Agent, createServer } from "node:http";
import { calls } from "./calls.mjs";
import { ADMIN_KEY } from "./deployment.mjs";
import { send } from "./load.mjs";
import { HEART_CENTRE, PRACTICE } from "./network.mjs";

const JSON_TYPE = { "content-type": "application/json" };
const POLLS_MAX = 1_000;

/**
 * Prints the table.
 *
 * @param {object} deployment one with a recorder
 * @param {object} network what was registered
 * @param {Record<string, number>} budgets the most rows of each line
 * @param {(what: string, value: number, most: number) => void} within notes what is over
 */
export async function features(deployment, network, budgets, within) {
  const agent = new Agent({ keepAlive: true });
  const { intake, webhook, read, page } = calls(network);
  const receiver = await startReceiver();
  const operator = { authorization: `Bearer ${ADMIN_KEY}`, ...JSON_TYPE };
  const ask = async (call) => {
    const { status, text } = await send(agent, deployment.url, call);
    if (status >= 300) throw new Error(`${call.path} answered ${status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const event = (referral, type, data, organization = HEART_CENTRE) =>
    ask({
      method: "POST",
      path: `/status/referrals/${referral}/events`,
      headers: { authorization: `Bearer ${network.keys[organization]}`, ...JSON_TYPE },
      body: JSON.stringify({ type, data }),
    });
  /** Nothing waits any more: work after an answer has no other end that can be seen. */
  const settled = async () => {
    for (let poll = 0; poll < POLLS_MAX; poll += 1) {
      const path = (organization) => `/directory/organizations/${organization}/deliveries`;
      const waiting = await Promise.all(
        [HEART_CENTRE, PRACTICE].map((id) => ask({ method: "GET", path: path(id), headers: operator })),
      );
      if (waiting.every(({ items }) => items.length === 0)) return;
    }
    throw new Error("a delivery never ended");
  };
  console.log("\nRows written, by feature");
  const count = async (name, work) => {
    deployment.rowsWritten();
    const result = await work();
    await settled();
    const rows = deployment.rowsWritten();
    console.log(`  ${name.padEnd(52)} ${String(rows).padStart(3)}`);
    within(`rows written by: ${name}`, rows, budgets[name] ?? 0);
    return result;
  };
  try {
    const first = await count("a referral comes in", () => ask(intake()));
    await count("an event by webhook", () => ask(webhook(first.id)));
    await count("a report: the wait until the visit is kept", () =>
      event(first.id, "referral.outcome", { visit_on: new Date().toISOString().slice(0, 10), summary: "s", next_steps: [] }),
    );
    await count("one referral is read: who read it is kept", () => ask(read(first.id)));
    await count("a page is read", () => ask(page()));
    const endpoints = [];
    for (const organization of [HEART_CENTRE, PRACTICE]) {
      const path = `/directory/organizations/${organization}/endpoints`;
      const { id } = await ask({ method: "POST", path, headers: operator, body: JSON.stringify({ url: receiver.url }) });
      endpoints.push(`${path}/${id}`);
    }
    await ask({ method: "POST", path: "/sweep", headers: operator, body: "" });
    await settled();
    const second = await count("a referral comes in, and its recipient is told", () => ask(intake()));
    await count("an event by webhook, and the referrer is told", () => ask(webhook(second.id)));
    await count("a sweep with nothing due", () => ask({ method: "POST", path: "/sweep", headers: operator, body: "" }));
    // What is measured next has nobody to tell, as its floor has not.
    for (const path of endpoints) await ask({ method: "DELETE", path, headers: operator });
  } finally {
    agent.destroy();
    receiver.stop();
  }
}

async function startReceiver() {
  const server = createServer((request, response) => request.resume().on("end", () => response.writeHead(204).end()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop: () => server.close().closeAllConnections(),
  };
}
