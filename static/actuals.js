// The Actuals sheet while somebody types: totals, pounds and the exception level at once, cells that are left with the
// arrow keys as in a spreadsheet, blocks pasted from one, a reason asked for where the week differs, and a guard for
// what was not saved.
// Units are counted in hundredths and rates in ten-thousandths, as whole numbers, so that no figure is ever off.
// The server works everything out again; nothing here decides what is stored.

import { layBlock, readBlock } from "./pasted_block.js";

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

/** The row below a line that asks for its reason, where there is one. */
const moreOf = (line) => (line.nextElementSibling?.classList.contains("more") ? line.nextElementSibling : null);

const cellsOf = (line) => [...line.querySelectorAll("input[data-plan]")];

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

const kept = new Map(
  lines.map((line) => [
    line,
    { week: line.querySelector("[data-week]").textContent, pounds: line.querySelector("[data-pounds]").textContent },
  ]),
);

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
  const week = line.querySelector("[data-week]");
  const amount = line.querySelector("[data-pounds]");
  const readable = cells.every((cell) => read(cell.value) !== null);
  const delivered = cells.reduce((sum, cell) => sum + (read(cell.value) ?? 0), 0);
  const planned = hundredths(line.dataset.planned);
  if (!touched) {
    // What the server worked out knows more: a decision of Service Brokerage, visits that were aborted.
    week.textContent = kept.get(line).week;
    amount.textContent = kept.get(line).pounds;
  } else {
    week.textContent = readable ? shown(delivered) : "–";
    const pence = readable ? priceOf(line, cells) : null;
    amount.textContent = pence === null ? "–" : pounds(pence);
  }
  showDifference(line, touched, amount.textContent);
  showLevel(line, touched, readable, delivered + hundredths(line.dataset.abortedPayable) - planned);
  askForReason(line, readable && delivered + hundredths(line.dataset.aborted) !== planned);
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

function showLevel(line, touched, readable, above) {
  const level = line.querySelector("[data-level]");
  const allowance = Math.round(Number(line.dataset.allowance) * 1e6) / 1e4; // a percentage of a plan has more places
  level.parentElement.classList.toggle("is-changed", touched);
  level.hidden = !touched || (readable && above <= 0);
  if (level.hidden) return;
  if (!readable) level.textContent = "One of the boxes is not a quantity, such as 1.5 or 1:30";
  else if (above > allowance)
    level.textContent = `${shown(above)} over, allowance ${shown(allowance)}: this week will be held`;
  else level.textContent = `${shown(Math.floor(allowance - above))} left before Service Brokerage is asked`;
  level.classList.toggle("level--within", readable && above <= allowance);
}

/** The reason and the comment are fields of the form from the moment the week differs, and stay once something is in them. */
function askForReason(line, differs) {
  const id = line.dataset.line;
  let more = moreOf(line);
  if (!more && differs) {
    more = document.createElement("tr");
    more.className = "more";
    more.dataset.more = id;
    const cell = more.insertCell();
    cell.colSpan = 11;
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
    // Not after a paste: two hundred lines would be laid out two hundred times.
    if (line.contains(document.activeElement) && !isPasting) more.scrollIntoView({ block: "nearest" });
  } else if (more) {
    const filled = [...more.querySelectorAll("select, input")].some((field) => field.value !== "");
    more.hidden = !differs && !filled && !more.querySelector(".govuk-error-message, .more__said");
  }
}

function showTotals() {
  const sums = new Map();
  let pence = 0;
  for (const line of lines) {
    const { unit } = line.dataset;
    sums.set(unit, (sums.get(unit) ?? 0) + hundredths(line.querySelector("[data-week]").textContent.replace(/[^0-9.]/g, "") || "0"));
    pence += hundredths(line.querySelector("[data-pounds]").textContent.replace(/[^0-9.]/g, "") || "0");
  }
  for (const [unit, sum] of sums) document.querySelector(`[data-total="${unit}"]`).textContent = shown(sum);
  document.querySelector('[data-total="pounds"]').textContent = pounds(pence);
}

function showLacking() {
  const words = document.querySelector("[data-lacking]");
  if (!words) return;
  const rows = [...document.querySelectorAll("tr.more:not([hidden])")];
  const count = rows.filter((row) => row.querySelector("select")?.value === "").length;
  words.textContent = count === 0 ? "" : `, ${count} ${count === 1 ? "needs" : "need"} a reason`;
}

const wasChosen = (select) => [...select.options].find((option) => option.defaultSelected)?.value ?? "";

const isDirty = () =>
  "refused" in form.dataset ||
  [...form.elements].some((field) =>
    field.tagName === "SELECT"
      ? field.value !== wasChosen(field)
      : field.tagName === "INPUT" && field.type !== "hidden" && field.value !== field.defaultValue,
  );

/** Go up or down to the next line that has this day (or its week's total), without leaving the column. */
function moveDown(cell, step) {
  const day = cell.name.split("-")[0];
  let at = lines.indexOf(cell.closest("tr")) + step;
  for (; at >= 0 && at < lines.length; at += step) {
    const cells = cellsOf(lines[at]);
    const next = cells.find((other) => other.name.startsWith(`${day}-`)) ?? cells.find((other) => other.name.startsWith("total-"));
    if (next) return go(next);
    if (day === "total" && cells[0]) return go(cells[0]);
  }
  return false;
}

function moveAcross(cell, step) {
  const cells = cellsOf(cell.closest("tr"));
  const next = cells[cells.indexOf(cell) + step];
  return next ? go(next) : false;
}

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
  if (unsaved) unsaved.hidden = !isDirty();
}

function paste(event) {
  const cell = event.target;
  const text = event.clipboardData?.getData("text/plain").replace(/(\r\n|\r|\n)$/, "") ?? "";
  if (!cell.matches?.("input[data-plan]") || !/[\t\r\n]/.test(text)) return;
  event.preventDefault();
  const { laid, left } = layBlock(readBlock(text), cell, lines.slice(lines.indexOf(cell.closest("tr"))).map(cellsOf));
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
}

function say(words, canUndo) {
  if (!pasted) return;
  pasted.hidden = false;
  pasted.querySelector("p").textContent = words;
  pasted.querySelector("button").hidden = !canUndo;
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
  }[event.key]?.();
  if (moved) event.preventDefault();
}

if (form && lines.length > 0) {
  form.addEventListener("keydown", move);
  form.addEventListener("paste", paste);
  pasted?.querySelector("button").addEventListener("click", undoPaste);
  form.addEventListener("input", (event) => {
    const line = event.target.closest("tr.line");
    if (line) {
      showLine(line);
      showTotals();
    }
    showLacking();
    if (unsaved) unsaved.hidden = !isDirty();
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
  if (unsaved) unsaved.hidden = !isDirty();
}
