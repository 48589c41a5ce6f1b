// Sends what an office does with its leg: files first, then the event that names them, both by the interface's own routes.
"use strict";

const leg = document.getElementById("leg");
const FILE_BYTES_MAX = 1_500_000;
const FAULTS = Object.fromEntries(
  [...document.getElementById("faults").content.children].map((fault) => [fault.dataset.code, fault.textContent]),
);
const SAID = "letter-said";

const said = sessionStorage.getItem(SAID);
if (said) {
  sessionStorage.removeItem(SAID);
  loop.say(said);
}

/** Shows the page as it is now, with a word about what happened. */
function anew(text) {
  sessionStorage.setItem(SAID, text);
  location.reload();
}

async function upload(file) {
  const answer = await fetch("/status/documents", {
    method: "POST",
    headers: { "content-type": file.type || "application/octet-stream", "idempotency-key": `"${crypto.randomUUID()}"` },
    body: file,
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).id;
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

async function send(form) {
  const fields = [...form.querySelectorAll("[data-member]")];
  const files = fields.flatMap((field) => [...(field.files ?? [])]);
  if (files.some((file) => file.size > FILE_BYTES_MAX)) return leg.dataset.tooLarge;
  const data = {};
  for (const field of fields) {
    const value = await valueOf(field);
    if (value !== undefined) data[field.dataset.member] = value;
  }
  const answer = await fetch(`/status/referrals/${leg.dataset.referral}/events`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      // Nobody acts on what has changed meanwhile, and nothing waits unseen for its place.
      "if-match": `"${leg.dataset.version}"`,
      "idempotency-key": `"${crypto.randomUUID()}"`,
    },
    body: JSON.stringify({ type: form.dataset.event, data }),
  });
  if (answer.ok) return anew(leg.dataset.sent);
  if (answer.status === 401 || answer.status === 404) return location.reload();
  if (answer.status === 412) return anew(leg.dataset.newer);
  const problem = await answer.json();
  mark(form, problem);
  return answer.status === 422 ? leg.dataset.incomplete : leg.dataset.refused;
}

for (const form of document.querySelectorAll("form[data-event]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const error = form.querySelector("[data-error]");
    const button = form.querySelector("button");
    error.textContent = "";
    button.disabled = true;
    try {
      error.textContent = (await send(form)) ?? "";
    } catch {
      error.textContent = document.body.dataset.offline;
    }
    button.disabled = false;
  });
}

document.querySelector("[data-close]")?.addEventListener("click", async () => {
  await fetch("/worklist/session", { method: "DELETE" });
  location.replace("/worklist/pages/letter");
});
