// What every view needs: signing out, times in the reader's own zone, what is said without a reload, and calls of the interface.
//
// Other scripts use it as `window.loop`:
//   loop.say(text)                    says something politely, and shows it for a while
//   loop.call(method, path, body)     calls a route with the session; gives {ok, status, body}
//   loop.signIn()                     asks for the view anew, where the session has ended
//   loop.localize(element)            writes the times below an element in the reader's zone
"use strict";

const SHOWN_MS = 8000;
const notices = document.getElementById("notices");

function say(text, action) {
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.append(text);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action.text;
    button.addEventListener("click", () => {
      notice.remove();
      action.run();
    });
    notice.append(" ", button);
  } else {
    setTimeout(() => notice.remove(), SHOWN_MS);
  }
  notices.replaceChildren(notice);
  return notice;
}

async function call(method, path, body) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  // The same click sent twice by a bad connection is one: every POST of the interface takes a key for that.
  if (method === "POST") headers["idempotency-key"] = `"${crypto.randomUUID()}"`;
  const answer = await fetch(path, {
    method,
    headers,
    cache: "no-store",
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const type = answer.headers.get("content-type") ?? "";
  const read = type.includes("json") ? await answer.json() : undefined;
  if (answer.status === 401) signIn();
  return { ok: answer.ok, status: answer.status, body: read };
}

/** The session has ended: the same address asks to sign in. What was posted is not posted again. */
function signIn() {
  location.replace(location.pathname + location.search);
}

const zoned = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

function localize(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.textContent = zoned.format(at);
  }
}

window.loop = { say, call, localize, signIn };
localize(document);

document.querySelector("[data-sign-out]")?.addEventListener("click", async () => {
  await fetch("/worklist/session", { method: "DELETE" });
  location.replace("/worklist/");
});
