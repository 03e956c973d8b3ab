// Blocks pasted from a spreadsheet, told of and taken back.

import { layBlock, readBlock, sumOf } from "./pasted_block.js";
import { cellsOf, lines } from "./sheet_lines.js";
import { count, read } from "./sheet_quantity.js";

let refresh;
let undo = [];
const pasted = document.querySelector("[data-pasted]");

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

/** Ctrl+Z takes back the paste; in a box that was typed in since, the browser's own undo takes back the typing. */
function undoByKey(event) {
  const cell = event.target;
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || undo.length === 0) return;
  if (!cell.matches?.("input[data-plan]") || undo.some((each) => each.cell === cell && each.after !== cell.value)) return;
  event.preventDefault();
  undoPaste();
}

/** Take pastes into the boxes of a form; `changed` is told which boxes have other figures then. */
export function takePastes(form, changed) {
  refresh = changed;
  form.addEventListener("paste", paste);
  form.addEventListener("keydown", undoByKey);
  pasted?.querySelector("[data-undo-paste]").addEventListener("click", undoPaste);
}
