// The Actuals sheet while somebody types: totals, pounds and the exception level at once, cells that are left with the
// arrow keys as in a spreadsheet, blocks pasted from one, a reason asked for where the week differs, what is offered at
// the cell one stands in, and a guard for what was not saved.
// Units are counted in hundredths and rates in ten-thousandths, as whole numbers, so that no figure is ever off.
// The server works everything out again; nothing here decides what is stored.

import { offerAtCell } from "./cell_offers.js";
import { keepPlace } from "./keep_place.js";
import { layBlock, readBlock, sumOf } from "./pasted_block.js";

const form = document.getElementById("actuals");
const template = document.getElementById("reason-fields");
const unsaved = document.querySelector("[data-unsaved]");
const lines = [...document.querySelectorAll("tr.line")];

const hundredths = (text) => Math.round(Number(text) * 100);
const shown = (count) => (count / 100).toLocaleString("en-GB", { minimumFractionDigits: 2 });
const pounds = (pence) => `£${shown(pence)}`;

/** Return typed text in hundredths of a unit, or null where it cannot be read: 1.5, 1,5, 1:30 and 1h30 can. */
function read(text) {
  const typed = text.trim().replace("\u2212", "-");
  if (typed === "") return 0;
  if (/^(\d{1,6}([.,]\d{0,6})?|[.,]\d{1,6})$/.test(typed)) return hundredths(typed.replace(",", "."));
  const clock = /^(\d{1,4}) *(?::(?=\d)|h) *([0-5]\d)?$/i.exec(typed);
  return clock ? Math.round(Number(clock[1]) * 100 + (Number(clock[2] ?? 0) * 100) / 60) : null;
}

/** What is looked up for every key typed, found once: a search through 200 lines would cost more than all the rest. */
const parts = new Map(
  lines.map((line) => [
    line,
    {
      cells: [...line.querySelectorAll("input[data-plan]")],
      week: line.querySelector("[data-week]"),
      amount: line.querySelector("[data-pounds]"),
      more: document.querySelector(`tr.more[data-more="${line.dataset.line}"]`),
    },
  ]),
);

/** The row below a line that asks for its reason, where there is one. */
const moreOf = (line) => parts.get(line).more;

const cellsOf = (line) => parts.get(line).cells;

/** Return the pence of a line: rounded half up once for each rate, as the invoice will be. */
function priceOf(line, cells) {
  const units = new Map();
  for (const cell of cells) {
    const count = (read(cell.value) ?? 0) + hundredths(cell.dataset.abortedPayable ?? 0);
    if (count === 0) continue;
    if (!cell.dataset.rate) return null;
    units.set(cell.dataset.rate, (units.get(cell.dataset.rate) ?? 0) + count);
  }
  let pence = 0;
  for (const [rate, count] of units) pence += Math.floor((count * Math.round(Number(rate) * 10000) + 5000) / 10000);
  return pence;
}

/** The hundredths that a text of the page shows, nothing for a dash. */
const countOf = (text) => hundredths(text.replace(/[^0-9.]/g, "") || "0");

for (const part of parts.values()) {
  part.keptWeek = part.week.textContent;
  part.keptPounds = part.amount.textContent;
}
const totals = new Map([...document.querySelectorAll("[data-total]")].map((total) => [total.dataset.total, total]));

const deliveredOf = (line) => cellsOf(line).reduce((sum, cell) => sum + (read(cell.value) ?? 0), 0);

/** The hundredths of a unit by which a line's week is above its plan, below zero where it is under it. */
const differenceOf = (line) =>
  cellsOf(line).every((cell) => read(cell.value) !== null)
    ? deliveredOf(line) + hundredths(line.dataset.aborted) - hundredths(line.dataset.planned)
    : 0;

const isTouched = (line) => cellsOf(line).some((cell) => cell.value !== cell.defaultValue);

/** Tint what differs from its plan, and mark what cannot be read as a quantity: it stays as it was typed. */
function showCell(cell) {
  const count = read(cell.value);
  cell.classList.toggle("diff", count !== hundredths(cell.dataset.plan));
  const unread = count === null;
  if (unread) cell.setAttribute("aria-invalid", "true");
  else if (cell.classList.contains("unread")) cell.removeAttribute("aria-invalid");
  cell.classList.toggle("unread", unread);
}

function showLine(line) {
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
    const pence = readable ? priceOf(line, cells) : null;
    amount.textContent = pence === null ? "–" : pounds(pence);
  }
  const difference = differenceOf(line);
  askForReason(line, difference);
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

/** The row that asks why a line differs, made where there is none yet. */
function makeMore(line) {
  const id = line.dataset.line;
  const more = document.createElement("tr");
  more.className = "more";
  more.dataset.more = id;
  more.setAttribute("role", "row");
  const cell = more.insertCell();
  cell.colSpan = 11;
  cell.setAttribute("role", "cell");
  const box = document.createElement("div");
  box.className = "more__in";
  box.append(template.content.cloneNode(true));
  for (const field of box.querySelectorAll("select, input")) {
    field.id = field.id.replace(/0$/, id);
    field.name = field.name.replace(/0$/, id);
  }
  for (const name of box.querySelectorAll(".govuk-visually-hidden")) name.textContent = `, ${line.dataset.name}`;
  cell.append(box);
  line.after(more);
  parts.get(line).more = more;
  // Not after a paste: two hundred lines would be laid out two hundred times.
  if (line.contains(document.activeElement) && !isPasting) more.scrollIntoView({ block: "nearest" });
  return more;
}

/** The reason and the comment are fields of the form from the moment the week differs, and stay once something is in them. */
function askForReason(line, difference) {
  const more = moreOf(line) ?? (difference === 0 ? null : makeMore(line));
  if (!more) return;
  offerReasons(more, Math.sign(difference));
  const filled = [...more.querySelectorAll("select, input")].some((field) => field.value !== "");
  more.hidden = difference === 0 && !filled && !more.querySelector(".govuk-error-message, .more__said");
}

/** Offer the reasons that fit the way in which the week differs; one that fitted before comes back when it fits again. */
function offerReasons(more, way) {
  const select = more.querySelector("select");
  if (!select || way === 0 || more.dataset.way === String(way)) return;
  more.dataset.way = way;
  const chosen = select.value || more.dataset.chosen || "";
  const left = way > 0 ? "under" : "over";
  const stored = wasChosen(select);
  const options = [...template.content.querySelectorAll("option")].filter((option) => option.dataset.way !== left);
  select.replaceChildren(...options.map((option) => option.cloneNode(true)));
  for (const option of select.options) option.defaultSelected = option.value === stored;
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = "";
  // What no longer fits is remembered, and asked for anew.
  more.dataset.chosen = select.value === "" ? chosen : "";
  more.dataset.stored = stored;
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

const wasChosen = (select) =>
  select.closest("tr")?.dataset.stored ?? [...select.options].find((option) => option.defaultSelected)?.value ?? "";

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

/** Go up or down to the next line that has this day (or its week's total), without leaving the column. */
function moveDown(cell, step) {
  const day = cell.name.split("-")[0];
  let at = lines.indexOf(cell.closest("tr.line")) + step;
  for (; at >= 0 && at < lines.length; at += step) {
    const cells = cellsOf(lines[at]);
    const next = cells.find((other) => other.name.startsWith(`${day}-`)) ?? cells.find((other) => other.name.startsWith("total-"));
    if (next) return go(next);
    if (day === "total" && cells[0]) return go(cells[0]);
  }
  return false;
}

function moveAcross(cell, step) {
  const cells = cellsOf(cell.closest("tr.line"));
  const next = cells[cells.indexOf(cell) + step];
  return next ? go(next) : false;
}

const goToEnd = (cell, index) => go(cellsOf(cell.closest("tr.line")).at(index));

let undo = [];
let isPasting = false;
const pasted = document.querySelector("[data-pasted]");

const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

function refresh(cells) {
  isPasting = true;
  for (const line of new Set(cells.map((cell) => cell.closest("tr")))) showLine(line);
  isPasting = false;
  showTotals();
  showLacking();
  noteChanges(cells);
}

function paste(event) {
  const cell = event.target;
  const text = event.clipboardData?.getData("text/plain").replace(/(\r\n|\r|\n)$/, "") ?? "";
  if (!cell.matches?.("input[data-plan]") || !/[\t\r\n]/.test(text)) return;
  event.preventDefault();
  const { laid, left, sums } = layBlock(readBlock(text), cell, lines.slice(lines.indexOf(cell.closest("tr"))).map(cellsOf));
  undo = laid.map(([each, value]) => ({ cell: each, before: each.value, after: value }));
  for (const { cell: each, after } of undo) each.value = after;
  refresh(undo.map((each) => each.cell));
  const unread = undo.filter((each) => read(each.after) === null);
  const words = [`Pasted ${count(undo.length, "cell")}.`];
  if (unread.length > 0)
    words.push(`${count(unread.length, "text")} marked: not a quantity (${unread.map((each) => `“${each.after}”`).slice(0, 5).join(", ")}).`);
  if (left.length > 0)
    words.push(`${count(left.length, "text")} left out, where the sheet is closed or ends (${left.map((each) => `“${each}”`).slice(0, 5).join(", ")}).`);
  say(words.join(" "), true);
  offerSums(sums);
}

function say(words, canUndo) {
  if (!pasted) return;
  pasted.hidden = false;
  pasted.querySelector("p").textContent = words;
  pasted.querySelector("[data-undo-paste]").hidden = !canUndo;
  pasted.querySelector("[data-sums]").replaceChildren();
}

/** Days pasted on lines that take the week as one figure: offer their sums, one press for all. */
function offerSums(sums) {
  const summed = sums.map(([cell, texts]) => [cell, sumOf(texts, read)]).filter(([, sum]) => sum !== null);
  if (!pasted || summed.length === 0) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "linklike";
  const [cell, sum] = summed[0];
  const { name } = cell.closest("tr.line").dataset;
  button.textContent =
    summed.length === 1
      ? `Enter the sum of the days, ${(sum / 100).toFixed(2)}, for ${name}`
      : `Enter the sums of the days for ${summed.length} lines that are planned by the week`;
  button.addEventListener("click", () => {
    for (const [each, total] of summed) {
      each.value = (total / 100).toFixed(2);
      for (const one of undo) if (one.cell === each) one.after = each.value;
    }
    refresh(summed.map(([each]) => each));
    button.remove();
    cell.focus();
  });
  pasted.querySelector("[data-sums]").append(button);
}

/** Put back what stood before the paste, except where something else was typed since. */
function undoPaste() {
  const back = undo.filter((each) => each.cell.value === each.after);
  for (const { cell, before } of back) cell.value = before;
  undo = [];
  refresh(back.map((each) => each.cell));
  say(`Took back ${count(back.length, "cell")}.`, false);
  back[0]?.cell.focus();
}

function go(cell) {
  cell.focus();
  cell.select();
  return true;
}

function move(event) {
  const cell = event.target;
  if (!cell.matches?.("input[data-plan]")) return;
  const undoes = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  // In a box that was typed in since, the browser's own undo takes back the typing.
  if (undoes && undo.length > 0 && undo.every((each) => each.cell !== cell || each.after === cell.value)) {
    event.preventDefault();
    undoPaste();
  }
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const atStart = cell.selectionStart === 0;
  const atEnd = cell.selectionEnd === cell.value.length;
  const moved = {
    ArrowUp: () => moveDown(cell, -1),
    ArrowDown: () => moveDown(cell, 1),
    Enter: () => moveDown(cell, event.shiftKey ? -1 : 1) || true,
    ArrowLeft: () => !event.shiftKey && atStart && moveAcross(cell, -1),
    ArrowRight: () => !event.shiftKey && atEnd && moveAcross(cell, 1),
    Home: () => !event.shiftKey && goToEnd(cell, 0),
    End: () => !event.shiftKey && goToEnd(cell, -1),
  }[event.key]?.();
  if (moved) event.preventDefault();
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
  form.addEventListener("paste", paste);
  pasted?.querySelector("[data-undo-paste]").addEventListener("click", undoPaste);
  form.addEventListener("input", (event) => {
    const line = event.target.closest("tr.line");
    if (line) {
      showLine(line);
      showTotals();
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
