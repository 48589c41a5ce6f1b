/** The four calls that are measured, as a client makes them: intake, a signed webhook, one referral, a page of the worklist. */
import { createHmac, randomUUID } from "node:crypto";
import { HEART_CENTRE, PRACTICE, referralBody } from "./network.mjs";

const PAGE_ROWS = 25;
const SECRET_PREFIX = "whsec_";

/** What a request is about when nobody says: a patient and a key that no other request has. */
const another = () => randomUUID().replaceAll("-", "");

/**
 * The calls of one network.
 *
 * @param {{keys: Record<string, string>, source: {id: string, secret: string}}} network what was registered
 */
export function calls({ keys, source }) {
  const bearer = (organization) => ({ authorization: `Bearer ${keys[organization]}` });
  const json = { "content-type": "application/json" };
  const secret = Buffer.from(source.secret.slice(SECRET_PREFIX.length), "base64");
  return {
    /** A new patient's referral. */
    intake(patient = another(), idempotencyKey = another()) {
      const body = referralBody(patient);
      const headers = { ...bearer(PRACTICE), ...json, "idempotency-key": `"${idempotencyKey}"` };
      return { method: "POST", path: "/intake/referrals", headers, body: JSON.stringify(body) };
    },
    /** The heart centre's scheduling system accepts a referral. */
    webhook(referral, id = another()) {
      const seconds = Math.floor(Date.now() / 1000);
      const timestamp = new Date(seconds * 1000).toISOString();
      const body = JSON.stringify({ type: "referral.accepted", timestamp, data: { referral } });
      const signature = createHmac("sha256", secret).update(`${id}.${seconds}.${body}`).digest("base64");
      const headers = {
        ...json,
        "webhook-id": id,
        "webhook-timestamp": String(seconds),
        "webhook-signature": `v1,${signature}`,
      };
      return { method: "POST", path: `/status/webhooks/${source.id}`, headers, body };
    },
    /** One referral, as its referrer sees it. */
    read(referral) {
      return { method: "GET", path: `/worklist/referrals/${referral}`, headers: bearer(PRACTICE) };
    },
    /** The first page of what the heart centre has to do. */
    page() {
      return { method: "GET", path: `/worklist/referrals?limit=${PAGE_ROWS}`, headers: bearer(HEART_CENTRE) };
    },
    /** A note by either side, which moves nothing: what sixteen writers write to one referral. */
    note(referral, index) {
      const organization = index % 2 === 0 ? PRACTICE : HEART_CENTRE;
      const headers = { ...bearer(organization), ...json, "idempotency-key": `"${another()}"` };
      const body = JSON.stringify({ type: "referral.note", data: { note: `Note ${index}` } });
      return { method: "POST", path: `/status/referrals/${referral}/events`, headers, body };
    },
    /** Every event of a referral, a page at a time. */
    events(referral, cursor) {
      const query = new URLSearchParams({ limit: "100", ...(cursor && { cursor }) });
      return { method: "GET", path: `/worklist/referrals/${referral}/events?${query}`, headers: bearer(PRACTICE) };
    },
  };
}
