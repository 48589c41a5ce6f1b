// The measures are printed once a month: a button that does it, where scripts run.
const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// A period does not end before it begins: the browser says so before anything is asked.
const [from, to] = ["from", "to"].map((id) => document.getElementById(id));
if (from && to) {
  const bound = () => {
    to.min = from.value;
  };
  from.addEventListener("input", bound);
  bound();
}
