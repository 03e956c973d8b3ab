// The Actuals sheet while somebody types: totals, pounds and the exception level at once, cells that are left with the
// arrow keys as in a spreadsheet, blocks pasted from one, a reason asked for where the week differs, what is offered at
// the cell one stands in, and a guard for what was not saved.
// The server works everything out again; nothing here decides what is stored.

import { offerAtCell } from "./cell_offers.js";
import { keepPlace } from "./keep_place.js";
import { move } from "./sheet_keys.js";
import { cellsOf, deliveredOf, differenceOf, isTouched, lines, moreOf, parts } from "./sheet_lines.js";
import { takePastes } from "./sheet_paste.js";
import { count, countOf, hundredths, pounds, priceOf, read, shown } from "./sheet_quantity.js";
import { askForReason, wasChosen } from "./sheet_reasons.js";

const form = document.getElementById("actuals");
const unsaved = document.querySelector("[data-unsaved]");

for (const part of parts.values()) {
  part.keptWeek = part.week.textContent;
  part.keptPounds = part.amount.textContent;
}
const totals = new Map([...document.querySelectorAll("[data-total]")].map((total) => [total.dataset.total, total]));

/** Tint what differs from its plan, and mark what cannot be read as a quantity: it stays as it was typed. */
function showCell(cell) {
  const count = read(cell.value);
  cell.classList.toggle("diff", count !== hundredths(cell.dataset.plan));
  const unread = count === null;
  if (unread) cell.setAttribute("aria-invalid", "true");
  else if (cell.classList.contains("unread")) cell.removeAttribute("aria-invalid");
  cell.classList.toggle("unread", unread);
}

/** Show what follows from the boxes of a line; what it `asks` may come later. */
function showLine(line, asks = true) {
  const cells = cellsOf(line);
  if (cells.length === 0) return;
  for (const cell of cells) showCell(cell);
  const touched = isTouched(line);
  const { week, amount, keptWeek, keptPounds } = parts.get(line);
  const readable = cells.every((cell) => read(cell.value) !== null);
  const delivered = deliveredOf(line);
  const planned = hundredths(line.dataset.planned);
  if (!touched) {
    // What the server worked out knows more: a decision of Service Brokerage, visits that were aborted.
    week.textContent = keptWeek;
    amount.textContent = keptPounds;
  } else {
    week.textContent = readable ? shown(delivered) : "–";
    const pence = readable ? priceOf(cells) : null;
    amount.textContent = pence === null ? "–" : pounds(pence);
  }
  const difference = differenceOf(line);
  if (asks) askForReason(line, difference);
  showDifference(line, touched, amount.textContent);
  showLevel(line, touched, readable, delivered + hundredths(line.dataset.abortedPayable) - planned, difference);
}

/** A week that is on an invoice: what its correction comes to, beside what it was. */
function showDifference(line, touched, amount) {
  const words = moreOf(line)?.querySelector("[data-difference]");
  if (!words) return;
  words.dataset.kept ??= words.textContent;
  const before = hundredths(line.dataset.before);
  const now = Number(amount.replace(/[^0-9.]/g, ""));
  if (!touched || Number.isNaN(now) || amount === "–") {
    words.textContent = touched ? `Before the correction ${pounds(before)}.` : words.dataset.kept;
    return;
  }
  const difference = hundredths(now) - before;
  const compared = difference === 0 ? "the same" : `${pounds(Math.abs(difference))} ${difference > 0 ? "more" : "less"}`;
  words.textContent = `Before the correction ${pounds(before)}, now ${amount}: ${compared}.`;
}

const UNIT_WORDS = JSON.parse(form?.dataset.units ?? "{}");

/** Say by how much the week is over its plan or under it, and what its exception level makes of that. */
function showLevel(line, touched, readable, above, difference) {
  const more = moreOf(line);
  more?.classList.toggle("is-changed", touched);
  const level = more?.querySelector("[data-level]");
  if (!level) return;
  const allowance = Math.round(Number(line.dataset.allowance) * 1e6) / 1e4; // a percentage of a plan has more places
  const unit = UNIT_WORDS[line.dataset.unit];
  level.hidden = !touched || (readable && above <= 0 && difference === 0);
  if (level.hidden) return;
  if (!readable) level.textContent = "One of the boxes is not a quantity, such as 1.5 or 1:30";
  else if (above > allowance)
    level.textContent = `${shown(above)} ${unit} over plan, ${shown(allowance)} allowed: this week will be held`;
  else if (above > 0)
    level.textContent = `${shown(above)} ${unit} over plan, ${shown(Math.floor(allowance - above))} left before Service Brokerage is asked`;
  else level.textContent = `${shown(Math.abs(difference))} ${unit} ${difference > 0 ? "over" : "under"} plan`;
  level.classList.toggle("level--within", readable && above <= allowance);
}

function showTotals() {
  const sums = new Map();
  let pence = 0;
  for (const [line, { week, amount }] of parts) {
    sums.set(line.dataset.unit, (sums.get(line.dataset.unit) ?? 0) + countOf(week.textContent));
    pence += countOf(amount.textContent);
  }
  for (const [unit, sum] of sums) totals.get(unit).textContent = shown(sum);
  totals.get("pounds").textContent = pounds(pence);
}

const lacking = document.querySelector("[data-lacking]");

function showLacking() {
  if (!lacking) return;
  let count = 0;
  for (const [line, { more }] of parts)
    if (more && !more.hidden && more.querySelector("select")?.value === "" && differenceOf(line) !== 0) count += 1;
  lacking.textContent = count === 0 ? "" : `, ${count} ${count === 1 ? "needs" : "need"} a reason`;
}

const isChanged = (field) =>
  field.tagName === "SELECT"
    ? field.value !== wasChosen(field)
    : field.tagName === "INPUT" && field.type !== "hidden" && field.value !== field.defaultValue;

/** The fields that hold something else than the server sent. */
const changed = new Set();

function noteChanges(fields) {
  for (const field of fields) {
    if (isChanged(field)) changed.add(field);
    else changed.delete(field);
  }
  if (!unsaved) return;
  unsaved.hidden = !isDirty();
  unsaved.textContent = changed.size > 0 ? `${count(changed.size, "change")} not saved.` : "Not saved yet.";
  if (!unsaved.hidden) for (const done of document.querySelectorAll(".actions__done")) done.remove();
}

const isDirty = () => "refused" in form.dataset || changed.size > 0;

/** Do some work once what was typed is in sight: a row that comes in between moves all below it, 20 ms among 200 lines. */
const afterPaint = (work) => requestAnimationFrame(() => setTimeout(work));

function ask(line) {
  showLine(line);
  showLacking();
}

function refresh(cells) {
  for (const line of new Set(cells.map((cell) => cell.closest("tr")))) showLine(line);
  showTotals();
  showLacking();
  noteChanges(cells);
}

/** Ctrl+S saves, wherever on the page one is. */
function saveByKey(event) {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  form.requestSubmit(document.getElementById("save"));
}

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

if (form && lines.length > 0) {
  offerAtCell(form);
  form.addEventListener("keydown", move);
  if (document.getElementById("save")) document.addEventListener("keydown", saveByKey);
  takePastes(form, refresh);
  form.addEventListener("input", (event) => {
    const line = event.target.closest("tr.line");
    if (line) {
      // A form that is filled again by a script needs the fields of the row at once.
      const isNew = event.isTrusted && (moreOf(line)?.hidden ?? true) && differenceOf(line) !== 0;
      showLine(line, !isNew);
      showTotals();
      if (isNew) afterPaint(() => ask(line));
    }
    showLacking();
    noteChanges([event.target]);
  });
  form.addEventListener("focusin", (event) => event.target.matches("input[data-plan]") && event.target.select());
  let sending = false;
  form.addEventListener("submit", () => (sending = true));
  window.addEventListener("pageshow", () => (sending = false));
  window.addEventListener("beforeunload", (event) => {
    if (!sending && isDirty()) event.preventDefault();
  });
  // Going back in the browser brings typed figures with it.
  lines.filter(isTouched).forEach(showLine);
  showTotals();
  showLacking();
  noteChanges([...form.elements]);
  keepPlace(form);
}
