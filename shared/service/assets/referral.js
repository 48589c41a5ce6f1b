// Sends what is asked in a form of one referral, and says beside each field what is wrong with it.
//
// A form names its route, its event and how each field is read (`data-as`); this makes the body of that, and of the answer what a
// person has to know: faults beside their fields, all at once; what changed meanwhile (409, 412), with what was typed kept; that
// an event waits for its place. Nothing here knows an event or a rule.
"use strict";

const said = document.getElementById("referral").dataset;
const isEnglish = document.documentElement.lang === "en";
const confirmation = document.getElementById("confirm");

/** What a fault is called, by its code; any other is told in the interface's own words. */
const FAULTS = Object.fromEntries(
  [...document.getElementById("faults").content.children].map((fault) => [fault.dataset.code, fault.textContent]),
);

/** Documents that are stored already: a second try after a fault stores none twice. */
const stored = new WeakMap();

const fieldsOf = (form) => [...form.querySelectorAll("[data-member]")];
const controlsOf = (field) => [...field.querySelectorAll("input, select, textarea")];
const errorOf = (field) => field.querySelector("[data-error]");

/** Sets a member of a member: `to/organization`. */
function put(data, path, value) {
  const names = path.split("/");
  const last = names.pop();
  for (const name of names) data = data[name] ??= {};
  data[last] = value;
}

class Fault extends Error {
  constructor(field, text) {
    super(text);
    this.field = field;
  }
}

function instant(field, control) {
  if (control.validity.badInput) throw new Fault(field, said.badTime);
  return control.value ? new Date(control.value).toISOString() : undefined;
}

/** The rows in which something stands; `places` keeps which is which, for the faults. */
async function rows(field, places) {
  const found = [];
  for (const row of field.querySelectorAll("[data-row-of]")) {
    const filled = [...row.querySelectorAll("[data-column]")].filter((control) => control.value.trim());
    if (!filled.length) continue;
    places.push(row);
    const item = {};
    for (const control of filled) item[control.dataset.column] = await columnOf(field, control);
    found.push(item);
  }
  return found.length ? found : undefined;
}

/** What a column says; of a file the address at which it is stored. */
async function columnOf(field, control) {
  if (control.type !== "file") return control.value.trim();
  const id = await store(field, control.files[0]);
  return new URL(`/worklist/documents/${id}`, location).href;
}

async function store(field, file) {
  const known = stored.get(file) ?? { key: crypto.randomUUID() };
  stored.set(file, known);
  if (known.id) return known.id;
  if (!file.size) throw new Fault(field, said.emptyFile);
  if (file.size > Number(said.bytesMax)) throw new Fault(field, said.tooLarge);
  const answer = await fetch("/status/documents", {
    method: "POST",
    headers: { "content-type": file.type || "application/octet-stream", "idempotency-key": `"${known.key}"` },
    body: file,
  });
  const body = await answer.json();
  if (!answer.ok) throw new Fault(field, `${said.faultOther} ${body.detail ?? ""}`);
  known.id = body.id;
  return known.id;
}

async function documents(field, control) {
  const ids = [];
  for (const file of control.files) ids.push(await store(field, file));
  return ids.length ? ids : undefined;
}

const READ = {
  text: (_, [control]) => control.value.trim() || undefined,
  instant: (field, [control]) => instant(field, control),
  flag: (_, [control]) => control.checked || undefined,
  "yes-no": (_, controls) => {
    const chosen = controls.find((control) => control.checked);
    return chosen && chosen.value === "true";
  },
  list: (_, controls) => {
    const chosen = controls.filter((control) => control.checked).map((control) => control.value);
    return chosen.length ? chosen : undefined;
  },
  recipient: (_, [, control]) => {
    const [organization, service] = control.value.split("/");
    return service ? { organization, service } : undefined;
  },
};

/** The event's data, the rows that it was read from, and every fault that shows before it is sent. */
async function dataOf(form) {
  const data = {};
  const places = new Map();
  const faults = [];
  for (const given of form.querySelectorAll("[data-given]")) put(data, given.dataset.given, given.value);
  for (const field of fieldsOf(form)) {
    const controls = controlsOf(field);
    try {
      let value;
      if (field.dataset.as === "rows") {
        places.set(field, []);
        value = await rows(field, places.get(field));
      } else if (field.dataset.as === "documents") value = await documents(field, controls[0]);
      else value = READ[field.dataset.as](field, controls);
      if (value !== undefined) put(data, field.dataset.member, value);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push(error);
    }
  }
  // Who assigns a number stands there from the start; without a number it says nothing.
  if (data.filler && !data.filler.value) delete data.filler;
  return { data, places, faults };
}

function clear(form) {
  form.querySelector("[data-message]").replaceChildren();
  for (const field of fieldsOf(form)) {
    errorOf(field).textContent = "";
    for (const control of controlsOf(field)) {
      control.removeAttribute("aria-invalid");
      delete control.dataset.faulty;
    }
  }
}

function mark(field, text, control) {
  const error = errorOf(field);
  error.textContent = error.textContent ? `${error.textContent} ${text}` : text;
  for (const one of control ? [control] : controlsOf(field)) {
    one.dataset.faulty = "";
    // A single radio cannot be invalid (WAI-ARIA 1.2): its error is described.
    if (one.type !== "radio") one.setAttribute("aria-invalid", "true");
  }
}

function message(form, text, detail) {
  const place = form.querySelector("[data-message]");
  place.replaceChildren(text);
  if (detail) {
    const words = document.createElement("span");
    words.lang = "en";
    words.textContent = ` ${detail}`;
    place.append(words);
  }
}

const focusFirst = (form) => form.querySelector("[data-faulty]")?.focus();

/** Marks each fault of an answer at its field; what belongs to none is said below. */
function show(form, faults, places) {
  const others = [];
  for (const fault of faults) {
    const path = (fault.pointer ?? "").replace(/^\/data/, "").slice(1);
    const text = FAULTS[fault.code] ?? said.faultOther;
    const isPlain = fault.code in FAULTS && (!isEnglish || fault.detail === "is required");
    const words = isPlain ? text : `${text} ${fault.detail}`;
    const field = path && fieldsOf(form).find((one) => {
      const member = one.dataset.member;
      return member === path || path.startsWith(`${member}/`) || member.startsWith(`${path}/`);
    });
    if (!field) {
      others.push(`${path} ${words}`.trim());
      continue;
    }
    const [index, column] = path.slice(field.dataset.member.length + 1).split("/");
    const row = places.get(field)?.[Number(index)];
    mark(field, words, row?.querySelector(`[data-column="${column}"]`));
  }
  message(form, [said.faults, ...others].join(" "));
  focusFirst(form);
}

/** What has happened since a form was made, in the words of the page. */
function since(version) {
  const newer = [...document.querySelectorAll("[data-seq]")].filter((event) => Number(event.dataset.seq) > version);
  return newer.map((event) => event.querySelector("[data-what]").textContent);
}

/** The view moved on while somebody wrote: shows the new state, keeps the form, and says what changed. */
async function movedOn(form, problem) {
  const seen = Number(form.dataset.seen);
  const id = form.closest("details").id;
  await loop.refresh();
  const state = document.getElementById("state").dataset;
  const events = since(seen);
  const status = document.querySelector("[data-status]").textContent;
  const words = events.length
    ? `${said.movedOn} ${said.meanwhile} ${events.join(", ")}. ${said.standsNow} ${status}.`
    : said.faultOther;
  const again = document.getElementById(id)?.querySelector("form");
  if (!again) {
    loop.say(words);
    document.getElementById("state").focus();
    return;
  }
  // The new state is in view now: what is sent next is meant for it.
  again.dataset.seen = state.version;
  if (again.dataset.ifMatch) again.dataset.ifMatch = state.version;
  const report = again.querySelector('[data-given="report"]');
  if (report) report.value = state.report;
  message(again, words, problem.detail);
  again.querySelector("button[type=submit]").focus();
}

/** The same body sent twice is one: a new key is made only for what was changed. */
function keyOf(form, text) {
  if (form.dataset.body !== text) {
    form.dataset.body = text;
    form.dataset.key = crypto.randomUUID();
  }
  return form.dataset.key;
}

async function post(form, data) {
  const { event, path, ifMatch } = form.dataset;
  const text = JSON.stringify(event ? { type: event, data } : data);
  const headers = { "content-type": "application/json", "idempotency-key": `"${keyOf(form, text + ifMatch)}"` };
  if (ifMatch) headers["if-match"] = `"${ifMatch}"`;
  const answer = await fetch(path, { method: "POST", headers, cache: "no-store", body: text });
  const type = answer.headers.get("content-type") ?? "";
  return { ok: answer.ok, status: answer.status, body: type.includes("json") ? await answer.json() : {} };
}

function reset(form) {
  // A part with the focus in a field counts as being typed in, and would not be replaced.
  if (form.contains(document.activeElement)) document.activeElement.blur();
  form.reset();
  clear(form);
  for (const row of form.querySelectorAll("[data-row-of] ~ [data-row-of]")) row.remove();
  form.closest("details").open = false;
}

async function done(form, result) {
  reset(form);
  await loop.refresh();
  loop.say({ parked: said.parked, duplicate: said.duplicate }[result] ?? said.sent);
  document.getElementById("state").focus();
}

async function send(form) {
  clear(form);
  const { data, places, faults } = await dataOf(form);
  if (faults.length) {
    for (const fault of faults) mark(fault.field, fault.message);
    message(form, said.faults);
    return focusFirst(form);
  }
  const answer = await post(form, data);
  if (answer.ok) return done(form, answer.body.result);
  if (answer.status === 409 || answer.status === 412) return movedOn(form, answer.body);
  if (answer.body.errors) return show(form, answer.body.errors, places);
  message(form, document.body.dataset.failed, answer.body.detail);
}

/** Asks before what ends or sends away. */
function isSure(form) {
  if (!("confirm" in form.dataset)) return Promise.resolve(true);
  confirmation.querySelector("[data-yes]").textContent = form.getAttribute("aria-label");
  confirmation.returnValue = "";
  confirmation.showModal();
  return new Promise((resolve) => {
    confirmation.addEventListener("close", () => resolve(confirmation.returnValue === "yes"), { once: true });
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-path]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button[type=submit]");
  if (button.disabled || !(await isSure(form))) return;
  button.disabled = true;
  try {
    message(form, said.sending);
    await send(form);
  } catch {
    message(form, document.body.dataset.offline);
  }
  button.disabled = false;
});

/** Offers who could take it and fits what is searched for; what was chosen stays. */
async function offerRecipients(find) {
  const select = find.closest("[data-member]").querySelector("select");
  const text = find.value.trim();
  const query = new URLSearchParams({ referral: said.id, text });
  const answer = await fetch(`/worklist/pages/recipients?${query}`, { cache: "no-store" }).catch(() => undefined);
  // Another word was typed meanwhile.
  if (!answer?.ok || find.value.trim() !== text) return;
  const { items, more } = await answer.json();
  const [choose] = select.options;
  const chosen = select.selectedOptions[0] ?? choose;
  const others = items.filter(({ value }) => value !== chosen.value).map((item) => new Option(item.text, item.value));
  const rest = Object.assign(new Option(said.more), { disabled: true });
  select.replaceChildren(...new Set([choose, chosen]), ...others, ...(more ? [rest] : []));
  select.value = chosen.value;
}

const FIND_AFTER_MS = 300;
let finding;

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-find]")) return;
  clearTimeout(finding);
  finding = setTimeout(offerRecipients, FIND_AFTER_MS, event.target);
});

// An event of a fold does not bubble.
document.addEventListener(
  "toggle",
  ({ target }) => {
    const find = target.open && target.matches("details.action") && target.querySelector("[data-find]");
    if (find) offerRecipients(find);
  },
  true,
);

function openForm(id) {
  const details = document.getElementById(id);
  if (!details?.matches("details.action")) return;
  details.open = true;
  details.scrollIntoView({ block: "nearest" });
  (controlsOf(details).find((control) => control.type !== "hidden") ?? details.querySelector("button")).focus();
}

document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close]");
  if (close) {
    const form = close.closest("form");
    reset(form);
    form.closest("details").querySelector("summary").focus();
    loop.refresh();
  }
  const add = event.target.closest("[data-add-row]");
  if (add) {
    const row = add.previousElementSibling.cloneNode(true);
    for (const control of controlsOf(row)) control.value = "";
    add.before(row);
    controlsOf(row)[0].focus();
  }
  const opens = event.target.closest("[data-opens]");
  if (opens) {
    event.preventDefault();
    openForm(opens.hash.slice(1));
  }
});
