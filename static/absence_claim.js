// Shows day by day what is payable for an absence while its days are typed. The server works it out.

const form = document.getElementById("absence-claim");
const box = document.getElementById("payable");
const deciding = ["line", "first_day", "last_day"];

let waiting = 0;
let asked = null;

function say({ html = "", shown = "" }) {
  box.querySelector("[data-payable]").innerHTML = html;
  box.hidden = !html;
  form.elements.shown.value = shown;
  // Once the figures are in sight, sending is the next step.
  form.querySelector("[data-submit]").classList.toggle("govuk-button--secondary", !shown);
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const typed = new FormData(form);
  const query = new URLSearchParams(deciding.map((name) => [name, typed.get(name) ?? ""]));
  query.set("claim", form.dataset.claim ?? "");
  try {
    const answer = await fetch(`/absence-claims/payable?${query}`, { signal: asked.signal, redirect: "error" });
    say(answer.ok ? await answer.json() : {});
  } catch (error) {
    // Without an answer the page works as it does without a script: submitting shows first what is payable.
    if (error.name !== "AbortError") say({});
  }
}

form.querySelector("[data-show]").hidden = true;
form.addEventListener("input", (event) => {
  if (!deciding.includes(event.target.name)) return;
  // What was shown is no longer what would be sent.
  form.elements.shown.value = "";
  clearTimeout(waiting);
  waiting = setTimeout(ask, 250);
});
window.addEventListener("pageshow", () => {
  if (form.elements.shown.value === "" && !document.querySelector(".govuk-error-summary")) ask();
});
