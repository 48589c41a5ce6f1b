/**
 * Writers that keep a deployment busy: new referrals, the steps of their lives, and notes of both sides, by key and by signed
 * webhook. Each write can be sent again as it was, with the same idempotency key or webhook-id.
 */

import assert from "node:assert/strict";
import { expectStatus, post, unique } from "../black-box/client.mjs";
import { eventData, referralBody, sendEvent } from "../black-box/referrals.mjs";
import { deliver, webhookBody } from "../black-box/webhooks.mjs";

const WRITERS = 8;
/** Notes go to one of the newest referrals, so that writers meet. */
const NEWEST = 4;

/** The usual course, with who takes each step. Each writer leads its own referrals through it. */
const COURSE = [
  ["recipient", "referral.accepted"],
  ["recipient", "appointment.scheduled"],
  ["recipient", "referral.interim_note"],
  ["recipient", "referral.outcome"],
  ["referrer", "referral.acknowledged"],
  ["referrer", "patient.informed"],
];

/** The status that each step leads to. */
export const STATUS_AFTER = {
  "referral.sent": "sent",
  "referral.accepted": "accepted",
  "appointment.scheduled": "scheduled",
  "referral.interim_note": "seen",
  "referral.outcome": "completed",
  "referral.acknowledged": "closed",
  "patient.informed": "closed",
};

/** What was written, and what is known of it. It outlives the server. */
export class Load {
  /** Every acknowledged write: `{referral, event?, version?, type, mark?}`. */
  acknowledged = [];
  /** The writes whose answer never came. */
  unanswered = [];
  /** The ids of all referrals, oldest first. */
  referrals = [];

  constructor(network, sources, roll) {
    this.network = network;
    this.sources = sources;
    this.roll = roll;
    this.writers = Array.from({ length: WRITERS }, () => ({ own: undefined, step: 0 }));
  }

  /**
   * Writes until `stops` says so. `on.sent` and `on.acknowledged` are told of each write as it goes out and as its answer
   * is here.
   */
  async run(stops, on) {
    await Promise.all(
      this.writers.map(async (writer) => {
        while (!stops()) {
          const write = this.next(writer);
          const sending = write.send();
          on.sent();
          if (await this.settle(write, sending)) on.acknowledged();
          else assert.ok(stops(), `${write.type} was not answered, and nobody had killed the server`);
        }
      }),
    );
  }

  /** Sends again what was not answered; every one of it must be taken now. */
  async repeat() {
    const again = this.unanswered.splice(0);
    for (const write of again) assert.ok(await this.settle(write, write.send()), `${write.type} was not answered`);
    return again;
  }

  /** Whether a write was acknowledged. An answer that is not what the contract says is thrown. */
  async settle(write, sending) {
    let answer;
    try {
      answer = await sending;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      this.unanswered.push(write);
      return false;
    }
    const { body } = expectStatus(answer, 201, 202);
    const referral = write.referral ?? body.id;
    if (!write.referral) this.referrals.push(referral);
    write.settled(referral);
    // A duplicate's answer says how the referral stands, not which version the event made.
    const version = body.result === "applied" || !write.referral ? body.version : undefined;
    this.acknowledged.push({ ...write, referral, event: body.event, version });
    return true;
  }

  next(writer) {
    const { roll } = this;
    if (writer.own === undefined || writer.step === COURSE.length) return this.newReferral(writer);
    return roll(2) === 0 ? this.nextStep(writer) : this.note();
  }

  newReferral(writer) {
    const key = unique("key");
    const placer = { system: "urn:oid:2.999.7", value: unique("order") };
    const body = referralBody(this.network, { placer });
    return {
      type: "referral.sent",
      placer,
      send: () => post("/intake/referrals", this.network.referrer.key, body, quoted(key)),
      settled: (id) => Object.assign(writer, { own: id, step: 0 }),
    };
  }

  nextStep(writer) {
    const [side, type] = COURSE[writer.step];
    const settled = () => (writer.step += 1);
    return this.event(writer.own, side, type, eventData(type, this.network), settled);
  }

  note() {
    const newest = this.referrals.slice(-NEWEST);
    const mark = unique("note");
    const side = this.roll(2) === 0 ? "referrer" : "recipient";
    const write = this.event(newest[this.roll(newest.length)], side, "referral.note", { note: mark }, () => {});
    return { ...write, mark };
  }

  event(referral, side, type, data, settled) {
    const key = unique("event");
    const body = webhookBody(type, referral, data);
    const send =
      this.roll(2) === 0
        ? () => sendEvent(this.network[side].key, referral, type, data, quoted(key))
        : () => deliver(this.sources[side], body, { id: key });
    return { type, referral, send, settled };
  }
}

const quoted = (key) => ({ headers: { "idempotency-key": `"${key}"` } });
