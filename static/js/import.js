// The import page: its form lists what is chosen or dropped, and sends it when the button is pressed.

import { startImporting } from "./importing.js";

startImporting(document.getElementById("import-form"));
