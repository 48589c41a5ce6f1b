/**
 * The floor: a bare Worker that runs the SQL of a call, recorded from the real function, and nothing else. No key is
 * checked, no rule decided, no hash computed. What a function takes beyond this is its own cost.
 *
 * `POST /{call}/{referral}` runs one recorded call; without a referral it is about a new one.
 */

/** Digits and lower case, as in the ids that the functions make. */
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const REFERRAL_PREFIX = "ref-";

/** The pattern that finds what must be fresh in a call, by the call's name. */
const patterns = new Map();

export default {
  async fetch(request, env) {
    const [, name, referral] = new URL(request.url).pathname.split("/");
    const { batches, words } = env.TAPES[name];
    // The real function reads its request, so this does too.
    await request.arrayBuffer();
    const fresh = new Map(words.map((word) => [word, referral ?? freshWord(word)]));
    const refreshed = refresher(name, words, fresh);
    let results;
    for (const statements of batches) {
      results = await env.DB.batch(
        statements.map(({ sql, parameters }) => env.DB.prepare(sql).bind(...parameters.map(refreshed))),
      );
    }
    const id = words.map((word) => fresh.get(word)).find((word) => word.startsWith(REFERRAL_PREFIX));
    return Response.json({ id, rows: results.at(-1).results });
  },
};

/** Replaces the recording's words in a parameter, each by the same fresh one wherever it stands. */
function refresher(name, words, fresh) {
  if (words.length === 0) return (parameter) => parameter;
  if (!patterns.has(name)) patterns.set(name, new RegExp(words.join("|"), "g"));
  const pattern = patterns.get(name);
  return (parameter) =>
    typeof parameter === "string" ? parameter.replace(pattern, (word) => fresh.get(word)) : parameter;
}

/** As long as the word that it stands for, so that the rows are as long. */
function freshWord(word) {
  const prefix = word.slice(0, REFERRAL_PREFIX.length);
  const random = crypto.getRandomValues(new Uint8Array(word.length - prefix.length));
  return prefix + Array.from(random, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
