// Makes the link and the code of a letter, puts them in their places on the sheets, and prints one sheet at a time. They are kept
// nowhere but in the page.
"use strict";

const making = document.getElementById("making");

making?.querySelector("[data-make]").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const error = making.querySelector("[data-error]");
  error.textContent = "";
  button.disabled = true;
  try {
    const made = await loop.call("POST", `/worklist/referrals/${making.dataset.referral}/letters`, {});
    if (made.ok) {
      const texts = { link: made.body.link, code: made.body.code, expires: made.body.expires_at.slice(0, 10) };
      for (const place of document.querySelectorAll("[data-later]")) place.textContent = texts[place.dataset.later];
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
