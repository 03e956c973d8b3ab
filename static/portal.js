// Starts GOV.UK Frontend's components, keeps a form from being sent twice by an impatient second click, and keeps what
// was typed over a broken connection and over Back.
import { initAll } from "./build/govuk-frontend.min.js";
import { remember, restore, tellScripts } from "./typed.js";
import { say, watch } from "./session_end.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

for (const each of document.querySelectorAll("[data-suggest=no]")) each.autocomplete = "off";

const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (!navigator.onLine) {
    event.preventDefault();
    say("There is no connection to the portal, so nothing was sent. What you typed is still here: send it again when you are connected.");
    return;
  }
  if (Date.now() - (sent.get(form) ?? 0) < 3000) event.preventDefault();
  else {
    sent.set(form, Date.now());
    remember(form);
  }
});

watch();
// When every script of the page listens.
addEventListener("DOMContentLoaded", () => {
  restore();
  tellScripts();
});
