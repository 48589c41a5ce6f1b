/**
 * Every event at every status: the rows of BSeR's table, the rows of our own, and what becomes of all the others.
 */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { reach, step } from "./lifecycle.mjs";
import { createNetwork } from "./network.mjs";
import { expectProblem } from "./problems.mjs";
import { apply, eventData, read, sendEvent, standing, timeline } from "./referrals.mjs";
import { bserTransitions, offTable, ownTransitions } from "./tables.mjs";

/** How many rows are tried at once: enough to keep the server busy, few enough for any machine. */
const ROWS_AT_ONCE = 8;

const ENDED_WITHOUT_REPORT = ["declined", "cancelled", "not-completed"];
const REPORTS = ["referral.outcome", "referral.outcome_amended"];

let network;
before(async () => {
  network = await createNetwork();
});

/** Runs one subtest a row, a bounded number at once. */
function forEachRow(name, rows, check) {
  test(name, { concurrency: ROWS_AT_ONCE }, async (t) => {
    await Promise.all(rows.map((row) => t.test(row.title, () => check(row))));
  });
}

/** A referral in this status on which this event can be tried, and the data for it. */
async function prepare(event, status) {
  const data = eventData(event, network);
  const disputesAdvice = event === "referral.disputed" && status === "completed";
  const options = { advice: disputesAdvice };
  if (event === "barrier.resolved") {
    options.before = async ({ id }) => {
      await step(network, id, "referrer", "barrier.raised");
      data.barrier = (await timeline(network.referrer.key, id)).at(-1).id;
    };
  }
  if (event === "referral.acknowledged" && ENDED_WITHOUT_REPORT.includes(status)) data.resolution = "patient-declined";
  return { referral: await reach(network, status, options), data };
}

const orAsItWas = (wanted, was) => (wanted === "=" ? was : wanted);

/** The table's row as what must be read back. */
function expected(row, was) {
  const turn = orAsItWas(row.turn_after, was.turn);
  return {
    status: row.to_status,
    business_status: orAsItWas(row.to_business_status, was.business_status),
    task_status: orAsItWas(row.to_task_status, was.task_status),
    turn: turn === "none" ? null : turn,
  };
}

async function checkLegal({ row, side }) {
  const { referral, data } = await prepare(row.event, row.from_status);
  await apply(network[side].key, referral.id, row.event, data);
  const after = await read(network.referrer.key, referral.id);
  assert.deepEqual(standing(after), expected(row, referral));
}

/** One case for each side that may send the row's event. */
function casesOf(rows) {
  return rows.flatMap((row) => {
    const sides = row.actor === "either" ? ["referrer", "recipient"] : [row.actor];
    return sides.map((side) => ({
      row,
      side,
      title: `${row.event} by the ${side} at ${row.from_status}: ${row.to_status}`,
    }));
  });
}

async function checkOffTable({ event, side, status, verdict }) {
  const { referral, data } = await prepare(event, status);
  if (verdict === "parked") {
    await apply(network[side].key, referral.id, event, data, "parked");
    const after = await read(network.referrer.key, referral.id);
    const { status: now, business_status, task_status } = standing(after);
    assert.deepEqual(
      { status: now, business_status, task_status },
      { status: referral.status, business_status: referral.business_status, task_status: referral.task_status },
    );
    if (status === "entered-in-error") return;
    if (REPORTS.includes(event)) assert.ok(after.attention.includes("report-waiting"), JSON.stringify(after.attention));
    else
      assert.ok(
        after.attention.some((what) => ["event-parked", "report-waiting"].includes(what)),
        JSON.stringify(after.attention),
      );
    return;
  }
  await refused(side, referral, event, data);
}

async function refused(side, referral, event, data) {
  expectProblem(await sendEvent(network[side].key, referral.id, event, data), 409);
  const after = await read(network.referrer.key, referral.id);
  assert.equal(after.version, referral.version);
  assert.deepEqual(standing(after), standing(referral));
}

/** A referral that was declined, insisted on, and declined again: the referrer can insist no more. */
async function declinedForGood() {
  const { id } = await reach(network, "declined");
  await step(network, id, "referrer", "referral.disputed");
  await step(network, id, "recipient", "referral.declined");
  return read(network.referrer.key, id);
}

async function checkDeclinedForGood({ event, side }) {
  const referral = await declinedForGood();
  const data = eventData(event, network);
  if (event === "barrier.resolved") data.barrier = (await timeline(network.referrer.key, referral.id)).at(-1).id;
  await refused(side, referral, event, data);
}

const offTableCases = offTable.map((row) => ({
  ...row,
  title: `${row.event} by the ${row.side} at ${row.status}: ${row.verdict}`,
}));
const whileTheReferrerMayInsist = offTable
  .filter(({ why }) => why.startsWith("while the referrer may still insist"))
  .map((row) => ({ ...row, title: `${row.event} by the ${row.side} after a second decline: 409` }));

forEachRow("every row of BSeR’s table leads where it says", casesOf(bserTransitions), checkLegal);
forEachRow("every row of our own leads where it says", casesOf(ownTransitions), checkLegal);
forEachRow("every event outside the tables is parked or refused as its row says", offTableCases, checkOffTable);
forEachRow(
  "after a second decline nothing of the recipient waits any more",
  whileTheReferrerMayInsist,
  checkDeclinedForGood,
);
