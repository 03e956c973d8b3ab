// What was typed into a form that was sent, for this window and this person: a broken connection, or Back, loads the
// page anew, without it. Passwords and files are never remembered.

const MOST = 10;
const STORE = "typed";
const person = document.body.dataset.person ?? "";

const formsOf = () => [...document.querySelectorAll("main form:not(.start-afresh)")];

const fieldsOf = (form) =>
  [...form.elements].filter(
    ({ name, type, autocomplete }) =>
      name &&
      !["password", "file", "submit", "button", "reset"].includes(type) &&
      (type !== "hidden" || name === "csrf_token" || name.endsWith("-key")) &&
      !/password|(security|own|app|recovery)_code/.test(name) &&
      !["one-time-code", "current-password", "new-password"].includes(autocomplete),
  );

const stateOf = (field) =>
  field.type === "checkbox" || field.type === "radio"
    ? field.checked
    : field.type === "select-multiple"
      ? [...field.selectedOptions].map((option) => option.value)
      : field.value;

function read() {
  try {
    // What somebody else typed in this window is gone as soon as the page is not theirs.
    const kept = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
    const own = kept.filter((each) => each.person === person);
    if (own.length < kept.length) sessionStorage.setItem(STORE, JSON.stringify(own));
    return own;
  } catch {
    return [];
  }
}

/** Keep what stands in a form that is sent now, under a mark in this entry of the window's history. */
export function remember(form) {
  if (!person || !form.closest("main")) {
    sessionStorage.removeItem(STORE);
    return;
  }
  const mark = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const place = formsOf().indexOf(form);
  const fields = fieldsOf(form).map((field) => [field.name, stateOf(field)]);
  try {
    sessionStorage.setItem(STORE, JSON.stringify([{ person, mark, place, fields, page: location.href }, ...read()].slice(0, MOST)));
    history.replaceState({ ...history.state, typed: mark }, "");
  } catch {
    // A full store keeps nothing; the form is sent all the same.
  }
}

/**
 * Fill again what was typed where this entry of the history is come back to, or where its page is opened anew and the
 * form was never answered: the browser may have put its own error in the place of the entry.
 */
export function restore() {
  const all = read();
  // The page that answers a form, or any other that is gone to from it, has its page as referrer.
  for (const each of all) each.answered ||= document.referrer === each.page;
  if (all.length > 0) sessionStorage.setItem(STORE, JSON.stringify(all));
  const kept =
    all.find((each) => each.mark === history.state?.typed) ??
    all.find((each) => !each.answered && each.page === location.href);
  const form = kept && formsOf()[kept.place];
  if (!form || document.querySelector("[data-kept]")) return;
  // A script may change one field because another was filled: the second time nothing is told.
  for (const again of [false, true]) fillAll(form, kept.fields, again);
}

function fillAll(form, fields, again) {
  const places = new Map();
  for (const [name, state] of fields) {
    // Asked anew each time: a script may make fields as soon as others are filled.
    const found = form.elements[name];
    const at = places.get(name) ?? 0;
    places.set(name, at + 1);
    // What has the name as its id is among them too: the fieldset round a group of boxes.
    const named = (found instanceof RadioNodeList ? [...found] : [found]).filter((each) => each?.name === name);
    if (named[at]) fill(named[at], state, again);
  }
}

function fill(field, state, silently = false) {
  if (JSON.stringify(stateOf(field)) === JSON.stringify(state)) return;
  if (typeof state === "boolean") field.checked = state;
  else if (Array.isArray(state)) for (const option of field.options) option.selected = state.includes(option.value);
  else field.value = state;
  if (!silently) tell(field);
}

function tell(field) {
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}

/** Let scripts work out anew what depends on fields that the portal filled again, and fill those they make. */
export function tellScripts() {
  const typed = [...document.querySelectorAll("input[data-kept], select[data-kept], textarea[data-kept]")];
  const states = new Map(typed.filter(({ type }) => type !== "hidden").map((field) => [field, stateOf(field)]));
  for (const field of states.keys()) tell(field);
  // A script may have changed one field because another was told of.
  for (const [field, state] of states) fill(field, state, true);
  for (const left of document.querySelectorAll("input[data-left]")) {
    const made = [...left.form.elements].find((field) => field.name === left.name && field !== left);
    if (!made) continue;
    fill(made, made.type === "checkbox" || made.type === "radio" ? made.value === left.value : left.value);
    left.remove();
  }
}
