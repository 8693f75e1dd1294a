// Tells how saving goes. When an edit could not be saved, a bar offers the ways on; nothing is lost without a word.

import { look, putOnTop, sendAgain, takeTheirs } from "./edit-server.js";
import { toast } from "./toast.js";

const node = (id) => document.getElementById(id);

export function startHeld() {
  node("edit-again").addEventListener("click", () => on(sendAgain));
  node("edit-drop").addEventListener("click", () => on(takeTheirs));
  node("edit-stale").addEventListener("click", ({ target }) => {
    const way = target.closest("[data-way]")?.dataset.way;
    if (way) stale[way]();
  });
  node("edit-stale").addEventListener("cancel", (event) => event.preventDefault()); // a choice has to be made
  node("edit-decide").addEventListener("click", () => node("edit-stale").showModal());
}

const stale = {
  async look() {
    node("edit-stale").close();
    node("edit-looking").hidden = false;
    await tried(look);
  },
  theirs: () => decided(() => takeTheirs()),
  mine: () => decided(putOnTop),
};

function decided(way) {
  node("edit-stale").close();
  node("edit-looking").hidden = true;
  return tried(way);
}

async function tried(way) {
  try {
    await way();
  } catch {
    told("unsaved", "The studio cannot be reached.");
  }
}

function on(way) {
  node("edit-unsaved").hidden = true;
  return tried(() => way());
}

export function told(kind, about) {
  node("edit-state").textContent = { saving: "Saving…", saved: "All saved", refused: "All saved" }[kind] ?? "Not saved";
  if (kind === "refused" && about) toast({ text: about, bad: true });
  if (kind === "unsaved") {
    node("edit-unsaved-words").textContent = about;
    node("edit-unsaved").hidden = false;
  }
  if (kind === "stale") showStale(about);
}

function showStale({ since = [] }) {
  node("edit-since").replaceChildren(...since.map(({ words, who, at }) => {
    const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    return Object.assign(document.createElement("li"), { textContent: `${words}${who ? ` by ${who}` : ""}, ${time}` });
  }));
  if (!node("edit-stale").open) node("edit-stale").showModal();
}
