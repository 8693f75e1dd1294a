// Starts the cut editor: the sheet with its outlines, the tools, the picked sticker, the list, and the keys.

import { startBackdrops } from "./backdrops.js";
import { setRadius, startDraft } from "./edit-draft.js";
import { cancel, finish, moveCrosshair, pressCrosshair, sendCrosshair, startGestures, takeBack, useTool } from "./edit-gestures.js";
import { startHeld, told } from "./edit-held.js";
import { startList } from "./edit-list.js";
import { lightUp, startOutlines } from "./edit-outlines.js";
import { startRecut, watchCut } from "./edit-recut.js";
import { load, startServer } from "./edit-server.js";
import { doubtful, find, pick, sheet, stickerAt } from "./edit-sheet.js";
import { startSide } from "./edit-side.js";
import { brush, described, mergePicked, removePicked, startTools, step, TOOLS } from "./edit-tools.js";
import { fit, isInSight, onView, pointAt, scale, showBox, startView, zoomBy, zoomTo } from "./edit-view.js";
import { isTyping, shortcut } from "./keys.js";
import { startSliders } from "./sliders.js";

const KEYS = { v: "select", m: "merge", k: "knife", b: "add", e: "erase", n: "outline", s: "seed", h: "hole", g: "ground" };
const SMALL_PX = 90; // a sticker that is shown smaller than this is zoomed to when it comes next

const node = (id) => document.getElementById(id);

let named = "select";
let sayTimer = 0;

function say(words) {
  clearTimeout(sayTimer);
  // A screen reader speaks only what changes after it was looked at.
  sayTimer = setTimeout(() => (node("edit-said").textContent = words), 60);
}

// --- Tools -----------------------------------------------------------------------------------------------------

function use(name) {
  if (document.activeElement === document.body) node("edit-stage").focus({ preventScroll: true });
  if (name === "merge" && sheet.picked.length > 1) return mergePicked();
  named = name;
  useTool(TOOLS[name]);
  for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", button.dataset.tool === name);
  for (const each of document.querySelectorAll("[data-for]")) each.hidden = !each.dataset.for.split(" ").includes(name);
  const words = document.querySelector(`[data-tool="${name}"]`).dataset.hint;
  node("edit-hint").textContent = words;
  return say(words);
}

function resize(radius) {
  brush.radius = Math.min(200, Math.max(1, Math.round(radius)));
  node("edit-radius").value = brush.radius;
  node("edit-radius-words").textContent = `${2 * brush.radius} px`;
  setRadius(brush.radius);
}

function next(direction) {
  const all = doubtful();
  if (!all.length) return say("No sticker is left to check.");
  const here = find(sheet.picked[0])?.number ?? (direction > 0 ? 0 : Infinity);
  const after = direction > 0 ? all.find(({ number }) => number > here) : all.findLast(({ number }) => number < here);
  return show(after ?? all.at(direction > 0 ? 0 : -1));
}

function show(sticker) {
  const { extent } = sticker;
  const size = Math.max(extent.right - extent.left, extent.bottom - extent.top) * scale();
  if (size < SMALL_PX || !isInSight(extent)) showBox(extent);
  sendCrosshair(sticker.rings[0]);
  pick([sticker.id]);
  say(described(sticker));
}

// --- Keys ------------------------------------------------------------------------------------------------------

function startKeys() {
  for (const [key, name] of Object.entries(KEYS)) shortcut(key, () => use(name));
  for (const [key, dx, dy] of [["ArrowLeft", -1, 0], ["ArrowRight", 1, 0], ["ArrowUp", 0, -1], ["ArrowDown", 0, 1]]) {
    shortcut(key, ({ shiftKey }) => moveCrosshair(dx * (shiftKey ? 50 : 10), dy * (shiftKey ? 50 : 10)));
    shortcut(`Ctrl+${key}`, () => moveCrosshair(dx, dy, true));
  }
  shortcut("Enter", pressCrosshair);
  shortcut("j", () => next(1));
  shortcut("J", () => next(-1));
  shortcut("[", () => resize(brush.radius / 1.2 - 0.5));
  shortcut("]", () => resize(brush.radius * 1.2 + 0.5));
  shortcut("+", () => zoomBy(1));
  shortcut("=", () => zoomBy(1));
  shortcut("-", () => zoomBy(-1));
  shortcut("0", fit);
  shortcut("1", () => zoomTo(1));
  shortcut("F2", rename);
  shortcut("r", rename);
  shortcut("Delete", () => removePicked());
  shortcut("Backspace", () => takeBack() || removePicked());
  shortcut("Escape", escape);
  shortcut("Ctrl+z", (event) => !isTyping(event) && (takeBack() || step("undo/")));
  for (const chord of ["Ctrl+Z", "Ctrl+y"]) shortcut(chord, (event) => !isTyping(event) && step("redo/"));
}

function rename() {
  if (!sheet.picked.length) return false;
  node("edit-name").focus();
  node("edit-name").select();
  return true;
}

// One step back: from the shape to the tool, from the tool to Select, from there to nothing picked.
function escape() {
  if (cancel()) return say("Not done.");
  if (named !== "select") return use("select");
  if (!sheet.picked.length) return false;
  pick([]);
  return say("Nothing is picked.");
}

// --- The page --------------------------------------------------------------------------------------------------

function onClick({ target }) {
  const button = target.closest("button");
  if (!button) return;
  const { tool, act } = button.dataset;
  if (tool) use(tool);
  const acts = {
    undo: () => step("undo/"), redo: () => step("redo/"), next: () => next(1), remove: () => removePicked(),
    in: () => zoomBy(1), out: () => zoomBy(-1), fit, whole: () => zoomTo(1), finish, cancel: () => cancel(), back: () => takeBack(),
  };
  if (act) acts[act]();
}

function start() {
  startServer(told);
  startHeld();
  startTools(say);
  startOutlines();
  startSide();
  startList();
  startDraft();
  startView();
  startGestures((point) => {
    const hit = stickerAt(point);
    lightUp(hit);
    say(hit ? described(hit) : "Ground");
  });
  startRecut(say);
  startBackdrops();
  startSliders();
  startKeys();
  resize(Math.max(2, Number(node("edit-stage").dataset.width) / 90));
  use("select");
  node("edit").addEventListener("click", onClick);
  node("edit-radius").addEventListener("input", ({ target }) => resize(Number(target.value)));
  node("edit-stage").addEventListener("pointermove", (event) => event.buttons || lightUp(stickerAt(pointAt(event))));
  onView((now) => (node("edit-zoom").textContent = `${Math.round(100 * now)} %`));
}

async function open() {
  try {
    await load();
  } catch {
    node("edit-loading").textContent = "The stickers could not be loaded. Reload the page.";
    return;
  }
  node("edit-loading").hidden = true;
  node("edit").classList.add("is-ready");
  told("saved");
  watchCut();
  // A link from the sheet's page names the sticker to begin with.
  const wanted = find(Number(new URLSearchParams(location.search).get("sticker")));
  if (wanted) show(wanted);
}

start();
open();
