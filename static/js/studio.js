// The studio page: wires the form and the queue together.

import { startAlerts } from "./alerts.js";
import { startDraft } from "./draft.js";
import { startForm } from "./form.js";
import { startParameters } from "./parameters.js";
import { startQueue } from "./queue.js";
import { startSeed } from "./seed.js";

startDraft(); // first: what follows shows the values that it brings back
startForm();
startSeed();
startParameters();
startQueue();
startAlerts();
