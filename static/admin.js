// "Select all rows" in the generated lists; without this script each row is still ticked by itself.
for (const all of document.querySelectorAll("[data-select-all]")) {
  const rows = all.form.querySelectorAll("input[name=rowid]");
  all.hidden = false;
  all.addEventListener("change", () => rows.forEach((row) => (row.checked = all.checked)));
  rows.forEach((row) => row.addEventListener("change", () => {
    const ticked = [...rows].filter((each) => each.checked).length;
    all.checked = ticked === rows.length;
    all.indeterminate = ticked > 0 && ticked < rows.length;
  }));
}
