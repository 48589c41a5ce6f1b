/** The demo network: a family practice that refers, two hospitals that are referred to, and what they offer. */

export const NETWORK = "demo-valley";

export const PRACTICE = "demo-riverside";
export const HEART_CENTRE = "demo-heart-centre";
export const UNIVERSITY = "demo-university";

export const SNOMED = "http://snomed.info/sct";
export const CARDIOLOGY = { system: SNOMED, code: "183519002", display: "Referral to cardiology service" };
export const ORTHOPAEDICS = { system: SNOMED, code: "183545006", display: "Referral to orthopedic service" };

const SCOPES = ["referrals:write", "referrals:read", "events:write", "measures:read", "directory:write"];

const ORGANIZATIONS = [
  { id: PRACTICE, name: "Riverside Family Practice", roles: ["referrer"], label: "Dr Ada Moreno" },
  { id: HEART_CENTRE, name: "Valley Heart Centre", roles: ["recipient"], label: "Intake desk" },
  { id: UNIVERSITY, name: "University Hospital", roles: ["referrer", "recipient"], label: "Referral office" },
];

const URGENCIES = ["routine", "urgent", "asap", "stat"];
const SERVICES = [
  {
    organization: HEART_CENTRE,
    body: {
      id: "demo-cardiology",
      specialty: "cardiology",
      codes: [CARDIOLOGY],
      urgencies: URGENCIES,
      locations: ["12 Mill Lane"],
      languages: ["en", "es"],
      requirements: [
        { id: "creatinine", kind: "lab", code: "2160-0", display: "Creatinine", max_age_days: 90, level: "required" },
        { id: "medication", kind: "medication", display: "Current medication", level: "advisory" },
      ],
    },
  },
  {
    organization: UNIVERSITY,
    body: {
      id: "demo-university-cardiology",
      specialty: "cardiology",
      codes: [CARDIOLOGY],
      urgencies: URGENCIES,
      locations: ["1 Campus Road"],
      languages: ["en"],
      requirements: [],
    },
  },
  {
    organization: UNIVERSITY,
    body: {
      id: "demo-university-orthopaedics",
      specialty: "orthopaedics",
      codes: [ORTHOPAEDICS],
      urgencies: URGENCIES,
      locations: ["1 Campus Road"],
      languages: ["en"],
      requirements: [],
    },
  },
];

/**
 * Registers the organisations, a key for each, their services, and the system that sends the heart centre's webhooks.
 *
 * @param {import("./demo-api.mjs").Caller} operator who may do all of the directory
 * @returns {Promise<{keys: Record<string, string>, source: object}>} each organisation's key, and the source
 */
export async function registerNetwork(operator) {
  const keys = {};
  for (const { label, ...organization } of ORGANIZATIONS) {
    const { id } = organization;
    await operator.post(id, "/directory/organizations", { ...organization, network: NETWORK });
    const path = `/directory/organizations/${id}/keys`;
    ({ key: keys[id] } = await operator.post(`${id}-key`, path, { scopes: SCOPES, label }));
  }
  for (const { organization, body } of SERVICES) {
    await operator.post(body.id, `/directory/organizations/${organization}/services`, body);
  }
  const sources = `/directory/organizations/${HEART_CENTRE}/sources`;
  const source = await operator.post("source", sources, { name: "Scheduling system" });
  return { keys, source };
}
