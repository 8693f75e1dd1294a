// Chooses what the pages show. The stylesheet hides lines that are not checked; this browser remembers the choice.
//
// Two of the choices exchange the pictures: the server draws each sticker as its press prints it, with stripes on the
// colours that are lost if asked for. The plain picture is kept beside, so that the way back needs no request.

import { recall, remember } from "./memory.js";

export function startViews() {
  for (const box of document.querySelectorAll("[data-view]")) {
    const key = `print-view-${box.dataset.view}`;
    box.checked = recall(key, box.checked);
    box.addEventListener("change", () => {
      remember(key, box.checked);
      showColours();
    });
  }
  document.body.addEventListener("htmx:afterSettle", showColours);
  showColours();
}

function showColours() {
  const isOn = (view) => document.querySelector(`[data-view="${view}"]`)?.checked;
  for (const image of document.querySelectorAll("image[data-proof]")) {
    image.dataset.plain ??= image.getAttribute("href");
    const { plain, proof } = image.dataset;
    const wanted = isOn("lost") ? `${proof}&lost=1` : isOn("proof") ? proof : plain;
    if (image.getAttribute("href") !== wanted) image.setAttribute("href", wanted);
  }
}
