// Hides and shows the cards of print profiles when they go to the trash or come back.

import { startRows } from "./rows.js";

startRows();
