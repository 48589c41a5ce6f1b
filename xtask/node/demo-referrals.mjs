/** A dozen referrals, each at another place of its life. No patient here is real. */
import { CARDIOLOGY, HEART_CENTRE, ORTHOPAEDICS, PRACTICE, UNIVERSITY } from "./demo-network.mjs";

const DAY_MS = 24 * 60 * 60 * 1000;

const TO_HEART_CENTRE = { organization: HEART_CENTRE, service: "demo-cardiology" };
const TO_UNIVERSITY = { organization: UNIVERSITY, service: "demo-university-cardiology" };
const TO_ORTHOPAEDICS = { organization: UNIVERSITY, service: "demo-university-orthopaedics" };

/**
 * The body of a referral.
 *
 * @param {Date} now the day that its dates are counted from
 * @param {number} number tells the patients apart
 * @param {string} family the patient's name
 * @param {object} members what differs from the usual
 */
export function referralBody(now, number, family, members = {}) {
  const daysAgo = (days) => new Date(now - days * DAY_MS).toISOString().slice(0, 10);
  return {
    patient: {
      identifier: { system: "urn:oid:2.999.1", value: `DEMO-${1000 + number}` },
      name: { family, given: ["Demo"] },
      birth_date: `19${50 + number}-04-12`,
      phone: "+1 555 0100",
      language: "en",
      contact_by: "phone",
    },
    recipient: TO_HEART_CENTRE,
    service: CARDIOLOGY,
    urgency: "routine",
    clinical_question: "Is the exertional chest pain cardiac, and is a stress test needed?",
    role: "evaluate",
    supporting: [
      { kind: "lab", code: "2160-0", display: "Creatinine", date: daysAgo(5), value: "0.9 mg/dL" },
      { kind: "medication", display: "Lisinopril 10 mg", date: daysAgo(30) },
    ],
    preparation: { agreed: "yes", reason: "The patient knows why.", barriers: [] },
    requester: { name: "Dr Ada Moreno", phone: "+1 555 0101" },
    scheduling: "recipient-calls",
    overrides: [],
    ...members,
  };
}

/** Each referral, and the events that bring it where it stands: who sends it, its type, its data. */
function stories(now) {
  const inDays = (days) => new Date(now.getTime() + days * DAY_MS).toISOString();
  const today = now.toISOString().slice(0, 10);
  const accepted = [HEART_CENTRE, "referral.accepted", {}];
  const scheduled = [HEART_CENTRE, "appointment.scheduled", { start: inDays(9), location: "12 Mill Lane" }];
  const outcome = [
    HEART_CENTRE,
    "referral.outcome",
    { visit_on: today, summary: "Stable angina.", next_steps: ["Start a beta blocker"], documents: [] },
  ];
  return [
    { name: "sent", family: "Abara", events: [] },
    {
      name: "urgent",
      family: "Brandt",
      members: { urgency: "urgent", clinical_question: "New murmur with dyspnoea: valve disease?", supporting: [] },
      events: [],
    },
    {
      name: "info-requested",
      family: "Chen",
      events: [[HEART_CENTRE, "referral.info_requested", { question: "Which medication was tried?" }]],
    },
    { name: "accepted", family: "Diaz", events: [accepted] },
    { name: "scheduled", family: "Eriksen", events: [accepted, scheduled] },
    { name: "no-show", family: "Farouk", events: [accepted, scheduled, [HEART_CENTRE, "appointment.no_show", {}]] },
    {
      name: "declined",
      family: "Gupta",
      events: [[HEART_CENTRE, "referral.declined", { reason: "capacity", note: "No capacity this quarter." }]],
    },
    { name: "completed", family: "Haddad", events: [accepted, scheduled, outcome] },
    {
      name: "closed",
      family: "Ito",
      events: [
        accepted,
        outcome,
        [PRACTICE, "referral.acknowledged", { care_plan_changed: true, question_answered: "yes" }],
        [PRACTICE, "patient.informed", { channel: "phone" }],
      ],
    },
    {
      name: "redirected",
      family: "Jansen",
      events: [[HEART_CENTRE, "referral.redirected", { to: TO_UNIVERSITY, reason: "The other clinic is nearer." }]],
    },
    {
      name: "unreachable",
      family: "Kowalski",
      events: [accepted, [HEART_CENTRE, "patient.unreachable", { channel: "phone", outcome: "no-answer" }]],
    },
    {
      name: "orthopaedics",
      family: "Lopez",
      members: {
        recipient: TO_ORTHOPAEDICS,
        service: ORTHOPAEDICS,
        clinical_question: "Knee pain after a fall six weeks ago: is imaging or surgery needed?",
        coverage: "self-pay",
      },
      events: [[UNIVERSITY, "referral.accepted", {}]],
    },
    {
      name: "cancelled",
      family: "Meyer",
      events: [
        [PRACTICE, "referral.cancellation_requested", { reason: "The patient moved away." }],
        [HEART_CENTRE, "referral.cancellation_confirmed", {}],
      ],
    },
  ];
}

/**
 * Sends the referrals and what happened to them.
 *
 * @param {(organization: string) => import("./demo-api.mjs").Caller} caller who speaks for an organisation
 * @param {Date} now the day that all dates are counted from
 * @returns {Promise<Record<string, string>>} the id of each referral, by the name of its story
 */
export async function sendReferrals(caller, now) {
  const ids = {};
  for (const [number, { name, family, members, events }] of stories(now).entries()) {
    const body = referralBody(now, number, family, members);
    const { id } = await caller(PRACTICE).post(name, "/intake/referrals", body);
    ids[name] = id;
    for (const [index, [organization, type, data]] of events.entries()) {
      await caller(organization).post(`${name}-${index}`, `/status/referrals/${id}/events`, { type, data });
    }
  }
  return ids;
}
