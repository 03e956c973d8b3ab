// Counts the characters left of a message as the server counts them (an emoji is one), says before sending that a file
// is too large, and lists the subjects of the chosen team alone.
const number = new Intl.NumberFormat("en-GB");

for (const box of document.querySelectorAll("[data-most]")) {
  const field = box.querySelector("textarea");
  const words = document.createElement("p");
  const most = Number(box.dataset.most);
  let later;
  words.className = "govuk-hint";
  words.setAttribute("aria-live", "polite");
  const count = () => {
    const left = most - [...field.value.trim()].length;
    const unit = Math.abs(left) === 1 ? "character" : "characters";
    words.textContent = left < 0 ? `${number.format(-left)} ${unit} too many` : `${number.format(left)} ${unit} left`;
    words.hidden = !field.value;
    words.classList.toggle("govuk-error-message", left < 0);
  };
  field.after(words);
  field.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(count, 300);
  });
  count();
}

// The server reads no more than 20 MB at once; some of it is what was typed.
const TOGETHER = 19;
for (const box of document.querySelectorAll("[data-most-mebibytes]")) {
  const field = box.querySelector("input[type=file]");
  const words = document.createElement("p");
  words.className = "govuk-error-message";
  words.setAttribute("role", "alert");
  field.before(words);
  field.addEventListener("change", () => {
    const most = Number(box.dataset.mostMebibytes);
    const files = [...field.files];
    const mebibytes = (size) => (size / 1048576).toFixed(1);
    const large = files.find((file) => file.size > most * 1048576);
    const together = files.reduce((sum, file) => sum + file.size, 0);
    words.textContent = large
      ? `${large.name} has ${mebibytes(large.size)} MB. A file has at most ${most} MB.`
      : files.length > Number(box.dataset.mostFiles)
        ? `Choose at most ${box.dataset.mostFiles} files.`
        : together > TOGETHER * 1048576
          ? `These files have ${mebibytes(together)} MB together. Send at most ${TOGETHER} MB with a message.`
          : "";
    if (words.textContent) field.value = "";
  });
}

const topic = document.querySelector("select[data-of]");
if (topic) {
  const team = document.getElementById(topic.dataset.of);
  const groups = [...topic.querySelectorAll("optgroup")];
  const list = () => {
    const chosen = topic.value;
    for (const group of groups) group.remove();
    for (const group of groups) if (!team.value || group.dataset.team === team.value) topic.append(group);
    topic.value = [...topic.options].some((option) => option.value === chosen) ? chosen : "";
  };
  team.addEventListener("change", list);
  list();
}
