// Rows of the studio on a page: everything that shows sheet 7 carries data-row="sheet-7". The server says by event
// which rows went to the trash or came back; their cells and outlines are hidden or shown, and nothing moves.

export function startRows(changed = () => {}) {
  document.body.addEventListener("studio:removed", (event) => show(event.detail.rows, false, changed));
  document.body.addEventListener("studio:restored", (event) => show(event.detail.rows, true, changed));
}

function show(names, visible, changed) {
  let cells = 0;
  for (const name of names) {
    for (const node of document.querySelectorAll(`[data-row="${CSS.escape(name)}"]`)) {
      if (node.matches("[data-cell]")) {
        cells += node.hidden === visible;
        node.hidden = visible === false;
        for (const mark of node.querySelectorAll("[data-mark]")) mark.checked = false;
      } else {
        node.classList.toggle("is-gone", !visible); // an SVG shape knows no `hidden`
      }
    }
  }
  const count = document.querySelector("[data-count]");
  if (count) count.textContent = Math.max(0, Number(count.textContent) + (visible ? cells : -cells));
  changed();
  // Undo went away with its message: the keys go on at what came back.
  if (!visible || document.activeElement !== document.body) return;
  document.querySelector(`[data-row="${CSS.escape(names[0] ?? "")}"] [data-cell-link]`)?.focus({ preventScroll: true });
}
