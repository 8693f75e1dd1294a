// Turns mouse, pen, touch and keyboard into the same few gestures of the picked tool: a tap, or a path.
//
// A tool draws nothing (a drag pans), a shape (taps set its points, a drag draws it freehand), or a stroke. Two fingers
// always pan and zoom. A pen's pressure plays no part. From the keyboard a crosshair moves by arrows, and Enter sets
// points; a stroke begins with one Enter and ends with the next.

import { drawDraft, showCrosshair, showCursor } from "./edit-draft.js";
import { bounds, simplified } from "./edit-shapes.js";
import { centre, panBy, placeOf, pointAt, reveal, scale, zoomTo } from "./edit-view.js";

const TAP_PX = 4; // a pointer that moves less has tapped
const CLOSE_PX = 12; // a tap this near to a shape's first point closes it
const DOUBLE_MS = 350;
const SMOOTH_PX = 0.6; // a path may lose what the screen would not have shown

const stage = () => document.getElementById("edit-stage");

const pointers = new Map(); // id → the event of its last place
let tool = null;
let path = []; // of the gesture under way
let mode = ""; // "", "press" (not yet moved), "path", "pan", "pinch" or "keys" (a stroke by keyboard)
let pinch = null;
let lastTap = { time: 0, place: [0, 0] };
let isSpaceDown = false;
let crosshair = null; // where the keyboard goes on, hidden while the pointer is in use
let isByKeys = false;
let tell = () => {};

// `told` is called with a point whenever the crosshair has moved there.
export function startGestures(told) {
  tell = told;
  const svg = stage();
  svg.addEventListener("pointerdown", onDown);
  svg.addEventListener("pointermove", onMove);
  svg.addEventListener("pointerup", onUp);
  svg.addEventListener("pointercancel", onCancel);
  svg.addEventListener("pointerleave", () => pointers.size || showCursor(null));
  svg.addEventListener("contextmenu", (event) => pointers.size && event.preventDefault());
  svg.addEventListener("blur", hideCrosshair);
  svg.addEventListener("keydown", onSpace);
  svg.addEventListener("keyup", onSpace);
}

export function useTool(next) {
  cancel();
  tool = next;
  stage().dataset.draws = tool.draws;
}

// Forget the gesture under way. False if there is none.
export function cancel() {
  const had = path.length > 0;
  path = [];
  mode = "";
  drawDraft(null, path);
  return had;
}

// Take back the last point of a shape. False if there is none.
export function takeBack() {
  if (mode === "keys" || !path.length) return false;
  path.pop();
  drawDraft(tool, path);
  return true;
}

export function finish() {
  if (!path.length) return false;
  const whole = tool.draws === "stroke" ? simplified(path, SMOOTH_PX / scale()) : path;
  const done = path.length >= tool.leastPoints;
  path = [];
  mode = "";
  drawDraft(null, path);
  if (done) tool.draw(whole);
  return true;
}

function addPoint(point) {
  path.push(point);
  drawDraft(tool, path);
}

// --- Pointers --------------------------------------------------------------------------------------------------

function onDown(event) {
  if (event.button > 1) return;
  stage().focus({ preventScroll: true });
  hideCrosshair();
  crosshair = pointAt(event).map(Math.round);
  stage().setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, event);
  event.preventDefault();
  if (pointers.size === 2) return beginPinch();
  if (pointers.size > 2) return;
  if (event.button === 1 || isSpaceDown) {
    mode = "pan";
  } else if (tool.draws === "stroke") {
    mode = "path";
    path = [];
    addPoint(pointAt(event));
  } else {
    mode = "press";
  }
}

function onMove(event) {
  const before = pointers.get(event.pointerId);
  if (tool.draws === "stroke" && event.pointerType !== "touch") showCursor(pointAt(event));
  if (!before) return tool.draws === "shape" && path.length ? drawDraft(tool, path, pointAt(event)) : undefined;
  if (mode === "pinch") {
    pointers.set(event.pointerId, event);
    return movePinch();
  }
  if (mode === "press" && Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < TAP_PX) return;
  if (mode === "press") {
    // A drag begins a freehand shape only where no shape is begun by taps.
    mode = tool.draws === "shape" && !path.length ? "path" : "pan";
    if (mode === "path") addPoint(pointAt(before));
  }
  pointers.set(event.pointerId, event);
  if (mode === "pan") panBy(event.clientX - before.clientX, event.clientY - before.clientY);
  else if (mode === "path") {
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) path.push(pointAt(each));
    drawDraft(tool, path);
  }
}

function onUp(event) {
  if (!pointers.delete(event.pointerId)) return;
  const [was, at] = [mode, pointAt(event)];
  if (was === "pinch") {
    if (!pointers.size) mode = "";
    return;
  }
  mode = "";
  if (was === "press") tap(at, event);
  else if (was === "path") {
    if (tool.draws === "shape") path = simplified(path, SMOOTH_PX / scale());
    finish();
  }
}

function onCancel(event) {
  pointers.delete(event.pointerId);
  if (mode === "path") cancel();
  if (!pointers.size) mode = "";
}

function tap(point, event) {
  if (tool.draws !== "shape") return tool.tap(point, event);
  const place = placeOf(point);
  const near = ([x, y], px) => Math.hypot(x - place[0], y - place[1]) < px;
  const isDouble = event.timeStamp - lastTap.time < DOUBLE_MS && near(lastTap.place, CLOSE_PX);
  lastTap = { time: event.timeStamp, place };
  const closes = tool.isClosed && path.length > 2 && near(placeOf(path[0]), CLOSE_PX);
  if ((isDouble && path.length >= tool.leastPoints) || closes) finish();
  else addPoint(point);
}

// --- Two fingers -----------------------------------------------------------------------------------------------

function spread() {
  const [one, other] = [...pointers.values()];
  return {
    clientX: (one.clientX + other.clientX) / 2,
    clientY: (one.clientY + other.clientY) / 2,
    apart: Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)),
  };
}

function beginPinch() {
  if (mode === "path") cancel(); // the first finger had begun to draw
  mode = "pinch";
  pinch = spread();
}

function movePinch() {
  if (pointers.size < 2) return;
  const now = spread();
  panBy(now.clientX - pinch.clientX, now.clientY - pinch.clientY);
  zoomTo((scale() * now.apart) / pinch.apart, now);
  pinch = now;
}

// --- Keyboard --------------------------------------------------------------------------------------------------

function hideCrosshair() {
  isByKeys = false;
  showCrosshair(null);
}

function onSpace(event) {
  if (event.key !== " ") return;
  event.preventDefault();
  isSpaceDown = event.type === "keydown";
}

// Move the crosshair by so many screen pixels, or by whole pixels of the sheet. False while the focus is elsewhere.
export function moveCrosshair(dx, dy, isByPixel = false) {
  if (document.activeElement !== stage()) return false;
  const from = crosshair ?? centre().map(Math.round);
  const step = isByPixel ? 1 : Math.max(1, Math.round(1 / scale()));
  const { width, height } = stage().dataset;
  const held = (value, most) => Math.min(Number(most) - 1, Math.max(0, value));
  crosshair = [held(from[0] + dx * step, width), held(from[1] + dy * step, height)];
  isByKeys = true;
  reveal(crosshair);
  showCrosshair(crosshair);
  if (mode === "keys") path.push(crosshair);
  drawDraft(tool, path, mode === "keys" ? null : crosshair);
  if (tool.draws === "stroke") showCursor(crosshair);
  tell(crosshair);
  return true;
}

// Enter: tap where the crosshair is. In a shape a second Enter on the same point ends it. A shape whose points were set
// with the pointer ends at once.
export function pressCrosshair() {
  if (document.activeElement !== stage()) return false;
  if (path.length && !isByKeys) return finish();
  crosshair ??= centre().map(Math.round);
  isByKeys = true;
  showCrosshair(crosshair);
  if (tool.draws === "nothing") {
    tool.tap(crosshair, null);
  } else if (tool.draws === "stroke" && mode === "keys") {
    finish();
  } else if (tool.draws === "stroke") {
    mode = "keys";
    addPoint(crosshair);
  } else if (path.length && String(path.at(-1)) === String(crosshair)) {
    finish();
  } else {
    addPoint(crosshair);
  }
  return true;
}

// Put the crosshair into the middle of a ring, so that the keyboard goes on where the eye is.
export function sendCrosshair(ring) {
  const { left, top, right, bottom } = bounds(ring);
  crosshair = [Math.round((left + right) / 2), Math.round((top + bottom) / 2)];
}
