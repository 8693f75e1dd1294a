// The gallery: its grid, the stickers large, and the export dialog.

import { startBackdrops } from "./backdrops.js";
import "./export.js";
import { startGrid } from "./grid.js";
import { startLightbox } from "./lightbox.js";

startGrid();
startLightbox();
startBackdrops();
