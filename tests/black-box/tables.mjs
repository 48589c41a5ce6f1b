/**
 * The transition tables, read from the same CSV files that the rules are written from (`data/`).
 */

import { readFileSync } from "node:fs";

/** The rows of a CSV file as objects; fields may be quoted, as RFC 4180 has it. */
function rows(name) {
  const text = readFileSync(new URL(`data/${name}`, import.meta.url), "utf8");
  const [header, ...lines] = text.trim().split(/\r?\n/).map(fields);
  return lines.map((line) => Object.fromEntries(header.map((column, index) => [column, line[index] ?? ""])));
}

function fields(line) {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  );
}

/** Our own transitions, on top of BSeR's. */
export const ownTransitions = rows("own-transitions.csv");

/** What becomes of each event at each status that no table has a row for. */
export const offTable = rows("off-table.csv");

const TRIGGERS = {
  "Send Acceptance": "referral.accepted",
  "Send Decline": "referral.declined",
  "Send Schedule Visit Information": "appointment.scheduled",
  "Send rescheduled visit information": "appointment.rescheduled",
  "Send appointment cancel": "appointment.cancelled",
  "Send No Show Information": "appointment.no_show",
  "Send Interim Consultation Note": "referral.interim_note",
  "Send Referral Outcome": "referral.outcome",
  "Send Cancelation Request": "referral.cancellation_requested",
  "Send Cancelation Confirmation": "referral.cancellation_confirmed",
};

const STATUS_OF_BUSINESS_STATUS = {
  "2.0": "sent",
  "3.0": "accepted",
  "4.0": "declined",
  "5.1.1": "scheduled",
  "5.1.2": "no-show",
  "5.1.3": "appointment-cancelled",
  "5.1.4": "seen",
  5.2: "cancellation-requested",
  "6.0": "cancelled",
  "7.0": "completed",
};

/** Whose turn it is after each BSeR row: the contract names it by status. */
const TURN_OF_STATUS = {
  sent: "recipient",
  accepted: "recipient",
  declined: "referrer",
  scheduled: "recipient",
  "no-show": "recipient",
  "appointment-cancelled": "recipient",
  seen: "recipient",
  "cancellation-requested": "recipient",
  cancelled: "referrer",
  completed: "referrer",
};

/**
 * BSeR's transitions in the shape of our own. Row 01 is intake itself; the coarse rows (5.1) are taken in from FHIR and
 * HL7 partners and have no event here.
 */
export const bserTransitions = rows("bser-transitions.csv")
  .filter((row) => row.tid !== "01" && row.from_business_status !== "5.1" && row.to_business_status !== "5.1")
  .map((row) => {
    const to = STATUS_OF_BUSINESS_STATUS[row.to_business_status];
    return {
      event: TRIGGERS[row.trigger_event],
      actor: row.actor === "initiator" ? "referrer" : "recipient",
      from_status: STATUS_OF_BUSINESS_STATUS[row.from_business_status],
      to_status: to,
      to_business_status: row.to_business_status,
      to_task_status: row.to_task_status,
      turn_after: TURN_OF_STATUS[to],
      note: `BSeR row ${row.tid}`,
    };
  });
