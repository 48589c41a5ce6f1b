// The worklist by keyboard: j and k (or the arrows, on a row) go from row to row, Enter opens because a row is a link, / searches, ?
// explains. Single keys can be switched off, since a voice or a slipped finger may press them (WCAG 2.1.4); the choice is kept
// on the device.
"use strict";

const KEPT = "single-keys";
const dialog = document.getElementById("keys");
const box = document.querySelector("[data-keys-on]");
const rows = () => [...document.querySelectorAll("[data-row]")];

function isOn() {
  return localStorage.getItem(KEPT) !== "off";
}

function move(step) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  const to = at === -1 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  all[to]?.focus();
}

document.querySelector("[data-keys-open]")?.addEventListener("click", () => dialog.showModal());
if (box) {
  box.checked = isOn();
  box.addEventListener("change", () => localStorage.setItem(KEPT, box.checked ? "on" : "off"));
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog?.open) return;
  const isInField = event.target.closest("input, textarea, select, [contenteditable]");
  if (isInField) return;
  const isOnRow = event.target.matches("[data-row]");
  const act =
    isOnRow && event.key === "ArrowDown"
      ? () => move(1)
      : isOnRow && event.key === "ArrowUp"
        ? () => move(-1)
        : isOn()
          ? {
              j: () => move(1),
              k: () => move(-1),
              "/": () => document.getElementById("search")?.focus(),
              "?": () => dialog?.showModal(),
            }[event.key]
          : undefined;
  if (!act) return;
  event.preventDefault();
  act();
});
