// Chooses which lines the pages show. The stylesheet hides what is not checked; this browser remembers the choice.

import { recall, remember } from "./memory.js";

export function startViews() {
  for (const box of document.querySelectorAll("[data-view]")) {
    const key = `print-view-${box.dataset.view}`;
    box.checked = recall(key, box.checked);
    box.addEventListener("change", () => remember(key, box.checked));
  }
}
