// Cuts the sheet again from the editor. While a knob moves, the outlines that it would give are drawn, from a small
// copy; nothing is written before "Cut again".

import { preview } from "./edit-outlines.js";
import { load } from "./edit-server.js";
import { sheet } from "./edit-sheet.js";
import { toast } from "./toast.js";

const PREVIEW_MS = 120; // a knob rests so long before the studio is asked
const LOOK_MS = 1500; // between two looks at a cut under way

const node = (id) => document.getElementById(id);
const form = () => node("recut")?.querySelector("form");

let timer = 0;
let asking = null;
let say = () => {};

export function startRecut(saying) {
  say = saying;
  if (!form()) return;
  form().addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PREVIEW_MS);
  });
  form().addEventListener("submit", onSubmit);
  node("recut").addEventListener("toggle", () => node("recut").open || clear());
}

export function watchCut() {
  if (sheet.isCutting) setTimeout(lookAgain, LOOK_MS);
}

async function lookAgain() {
  if (document.hidden) return document.addEventListener("visibilitychange", lookAgain, { once: true });
  try {
    await load();
  } catch {
    // The next look tells more.
  }
  if (!sheet.isCutting) say(`Cut again. ${sheet.stickers.length} stickers.`);
  return watchCut();
}

function clear() {
  clearTimeout(timer);
  asking?.abort();
  preview([]);
  node("edit-foreseen").textContent = "";
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const { csrfmiddlewaretoken, edits, ...knobs } = Object.fromEntries(new FormData(form()));
  node("edit-foreseen").textContent = "Looking…";
  try {
    const response = await fetch(`${node("edit").dataset.preview}?${new URLSearchParams(knobs)}`, { signal });
    const answer = await response.json();
    preview(answer.rings ?? []);
    node("edit-foreseen").textContent = answer.error ?? `${answer.count} sticker${answer.count === 1 ? "" : "s"} with these settings`;
  } catch {
    if (!signal.aborted) node("edit-foreseen").textContent = "No preview: the studio cannot be reached.";
  }
}

async function onSubmit(event) {
  event.preventDefault();
  const body = new FormData(form(), event.submitter);
  clear();
  const answer = await fetch(form().action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (answer?.type !== "opaqueredirect") return toast({ text: "It was not cut again. Check the numbers of the form.", bad: true });
  node("recut").open = false;
  say("Cutting again…");
  await load();
  return watchCut();
}
