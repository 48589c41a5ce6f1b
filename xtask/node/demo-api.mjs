/**
 * The calls that the demo makes. Each has an idempotency key of its own, so that a load that was cut off can be run again:
 * what was done is answered again, and not done twice.
 */

/** A deployment, seen by one caller. */
export class Caller {
  /**
   * @param {string} baseUrl where the functions answer
   * @param {string} key what the caller shows
   * @param {string} run tells this load's idempotency keys from another's
   */
  constructor(baseUrl, key, run) {
    this.baseUrl = baseUrl;
    this.key = key;
    this.run = run;
  }

  /** The same deployment, seen by somebody else. */
  as(key) {
    return new Caller(this.baseUrl, key, this.run);
  }

  /** Whether the key is still good for reading. */
  async canRead() {
    const answer = await fetch(`${this.baseUrl}/worklist/referrals?limit=1`, { headers: this.#headers() });
    return answer.ok;
  }

  /**
   * Sends one POST and expects it to be done.
   *
   * @param {string} step names the call within the load
   * @param {string} path where to
   * @param {object} body what
   * @returns {Promise<object>} the answer's body
   */
  async post(step, path, body) {
    const answer = await fetch(`${this.baseUrl}${path}`, {
      method: "POST",
      headers: {
        ...this.#headers(),
        "content-type": "application/json",
        "idempotency-key": `"demo-${this.run}-${step}"`,
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${path} (${step}) answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  #headers() {
    return { authorization: `Bearer ${this.key}` };
  }
}
