// Starts the print page: pages with stickers to move, the fields beside them, titles, and the lines that pages show.

import { startBoard } from "./print-board.js";
import { startSide } from "./print-side.js";
import { startViews } from "./print-views.js";
import { startTitles } from "./titles.js";

startViews();
startBoard();
startSide();
startTitles();
