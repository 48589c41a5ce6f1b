// Keeps a view up to date without a reload, and without getting in anybody's way.
//
// An element with `data-live` (a path that answers {version}) and `data-live-version` is watched: every few seconds while the
// page is seen, seldom while it is not. When the version has changed the view is fetched again, and each element with an id and
// `data-live-part` is replaced by its new self. The focus stays on the element with the same id. A part in which something is
// being typed or chosen is left as it is; the reader is told and decides. `live:changed` is then sent from the new element.
//
// Who has just changed something fetches the view at once: `loop.refresh({ force: true })` replaces what was typed too.
"use strict";

const EVERY_MS = 3000;
const HIDDEN_MS = 60000;
const FAILED_MS_MAX = 30000;

const watched = document.querySelector("[data-live]");
let version = watched?.dataset.liveVersion;
let wait = EVERY_MS;
let timer;
let isOffline = false;

/** Whether somebody is at work in a part: replacing it would lose what is typed. */
function isInUse(part) {
  const active = document.activeElement;
  if (part.contains(active) && active.matches("input:not([type=checkbox]), textarea, select")) return true;
  return [...part.querySelectorAll("input, textarea, select")].some((field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  });
}

function swap(part, fresh) {
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const open = new Set([...part.querySelectorAll("details[open][id]")].map((details) => details.id));
  const next = document.adoptNode(fresh);
  for (const details of next.querySelectorAll("details[id]")) if (open.has(details.id)) details.open = true;
  part.replaceWith(next);
  // The same element, or where it is gone the part that it was in: the focus is never thrown to the top of the page.
  if (focused) (document.getElementById(focused) ?? next).focus({ preventScroll: true });
  next.dispatchEvent(new CustomEvent("live:changed", { bubbles: true }));
}

async function refresh({ force = false } = {}) {
  const answer = await fetch(location.href, { cache: "no-store", headers: { accept: "text/html" } });
  if (!answer.ok) {
    if (answer.status === 401) loop.signIn();
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  loop.localize(page);
  let kept = false;
  let swapped = false;
  for (const part of document.querySelectorAll("[data-live-part][id]")) {
    const next = page.getElementById(part.id);
    if (!next || next.isEqualNode(part)) continue;
    if (!force && isInUse(part)) kept = true;
    else {
      swap(part, next);
      swapped = true;
    }
  }
  version = fresh?.dataset.liveVersion ?? version;
  const { changed, showChanges } = document.body.dataset;
  if (kept) loop.say("", { text: showChanges, run: () => refresh({ force: true }) });
  else if (swapped) loop.say(changed);
}

async function look() {
  try {
    const answer = await fetch(watched.dataset.live, { cache: "no-store" });
    if (answer.status === 401) return loop.signIn();
    if (!answer.ok) throw new Error(String(answer.status));
    const now = (await answer.json()).version;
    if (isOffline) {
      isOffline = false;
      document.getElementById("notices").replaceChildren();
    }
    if (now !== version) await refresh();
    wait = EVERY_MS;
  } catch {
    wait = Math.min(wait * 2, FAILED_MS_MAX);
    if (!isOffline && wait > EVERY_MS * 2) {
      isOffline = true;
      loop.say(document.body.dataset.offline);
    }
  }
  next();
}

function next() {
  clearTimeout(timer);
  timer = setTimeout(look, document.hidden ? HIDDEN_MS : wait);
}

window.loop.refresh = refresh;

if (watched) {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) next();
    else look();
  });
  next();
}
