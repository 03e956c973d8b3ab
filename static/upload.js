// Shows how far a file in the background is, and its result as soon as it is there.
const box = document.querySelector("[data-progress]");
const bar = box.querySelector("progress");
const words = box.querySelector("[data-words]");
const number = new Intl.NumberFormat("en-GB");

async function look() {
  try {
    const { state, done, total, busy } = await (await fetch(box.dataset.progress)).json();
    if (!busy) return location.reload();
    const unit = box.dataset.unit ?? "rows";
    if (state !== "applying" && total) {
      bar.max = total;
      bar.value = done;
      words.textContent = `${number.format(done)} of ${number.format(total)} ${unit}`;
    } else if (state === "checking" && done) {
      bar.removeAttribute("value");
      words.textContent = `Reading the file: ${number.format(done)} ${unit} so far`;
    }
  } catch {
    // The server is being restarted: the work goes on after it, and so does this page.
  }
  setTimeout(look, 1000);
}
look();
