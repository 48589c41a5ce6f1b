// Makes a letter: link, its picture and the code are put into their places on the sheets, and one sheet is printed at a time. They are
// kept nowhere but in the page.
"use strict";

/** Characters of a letter's number: enough to tell those that lie on one desk. */
const NUMBER_CHARS = 4;

const making = document.getElementById("making");

/** The day of a time by the clocks of the network: the sheet says until when, wherever it is printed. */
function dayOf(time) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: making.dataset.zone, year: "numeric", month: "2-digit", day: "2-digit" })
    .formatToParts(new Date(time))
    .map(({ type, value }) => [type, value]);
  const { year, month, day } = Object.fromEntries(parts);
  return `${year}-${month}-${day}`;
}

/** The picture of the link; its drawing was made by the server, and nothing else of a document is taken from it. */
function drawn(svg) {
  return document.adoptNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement);
}

making?.querySelector("[data-make]").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const error = making.querySelector("[data-error]");
  error.textContent = "";
  button.disabled = true;
  try {
    const made = await loop.call("POST", `/worklist/referrals/${making.dataset.referral}/letters`, {});
    if (made.ok) {
      const { id, link, code, qr, expires_at: until } = made.body;
      // Letter and slip go different ways, and the slip names no patient: the number says that they belong together.
      const number = id.slice(-NUMBER_CHARS).toUpperCase();
      const known = { link: () => link, code: () => code, expires: () => dayOf(until), number: () => number, qr: () => drawn(qr) };
      for (const place of document.querySelectorAll("[data-later]")) place.replaceChildren(known[place.dataset.later]());
      making.querySelector("[data-made]").hidden = false;
      loop.say(making.dataset.ready);
      making.querySelector("[data-print]").focus();
    } else error.textContent = document.body.dataset.failed;
  } catch {
    error.textContent = document.body.dataset.offline;
  }
  button.disabled = false;
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => {
    document.body.dataset.printing = button.dataset.print;
    window.print();
  });
}

for (const button of document.querySelectorAll("[data-revoke]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    const revoked = await loop.call("DELETE", `/worklist/referrals/${button.dataset.referral}/letters/${button.dataset.revoke}`);
    if (revoked.ok) location.reload();
    else {
      button.disabled = false;
      loop.say(document.body.dataset.failed);
    }
  });
}
