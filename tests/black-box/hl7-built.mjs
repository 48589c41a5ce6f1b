/**
 * HL7 v2 messages as PyPI's hl7apy builds them, of each version by that version's own structures, and its judgement of ours.
 */

import assert from "node:assert/strict";
import { unique } from "./client.mjs";
import { ORDERS, PATIENTS } from "./doors.mjs";
import { helper } from "./python.mjs";

const ask = helper("hl7_messages.py");

/** The versions that hl7apy has of those that we take. */
export const VERSIONS = ["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"];

/** Where the versions differ in what these messages need. */
function traits(version) {
  const at = VERSIONS.indexOf(version);
  const since = (first) => at >= VERSIONS.indexOf(first);
  return {
    // MSH-9.3 came with 2.3.1.
    structure: since("2.3.1"),
    provider: since("2.4") ? "REF_I12_PROVIDER_CONTACT" : "REF_I12_PROVIDER",
    result: since("2.3.1") ? "ORU_R01_PATIENT_RESULT" : "ORU_R01_RESPONSE",
    // The order's numbers in SCH came with 2.4: before it an appointment cannot say which referral it is for.
    // In 2.8 hl7apy puts what follows a withdrawn field of OBR and SCH a field too early, and it fails at SCH of 2.7.
    appointments: since("2.4") && !since("2.7"),
    orders: since("2.4") && !since("2.8"),
    results: !since("2.8"),
    timed: !since("2.3.1"),
    timing: since("2.5"),
    letter: letterAt(version, since("2.5")),
    eventCode: !since("2.7"),
  };
}

/** hl7apy calls the group otherwise in 2.5.1 alone. */
function letterAt(version, grouped) {
  if (!grouped) return "OBX";
  return `${version === "2.5.1" ? "MDM_T02_OBXNTE_SUPPGRP" : "MDM_T02_OBSERVATION"}/OBX`;
}

/** Which messages a version has. */
export function has(version, name) {
  const { orders, appointments, results } = traits(version);
  return { order: orders, appointment: appointments, result: results }[name] ?? true;
}

const entity = (value, assigner = ORDERS) => `${value}^^${assigner}^ISO`;

function pid(patient) {
  const { identifier, name, birth_date } = patient;
  return { 3: `${identifier.value}^^^P&${PATIENTS}&ISO^MR`, 5: `${name.family}^${name.given[0]}`, 7: birth_date.replaceAll("-", "") };
}

const MESSAGES = {
  referral: ({ provider }, { order, patient }) => ({
    type: "REF^I12",
    structure: "REF_I12",
    segments: [
      ["RF1", { 1: "P", 2: "R", 6: entity(order), 7: "20260302" }],
      [`${provider}/PRD`, { 1: "RP", 2: "Referrer^Ada" }],
      ["PID", pid(patient)],
      ["DG1", { 1: "1", 3: "R07.9^Chest pain^I10C", 6: "W" }],
      ["NTE", { 1: "1", 3: "Is this angina?" }],
    ],
  }),
  order: (_, { order, patient }) => ({
    type: "OMG^O19",
    structure: "OMG_O19",
    segments: [
      ["OMG_O19_PATIENT/PID", pid(patient)],
      ["OMG_O19_ORDER/ORC", { 1: "NW", 2: entity(order) }],
      ["OMG_O19_ORDER/OBR", { 1: "1", 2: entity(order), 4: "183519002^Cardiology^SCT", 31: "^Is this angina?" }],
    ],
  }),
  appointment: ({ timing }, { order, patient }) => {
    const [start, end] = ["20301201093000-0500", "20301201100000-0500"];
    const times = timing ? {} : { 11: `^^^${start}^${end}` };
    return {
      type: "SIU^S12",
      structure: "SIU_S12",
      segments: [
        ["SCH", { 2: entity("A5", "2.999.2.9"), 6: "ROUTINE", ...times, 16: "Registrar^Ray", 20: "Enterer^Eve", 26: entity(order) }],
        ...(timing ? [["TQ1", { 1: "1", 7: start, 8: end }]] : []),
        ["SIU_S12_PATIENT/PID", pid(patient)],
        ["SIU_S12_RESOURCES/RGS", { 1: "1" }],
      ],
    };
  },
  result: ({ result, timed }, { order, patient }) => ({
    type: "ORU^R01",
    structure: "ORU_R01",
    segments: [
      [`${result}/ORU_R01_PATIENT/PID`, pid(patient)],
      [
        `${result}/ORU_R01_ORDER_OBSERVATION/OBR`,
        { 1: "1", 2: entity(order), 4: "11488-4^Consult note^LN", 7: "20260401", 25: "F", ...(timed && { 27: "1" }) },
      ],
      [
        `${result}/ORU_R01_ORDER_OBSERVATION/ORU_R01_OBSERVATION/OBX`,
        { 1: "1", 2: "TX", 3: "11488-4^Consult note^LN", 4: "1", 5: "Stable angina.", 11: "F" },
      ],
    ],
  }),
  letter: ({ letter, eventCode }, { order, patient }) => ({
    type: "MDM^T02",
    structure: "MDM_T02",
    segments: [
      ["EVN", { ...(eventCode && { 1: "T02" }), 2: "20260402" }],
      ["PID", pid(patient)],
      ["PV1", { 2: "O" }],
      ["TXA", { 1: "1", 2: "CN", 3: "TX", 12: entity(unique("D")), 14: entity(order), 17: "AU" }],
      [letter, { 1: "1", 2: "TX", 3: "11488-4^Consult note^LN", 4: "1", 5: "Stable angina, confirmed.", 11: "F" }],
    ],
  }),
  merge: ({ eventCode }, { patient, merged }) => ({
    type: "ADT^A40",
    // The structure of A40 is A39's.
    structure: "ADT_A39",
    segments: [
      ["EVN", { ...(eventCode && { 1: "A40" }), 2: "20260402" }],
      ["ADT_A39_PATIENT/PID", pid(patient)],
      ["ADT_A39_PATIENT/MRG", { 1: `${merged}^^^P&${PATIENTS}&ISO^MR` }],
    ],
  }),
};

/** One of the messages, valid by its version's structure. */
export async function built(version, name, about) {
  const differs = traits(version);
  const { type, structure, segments } = MESSAGES[name](differs, about);
  const header = {
    4: "CLINIC^2.999.1^ISO",
    6: `X^${about.to ?? "2.999.2"}^ISO`,
    9: differs.structure ? `${type}^${structure}` : type,
    10: unique("m").slice(0, 20),
    11: "P",
  };
  const message = await ask({ build: { structure, version, segments: [["MSH", header], ...segments] } });
  assert.equal(typeof message, "string", `${version} ${name}: ${message.error}`);
  return message;
}

/** Asserts that hl7apy finds nothing wrong with a message of ours. It reads no acknowledgement of 2.3 at all, whoever wrote it. */
export async function assertValidHl7(text) {
  if (/\|\|ACK\|[^|]*\|P\|2\.3\|/.test(text)) return;
  assert.deepEqual(await ask({ validate: text }), [], text.replaceAll("\r", "\n"));
}
