// Starts the studio page: connects the form and the queue.

import { startAlerts } from "./alerts.js";
import { startDraft } from "./draft.js";
import { startForm } from "./form.js";
import { startParameters } from "./parameters.js";
import { startQueue } from "./queue.js";
import { startSeed } from "./seed.js";

startDraft(); // first, because the rest shows the values that it restores
startForm();
startSeed();
startParameters();
startQueue();
startAlerts();
