// Starts what every page has: theme, messages, keys, dialogs, copying, polling, and pictures dropped from the desktop.

import { startBusy } from "./busy.js";
import { startCopying } from "./copying.js";
import { startDialogs } from "./dialogs.js";
import { startDropping } from "./dropping.js";
import { startEvents } from "./events.js";
import { startKeys } from "./keys.js";
import { startPolling } from "./polling.js";
import { startSession } from "./session.js";
import { startThemeSwitch } from "./theme-switch.js";
import { startToasts } from "./toast.js";

startThemeSwitch();
startToasts();
startKeys();
startDialogs();
startBusy();
startCopying();
startDropping();
startEvents();
startPolling();
startSession();
