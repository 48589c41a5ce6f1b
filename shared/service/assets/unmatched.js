// Says where a message belongs. Candidates come from the page of the search, so that a referral looks the same here and there.
"use strict";

const texts = () => document.getElementById("messages").dataset;
const problemOf = (form) => form.closest("li").querySelector("[role=alert]");

/** Shows what a search finds as a choice of one. */
async function find(form) {
  const item = form.closest("li");
  const match = item.querySelector("[data-match]");
  const list = match.querySelector("ol");
  problemOf(form).textContent = "";
  const answer = await fetch("/worklist/pages/search", {
    method: "POST",
    cache: "no-store",
    body: new URLSearchParams({ text: form.querySelector("input").value }),
  });
  if (answer.status === 401) return loop.signIn();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = answer.ok ? [...page.querySelectorAll(".row[data-referral]")] : [];
  loop.localize(page);
  list.replaceChildren(...found.map((row) => choice(document.adoptNode(row), item.id)));
  match.hidden = found.length === 0;
  if (found.length > 0) list.querySelector("input").focus();
  else problemOf(form).textContent = texts().noneFound;
}

/** A row with a button to choose it by, in place of the link that would lead away. */
function choice(row, name) {
  const link = row.querySelector("[data-row]");
  const label = document.createElement("label");
  label.className = "choice";
  const input = Object.assign(document.createElement("input"), {
    type: "radio",
    name,
    required: true,
    value: row.dataset.referral,
  });
  label.append(input, link.textContent);
  link.replaceWith(label);
  return row;
}

async function decide(form, id, body, told) {
  const answer = await loop.call("POST", `/status/unmatched/${encodeURIComponent(id)}/match`, body);
  if (answer.ok || answer.body?.code === "guard-failed") {
    await loop.refresh({ force: true });
    loop.say(answer.ok ? told : texts().decided);
    document.getElementById("messages").focus();
    return;
  }
  problemOf(form).textContent = answer.status === 409 || answer.status === 422 ? texts().refused : document.body.dataset.failed;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const act = form.matches("[data-find]")
    ? () => find(form)
    : form.matches("[data-match]")
      ? () => decide(form, form.dataset.match, { referral: form.querySelector("input:checked").value }, texts().matched)
      : form.matches("[data-dismiss]")
        ? () => decide(form, form.dataset.dismiss, { dismiss: form.querySelector("input").value }, texts().setAside)
        : undefined;
  if (!act) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await act();
  } catch {
    problemOf(form).textContent = document.body.dataset.offline;
  }
  button.disabled = false;
});
