// After Save the page stands where it stood, with the box that was stood in. The place is kept from the press of the
// button until the page that answers it; without a script the server leads to the line that was saved.

const KEY = "place of the sheet";

/** Put the page back where it stood when this form was sent, and remember the place when it is sent again. */
export function keepPlace(form) {
  const here = location.pathname + location.search;
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  // What was refused begins at the first field to put right.
  if (kept?.page === here && !document.querySelector(".govuk-error-summary")) {
    const field = document.getElementById(kept.field);
    field?.focus({ preventScroll: true });
    const back = () => {
      // By the line, not by the page: a message or a row more above it moves nothing that is looked at.
      const line = document.getElementById(kept.line);
      if (line) window.scrollBy({ top: line.getBoundingClientRect().top - kept.top, behavior: "instant" });
      else window.scrollTo({ top: kept.scrolled, behavior: "instant" });
    };
    back();
    if (document.readyState !== "complete") window.addEventListener("load", back, { once: true });
  }
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const rows = [...form.querySelectorAll("tr.line")];
    const line = document.activeElement.closest?.("tr.line") ?? rows.find((row) => row.getBoundingClientRect().top >= 0);
    const field = document.activeElement.closest?.("tr") ? document.activeElement.id : "";
    const place = { page: here, scrolled: scrollY, line: line?.id, top: line?.getBoundingClientRect().top, field };
    sessionStorage.setItem(KEY, JSON.stringify(place));
    form.elements["place-kept"].disabled = false;
  });
}
