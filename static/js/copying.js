// Copies the text of data-copy to the clipboard. If the browser forbids that, shows it selected in a prompt.

import { toast } from "./toast.js";

export function startCopying() {
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (!button) return;
    event.preventDefault();
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
      toast({ text: `Copied ${text.length > 40 ? "to the clipboard" : text}` });
    } catch {
      window.prompt("Copy this:", text);
    }
  });
}
