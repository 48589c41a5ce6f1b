/**
 * Every FHIR answer is held to what others wrote: npm's `fhir` and PyPI's `fhir.resources`, and to what HL7 BSeR requires.
 *
 * `client.mjs` asks for every answer of every test, so that no test has to.
 */

import assert from "node:assert/strict";
import { Fhir } from "fhir";
import { bserFaults } from "./bser.mjs";
import { helper, missing } from "./python.mjs";

let structures;
/** Made with the first answer: most test files have none, and it takes half a second. */
const npm = () => (structures ??= new Fhir());
const python = helper("validate_fhir.py");

/** The resource of an answer, whichever way it is written. */
export function resourceOf(text, isXml) {
  return isXml ? npm().xmlToObj(text) : JSON.parse(text);
}

/** Asserts that a resource is valid FHIR R4, in JSON or XML. `told` says where it came from. */
export async function assertValid(text, isXml, told) {
  const resource = resourceOf(text, isXml);
  const { messages } = npm().validate(isXml ? text : resource, { errorOnUnexpected: true });
  const errors = messages.filter(({ severity }) => severity === "error" || severity === "fatal");
  assert.deepEqual(errors, [], `npm's fhir finds faults: ${told}`);
  assert.deepEqual(bserFaults(resource), [], `BSeR requires more: ${told}`);
  // Where there is no Python, fhir-clients.test.mjs says so.
  if (missing() === undefined) assert.deepEqual(await python(resource), [], `fhir.resources finds faults: ${told}`);
}
