/**
 * One HTTP call to the deployment under test, and what holds for every answer.
 *
 * BASE_URL is the address of the deployment, ADMIN_KEY the operator's key. The suite knows nothing else of what it talks
 * to: the same files run on Cloudflare's workerd and on Spin.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { assertValid } from "./fhir-valid.mjs";
import { assertDescribed } from "./openapi.mjs";

export const baseUrl = fromEnvironment("BASE_URL").replace(/\/+$/, "");
export const adminKey = fromEnvironment("ADMIN_KEY");

const JSON_TYPE = "application/json";
const PROBLEM_TYPE = "application/problem+json";
export const FHIR_TYPE = "application/fhir+json";
export const FHIR_XML_TYPE = "application/fhir+xml";

function fromEnvironment(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set: the black-box tests run against a deployment that is already up`);
  return value;
}

/** A value that no other test, run or process uses. */
export function unique(prefix) {
  return `${prefix}-${randomUUID().replaceAll("-", "").slice(0, 16)}`;
}

/**
 * Sends one request and reads the whole answer.
 *
 * `json` is sent as JSON; `raw` is sent as it is, with `type` as its content type. Every answer is held to three
 * promises here, so that no test has to repeat them: nothing fails with a 5xx, an error is a problem document (to FHIR callers
 * an OperationOutcome), and the published description has it. FHIR that we write is valid besides; what came in is
 * given back as it came, valid or not.
 */
export async function call(method, path, { key, json, raw, type, headers = {}, described = true } = {}) {
  const sent = new Headers(headers);
  if (key) sent.set("authorization", `Bearer ${key}`);
  if (json !== undefined) sent.set("content-type", JSON_TYPE);
  if (raw !== undefined && type) sent.set("content-type", type);
  const url = path.startsWith("http") ? path : `${baseUrl}${path}`;
  const isFhir = /^\/fhir(\/|$)/.test(new URL(url).pathname);
  const response = await fetch(url, {
    method,
    headers: sent,
    body: json === undefined ? raw : JSON.stringify(json),
    redirect: "manual",
  });
  const text = await response.text();
  const contentType = (response.headers.get("content-type") ?? "").split(";")[0].trim();
  const answer = { status: response.status, headers: response.headers, contentType, text, body: undefined };
  if (contentType === JSON_TYPE || contentType === PROBLEM_TYPE) answer.body = JSON.parse(text);
  const told = `${method} ${path} answered ${answer.status} ${contentType}: ${text.slice(0, 2000)}`;
  if (isFhir && contentType === FHIR_TYPE && text !== "") answer.fhir = JSON.parse(text);
  Object.defineProperty(answer, "told", { value: told, enumerable: false });
  assert.ok(answer.status < 500, told);
  const fhirType = sent.get("accept") === FHIR_XML_TYPE ? FHIR_XML_TYPE : FHIR_TYPE;
  if (answer.status >= 400 && text !== "") assert.equal(contentType, isFhir ? fhirType : PROBLEM_TYPE, told);
  if (answer.status >= 400 && answer.fhir) assert.equal(answer.fhir.resourceType, "OperationOutcome", told);
  const isXml = contentType === FHIR_XML_TYPE;
  const isOurs = isFhir && !/^\/fhir\/Binary\//.test(new URL(url).pathname);
  if (isOurs && (answer.fhir || (isXml && text !== ""))) await assertValid(text, isXml, told);
  if (described) assertDescribed(method, new URL(url).pathname, answer);
  return answer;
}

export const get = (path, key, options) => call("GET", path, { key, ...options });
export const post = (path, key, json, options) => call("POST", path, { key, json, ...options });
export const put = (path, key, json, options) => call("PUT", path, { key, json, ...options });
export const patch = (path, key, json, options) => call("PATCH", path, { key, json, ...options });
export const remove = (path, key, options) => call("DELETE", path, { key, ...options });

/** Asserts the status, and for anything with a body that it is JSON; gives the answer back. */
export function expectStatus(answer, ...statuses) {
  assert.ok(statuses.includes(answer.status), `expected ${statuses.join(" or ")}: ${answer.told}`);
  if (answer.status < 400 && answer.text !== "") assert.equal(answer.contentType, JSON_TYPE, answer.told);
  return answer;
}

/** Every row of a cursor-paged list. */
export async function everyItem(path, key, { limit = 100 } = {}) {
  const PAGES_MAX = 1000;
  const items = [];
  let cursor;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const url = new URL(`${baseUrl}${path}`);
    url.searchParams.set("limit", String(limit));
    if (cursor) url.searchParams.set("cursor", cursor);
    const answer = expectStatus(await get(`${url.pathname}${url.search}`, key), 200);
    items.push(...answer.body.items);
    cursor = answer.body.next;
    if (!cursor) return items;
  }
  throw new Error(`${path} never ended`);
}
