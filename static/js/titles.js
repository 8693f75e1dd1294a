// Edits titles in place. Leaving the field saves (htmx), Esc restores the old title.

export function startTitles() {
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.(".title-input")) return;
    if (event.key === "Escape") {
      event.target.value = event.target.defaultValue;
      event.target.blur();
    } else if (event.key === "Enter") {
      event.preventDefault(); // blur saves once; Enter would send it twice
      event.target.blur();
    }
  });
}
