/**
 * The two parties' own systems, which receive webhooks all the time: what came, and whether it was stored.
 */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { adminKey, expectStatus, post } from "../black-box/client.mjs";
import { startReceiver, verify } from "../black-box/receiver.mjs";

/** What was being sent when the server was killed is leased for a minute, and may have failed once or twice before. */
const DRAIN_MS_MAX = 240_000;
const PAUSE_MS = 250;

/** Registers a receiver for a side's organisation and waits until it has answered its challenge. */
export async function startPartner(network, side) {
  const receiver = await startReceiver();
  const path = `/directory/organizations/${network[side].id}/endpoints`;
  const { secret } = expectStatus(await post(path, adminKey, { url: receiver.url }), 201).body;
  expectStatus(await post("/sweep", adminKey), 200);
  await receiver.wait(1);
  return new Partner(side, receiver, secret);
}

class Partner {
  /** What came and has not been looked at. */
  #looked = 0;
  /** The events that came, by the hash that names them; in the order in which each came first. */
  #first = new Map();
  #hashOfId = new Map();

  constructor(side, receiver, secret) {
    this.side = side;
    this.receiver = receiver;
    this.secret = secret;
  }

  get count() {
    return this.receiver.received.length;
  }

  /** The deliveries since the last call, each checked for its signature: `{referral, event}`. */
  take() {
    const fresh = this.receiver.received.slice(this.#looked);
    this.#looked += fresh.length;
    return fresh.map((delivery) => this.#read(delivery)).filter(({ event }) => event);
  }

  #read(delivery) {
    const { data } = verify(this.secret, delivery);
    if (!data.event) return {};
    const id = delivery.headers["webhook-id"];
    const { hash } = data.event;
    assert.equal(this.#hashOfId.get(id) ?? hash, hash, `webhook-id ${id} came with two events`);
    assert.equal(this.#first.get(hash)?.id ?? id, id, `event ${data.event.id} came under two webhook-ids`);
    this.#hashOfId.set(id, hash);
    if (!this.#first.has(hash)) this.#first.set(hash, { id, referral: data.referral.id, seq: data.event.seq });
    return { referral: data.referral.id, event: data.event };
  }

  /** Whether this event of the other side came. */
  has({ hash }) {
    return this.#first.has(hash);
  }

  /** Asserts that the events of each referral came first in the order of the chain. */
  assertInOrder() {
    const last = new Map();
    for (const { referral, seq } of this.#first.values()) {
      assert.ok(seq > (last.get(referral) ?? 0), `event ${seq} of ${referral} came to the ${this.side} after a later one`);
      last.set(referral, seq);
    }
  }
}

/** Asserts that what was delivered is stored, as it was delivered. `timelines` gives a referral's events. */
export async function assertDeliveredIsStored(deliveries, timelines) {
  for (const { referral, event } of deliveries) {
    const stored = (await timelines(referral))[event.seq - 1];
    assert.deepEqual(
      { id: stored?.id, type: stored?.type, hash: stored?.hash },
      { id: event.id, type: event.type, hash: event.hash },
      `what was delivered as event ${event.seq} of ${referral} is not what is stored`,
    );
  }
}

/** Sweeps until `missing` gives nothing back. */
export async function drain(missing) {
  const deadline = Date.now() + DRAIN_MS_MAX;
  for (let left = missing(); left.length > 0; left = missing()) {
    assert.ok(Date.now() < deadline, `${left.length} events were not delivered, such as ${JSON.stringify(left[0])}`);
    const { body } = expectStatus(await post("/sweep", adminKey), 200);
    if (!body.more) await pause(PAUSE_MS);
  }
}
