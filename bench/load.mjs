/** A load: so many requests over so many connections, each connection sending its next one when the last was answered. */
import { Agent, request } from "node:http";

const NANOSECONDS_PER_MILLISECOND = 1e6;
const MILLISECONDS_PER_SECOND = 1000;

/**
 * Sends `requests` requests and measures each from its first byte sent to its last byte received.
 *
 * @param {string} baseUrl where to
 * @param {{connections: number, requests: number}} size how much
 * @param {(index: number) => {method: string, path: string, headers: object, body?: string}} next the index-th request
 * @param {(answer: {status: number, text: string}, index: number) => void} [seen] told of every answer
 * @returns {Promise<{perSecond: number, p50: number, p99: number, statuses: Record<string, number>}>} times in milliseconds
 */
export async function load(baseUrl, { connections, requests }, next, seen = () => {}) {
  const times = [];
  const statuses = {};
  let index = 0;
  const started = process.hrtime.bigint();
  const connection = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (index < requests) {
      const mine = index++;
      const prepared = next(mine);
      const sent = process.hrtime.bigint();
      const answer = await send(agent, baseUrl, prepared);
      times.push(Number(process.hrtime.bigint() - sent) / NANOSECONDS_PER_MILLISECOND);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      seen(answer, mine);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const seconds = Number(process.hrtime.bigint() - started) / NANOSECONDS_PER_MILLISECOND / MILLISECONDS_PER_SECOND;
  times.sort((a, b) => a - b);
  return { perSecond: requests / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99), statuses };
}

/** One request on a connection of `agent`. */
export function send(agent, baseUrl, { method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const call = request(`${baseUrl}${path}`, { agent, method, headers: { ...headers, ...length } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** The smallest of the sorted `values` that so large a share is not above. */
function quantile(values, share) {
  return values[Math.min(values.length - 1, Math.ceil(values.length * share) - 1)];
}

/** Rows written before the answer, as D1 counts them. */
export function rowsWritten(headers) {
  return Number(/rows-written;desc="(\d+)"/.exec(headers["server-timing"])?.[1]);
}
