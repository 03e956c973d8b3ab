// The lines of the Actuals sheet, their boxes, and how far each is from its plan.

import { hundredths, read } from "./sheet_quantity.js";

export const lines = [...document.querySelectorAll("tr.line")];

/** What is looked up for every key typed, found once: a search through 200 lines would cost more than all the rest. */
export const parts = new Map(
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
export const moreOf = (line) => parts.get(line).more;

export const cellsOf = (line) => parts.get(line).cells;

export const deliveredOf = (line) => cellsOf(line).reduce((sum, cell) => sum + (read(cell.value) ?? 0), 0);

/** The hundredths of a unit by which a line's week is above its plan, below zero where it is under it. */
export const differenceOf = (line) =>
  cellsOf(line).every((cell) => read(cell.value) !== null)
    ? deliveredOf(line) + hundredths(line.dataset.aborted) - hundredths(line.dataset.planned)
    : 0;

export const isTouched = (line) => cellsOf(line).some((cell) => cell.value !== cell.defaultValue);

/** Put a row below a line, of these classes, with this content in its one cell; return it. */
export function rowBelow(line, classes, ...content) {
  const row = document.createElement("tr");
  row.className = classes;
  row.setAttribute("role", "row");
  const cell = row.insertCell();
  cell.colSpan = 11;
  cell.setAttribute("role", "cell");
  const box = document.createElement("div");
  box.className = "more__in";
  box.append(...content);
  cell.append(box);
  line.after(row);
  return row;
}
