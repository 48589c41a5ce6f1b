/**
 * Referrals as callers make and move them: the intake body, the events, and what is read back.
 */

import assert from "node:assert/strict";
import { everyItem, expectStatus, get, post, unique } from "./client.mjs";

const DAY_MS = 24 * 60 * 60 * 1000;

/** The calendar day so many days ago, as `YYYY-MM-DD`. */
export function daysAgo(days) {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
}

/** The instant so many milliseconds after a referral was stored, by the server's own clock. */
export function afterSent(referral, milliseconds) {
  return new Date(Date.parse(referral.stage_since) + milliseconds).toISOString();
}

/** A patient whom no other referral is for. */
export function newPatient(members = {}) {
  return {
    identifier: { system: "urn:oid:1.2.36.146.595.217.0.1", value: unique("patient") },
    name: { family: "Chalmers", given: ["Peter", "James"] },
    birth_date: "1974-12-25",
    phone: "+1 555 0100",
    language: "en",
    contact_by: "phone",
    ...members,
  };
}

/** A complete, routine referral from the network's referrer to its recipient; `members` override the body. */
export function referralBody(network, members = {}) {
  return {
    patient: newPatient(),
    recipient: { organization: network.recipient.id, service: network.recipient.service },
    service: { system: "http://snomed.info/sct", code: "183519002", display: "Referral to cardiology service" },
    urgency: "routine",
    clinical_question: "Is the exertional chest pain cardiac, and is a stress test needed?",
    role: "evaluate",
    reason: [{ system: "http://hl7.org/fhir/sid/icd-10-cm", code: "R07.9", display: "Chest pain, unspecified" }],
    supporting: [
      { kind: "lab", code: "2160-0", display: "Creatinine", date: daysAgo(5), value: "0.9 mg/dL" },
      { kind: "medication", display: "Lisinopril 10 mg", date: daysAgo(30) },
      { kind: "allergy", display: "Penicillin", date: daysAgo(400) },
    ],
    preparation: { agreed: "yes", reason: "The patient knows why.", barriers: [] },
    requester: { name: "Dr Ada Referrer", phone: "+1 555 0101" },
    scheduling: "recipient-calls",
    overrides: [],
    ...members,
  };
}

/** Posts a referral and expects it to be stored; gives the referral back. */
export async function refer(network, members = {}, key = network.referrer.key) {
  return expectStatus(await post("/intake/referrals", key, referralBody(network, members)), 201).body;
}

/** The data that each event needs to be valid; `network` says where a redirection goes. */
export function eventData(type, network) {
  const start = new Date(Date.now() + 7 * DAY_MS).toISOString();
  const moved = new Date(Date.now() + 9 * DAY_MS).toISOString();
  const report = {
    visit_on: daysAgo(0),
    summary: "Stable angina.",
    next_steps: ["Start a beta blocker"],
    documents: [],
  };
  const data = {
    "referral.accepted": {},
    "referral.declined": { reason: "capacity", note: "No capacity this quarter." },
    "appointment.scheduled": { start, location: "Main Street 1" },
    "appointment.rescheduled": { start: moved, by: "patient" },
    "appointment.cancelled": { reason: "The clinician is ill.", by: "recipient" },
    "appointment.no_show": {},
    "appointment.confirmed": {},
    "referral.interim_note": { note: "Seen today, waiting for the stress test.", visit_on: daysAgo(0) },
    "referral.outcome": report,
    "referral.outcome_amended": { ...report, summary: "Stable angina, confirmed." },
    "referral.cancellation_requested": { reason: "The patient moved away." },
    "referral.cancellation_confirmed": {},
    "referral.cancellation_refused": { reason: "The visit has taken place." },
    "referral.info_requested": { question: "Which medication was tried?" },
    "referral.info_supplied": { note: "Aspirin only.", supporting: [] },
    "referral.redirected": { to: network && redirection(network), reason: "The other clinic is nearer." },
    "referral.disputed": { reason: "The patient meets the published criteria." },
    "referral.corrected": { changes: { patient: { phone: "+1 555 0199" } }, reason: "A digit was wrong." },
    "patient.contacted": { channel: "phone", outcome: "reached" },
    "patient.unreachable": { channel: "phone", outcome: "no-answer" },
    "referral.not_completed": { reason: "no-time" },
    "referral.acknowledged": { care_plan_changed: true, documented_in: "chart", question_answered: "yes" },
    "patient.informed": { channel: "phone" },
    "referral.note": { note: "The patient prefers mornings." },
    "referral.urgency_changed": { urgency: "urgent", reason: "The pain is worse." },
    "barrier.raised": { kind: "transport", owner: "referrer", due_at: start },
    "barrier.resolved": { note: "A neighbour drives." },
    "referral.entered_in_error": { reason: "Wrong patient." },
  }[type];
  assert.ok(data, `no data for ${type}`);
  return structuredClone(data);
}

function redirection(network) {
  return { organization: network.second.id, service: network.second.service };
}

/** The answer to one event sent by API key. `data` replaces the usual data where it is given. */
export function sendEvent(key, id, type, data, options) {
  return post(`/status/referrals/${id}/events`, key, { type, data }, options);
}

/** Sends an event that must be stored, asserts the whole answer, and gives the answer's body back. */
export async function apply(key, id, type, data, result = "applied") {
  const { body } = expectStatus(await sendEvent(key, id, type, data), 202);
  assertResult(body, result, id);
  return body;
}

/**
 * Asserts the whole answer to an event: what was done with it, to which referral, and the version that there is now. One
 * that was stored says its own id and the status that it led to as well.
 */
export function assertResult(body, result, id, version = body.version) {
  const { event, status } = body;
  const stored = result === "duplicate" ? {} : { event, status };
  assert.deepEqual(body, { result, referral: id, version, ...stored });
  assert.ok(Number.isSafeInteger(body.version));
  if (result !== "duplicate") assert.ok(event && status, JSON.stringify(body));
}

/** The referral as this caller sees it. */
export async function read(key, id) {
  return expectStatus(await get(`/worklist/referrals/${id}`, key), 200).body;
}

/** What a transition table fixes of a referral. */
export function standing({ status, business_status, task_status, turn }) {
  return { status, business_status, task_status, turn };
}

/** The timeline as this caller sees it, every page of it. */
export async function timeline(key, id) {
  return everyItem(`/worklist/referrals/${id}/events`, key);
}
