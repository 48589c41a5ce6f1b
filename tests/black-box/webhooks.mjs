/**
 * Webhooks into the status function, signed by the reference client of the Standard Webhooks specification.
 */

import { Webhook } from "standardwebhooks";
import { call, unique } from "./client.mjs";

/** The headers of a delivery, as `Webhook.sign` makes the signature; each part can be set by the test. */
export function signedHeaders(secret, body, { id = unique("msg"), at = new Date(), signature } = {}) {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": signature ?? new Webhook(secret).sign(id, at, body),
  };
}

/** The body of a webhook that says what happened to a referral. */
export function webhookBody(type, referral, data = {}, timestamp = new Date().toISOString()) {
  return JSON.stringify({ type, timestamp, data: { referral, ...data } });
}

/** Delivers one webhook. `headers` replaces the signed headers where a test wants wrong ones. */
export function deliver(source, body, { headers, ...signing } = {}) {
  return call("POST", `/status/webhooks/${source.id}`, {
    raw: body,
    type: "application/json",
    headers: headers ?? signedHeaders(source.secret, body, signing),
  });
}
