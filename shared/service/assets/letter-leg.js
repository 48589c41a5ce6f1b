// Sends what an office does with its leg: files first, then the event that names them, both by the interface's own routes. What was
// typed stays on the page until it has been sent: a report is not typed twice because a session ended or somebody wrote meanwhile.
"use strict";

const leg = document.getElementById("leg");
const FILE_BYTES_MAX = 1_500_000;
const FAULTS = Object.fromEntries(
  [...document.getElementById("faults").content.children].map((fault) => [fault.dataset.code, fault.textContent]),
);
const SAID = "letter-said";

/** Asks before the page is left while something stands on it that was typed and not sent. */
function askFirst(event) {
  event.preventDefault();
}

const said = sessionStorage.getItem(SAID);
if (said) {
  sessionStorage.removeItem(SAID);
  loop.say(said);
}

/** Shows the page as it is now, with a word about what happened. */
function anew(text) {
  removeEventListener("beforeunload", askFirst);
  sessionStorage.setItem(SAID, text);
  location.reload();
}

/** A call in the session of this letter, which is not that of a person who has signed in, nor of another letter. */
function call(method, path, headers, body) {
  return fetch(path, {
    method,
    headers: { "rl-letter": leg.dataset.referral, "idempotency-key": `"${crypto.randomUUID()}"`, ...headers },
    body,
  });
}

/** Why something was not sent, for whoever reads it. */
class NotSent extends Error {
  constructor(status) {
    const { closed, gone, refused, tooLarge, incomplete } = leg.dataset;
    const meant = { 401: closed, 403: refused, 404: gone, 409: refused, 413: tooLarge, 422: incomplete };
    super(meant[status] ?? document.body.dataset.failed);
  }
}

/** The ids of the files that are stored already: one is not stored again because a field beside it was wrong. */
const stored = new WeakMap();

async function upload(file) {
  if (stored.has(file)) return stored.get(file);
  const answer = await call("POST", "/status/documents", { "content-type": file.type || "application/octet-stream" }, file);
  if (!answer.ok) throw new NotSent(answer.status);
  const { id } = await answer.json();
  stored.set(file, id);
  return id;
}

/** What a field says, as the event's data has it; undefined where it says nothing. */
async function valueOf(field) {
  const text = field.value.trim();
  switch (field.dataset.kind) {
    case "flag":
      return field.checked || undefined;
    case "files": {
      const ids = [];
      for (const file of field.files) ids.push(await upload(file));
      return ids.length ? ids : undefined;
    }
    case "lines":
      return text ? text.split("\n").map((line) => line.trim()).filter(Boolean) : undefined;
    case "time":
      return text ? new Date(text).toISOString() : undefined;
    default:
      return text || undefined;
  }
}

/** Marks the fields that a problem names, and says beside each what is wrong with it. */
function mark(form, problem) {
  for (const field of form.querySelectorAll("[data-member]")) {
    const faults = (problem?.errors ?? []).filter(({ pointer }) => pointer?.split("/")[2] === field.dataset.member);
    const place = field.closest(".field").querySelector("[data-fault]");
    place.textContent = faults.map(({ code, detail }) => FAULTS[code] ?? detail).join(" ");
    field.toggleAttribute("data-invalid", faults.length > 0);
    if (faults.length > 0) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  form.querySelector("[data-invalid]")?.focus();
}

/** Shows what was said meanwhile, without touching what was typed. Gives what to tell whoever wants to say `event`. */
async function catchUp(event) {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) throw new NotSent(answer.status === 410 ? 404 : answer.status);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const now = fresh.getElementById(part.id);
    if (now) part.replaceWith(document.adoptNode(now));
  }
  loop.localize(leg);
  leg.dataset.version = fresh.getElementById("leg").dataset.version;
  return fresh.querySelector(`form[data-event="${event}"]`) ? leg.dataset.newer : leg.dataset.refused;
}

/** Sends a form; gives what is to be told of it where it did not go. */
async function send(form) {
  mark(form);
  const fields = [...form.querySelectorAll("[data-member]")];
  const files = fields.flatMap((field) => [...(field.files ?? [])]);
  if (files.some((file) => file.size > FILE_BYTES_MAX)) return leg.dataset.tooLarge;
  const data = {};
  for (const field of fields) {
    const value = await valueOf(field);
    if (value !== undefined) data[field.dataset.member] = value;
  }
  // Nobody acts on what has changed meanwhile, and nothing waits unseen for its place.
  const headers = { "content-type": "application/json", "if-match": `"${leg.dataset.version}"` };
  const event = JSON.stringify({ type: form.dataset.event, data });
  const answer = await call("POST", `/status/referrals/${leg.dataset.referral}/events`, headers, event);
  if (answer.ok) return anew(leg.dataset.sent);
  if (answer.status === 412) return catchUp(form.dataset.event);
  if (answer.status === 422) mark(form, await answer.json());
  throw new NotSent(answer.status);
}

for (const form of document.querySelectorAll("form[data-event]")) {
  form.addEventListener("input", () => addEventListener("beforeunload", askFirst));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const error = form.querySelector("[data-error]");
    const button = form.querySelector("button");
    error.textContent = "";
    button.disabled = true;
    try {
      error.textContent = (await send(form)) ?? "";
    } catch (problem) {
      error.textContent = problem instanceof NotSent ? problem.message : document.body.dataset.offline;
    }
    button.disabled = false;
  });
}

// A day is one on which something was: none is to come.
for (const day of document.querySelectorAll('[data-kind="day"]')) day.max = new Date().toLocaleDateString("sv");

document.querySelector("[data-close]")?.addEventListener("click", async () => {
  await call("DELETE", "/worklist/session");
  location.reload();
});
