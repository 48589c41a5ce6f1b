// Sends again what was given up, and switches an address on: by the directory's own routes. What is shown is then fetched anew.
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-post]");
  if (!button) return;
  button.disabled = true;
  const answer = await loop.call("POST", button.dataset.post, {}).catch(() => undefined);
  button.disabled = false;
  if (!answer?.ok) {
    loop.say(answer ? document.body.dataset.failed : document.body.dataset.offline);
    return;
  }
  const outbox = document.getElementById("outbox");
  const told = outbox.dataset[button.dataset.told];
  const view = await fetch(location.href, { cache: "no-store" }).catch(() => undefined);
  if (view?.ok) {
    const page = new DOMParser().parseFromString(await view.text(), "text/html");
    loop.localize(page);
    const fresh = document.adoptNode(page.getElementById("outbox"));
    outbox.replaceWith(fresh);
    fresh.focus({ preventScroll: true });
  }
  loop.say(told);
});
