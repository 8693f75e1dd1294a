// Starts the gallery: its grid, the lightbox for stickers, and the export dialog.

import { startBackdrops } from "./backdrops.js";
import "./export.js";
import { startGrid } from "./grid.js";
import { startLightbox } from "./lightbox.js";

startGrid();
startLightbox();
startBackdrops();
