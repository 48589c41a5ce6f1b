// The form of a new referral as a request and back: builds the body that intake takes, finds the field that a fault is about, and
// adds and removes the items of its lists. Knows no field: each says in `data-at` where it stands in the body (a JSON Pointer).
//
// The other script uses it as `window.draft`:
//   draft.request()                 the body, as it is now
//   draft.files()                   the inputs in which a file was chosen
//   draft.fieldAt(pointer, id)      the field of a place in the body, or of a requirement
//   draft.mark(field, text)         says beside a field what is wrong with it; no text takes it away
//   draft.go(field)                 goes to a field, opening what it is folded in
//   draft.labelOf(field)            what a field is called
//   draft.addItem(list, values)     adds an item to a list
"use strict";

(() => {
  const form = document.getElementById("compose");
  const all = (selector, below = form) => [...below.querySelectorAll(selector)];
  const isShown = (field) => !field.closest("[hidden]");

  // --- Reading

  /** Without a value only what it would stand in: so that intake names the member that is missing, and not what lacks it. */
  function put(body, pointer, value) {
    const path = pointer.split("/").slice(1);
    const last = path.pop();
    let place = body;
    for (const name of path) place = place[name] ??= {};
    if (value !== undefined) place[last] = value;
  }

  /** What a field says; nothing where it is empty. What the browser cannot read is sent as it is not, so that intake finds it. */
  function valueOf(field) {
    if (field.validity.badInput) return "?";
    const text = field.value.trim();
    switch (field.dataset.as) {
      case "flag":
        return field.checked || undefined;
      case "words":
        return text.split(/\s+/).filter(Boolean);
      case "instant":
        return text ? new Date(text).toISOString() : undefined;
      default:
        return text || undefined;
    }
  }

  const members = (item) => all("[data-member]", item);
  /** The files that are to be stored, and each one's item. */
  const files = (below) => all("[data-file]", below).filter((input) => input.files.length > 0);
  const isFilled = (item) =>
    files(item).length > 0 || members(item).some((field) => !("kept" in field.dataset) && valueOf(field) !== undefined);
  /** The items of a list in which something stands: these are sent, in this order. */
  const filled = (list) => all("[data-item]", list).filter(isFilled);
  const listAt = (pointer) => all("[data-list]").find((list) => list.dataset.list === pointer);
  const overrides = () => all("[data-requirement]").filter((it) => !overrideOf(it).closest("[hidden]") && overrideOf(it).value.trim());
  const overrideOf = (requirement) => requirement.querySelector("[data-override] input");

  function request() {
    const body = {};
    for (const field of all("[data-at]").filter(isShown)) {
      const value = valueOf(field);
      if (value !== undefined || field.required) put(body, field.dataset.at, value);
    }
    for (const group of all("[data-each]")) {
      const chosen = all(":checked", group).map((box) => box.value);
      if (chosen.length > 0) put(body, group.dataset.each, chosen);
    }
    for (const list of all("[data-list]")) {
      const items = filled(list).map((item) =>
        Object.fromEntries(members(item).map((field) => [field.dataset.member, valueOf(field)])),
      );
      put(body, list.dataset.list, items);
    }
    const given = overrides().map((it) => ({ requirement: it.dataset.requirement, reason: overrideOf(it).value.trim() }));
    put(body, "/overrides", given);
    return addRecipient(body);
  }

  function addRecipient(body) {
    if (form.elements.to.value === "outside") return body;
    const [organization, service] = (form.elements.place?.value ?? "").split(" ");
    const specialty = form.querySelector("#specialty").value;
    const near = form.querySelector("#near").value.trim();
    if (service) body.recipient = { organization, service };
    else if (specialty) body.route = { specialty, ...(near && { near }) };
    return body;
  }

  // --- Faults

  function fieldAt(pointer, requirement) {
    if (requirement) {
      const found = all("[data-requirement]").find((it) => it.dataset.requirement === requirement);
      return found && overrideOf(found);
    }
    for (let at = pointer; at; at = at.slice(0, at.lastIndexOf("/"))) {
      const [, name, index, member] = /^(\/\w+)\/(\d+)(?:\/(\w+))?$/.exec(at) ?? [];
      const found =
        name === "/overrides"
          ? overrides()[index] && overrideOf(overrides()[index])
          : name && listAt(name)
            ? memberOf(filled(listAt(name))[index], member)
            : all("[data-at], [data-each], [data-faults], [data-list]").find((field) => isShown(field) && stands(field, at));
      if (found) return found;
    }
    return undefined;
  }

  const memberOf = (item, member) => item?.querySelector(member ? `[data-member=${member}]` : "[data-member]");

  function stands(field, at) {
    const { at: own, each, list, faults } = field.dataset;
    return own === at || each === at || list === at || faults?.split(" ").includes(at);
  }

  function mark(field, text) {
    const place = field.closest("[data-field]")?.querySelector(":scope > .error, [data-override] > .error");
    if (place && place.textContent !== text) place.textContent = text;
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  function go(field) {
    for (let folded = field.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    field.focus();
    field.scrollIntoView({ block: "nearest" });
  }

  function labelOf(field) {
    const label = field.labels?.[0] ?? field.querySelector?.(":scope > legend");
    const text = (label?.textContent ?? "").replace("*", "").trim();
    const item = field.closest("[data-item]");
    return item ? `${item.querySelector("legend").textContent}: ${text}` : text;
  }

  // --- Lists

  let made = 0;

  function addItem(list, values = {}) {
    const item = list.querySelector("template").content.firstElementChild.cloneNode(true);
    made += 1;
    for (const field of all("[data-member], [data-file]", item)) {
      const { member = "file" } = field.dataset;
      const fault = field.closest("[data-field]").querySelector("[data-fault]");
      field.id = `item-${made}-${member}`;
      fault.id = `${field.id}-fault`;
      field.setAttribute("aria-describedby", fault.id);
      item.querySelector(`[data-for=${member}]`).htmlFor = field.id;
      if (values[member] !== undefined) field.value = values[member];
    }
    list.querySelector("[data-items]").append(item);
    number(list);
    const empty = members(item).find((field) => !field.value);
    (empty ?? members(item)[0]).focus();
  }

  function number(list) {
    for (const [index, item] of all("[data-item]", list).entries()) {
      item.querySelector("legend").textContent = list.dataset.title.replace("{}", index + 1);
    }
  }

  form.addEventListener("click", (event) => {
    const list = event.target.closest("[data-list]");
    if (!list) return;
    if (event.target.matches("[data-add]")) addItem(list);
    if (event.target.matches("[data-remove]")) {
      event.target.closest("[data-item]").remove();
      number(list);
      loop.say(form.querySelector("[data-so-far]").dataset.removed);
      list.querySelector("[data-add]").focus();
      form.dispatchEvent(new Event("input"));
    }
  });

  window.draft = { request, files, fieldAt, mark, go, labelOf, addItem };
})();
