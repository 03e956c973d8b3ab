// Boxes of the Actuals sheet are left with the arrow keys, as in a spreadsheet.

import { cellsOf, lines } from "./sheet_lines.js";

function go(cell) {
  cell.focus();
  cell.select();
  return true;
}

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

/** Go where a key leads from the box that it was pressed in. */
export function move(event) {
  const cell = event.target;
  if (!cell.matches?.("input[data-plan]")) return;
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
