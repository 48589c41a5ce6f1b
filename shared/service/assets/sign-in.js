// Signs in: the key is sent once and kept nowhere. The input has no name, so that no form could ever put it into a URL.
"use strict";

const form = document.getElementById("sign-in");
const input = document.getElementById("key");
const error = document.getElementById("sign-in-error");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  error.textContent = "";
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch("/worklist/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key: input.value.trim() }),
    });
    if (answer.ok) {
      // What was posted is not posted again: the view is asked for anew.
      location.replace(location.pathname + location.search);
      return;
    }
    error.textContent =
      answer.status === 401 || answer.status === 422
        ? form.dataset.wrongKey
        : answer.status === 403
          ? form.dataset.confined
          : document.body.dataset.failed;
    input.select();
  } catch {
    error.textContent = document.body.dataset.offline;
  }
  button.disabled = false;
  input.focus();
});
