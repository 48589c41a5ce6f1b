/**
 * What the profiles of HL7 BSeR 2.0.0-ballot require beyond the base specification: the elements whose least number is 1.
 *
 * Sources: the profiles referral-task, referral-servicerequest, BSeR-ReferralMessageHeader, BSeR-ReferralMessageBundle,
 * BSeR-ReferralFeedbackDocumentBundle and BSeR-ReferralFeedbackComposition. Not held to: which type a reference leads to (BSeR
 * itself wants PractitionerRoles of US Core), and BSeR's document Bundle of supporting information (docs/interop.md).
 */

const TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203";
const MESSAGE_EVENTS = "http://terminology.hl7.org/CodeSystem/v2-0003";
const BUSINESS_STATUS = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS";
const FEEDBACK_SUMMARY = "RSRFS";

const all = (value) => (value === undefined ? [] : [value].flat());
const has = (concept, system, code) => all(concept?.coding).some((one) => one.system === system && one.code === code);

/** One placer's identifier, and at most one filler's, whose assigner is said. */
function identifiers(resource) {
  const typed = (code) => all(resource.identifier).filter(({ type }) => has(type, TYPES, code));
  const [placers, fillers] = [typed("PLAC"), typed("FILL")];
  return {
    "identifier:PLAC 1..1": placers.length === 1 && placers[0].value,
    "identifier:FILL 0..1": fillers.length <= 1 && fillers.every(({ value }) => value),
    "identifier:FILL.assigner 1..1": fillers.every(({ assigner }) => assigner),
  };
}

const RULES = {
  Task: (task) => ({
    ...identifiers(task),
    "businessStatus 1..1": all(task.businessStatus?.coding).some(({ system, code }) => system === BUSINESS_STATUS && code),
    "intent order": task.intent === "order",
    "code fulfill": has(task.code, "http://hl7.org/fhir/CodeSystem/task-code", "fulfill"),
    "focus 1..1": task.focus,
    "for 1..1": task.for,
    "authoredOn 1..1": task.authoredOn,
    "requester 1..1": task.requester,
    "owner 1..1": task.owner,
  }),
  ServiceRequest: (request) => ({
    ...identifiers(request),
    "identifier ..2": request.identifier.length <= 2,
    "intent order": request.intent === "order",
    "code 1..1": request.code,
    "occurrenceDateTime 1..1": request.occurrenceDateTime,
    "requester 1..1": request.requester,
    "performer 1..1": request.performer?.length === 1,
  }),
  MessageHeader: (header) => ({
    "eventCoding I12": header.eventCoding?.system === MESSAGE_EVENTS && header.eventCoding.code === "I12",
    "destination 1..1": header.destination?.length === 1,
    "destination.receiver 1..1": header.destination?.[0]?.receiver,
    "sender 1..1": header.sender,
    "focus 1..1": header.focus?.length === 1,
  }),
  Composition: (composition) => {
    const summary = all(composition.section).filter(({ code }) => all(code?.coding).some((one) => one.code === FEEDBACK_SUMMARY));
    return {
      "subject 1..1": composition.subject,
      "author 1..1": composition.author?.length === 1,
      "section.code 1..1": all(composition.section).every(({ code }) => code),
      "section:feedback summary 1..1": summary.length === 1,
      "section:feedback summary.focus 1..1": summary.every(({ focus }) => focus),
    };
  },
  Bundle: (bundle) => ({
    "document: id 1..1": bundle.type !== "document" || bundle.id,
    "document: Composition first": bundle.type !== "document" || bundle.entry?.[0]?.resource?.resourceType === "Composition",
    "message: MessageHeader first": bundle.type !== "message" || bundle.entry?.[0]?.resource?.resourceType === "MessageHeader",
  }),
};

/** What BSeR requires and `resource`, or a resource in it, does not have. */
export function bserFaults(resource) {
  const rules = RULES[resource?.resourceType]?.(resource) ?? {};
  const own = Object.entries(rules).filter(([, holds]) => !holds);
  const inside = [...all(resource?.entry), ...all(resource?.parameter)].map((one) => one.resource);
  return [...own.map(([rule]) => `${resource.resourceType}.${rule}`), ...inside.flatMap((one) => bserFaults(one))];
}
