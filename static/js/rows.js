// Hides rows that went to the trash and shows rows that came back; an event from the server names them. Everything that
// shows sheet 7 carries data-row="sheet-7". Nothing else on the page moves. Counts follow: data-count is a selector of
// the counted cells, data-one and data-many are the words after the number.

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
        node.classList.toggle("is-gone", !visible); // SVG shapes have no `hidden`
      }
    }
  }
  for (const count of document.querySelectorAll("[data-count]")) {
    const cells = moved.filter((cell) => cell.matches(count.dataset.count)).length;
    recount(count, visible ? cells : -cells);
  }
  changed();
  // The undo button is gone with its message. The focus goes to what came back.
  if (!visible || document.activeElement !== document.body) return;
  document.querySelector(`[data-row="${CSS.escape(names[0] ?? "")}"] [data-cell-link]`)?.focus({ preventScroll: true });
}

// Changes a count by the difference, because a gallery also counts the rows of its other pages.
function recount(count, difference) {
  const number = Math.max(0, Number.parseInt(count.textContent, 10) + difference);
  count.textContent = `${number} ${number === 1 ? count.dataset.one : count.dataset.many}`;
  count.toggleAttribute("data-none", number === 0);
}
