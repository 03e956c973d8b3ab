// A block of cells copied from a spreadsheet: how it is read, and where each of its texts goes on the Actuals sheet.

/** Read what a spreadsheet copies: rows end with a new line, cells with a tab, and quotes hold what contains either. */
export function readBlock(text) {
  const rows = [[]];
  const part = /("(?:[^"]|"")*"|[^\t\r\n]*)(\t|\r\n|\r|\n|$)/y;
  let end;
  do {
    let cell;
    [, cell, end] = part.exec(text);
    const isQuoted = cell.length > 1 && cell.startsWith('"') && cell.endsWith('"');
    const plain = isQuoted ? cell.slice(1, -1).replaceAll('""', '"') : cell;
    rows.at(-1).push(plain.replace(/\s+/g, " ").trim());
    if (end !== "\t" && end !== "") rows.push([]);
  } while (end !== "");
  return rows;
}

/**
 * Lay a block over the sheet from one box, to the right and down. `lines` are the open boxes of its line and of every
 * line below. Each text keeps its own day and its own line: where that is closed it is left out, and comes back in
 * `left`. A line that has one box for the week takes all of its row; where that is several texts, they come back in
 * `sums` with their box.
 */
export function layBlock(rows, from, lines) {
  const column = from.name.startsWith("d") ? Number(from.name[1]) : 0;
  const laid = [];
  const left = [];
  const sums = [];
  rows.forEach((texts, index) => {
    const boxes = lines[index] ?? [];
    const total = boxes.find((box) => box.name.startsWith("total-"));
    if (total) {
      // Several texts cannot be one quantity: they stand in the box together, marked, until somebody decides. Days that
      // are all empty say nothing about the week.
      const filled = texts.filter((text) => text !== "");
      if (filled.length > 0 || texts.length === 1) laid.push([total, filled.join(" ")]);
      if (filled.length > 1) sums.push([total, filled]);
      return;
    }
    texts.forEach((text, offset) => {
      const box = boxes.find((each) => each.name.startsWith(`d${column + offset}-`));
      if (box) laid.push([box, text]);
      else if (text !== "") left.push(text);
    });
  });
  return { laid, left, sums };
}

/** Return the sum of texts in hundredths, null where `read` cannot read one of them. */
export function sumOf(texts, read) {
  const counts = texts.map(read);
  return counts.includes(null) ? null : counts.reduce((sum, count) => sum + count, 0);
}
