/**
 * Brings a referral into any status, by the shortest legal path of real events.
 */

import assert from "node:assert/strict";
import { apply, eventData, read, refer } from "./referrals.mjs";

/** The events that lead from `sent` to each status, with who sends each. */
const PATHS = {
  sent: [],
  "info-requested": [["recipient", "referral.info_requested"]],
  accepted: [["recipient", "referral.accepted"]],
  scheduled: [
    ["recipient", "referral.accepted"],
    ["recipient", "appointment.scheduled"],
  ],
  "no-show": [
    ["recipient", "referral.accepted"],
    ["recipient", "appointment.scheduled"],
    ["recipient", "appointment.no_show"],
  ],
  "appointment-cancelled": [
    ["recipient", "referral.accepted"],
    ["recipient", "appointment.scheduled"],
    ["recipient", "appointment.cancelled"],
  ],
  seen: [
    ["recipient", "referral.accepted"],
    ["recipient", "referral.interim_note"],
  ],
  "cancellation-requested": [["referrer", "referral.cancellation_requested"]],
  cancelled: [
    ["referrer", "referral.cancellation_requested"],
    ["recipient", "referral.cancellation_confirmed"],
  ],
  declined: [["recipient", "referral.declined"]],
  "not-completed": [["referrer", "referral.not_completed"]],
  completed: [
    ["recipient", "referral.accepted"],
    ["recipient", "referral.outcome"],
  ],
  closed: [
    ["recipient", "referral.accepted"],
    ["recipient", "referral.outcome"],
    ["referrer", "referral.acknowledged"],
  ],
  "entered-in-error": [["referrer", "referral.entered_in_error"]],
};

export const everyStatus = Object.keys(PATHS);

/** Sends the usual event of this type from this side, and expects it to apply. `data` adds to the usual data. */
export function step(network, id, side, type, data = {}) {
  return apply(network[side].key, id, type, { ...eventData(type, network), ...data });
}

/**
 * A new referral in this status, as the referrer sees it.
 *
 * `members` override the intake body. `advice` makes the outcome on the way advice in place of a visit.
 */
export async function reach(network, status, { members = {}, advice = false, before = async () => {} } = {}) {
  const path = PATHS[status];
  assert.ok(path, `no path to ${status}`);
  const sent = await refer(network, members);
  await before(sent);
  for (const [side, type] of path) {
    const data = eventData(type, network);
    if (advice && type === "referral.outcome") {
      delete data.visit_on;
      data.advice = true;
    }
    await apply(network[side].key, sent.id, type, data);
  }
  const referral = await read(network.referrer.key, sent.id);
  assert.equal(referral.status, status);
  return referral;
}

/**
 * Sends the usual event of a side and asserts where the referral stands after it: `[status, turn]`.
 */
export async function lives(network, id, side, type, [status, turn], data) {
  await step(network, id, side, type, data);
  const referral = await read(network.referrer.key, id);
  assert.deepEqual([referral.status, referral.turn], [status, turn], type);
  return referral;
}

/** From an accepted referral to the end of the loop. */
export async function closes(network, id, recipient = "recipient") {
  await lives(network, id, recipient, "referral.outcome", ["completed", "referrer"]);
  const { reports } = await read(network.referrer.key, id);
  await lives(network, id, "referrer", "referral.acknowledged", ["closed", "referrer"], { report: reports.at(-1).id });
  return lives(network, id, "referrer", "patient.informed", ["closed", null]);
}
