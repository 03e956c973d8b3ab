// Why a line differs from its plan: the row that asks, from the moment it does.

import { moreOf, parts, rowBelow } from "./sheet_lines.js";

const template = document.getElementById("reason-fields");

/** The reason that the server sent as chosen. */
export const wasChosen = (select) =>
  select.closest("tr")?.dataset.stored ?? [...select.options].find((option) => option.defaultSelected)?.value ?? "";

/** The row that asks why a line differs, made where there is none yet. */
function makeMore(line) {
  const id = line.dataset.line;
  const fields = template.content.cloneNode(true);
  for (const field of fields.querySelectorAll("select, input")) {
    field.id = field.id.replace(/0$/, id);
    field.name = field.name.replace(/0$/, id);
  }
  for (const name of fields.querySelectorAll(".govuk-visually-hidden")) name.textContent = `, ${line.dataset.name}`;
  const more = rowBelow(line, "more", fields);
  more.dataset.more = id;
  parts.get(line).more = more;
  // Once all figures are shown, so that the page is laid out once.
  if (line.contains(document.activeElement)) queueMicrotask(() => more.scrollIntoView({ block: "nearest" }));
  return more;
}

/** The reason and the comment are fields of the form from the moment the week differs, and stay once something is in them. */
export function askForReason(line, difference) {
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
