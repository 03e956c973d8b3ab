// Says what is payable for an aborted visit while it is typed. The server works it out; nothing is decided here.

const form = document.getElementById("aborted-visit");
const box = document.getElementById("payable");
const save = form.querySelector("[data-save]");
const deciding = ["line", "day", "planned_start", "planned_minutes", "told", "told_on", "told_at"];

let waiting = 0;
let asked = null;

function say(sentence, week) {
  box.querySelector("[data-sentence] b").textContent = sentence;
  box.querySelector("[data-week]").textContent = week;
  box.hidden = sentence === "" && week === "";
  form.elements.shown.value = sentence;
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const typed = new FormData(form);
  const query = new URLSearchParams(deciding.map((name) => [name, typed.get(name) ?? ""]));
  try {
    const answer = await fetch(`/actuals/aborted-visit/payable?${query}`, { signal: asked.signal, redirect: "error" });
    const found = answer.ok ? await answer.json() : {};
    say(found.sentence ?? "", found.week ?? found.problem ?? "");
  } catch (error) {
    // Without an answer the page works as it does without a script: saving shows first what is payable.
    if (error.name !== "AbortError") say("", "");
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
