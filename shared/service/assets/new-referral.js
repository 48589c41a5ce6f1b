// A new referral: asks intake who could take it and what is missing while somebody types, shows both, and sends it. What is typed
// is kept in this window alone, never in the address or on the device.
"use strict";

(() => {
  const ASK_AFTER_MS = 500;
  const AGAIN_AFTER_MS = 1000;
  const AGAIN_MAX = 5;
  /** Where each item of a good referral is written. */
  const ITEM_AT = {
    question: "f-clinical_question",
    role: "f-role",
    urgency: "f-urgency_reason",
    "coded-reason": "f-reason",
    results: "requirements-title",
    medications: "f-none_known",
    allergies: "f-none_known",
    "patient-contact": "f-patient-phone",
    "patient-agrees": "f-preparation-agreed",
    "who-calls": "f-scheduling",
  };

  const form = document.getElementById("compose");
  const soFar = form.querySelector("[data-so-far]");
  const texts = soFar.dataset;
  const places = document.getElementById("places");
  const requirements = form.querySelector("[data-requirements]");
  const words = document.getElementById("words").content;
  const specialty = document.getElementById("specialty");
  const offer = document.getElementById("offer");
  const byId = (id) => document.getElementById(id);
  const copyOf = (id) => byId(id).content.firstElementChild.cloneNode(true);
  const filled = (text, ...values) => values.reduce((done, value) => done.replace("{}", () => value), text);
  const word = (of, code) => words.querySelector(`[data-of="${of}"][data-code="${CSS.escape(code)}"]`)?.textContent;
  const { lang } = document.documentElement;
  const languages = new Intl.DisplayNames([lang], { type: "language", fallback: "code" });
  const list = new Intl.ListFormat(lang);

  /** However often the form is sent, by a second click or after a lost connection, one referral comes of it. */
  const idempotencyKey = `"${crypto.randomUUID()}"`;
  let isTouched = false;
  let isSending = false;
  let isSent = false;
  /** Whether it was to be sent: from then on every fault is shown, before only what was typed wrong. */
  let wasAsked = false;
  let offers = [];
  let checked = {};

  async function post(path, body, headers = {}) {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      cache: "no-store",
      body: JSON.stringify(body),
    });
    const type = answer.headers.get("content-type") ?? "";
    if (answer.status === 401) sessionEnded();
    return { ok: answer.ok, status: answer.status, body: type.includes("json") ? await answer.json() : {} };
  }

  /** Nothing that was typed is lost: another window signs in, and its session is this one's too. */
  function sessionEnded() {
    const link = Object.assign(document.createElement("a"), { href: "/worklist/", target: "_blank", rel: "noopener" });
    link.textContent = `${texts.signIn} ${texts.newWindow}`;
    byId("form-fault").replaceChildren(`${texts.sessionEnded} `, link);
  }

  // --- Who could take it

  let asked = "";

  async function match() {
    const { service, urgency, patient } = draft.request();
    const question = {
      specialty: specialty.value,
      urgency,
      ...(service?.system && service.code && { code: { system: service.system, code: service.code } }),
      ...(patient?.language && { language: patient.language }),
      ...(byId("near").value.trim() && { near: byId("near").value.trim() }),
    };
    const now = JSON.stringify(question);
    if (now === asked) return;
    asked = now;
    const answer = question.specialty ? await post("/intake/match", question) : { ok: true, body: { items: [], excluded: [] } };
    // Another one was asked meanwhile.
    if (now !== asked) return;
    if (!answer.ok) {
      asked = "";
      return;
    }
    offers = answer.body.items;
    showPlaces(answer.body.excluded);
  }

  function showPlaces(excluded) {
    const chosen = form.elements.place?.value ?? "";
    const hadFocus = places.querySelector("[data-places]").contains(document.activeElement);
    const shown = offers.map(placeOf);
    if (offers.length > 0) {
      const best = copyOf("best");
      best.querySelector("[data-about]").textContent = filled(places.dataset.bestHelp, offers[0].name);
      shown.unshift(best);
    }
    places.querySelector("[data-places]").replaceChildren(...shown);
    const none = places.querySelector("[data-places-none]");
    none.hidden = offers.length > 0;
    none.textContent = specialty.value ? places.dataset.none : places.dataset.wait;
    const inputs = [...places.querySelectorAll("[name=place]")];
    const kept = inputs.find((input) => input.value === chosen) ?? inputs[0];
    if (kept) kept.checked = true;
    if (hadFocus) (kept ?? specialty).focus();
    const folded = places.querySelector("[data-excluded]");
    folded.hidden = excluded.length === 0;
    folded.querySelector("[data-count]").textContent = excluded.length;
    folded.querySelector("ul").replaceChildren(
      ...excluded.map(({ organization, service, reasons }) => {
        const line = document.createElement("li");
        line.textContent = `${organization}, ${service}: ${list.format(reasons.map((code) => word("exclusion", code) ?? code))}`;
        return line;
      }),
    );
  }

  function placeOf(fit) {
    const place = copyOf("place");
    const set = (name, text) => {
      place.querySelector(`[data-${name}]`).textContent = text;
    };
    const { firstFree, speaks, about, days } = places.dataset;
    place.querySelector("input").value = `${fit.organization} ${fit.service}`;
    set("name", fit.name);
    set("days", filled(about, number(Math.round(fit.expected_days))));
    const known = [...fit.locations];
    if (fit.languages.length > 0) known.push(filled(speaks, list.format(fit.languages.map((tag) => languages.of(tag)))));
    if (fit.next_available) known.push(filled(firstFree, dateOf(fit.next_available)));
    set("about", known.join(" · "));
    const addends = fit.reasons.map((reason) => {
      const text = word("addend", reason.what) ?? reason.what;
      return reason.days > 0 ? `${text} (${filled(days, number(reason.days))})` : text;
    });
    set("why", addends.join(" + "));
    return place;
  }

  const number = (value) => new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(value);
  const dateOf = (day) => new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(day));

  /** The services that do what is asked of the specialty; choosing one fills in its code. */
  function showOffers() {
    for (const option of offer.options) {
      option.hidden = option.disabled = option.dataset.specialty !== undefined && option.dataset.specialty !== specialty.value;
    }
    const own = [...offer.options].filter((option) => option.dataset.specialty === specialty.value);
    offer.value = "";
    if (own.length === 1) own[0].selected = true;
    chooseOffer();
  }

  function chooseOffer() {
    const { system = "", code = "", display = "" } = offer.selectedOptions[0]?.dataset ?? {};
    byId("service-code").open = offer.value === "other";
    for (const [member, value] of Object.entries({ system, code, display })) byId(`f-service-${member}`).value = value;
  }

  // --- What is missing

  let checks = 0;

  async function check() {
    checks += 1;
    const mine = checks;
    const request = draft.request();
    let answer;
    try {
      answer = await post("/intake/referrals/check", request);
    } catch {
      answer = { status: 0, body: {} };
    }
    if (mine !== checks || isSent) return;
    const known = answer.ok ? answer.body : answer.body.so_far;
    if (!known) {
      soFar.querySelector("[data-told]").textContent = texts.unchecked;
      return;
    }
    checked = { known, problem: answer.ok ? {} : answer.body, isUrgent: (request.urgency ?? "routine") !== "routine" };
    show();
  }

  function show() {
    const { known, problem, isUrgent } = checked;
    showRequirements(known.requirements, isUrgent);
    const holding = faultsOf(problem, known.requirements, isUrgent);
    showFaults(holding);
    const { score, of, missing } = known.completeness;
    soFar.querySelector("progress").value = score;
    const told = filled(texts.complete, score, of);
    soFar.querySelector("[data-score]").textContent = told;
    showPart(
      "needed",
      holding.map(({ field, text, label }) => linkTo(field, label || text)),
    );
    showPart(
      "better",
      missing.map((code) => linkTo(byId(ITEM_AT[code]), word("item", code) ?? code)),
    );
    showPart("duplicates", known.possible_duplicates.map(linkToReferral));
    soFar.querySelector("[data-nothing-needed]").hidden = holding.length > 0;
    const line = holding.length > 0 ? `${told}. ${filled(texts.toMend, holding.length)}` : told;
    const status = soFar.querySelector("[data-told]");
    if (status.textContent !== line) status.textContent = line;
  }

  /** Everything that holds it up: what intake found, and the requirements that it would find next. One entry a field. */
  function faultsOf(problem, asked, isUrgent) {
    const found = (problem.errors ?? []).map(({ pointer = "", code, detail, requirement }) => ({
      field: draft.fieldAt(pointer, requirement),
      code,
      text: word("fault", code) ?? detail,
    }));
    if (problem.code === "recipient-inactive") found.push({ field: specialty, code: problem.code, text: texts.inactive });
    if (problem.code === "taken") found.push({ field: byId("f-placer-value"), code: problem.code, text: texts.taken });
    for (const { id, level, met, override, problem: code } of asked) {
      if (level !== "required" || met || override || isUrgent) continue;
      found.push({ field: draft.fieldAt("", id), code, text: word("fault", code) ?? code });
    }
    const once = new Map(found.filter(({ field }) => field).map((fault) => [fault.field, fault]));
    const elsewhere = found.filter(({ field }) => !field);
    return [...elsewhere, ...[...once.values()].map((fault) => ({ ...fault, label: draft.labelOf(fault.field) }))];
  }

  const EMPTY = ["required", "blank", "missing", "too-old"];

  function showFaults(faults) {
    for (const field of form.querySelectorAll("[aria-invalid]")) {
      if (!faults.some((fault) => fault.field === field)) draft.mark(field, "");
    }
    for (const { field, code, text } of faults) {
      const isTyping = field === document.activeElement && !field.hasAttribute("aria-invalid");
      if (field && (wasAsked || (!EMPTY.includes(code) && !isTyping))) draft.mark(field, text);
    }
  }

  function showRequirements(checks, isUrgent) {
    const fit = offers.find(({ organization, service }) => form.elements.place?.value === `${organization} ${service}`) ?? offers[0];
    const gone = new Set([...requirements.children].map((shown) => shown.dataset.requirement));
    for (const check of checks) {
      gone.delete(check.id);
      const terms = fit?.requirements.find(({ id }) => id === check.id) ?? {};
      const shown = [...requirements.children].find((it) => it.dataset.requirement === check.id) ?? addRequirement(check);
      showRequirement(shown, check, terms, isUrgent);
    }
    for (const id of gone) [...requirements.children].find((it) => it.dataset.requirement === id).remove();
    form.querySelector("[data-requirements-none]").hidden = checks.length > 0;
  }

  function addRequirement({ id, display }) {
    const shown = copyOf("requirement");
    const input = shown.querySelector("[data-override] input");
    const label = shown.querySelector("[data-override] label");
    const fault = shown.querySelector("[data-fault]");
    shown.dataset.requirement = id;
    input.id = `override-${id}`;
    fault.id = `${input.id}-fault`;
    label.htmlFor = input.id;
    label.textContent = filled(requirements.dataset.label, display);
    input.setAttribute("aria-describedby", fault.id);
    shown.querySelector("[data-add-it]").addEventListener("click", () => {
      const { kind, code, display: text } = shown.terms;
      draft.addItem(byId("f-supporting"), { kind, code, display: text ?? display });
    });
    requirements.append(shown);
    return shown;
  }

  /** What somebody types into it stays as it is: only what is said around it changes. */
  function showRequirement(shown, { display, level, met, problem, override }, terms, isUrgent) {
    const { required, advisory, newer, missing, tooOld, overridden, urgent } = requirements.dataset;
    const state = met ? requirements.dataset.met : override ? overridden : problem === "too-old" ? tooOld : missing;
    const holds = level === "required" && !met && !override && !isUrgent;
    const badge = shown.querySelector("[data-state]");
    shown.terms = terms;
    shown.querySelector("[data-name]").textContent = display;
    badge.textContent = `${met ? "✓" : holds ? "✗" : "○"} ${state}`;
    badge.className = `badge ${met ? "good" : holds ? "late" : "warn"}`;
    const said = [level === "required" ? required : advisory];
    if (terms.max_age_days) said.push(filled(newer, terms.max_age_days));
    shown.querySelector("[data-terms]").textContent = said.join(", ");
    shown.querySelector("[data-unmet]").hidden = met;
    shown.querySelector("[data-override]").hidden = level !== "required" || isUrgent;
    shown.querySelector("[data-urgent]").textContent = level === "required" && isUrgent ? urgent : "";
    shown.querySelector("[data-urgent]").hidden = !(level === "required" && isUrgent);
  }

  function showPart(name, links) {
    const part = soFar.querySelector(`[data-part=${name}]`);
    const lines = links.map((link) => {
      const line = document.createElement("li");
      line.append(link);
      return line;
    });
    part.hidden = links.length === 0;
    const own = part.querySelector("ul");
    const hadFocus = own.contains(document.activeElement);
    own.replaceChildren(...lines);
    if (hadFocus) (own.querySelector("a") ?? byId("form-fault")).focus();
  }

  function linkTo(field, text) {
    if (!field) return document.createTextNode(text);
    const link = document.createElement("a");
    link.href = `#${field.id}`;
    link.textContent = text;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      draft.go(field);
    });
    return link;
  }

  function linkToReferral(id) {
    const link = Object.assign(document.createElement("a"), { target: "_blank", rel: "noopener" });
    link.href = `/worklist/pages/referrals/${encodeURIComponent(id)}`;
    link.textContent = `${id} ${texts.newWindow}`;
    return link;
  }

  // --- Sending

  /** Where each file is stored: a second try stores none twice. */
  const stored = new WeakMap();

  /** Stores what was attached, and puts its address into its item; gives the first input whose file cannot be. */
  async function storeFiles() {
    for (const input of draft.files()) {
      const fault = await storeFile(input, input.files[0]);
      draft.mark(input, fault ?? "");
      if (fault) return input;
    }
    return undefined;
  }

  async function storeFile(input, file) {
    const known = stored.get(file) ?? { key: crypto.randomUUID() };
    stored.set(file, known);
    if (!known.id) {
      if (file.size === 0) return texts.emptyFile;
      if (file.size > Number(texts.bytesMax)) return texts.tooLarge;
      const answer = await fetch("/status/documents", {
        method: "POST",
        headers: { "content-type": file.type || "application/octet-stream", "idempotency-key": `"${known.key}"` },
        body: file,
      });
      if (answer.status === 401) sessionEnded();
      if (!answer.ok) return document.body.dataset.failed;
      known.id = (await answer.json()).id;
    }
    const url = new URL(`/worklist/documents/${known.id}`, location).href;
    input.closest("[data-item]").querySelector("[data-member=url]").value = url;
    return undefined;
  }

  async function send() {
    const body = draft.request();
    for (let turn = 1; ; turn += 1) {
      const answer = await post("/intake/referrals", body, { "idempotency-key": idempotencyKey });
      // The first click is still being worked on: what it answers is asked for again.
      if (answer.body.code !== "idempotency-in-flight" || turn === AGAIN_MAX) return answer;
      await new Promise((done) => setTimeout(done, AGAIN_AFTER_MS));
    }
  }

  async function sent(answer) {
    const say = (text) => byId("form-fault").replaceChildren(text);
    if (answer.status === 201) {
      isSent = true;
      location.assign(`/worklist/pages/referrals/${encodeURIComponent(answer.body.id)}`);
      return;
    }
    if (answer.status === 401) return;
    if (answer.body.code === "idempotency-mismatch") return say(texts.sentAlready);
    wasAsked = true;
    await check();
    const faults = faultsOf(checked.problem ?? {}, checked.known?.requirements ?? [], checked.isUrgent);
    const fields = faults.flatMap(({ field }) => field ?? []);
    say(faults.length > 0 ? filled(texts.toMend, faults.length) : (answer.body.detail ?? document.body.dataset.failed));
    const first = fields.sort((one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1))[0];
    if (first) draft.go(first);
    else byId("form-fault").focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSending || isSent) return;
    isSending = true;
    const button = form.querySelector("[type=submit]");
    const text = button.textContent;
    button.setAttribute("aria-disabled", "true");
    button.textContent = texts.sending;
    byId("form-fault").replaceChildren();
    try {
      const faulty = await storeFiles();
      if (faulty) draft.go(faulty);
      else await sent(await send());
    } catch {
      byId("form-fault").textContent = document.body.dataset.offline;
    }
    isSending = false;
    button.removeAttribute("aria-disabled");
    button.textContent = text;
  });

  // --- While somebody types

  let timer;

  async function look() {
    // The ranking says what the service asks for, so it comes first.
    await match().catch(() => {});
    await check();
  }

  form.addEventListener("input", () => {
    isTouched = true;
    clearTimeout(timer);
    timer = setTimeout(look, ASK_AFTER_MS);
  });

  form.addEventListener("change", (event) => {
    if (event.target === specialty) showOffers();
    if (event.target === offer) chooseOffer();
    // Another file, or none: what was stored before is not it.
    if (event.target.matches("[data-file]")) {
      event.target.closest("[data-item]").querySelector("[data-member=url]").value = "";
      draft.mark(event.target, "");
    }
    if (event.target.name === "to") {
      for (const part of form.querySelectorAll("[data-to]")) part.hidden = part.dataset.to !== event.target.value;
    }
  });

  window.addEventListener("beforeunload", (event) => {
    if (isTouched && !isSent) event.preventDefault();
  });

  /** What a new referral takes over from the one that it follows: the patient and what it is for. */
  async function follow(id) {
    byId("f-follows").value = id;
    const answer = await fetch(`/worklist/referrals/${encodeURIComponent(id)}`, { cache: "no-store" });
    if (!answer.ok) return;
    const earlier = await answer.json();
    for (const field of form.querySelectorAll("[data-at^='/patient/'], [data-at^='/service/'], [data-at^='/requester/']")) {
      const value = field.dataset.at.split("/").slice(1).reduce((place, name) => place?.[name], earlier);
      if (value !== undefined) field.value = Array.isArray(value) ? value.join(" ") : value;
    }
  }

  const follows = new URLSearchParams(location.search).get("follows");
  (follows ? follow(follows) : Promise.resolve()).catch(() => {}).then(look);
  for (const option of offer.options) option.hidden = option.disabled = option.dataset.specialty !== undefined;
})();
