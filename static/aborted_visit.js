// Says what is payable for an aborted visit while it is typed. The server works it out; nothing is decided here.

const form = document.getElementById("aborted-visit");
const box = document.getElementById("payable");
const save = form.querySelector("[data-save]");
const deciding = ["line", "day", "planned_start", "planned_minutes", "told", "told_on", "told_at", "correct"];

let waiting = 0;
let asked = null;

function say({ sentence = "", week = "", problem = "", offer = "", counted = false, correct = false }) {
  box.querySelector("[data-sentence]").textContent = sentence;
  box.querySelector("[data-week]").textContent = week || problem;
  box.hidden = !sentence && !week && !problem;
  box.querySelector("[data-correct]").hidden = !correct;
  const choice = box.querySelector("[data-offer]");
  // What was probably counted is ticked as it comes into sight; after that it is for the person to say.
  if (choice.hidden && offer) form.elements.take_off.checked = counted;
  if (!offer) form.elements.take_off.checked = false;
  choice.hidden = !offer;
  if (offer) choice.querySelector("label").textContent = offer;
  form.elements.shown.value = sentence;
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const typed = new FormData(form);
  const query = new URLSearchParams(deciding.map((name) => [name, typed.get(name) ?? ""]));
  try {
    const answer = await fetch(`/actuals/aborted-visit/payable?${query}`, { signal: asked.signal, redirect: "error" });
    say(answer.ok ? await answer.json() : {});
  } catch (error) {
    // Without an answer the page works as it does without a script: saving shows first what is payable.
    if (error.name !== "AbortError") say({});
  }
}

form.querySelector("[data-show]").hidden = true;
save.hidden = false;
form.addEventListener("input", (event) => {
  if (!deciding.includes(event.target.name)) return;
  // What was shown is no longer what would be saved.
  form.elements.shown.value = "";
  clearTimeout(waiting);
  waiting = setTimeout(ask, 250);
});
window.addEventListener("pageshow", () => {
  if (form.elements.shown.value === "") ask();
});
