/**
 * What a refusal looks like: RFC 9457 problem documents, with every fault of a request named at once.
 */

import assert from "node:assert/strict";

const TYPE_PREFIX = "urn:referral-loop:problem:";

/**
 * Asserts that an answer is a problem of this status, and of this name where one is given; gives its body back.
 */
export function expectProblem(answer, status, name) {
  assert.equal(answer.status, status, answer.told);
  assert.equal(answer.contentType, "application/problem+json", answer.told);
  const { body } = answer;
  assert.equal(body.status, status, answer.told);
  assert.match(body.type, /^urn:referral-loop:problem:[a-z0-9]+(-[a-z0-9]+)*$/, answer.told);
  assert.ok(typeof body.title === "string" && body.title !== "", answer.told);
  if (body.detail !== undefined) assert.equal(typeof body.detail, "string", answer.told);
  if (name !== undefined) assert.equal(body.type, `${TYPE_PREFIX}${name}`, answer.told);
  return body;
}

/** Asserts that a validation problem names exactly these JSON Pointers, each with a detail and a stable code. */
export function expectFaults(answer, pointers) {
  const body = expectProblem(answer, 422, "invalid");
  assert.deepEqual(faultPointers(body), [...pointers].sort(), answer.told);
  for (const fault of body.errors) {
    assert.ok(typeof fault.detail === "string" && fault.detail !== "", answer.told);
    assert.match(fault.code, /^[a-z0-9]+([_-][a-z0-9]+)*$/, answer.told);
  }
  return body;
}

/** The pointers of a problem's faults, sorted, each once. */
export function faultPointers(body) {
  assert.ok(Array.isArray(body.errors), `no list of errors in ${JSON.stringify(body)}`);
  return [...new Set(body.errors.map((fault) => fault.pointer))].sort();
}
