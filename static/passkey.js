// Asks a device for a passkey: to make one, or to prove with one who somebody is. Without scripts the page has its codes.
const LATE = "No passkey was used. Try again, and answer what your browser or device asks.";
const WORDS = {
  NotAllowedError: LATE,
  AbortError: LATE,
  InvalidStateError: "This device holds a passkey of yours already.",
  NotSupportedError: "This device cannot make a passkey.",
};
const BROKEN = "That did not work. Load the page again, or use your security code.";

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const named = (list = []) => list.map((each) => ({ ...each, id: toBytes(each.id) }));

async function make(asked) {
  const publicKey = {
    ...asked,
    challenge: toBytes(asked.challenge),
    user: { ...asked.user, id: toBytes(asked.user.id) },
    excludeCredentials: named(asked.excludeCredentials),
  };
  return navigator.credentials.create({ publicKey });
}

async function prove(address) {
  const answer = await fetch(address, { redirect: "error" });
  const asked = await answer.json();
  const publicKey = { ...asked, challenge: toBytes(asked.challenge), allowCredentials: named(asked.allowCredentials) };
  return navigator.credentials.get({ publicKey });
}

function written({ id, rawId, type, response }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const there = parts.filter((part) => response[part]);
  return JSON.stringify({ id, rawId: toText(rawId), type, response: Object.fromEntries(there.map((part) => [part, toText(response[part])])) });
}

function offer(box) {
  const field = box.querySelector("input");
  const words = box.querySelector("[data-passkey-words]");
  const buttons = box.querySelectorAll("button");
  const say = (text) => {
    words.textContent = text;
    words.hidden = !text;
  };
  box.hidden = false;
  if (location.origin !== box.dataset.origin) {
    for (const button of buttons) button.hidden = true;
    say(`Passkeys work at ${box.dataset.origin} alone: open the portal there.`);
    return;
  }
  async function answer(button) {
    say("");
    try {
      const credential = await (box.dataset.make ? make(JSON.parse(box.dataset.make)) : prove(box.dataset.prove));
      field.value = written(credential);
    } catch (error) {
      say(WORDS[error.name] ?? BROKEN);
      return;
    }
    // A form that can be sent in two ways is told in which.
    const way = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
    if (button.name) box.append(way);
    field.form.requestSubmit();
    // Signed once; after Back it would be refused.
    field.value = "";
    way.remove();
  }
  for (const button of buttons) button.addEventListener("click", () => answer(button));
}

if (window.PublicKeyCredential) {
  for (const box of document.querySelectorAll("[data-passkey]")) offer(box);
  for (const each of document.querySelectorAll("[data-no-passkey]")) each.hidden = true;
}
