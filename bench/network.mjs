/** The network that is measured: a practice that refers, a heart centre that is referred to, and what is sent between them. */

export const PRACTICE = "bench-practice";
export const HEART_CENTRE = "bench-heart-centre";

const NETWORK = "bench-valley";
const DAY_MS = 24 * 60 * 60 * 1000;
const SERVICE = "bench-cardiology";
const CARDIOLOGY = {
  system: "http://snomed.info/sct",
  code: "183519002",
  display: "Referral to cardiology service",
};
const SCOPES = ["referrals:write", "referrals:read", "events:write", "measures:read", "directory:write"];
const ORGANIZATIONS = [
  { id: PRACTICE, name: "Riverside Family Practice", roles: ["referrer"] },
  { id: HEART_CENTRE, name: "Valley Heart Centre", roles: ["recipient"] },
];

/**
 * Registers the organisations, a key for each, the service, and the system that sends the heart centre's webhooks.
 *
 * @param {string} url the deployment
 * @param {string} adminKey the operator's key
 * @returns {Promise<{keys: Record<string, string>, source: {id: string, secret: string}}>} each organisation's key, and the source
 */
export async function registerNetwork(url, adminKey) {
  const post = async (path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  };
  const keys = {};
  for (const organization of ORGANIZATIONS) {
    await post("/directory/organizations", { ...organization, network: NETWORK });
    const path = `/directory/organizations/${organization.id}/keys`;
    ({ key: keys[organization.id] } = await post(path, { scopes: SCOPES, label: "Bench" }));
  }
  const centre = `/directory/organizations/${HEART_CENTRE}`;
  await post(`${centre}/services`, {
    id: SERVICE,
    specialty: "cardiology",
    codes: [CARDIOLOGY],
    urgencies: ["routine", "urgent", "asap", "stat"],
    locations: ["12 Mill Lane"],
    languages: ["en", "es"],
    requirements: [
      { id: "creatinine", kind: "lab", code: "2160-0", display: "Creatinine", max_age_days: 90, level: "required" },
      { id: "medication", kind: "medication", display: "Current medication", level: "advisory" },
    ],
  });
  const source = await post(`${centre}/sources`, { name: "Scheduling system" });
  return { keys, source };
}

/**
 * The body of a referral.
 *
 * @param {string} patient the patient's number
 */
export function referralBody(patient) {
  const daysAgo = (days) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
  return {
    patient: {
      identifier: { system: "urn:oid:2.999.1", value: patient },
      name: { family: "Bench", given: ["Demo"] },
      birth_date: "1951-04-12",
      phone: "+1 555 0100",
      language: "en",
      contact_by: "phone",
    },
    recipient: { organization: HEART_CENTRE, service: SERVICE },
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
  };
}
