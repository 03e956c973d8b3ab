// Shows what an agreement costs a week while it is typed. The server works it out.

const form = document.getElementById("agreement");
const whole = form.querySelector("[data-whole]");

let waiting = 0;
let asked = null;

function say({ lines, whole: sum }) {
  for (const place of form.querySelectorAll("[data-line]")) place.textContent = lines[place.dataset.line] ?? "";
  if (whole && whole.textContent !== sum) whole.textContent = sum;
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(form.dataset.cost, {
      method: "POST",
      body: new FormData(form),
      signal: asked.signal,
      redirect: "error",
    });
    if (answer.ok) say(await answer.json());
  } catch {
    // Without an answer the figures stay as the page came: saving works them out anew.
  }
}

form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, 250);
});
