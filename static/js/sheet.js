// Starts the page of a sheet: stickers and outlines, titles, and its keys.

import { startBackdrops } from "./backdrops.js";
import "./export.js";
import { startGrid } from "./grid.js";
import { shortcut } from "./keys.js";
import { startLightbox } from "./lightbox.js";
import { startOutlines } from "./outlines.js";
import { startSliders } from "./sliders.js";
import { startTitles } from "./titles.js";

startGrid();
startLightbox();
startOutlines();
startBackdrops();
startSliders();
startTitles();
for (const [key, id] of [["a", "use-all"], ["r", "remix"]]) shortcut(key, () => press(`#${id}`));
shortcut("e", () => press(".selection-bar.is-open [data-export-selected]") || press("#export-all"));

function press(selector) {
  const button = document.querySelector(selector);
  button?.click();
  return button !== null;
}
