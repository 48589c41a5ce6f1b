/**
 * Holds answers to the published description, docs/openapi.json: what it does not say, no function may answer.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import addFormats from "ajv-formats";
import Ajv2020 from "ajv/dist/2020.js";

const FILE = new URL("../../docs/openapi.json", import.meta.url);
const ROOT = "https://referral-loop.example/openapi.json";

/** The whole description. */
export const description = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : { paths: {} };

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);
ajv.addSchema(description, ROOT);
const validators = new Map();

const templates = Object.keys(description.paths).map((path) => ({
  path,
  parameters: (path.match(/\{/g) ?? []).length,
  pattern: new RegExp(`^${path.replace(/[.$]/g, "\\$&").replace(/\{[^}]+\}/g, "[^/]+")}$`),
}));

/** The description of one path, preferring a literal segment to a parameter; nothing where it has none. */
export function describedPath(pathname) {
  const fitting = templates.filter(({ pattern }) => pattern.test(pathname));
  return fitting.sort((a, b) => a.parameters - b.parameters)[0]?.path;
}

const escaped = (token) => encodeURIComponent(token.replaceAll("~", "~0").replaceAll("/", "~1"));

/**
 * Asserts that an answer is one that the description promises: its status, its media type and the shape of its body.
 * A path or method that is not described must be refused as such.
 */
export function assertDescribed(method, pathname, { status, contentType, body, told }) {
  const path = describedPath(pathname);
  const operation = description.paths[path]?.[method.toLowerCase()];
  if (!operation) return assert.ok(status === 404 || status === 405, `not described: ${told}`);
  const key = operation.responses[status] ? String(status) : "default";
  if (operation.responses[key] === undefined) {
    return assert.fail(`${operation.operationId} does not describe ${status}: ${told}`);
  }
  if (body === undefined) return undefined;
  const response = resolved(operation.responses[key]);
  const place = `${response.pointer ?? `/paths/${escaped(path)}/${method.toLowerCase()}/responses/${key}`}/content`;
  assert.ok(
    response.value.content?.[contentType],
    `${operation.operationId} does not describe ${contentType}: ${told}`,
  );
  const validate = validatorAt(`${ROOT}#${place}/${escaped(contentType)}/schema`);
  assert.ok(validate(body), `${ajv.errorsText(validate.errors)}: ${told}`);
}

/** A response, or the component that it refers to with its JSON Pointer. */
function resolved(response) {
  if (!response.$ref) return { value: response };
  const pointer = response.$ref.slice(1);
  const value = pointer
    .slice(1)
    .split("/")
    .reduce((part, token) => part[token], description);
  return { value, pointer };
}

function validatorAt(reference) {
  if (!validators.has(reference)) validators.set(reference, ajv.compile({ $ref: reference }));
  return validators.get(reference);
}
