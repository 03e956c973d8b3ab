// What is offered at the cell one stands in: an aborted visit or an absence of that day. The planned figure beside the
// box becomes a button; it opens a strip below the line, in the flow, so that no other box is covered.

import { rowBelow } from "./sheet_lines.js";

const button = document.createElement("button");
button.type = "button";
button.className = "plan plan--open";
// Alt and the arrow reach it from the box; with Tab one goes from box to box.
button.tabIndex = -1;
button.setAttribute("aria-expanded", "false");
button.setAttribute("aria-controls", "cellmenu");

let at = null; // the box that is stood in
let strip = null; // the open strip

const dayOf = (box) => (box.name.startsWith("d") ? Number(box.name[1]) : null);

function isoDay(week, day) {
  const date = new Date(`${week}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + day);
  return date.toISOString().slice(0, 10);
}

function close() {
  strip?.remove();
  strip = null;
  button.setAttribute("aria-expanded", "false");
}

function leave() {
  close();
  for (const part of [at?.closest("td"), at?.closest("tr")]) part?.classList.remove("at");
  button.remove();
  at = null;
}

function stand(box) {
  if (box === at) return;
  leave();
  const line = box.closest("tr.line");
  if (line.dataset.before !== undefined) return; // a week on an invoice: its visits and absences are corrected elsewhere
  at = box;
  const cell = box.closest("td");
  const plan = cell.querySelector(".plan");
  plan.classList.add("plan--kept");
  button.textContent = plan.textContent || "+";
  const day = cell.dataset.day ?? "the week";
  button.setAttribute("aria-label", `${line.dataset.name}, ${day}, planned ${plan.textContent || "0.00"}: visit or absence`);
  plan.after(button);
  for (const part of [cell, line]) part.classList.add("at");
}

function link(words, href) {
  const made = document.createElement("a");
  made.href = href;
  made.textContent = words;
  return made;
}

function open(form) {
  const box = at;
  const line = box.closest("tr.line");
  const day = dayOf(box);
  const { week, visit, absence } = form.dataset;
  const words = box.closest("td").dataset.day ?? "The week";
  const menu = document.createElement("div");
  menu.id = "cellmenu";
  menu.className = `cellmenu cellmenu--${day ?? 0}`;
  menu.setAttribute("role", "group");
  menu.setAttribute("aria-label", `${line.dataset.name}, ${words}`);
  const heading = document.createElement("b");
  heading.textContent = words;
  const id = line.dataset.line;
  const date = day === null ? "" : `&date=${isoDay(week, day)}`;
  menu.append(
    heading,
    link("Aborted visit", `${visit}?line=${id}${date}`),
    link(day === null ? "Absence" : "Absence from this day", `${absence}?line=${id}&first=${isoDay(week, day ?? 0)}`),
  );
  strip = rowBelow(line, "more offers", menu);
  button.setAttribute("aria-expanded", "true");
  menu.querySelector("a").focus();
  strip.scrollIntoView({ block: "nearest" });
}

/** Offer an aborted visit and an absence at each box of the form. Its data say the week and where both are entered. */
export function offerAtCell(form) {
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("input[data-plan]")) stand(event.target);
    else if (event.target !== button && !strip?.contains(event.target)) close();
  });
  button.addEventListener("click", () => {
    const box = at;
    if (strip) {
      close();
      box.focus();
    } else open(form);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && event.altKey && at && event.target === at) {
      event.preventDefault();
      if (!strip) open(form);
      else strip.querySelector("a").focus();
    }
    if (event.key === "Escape" && strip) {
      event.preventDefault();
      const box = at;
      close();
      box.focus();
    }
  });
}
