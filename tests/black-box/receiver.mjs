/**
 * A partner's system: receives the webhooks that the deployment sends, and lets a test wait for them.
 */

import { createServer } from "node:http";
import { once } from "node:events";
import { Webhook } from "standardwebhooks";

/** How long a delivery may take before a test gives up on it. */
const DELIVERY_DEADLINE_MS = 20_000;

/**
 * Starts a receiver on this machine. `answer` gives the status for each delivery, or status and headers.
 */
export async function startReceiver(answer = () => 204) {
  const received = [];
  const waiting = new Set();
  const server = createServer(async (request, response) => {
    const text = await readAll(request);
    // The sender was killed on the way.
    if (text === undefined) return;
    received.push({ headers: request.headers, text, body: json(text) });
    const answered = answer(received.length);
    const { status, headers } = typeof answered === "number" ? { status: answered } : answered;
    response.writeHead(status, headers).end();
    for (const look of [...waiting]) look();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A test that fails before it stops its receiver must still end.
  server.unref();
  return {
    url: `http://127.0.0.1:${server.address().port}/hooks`,
    received,
    /** The deliveries so far, once there are this many that fit. */
    async wait(count, fits = () => true) {
      const found = () => received.filter(fits);
      let look;
      let timer;
      const enough = new Promise((resolve, reject) => {
        look = () => found().length >= count && resolve();
        const giveUp = () => reject(new Error(`${found().length} of ${count} webhooks came`));
        timer = setTimeout(giveUp, DELIVERY_DEADLINE_MS);
      });
      waiting.add(look);
      look();
      await enough.finally(() => {
        clearTimeout(timer);
        waiting.delete(look);
      });
      return found();
    },
    /** Calls `look` after each delivery; gives back how to end that. */
    onReceived(look) {
      waiting.add(look);
      return () => waiting.delete(look);
    },
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** JSON, or nothing: HL7 v2 is none. */
function json(text) {
  return /^\s*[{[]/.test(text) ? JSON.parse(text) : undefined;
}

/** The body, or nothing where it did not come whole. */
async function readAll(request) {
  const chunks = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Whether the reference client signs the same: for what is no JSON, which it would parse. */
export function isSigned(secret, { text, headers }) {
  const at = new Date(Number(headers["webhook-timestamp"]) * 1_000);
  const signature = new Webhook(secret).sign(headers["webhook-id"], at, text);
  return headers["webhook-signature"].split(" ").includes(signature);
}

/** Checks a delivery with the reference client; throws when the signature does not hold. */
export function verify(secret, { text, headers }) {
  return new Webhook(secret).verify(text, headers);
}
