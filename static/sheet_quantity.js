// Quantities and pounds as they are typed and shown. Units are counted in hundredths and rates in ten-thousandths, as whole
// numbers, so that no figure is ever off.

export const hundredths = (text) => Math.round(Number(text) * 100);
export const shown = (count) => (count / 100).toLocaleString("en-GB", { minimumFractionDigits: 2 });
export const pounds = (pence) => `£${shown(pence)}`;

/** Return typed text in hundredths of a unit, or null where it cannot be read: 1.5, 1,5, 1:30 and 1h30 can. */
export function read(text) {
  const typed = text.trim().replace("\u2212", "-");
  if (typed === "") return 0;
  if (/^(\d{1,6}([.,]\d{0,6})?|[.,]\d{1,6})$/.test(typed)) return hundredths(typed.replace(",", "."));
  const clock = /^(\d{1,4}) *(?::(?=\d)|h) *([0-5]\d)?$/i.exec(typed);
  return clock ? Math.round(Number(clock[1]) * 100 + (Number(clock[2] ?? 0) * 100) / 60) : null;
}

/** The hundredths that a text of the page shows, nothing for a dash. */
export const countOf = (text) => hundredths(text.replace(/[^0-9.]/g, "") || "0");

/** Return the pence of a line's boxes: rounded half up once for each rate, as the invoice will be. */
export function priceOf(cells) {
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

/** Return a number with its word: 1 cell, 2 cells. */
export const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
