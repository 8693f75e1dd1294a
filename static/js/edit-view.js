// Shows a part of the sheet: zoom and pan. The part is the SVG's viewBox, in sheet pixels.

const MOST_SCALE = 24; // screen pixels for one sheet pixel
const PIXELS_FROM = 3; // from this scale on, single pixels are shown as squares
const MARGIN = 0.94; // of the stage, when the whole sheet is shown
const ZOOM_STEP = 1.25;

const stage = () => document.getElementById("edit-stage");

const listeners = [];
let view = null; // { x, y, scale }: the sheet pixel at the top left, and screen pixels for one sheet pixel
let isFitted = true;

export function startView() {
  new ResizeObserver(() => (isFitted ? fit() : show())).observe(stage());
  stage().addEventListener("wheel", onWheel, { passive: false });
  fit();
}

export function onView(listener) {
  listeners.push(listener);
}

export const scale = () => view.scale;

function sizes() {
  const { width, height } = stage().getBoundingClientRect();
  const { width: wide, height: high } = stage().dataset;
  return { width: Math.max(1, width), height: Math.max(1, height), wide: Number(wide), high: Number(high) };
}

function fitting() {
  const { width, height, wide, high } = sizes();
  return MARGIN * Math.min(width / wide, height / high);
}

export function fit() {
  const { width, height, wide, high } = sizes();
  const whole = fitting();
  view = { scale: whole, x: wide / 2 - width / whole / 2, y: high / 2 - height / whole / 2 };
  show();
  isFitted = true;
}

// The point of the sheet under a place in the window.
export function pointAt({ clientX, clientY }) {
  const { left, top } = stage().getBoundingClientRect();
  return [view.x + (clientX - left) / view.scale - 0.5, view.y + (clientY - top) / view.scale - 0.5];
}

// The place in the stage, in screen pixels, of a point of the sheet.
export function placeOf([x, y]) {
  return [(x + 0.5 - view.x) * view.scale, (y + 0.5 - view.y) * view.scale];
}

export function centre() {
  const { width, height } = sizes();
  return [view.x + width / view.scale / 2 - 0.5, view.y + height / view.scale / 2 - 0.5];
}

export function panBy(dx, dy) {
  view.x -= dx / view.scale;
  view.y -= dy / view.scale;
  show();
}

// Zoom so that the sheet stays where it is under one place in the window. Without a place: in the stage's middle.
export function zoomTo(wanted, at = null) {
  const { left, top, width, height } = stage().getBoundingClientRect();
  const [dx, dy] = at ? [at.clientX - left, at.clientY - top] : [width / 2, height / 2];
  const next = Math.min(MOST_SCALE, Math.max(fitting() / 2, wanted));
  view.x += dx / view.scale - dx / next;
  view.y += dy / view.scale - dy / next;
  view.scale = next;
  show();
}

export function zoomBy(steps, at = null) {
  zoomTo(view.scale * ZOOM_STEP ** steps, at);
}

// Show this box of the sheet with room around it, but never larger than four screen pixels for one of the sheet.
export function showBox({ left, top, right, bottom }) {
  const { width, height } = sizes();
  const [wide, high] = [right - left + 1, bottom - top + 1];
  view.scale = Math.max(fitting(), Math.min(4, width / wide / 1.8, height / high / 1.8));
  view.x = (left + right + 1) / 2 - width / view.scale / 2;
  view.y = (top + bottom + 1) / 2 - height / view.scale / 2;
  show();
}

// Whether all of a box of the sheet is in the stage.
export function isInSight({ left, top, right, bottom }) {
  const { width, height } = sizes();
  const [[x, y], [toX, toY]] = [placeOf([left, top]), placeOf([right, bottom])];
  return x >= 0 && y >= 0 && toX <= width && toY <= height;
}

// Move the sheet so far that a point is at least `room` screen pixels inside the stage.
export function reveal(point, room = 48) {
  const { width, height } = sizes();
  const [x, y] = placeOf(point);
  const into = (at, size) => Math.min(0, size - room - at) + Math.max(0, room - at);
  const [dx, dy] = [into(x, width), into(y, height)];
  if (dx || dy) panBy(dx, dy);
}

function show() {
  const { width, height, wide, high } = sizes();
  const [seenWide, seenHigh] = [width / view.scale, height / view.scale];
  // The stage's middle stays on the sheet, so that the sheet can't get lost.
  view.x = Math.min(wide, Math.max(0, view.x + seenWide / 2)) - seenWide / 2;
  view.y = Math.min(high, Math.max(0, view.y + seenHigh / 2)) - seenHigh / 2;
  isFitted = false;
  const svg = stage();
  svg.setAttribute("viewBox", `${view.x - 0.5} ${view.y - 0.5} ${seenWide} ${seenHigh}`);
  svg.style.setProperty("--px", 1 / view.scale);
  svg.classList.toggle("is-magnified", view.scale >= PIXELS_FROM);
  for (const listener of listeners) listener(view.scale);
}

function onWheel(event) {
  event.preventDefault();
  // Shift, or a touchpad that moves sideways, pans. Everything else zooms; a pinch on a touchpad arrives as Ctrl.
  if (event.shiftKey || (!event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
    panBy(-(event.deltaX || event.deltaY), event.shiftKey ? 0 : -event.deltaY);
  } else {
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    zoomBy(-Math.max(-120, Math.min(120, pixels)) / (event.ctrlKey ? 25 : 100), event);
  }
}
