// The print profiles: cards go and come back as the trash says.

import { startRows } from "./rows.js";

startRows();
