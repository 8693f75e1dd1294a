// Rows of the studio on a page: everything that shows sheet 7 carries data-row="sheet-7". The server says by event
// which rows went to the trash or came back; their cells and outlines are hidden or shown, and nothing moves.
// Counts follow: data-count is a selector of the cells counted, data-one and data-many are the words after the number.

export function startRows(changed = () => {}) {
  document.body.addEventListener("studio:removed", (event) => show(event.detail.rows, false, changed));
  document.body.addEventListener("studio:restored", (event) => show(event.detail.rows, true, changed));
}

function show(names, visible, changed) {
  const moved = [];
  for (const name of names) {
    for (const node of document.querySelectorAll(`[data-row="${CSS.escape(name)}"]`)) {
      if (node.matches("[data-cell]")) {
        if (node.hidden === visible) moved.push(node);
        node.hidden = visible === false;
        for (const mark of node.querySelectorAll("[data-mark]")) mark.checked = false;
      } else {
        node.classList.toggle("is-gone", !visible); // an SVG shape knows no `hidden`
      }
    }
  }
  for (const count of document.querySelectorAll("[data-count]")) {
    const cells = moved.filter((cell) => cell.matches(count.dataset.count)).length;
    recount(count, visible ? cells : -cells);
  }
  changed();
  // Undo went away with its message: the keys go on at what came back.
  if (!visible || document.activeElement !== document.body) return;
  document.querySelector(`[data-row="${CSS.escape(names[0] ?? "")}"] [data-cell-link]`)?.focus({ preventScroll: true });
}

// By the difference: a gallery counts the rows of its other pages, too.
function recount(count, difference) {
  const number = Math.max(0, Number.parseInt(count.textContent, 10) + difference);
  count.textContent = `${number} ${number === 1 ? count.dataset.one : count.dataset.many}`;
  count.toggleAttribute("data-none", number === 0);
}
