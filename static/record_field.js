// A record chosen by typing three letters. Without this script the field is sent as it is typed, and the answer asks
// which of the records that were found is meant.
const PAUSE = 150; // milliseconds without a key before the portal is asked

for (const input of document.querySelectorAll("input[data-records]")) enhance(input);

function enhance(input) {
  const key = input.form.elements[`${input.name}-key`];
  const place = document.createElement("div");
  const keys = new Map();
  let waiting, asked;
  const { id, name, value: defaultValue, dataset } = input;
  const described = input.getAttribute("aria-describedby");
  const invalid = input.getAttribute("aria-invalid");

  async function ask(typed, show) {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`${dataset.records}?q=${encodeURIComponent(typed)}`, { signal: asked.signal });
      const found = answer.ok ? await answer.json() : [];
      for (const each of found) keys.set(each.words, each.key);
      show(found.map((each) => each.words));
    } catch (error) {
      if (error.name !== "AbortError") show([]);
    }
  }

  input.replaceWith(place);
  window.accessibleAutocomplete({
    element: place,
    id,
    name,
    defaultValue,
    minLength: 3,
    confirmOnBlur: false,
    displayMenu: "overlay",
    source(typed, show) {
      clearTimeout(waiting);
      waiting = setTimeout(() => ask(typed, show), PAUSE);
    },
    onConfirm(words) {
      if (keys.has(words)) key.value = keys.get(words);
    },
    tNoResults: () => "No record begins so.",
    tStatusQueryTooShort: (least) => `Type ${least} letters or more.`,
    tStatusNoResults: () => "No record begins so.",
    tStatusResults: (length, chosen) => `${length === 1 ? "1 record is" : `${length} records are`} listed. ${chosen}`,
    tStatusSelectedOption: (words, length, index) => `${words}, ${index + 1} of ${length}, is highlighted.`,
    tAssistiveHint: () => "When records are listed, use the up and down arrows to look through them and Enter to choose.",
  });
  const field = place.querySelector("input");
  if (described) field.setAttribute("aria-describedby", `${described} ${field.getAttribute("aria-describedby") ?? ""}`.trim());
  if (invalid) field.setAttribute("aria-invalid", invalid);
}
