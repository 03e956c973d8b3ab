// Says some minutes before the session ends that it will, and offers to stay; typing counts as being there.
const box = document.getElementById("session-end");
const { idle, longest, warning } = document.body.dataset;
const EVERY = 5 * 60 * 1000;
// Every window of the browser knows when the session was used last, whichever it was used in.
const ENDS = "session-ends";

let ends = 0;
let last = 0;
let told = Date.now();
let timer = 0;

/** Say something at the foot of the window, with a button where one is given; empty words take it away. */
export function say(words, button = null) {
  if (!box) return;
  const text = document.createElement("p");
  text.textContent = words;
  box.replaceChildren(...(words ? [text, ...(button ? [button] : [])] : []));
}

function know(left, leftInAnyCase) {
  ends = Date.now() + left * 1000;
  last = Date.now() + leftInAnyCase * 1000;
  try {
    localStorage.setItem(ENDS, String(ends));
  } catch {
    // Without a store each window counts for itself.
  }
  wait();
}

const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

function wait() {
  clearTimeout(timer);
  const now = Date.now();
  if (now >= ends) {
    say("Your session has ended. What you typed is still here: send it, sign in, and it is in the form again.");
    return;
  }
  const warn = ends - Number(warning) * 1000;
  if (now < warn) {
    say("");
    timer = setTimeout(wait, Math.min(warn - now, 2 ** 31 - 1));
    return;
  }
  warnOf(ends >= last - 1000);
  timer = setTimeout(wait, ends - now);
}

function warnOf(inAnyCase) {
  if (box.childElementCount > 0) return;
  if (inAnyCase) {
    say(`You will be signed out at ${clock(ends)}, because you signed in long ago. Save what you are doing.`);
    return;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button govuk-button--inverse";
  button.textContent = "Stay signed in";
  button.addEventListener("click", stay);
  say(`You will be signed out at ${clock(ends)}, because the portal was not used for a while.`, button);
}

async function stay() {
  told = Date.now();
  try {
    const answer = await fetch("/still-here", { redirect: "manual" });
    if (!answer.ok) return;
    const left = await answer.json();
    say("");
    know(left.idle, left.longest);
  } catch {
    told = 0;
  }
}

/** Begin to count; nothing is done where nobody is signed in. */
export function watch() {
  if (!idle) return;
  know(Number(idle), Number(longest));
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== ENDS || Number(newValue) <= ends) return;
    ends = Number(newValue);
    wait();
  });
  // Somebody who types is not idle: they would be signed out in the middle of it.
  document.addEventListener("input", ({ isTrusted }) => {
    if (isTrusted && Date.now() - told >= EVERY) stay();
  });
}
