// Shows stickers on a checkerboard, white, black or a colour. The browser remembers the choice for every page.

import { recall, remember } from "./memory.js";

export function startBackdrops() {
  apply(recall("backdrop", "checker"), recall("backdrop-colour", "#7fb4a2"));
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("input[name=backdrop]")) choose(event.target.value);
  });
  document.addEventListener("input", (event) => {
    if (event.target.id !== "backdrop-colour") return;
    remember("backdrop-colour", event.target.value);
    choose("colour");
  });
  document.addEventListener("click", (event) => {
    if (event.target.id === "backdrop-colour") choose("colour");
  });
  // A new segmentation replaces the stickers and this switch, so the switch has to show the choice again.
  document.body.addEventListener("htmx:afterSettle", show);
  show();
}

function choose(kind) {
  remember("backdrop", kind);
  apply(kind, recall("backdrop-colour", "#7fb4a2"));
  show();
}

function apply(kind, colour) {
  document.documentElement.dataset.backdrop = kind;
  document.documentElement.style.setProperty("--backdrop-colour", colour);
}

function show() {
  const kind = document.documentElement.dataset.backdrop;
  for (const radio of document.querySelectorAll("input[name=backdrop]")) radio.checked = radio.value === kind;
  const colour = document.getElementById("backdrop-colour");
  if (colour) colour.value = recall("backdrop-colour", "#7fb4a2");
}
