// Opens a letter: what the link's fragment holds and the code that is typed are posted once, in a body. Neither is ever in a URL that
// is sent: a browser keeps fragments to itself.
"use strict";

const form = document.getElementById("open-letter");

/** Says that the letter opens no more, and whom to call. */
function ended({ name, contact }) {
  const said = document.createElement("p");
  said.textContent = form.dataset.ended;
  const call = document.createElement("p");
  const who = document.createElement("strong");
  who.textContent = name;
  call.append(`${form.dataset.call} `, who, ` ${contact ?? ""}`);
  call.tabIndex = -1;
  form.replaceWith(said, call);
  call.focus();
}

if (form) {
  const input = document.getElementById("code");
  const error = document.getElementById("open-error");
  const token = () => location.hash.slice(1);
  if (!token()) error.textContent = form.dataset.noToken;
  // Another language is the same letter.
  for (const link of document.querySelectorAll("a[hreflang]")) link.href += location.hash;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = token() ? "" : form.dataset.noToken;
    if (!token()) return;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch("/worklist/letters/open", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token: token(), code: input.value }),
      });
      if (answer.ok) {
        // In the place of this page: neither the address bar nor the way back holds the token.
        location.replace(answer.headers.get("location"));
        return;
      }
      if (answer.status === 410) {
        ended((await answer.json()).referrer);
        return;
      }
      const isWrong = answer.status === 401 || answer.status === 422;
      error.textContent = isWrong ? form.dataset.wrong : document.body.dataset.failed;
      input.select();
    } catch {
      error.textContent = document.body.dataset.offline;
    }
    button.disabled = false;
    input.focus();
  });
}
