/**
 * The other two doors, as a partner's system uses them: HL7 v2 messages and FHIR resources about the test network.
 */

import assert from "node:assert/strict";
import { adminKey, call, expectStatus, FHIR_TYPE, patch, unique } from "./client.mjs";

const HL7_TYPE = "application/hl7-v2";
/** The assigner of the referrer's order numbers, and of patients' numbers, as OIDs. */
export const ORDERS = "2.999.1.15";
export const PATIENTS = "1.2.36.146.595.217.0.1";

/** Gives an organisation an OID by which messages name it. */
export async function nameByOid(organization) {
  const oid = `2.999.${parseInt(unique("x").slice(2, 14), 16)}`;
  const identifiers = [{ system: "urn:ietf:rfc:3986", value: `urn:oid:${oid}` }];
  expectStatus(await patch(`/directory/organizations/${organization.id}`, adminKey, { identifiers }), 200);
  return oid;
}

/** Segments as a message; MSH first. */
export function message(type, segments, { control = unique("m"), to = "2.999.2" } = {}) {
  const at = new Date().toISOString().replace(/[-:T]/g, "").slice(0, 14);
  const msh = `MSH|^~\\&|EHR|CLINIC^2.999.1^ISO|LOOP|X^${to}^ISO|${at}+0000||${type}|${control}|P|2.5.1`;
  return [msh, ...segments, ""].join("\r");
}

export const pid = (patient, number = patient.identifier.value) =>
  `PID|1||${number}^^^&${PATIENTS}&ISO||${patient.name.family}^${patient.name.given[0]}||${patient.birth_date.replaceAll("-", "")}|M`;

/** The recipient takes an order on. */
export function acceptance(order, patientSegment, options) {
  return message("OSU^O51^OSU_O51", [patientSegment, `ORC|OK|${order}^^${ORDERS}^ISO|${unique("f")}^^2.999.2^ISO||IP`], options);
}

export const sendHl7 = (key, text, { type = HL7_TYPE, headers } = {}) =>
  call("POST", "/hl7", { key, raw: text, type, headers });

/** The code of an acknowledgement. */
export function codeOf(answer) {
  expectStatus200(answer);
  assert.equal(answer.contentType, HL7_TYPE, answer.told);
  const msa = answer.text.split("\r").find((segment) => segment.startsWith("MSA|"));
  assert.ok(msa, answer.told);
  return msa.split("|")[1];
}

function expectStatus200(answer) {
  assert.equal(answer.status, 200, answer.told);
}

/** One FHIR call. */
export function fhir(method, path, key, resource, headers = {}) {
  const raw = resource === undefined ? undefined : JSON.stringify(resource);
  return call(method, `/fhir${path}`, { key, raw, type: FHIR_TYPE, headers });
}

/** A referral to a service of the network as a ServiceRequest with what it refers to contained. */
export function serviceRequest(patient, oid, order = unique("order")) {
  return {
    resourceType: "ServiceRequest",
    contained: [
      {
        resourceType: "Patient",
        id: "patient",
        identifier: [patient.identifier],
        name: [patient.name],
        birthDate: patient.birth_date,
      },
      {
        resourceType: "Organization",
        id: "recipient",
        identifier: [{ system: "urn:ietf:rfc:3986", value: `urn:oid:${oid}` }],
        name: "The recipient",
      },
    ],
    identifier: [
      {
        type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: "PLAC" }] },
        system: `urn:oid:${ORDERS}`,
        value: order,
      },
    ],
    status: "active",
    intent: "order",
    priority: "routine",
    code: { coding: [{ system: "http://snomed.info/sct", code: "183519002", display: "Referral to cardiology service" }] },
    subject: { reference: "#patient" },
    performer: [{ reference: "#recipient" }],
    reasonCode: [{ text: "Is the exertional chest pain cardiac?" }],
  };
}
