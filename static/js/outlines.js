// Ties each outline on the sheet to its sticker's tile. Pointing at one, or focusing it, highlights both.

import { recall, remember } from "./memory.js";

export function startOutlines() {
  for (const [start, end] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    document.addEventListener(start, (event) => light(event.target, true));
    document.addEventListener(end, (event) => light(event.target, false));
  }
  document.addEventListener("click", (event) => {
    const outline = event.target instanceof Element ? event.target.closest("a.outline") : null;
    if (!outline) return;
    event.preventDefault();
    const tile = document.getElementById(outline.dataset.row);
    tile.scrollIntoView({ block: "center", behavior: "smooth" });
    tile.querySelector("[data-cell-link]").focus({ preventScroll: true });
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "show-outlines") return;
    remember("outlines", event.target.checked);
    show();
  });
  document.body.addEventListener("htmx:afterSettle", show);
  show();
}

function light(target, on) {
  const row = target instanceof Element ? target.closest("#cut [data-row]") : null;
  if (!row) return;
  for (const node of document.querySelectorAll(`#cut [data-row="${row.dataset.row}"]`)) node.classList.toggle("is-lit", on);
}

function show() {
  const visible = recall("outlines", true);
  const box = document.getElementById("show-outlines");
  if (box) box.checked = visible;
  document.querySelector(".outlines")?.classList.toggle("is-hidden", !visible);
}
