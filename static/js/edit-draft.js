// Draws what is not saved yet: a knife line or a lasso as SVG, a brush's stroke on a canvas, brush and crosshair.

import { drawn } from "./edit-shapes.js";
import { onView, placeOf, scale } from "./edit-view.js";

const node = (id) => document.getElementById(id);

let strokes = []; // those that wait for the server's answer, and the one under way
let radius = 0; // of the brush, in sheet pixels

export function startDraft() {
  new ResizeObserver(paint).observe(node("edit-canvas"));
  onView(() => {
    paint();
    showRadius();
  });
}

export function setRadius(next) {
  radius = next;
  showRadius();
}

function showRadius() {
  node("edit-cursor").setAttribute("r", radius);
}

// Show the path of a gesture with `tool`, and the place of the pointer that would be its next point.
export function drawDraft(tool, path, next = null) {
  const isStroke = tool?.draws === "stroke";
  strokes = strokes.filter((each) => !each.isDraft);
  if (isStroke && path.length) strokes.push({ isDraft: true, erases: tool.erases, radius, path });
  const shape = tool && !isStroke && path.length ? path : [];
  const line = drawn(next && shape.length ? [...shape, next] : shape, tool?.isClosed);
  for (const id of ["edit-line-under", "edit-line"]) node(id).setAttribute("d", line);
  node("edit-dots").setAttribute("d", shape.map(([x, y]) => `M${x} ${y}h0`).join(""));
  node("edit-finish").hidden = !shape.length;
  paint();
}

// Keep a finished stroke on the screen until the returned function is called.
export function holdStroke(path, erases) {
  const held = { isDraft: false, erases, radius, path };
  strokes.push(held);
  paint();
  return () => {
    strokes = strokes.filter((each) => each !== held);
    paint();
  };
}

function paint() {
  const canvas = node("edit-canvas");
  const { width, height } = canvas.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.lineCap = pen.lineJoin = "round";
  const colours = getComputedStyle(canvas);
  for (const stroke of strokes) {
    pen.strokeStyle = colours.getPropertyValue(stroke.erases ? "--erases" : "--adds");
    pen.lineWidth = 2 * stroke.radius * scale();
    pen.beginPath();
    for (const point of stroke.path) pen.lineTo(...placeOf(point));
    if (stroke.path.length === 1) pen.lineTo(...placeOf(stroke.path[0])); // a dab
    pen.stroke();
  }
}

export function showCursor(point) {
  const cursor = node("edit-cursor");
  cursor.classList.toggle("is-shown", point !== null);
  if (point) cursor.setAttribute("transform", `translate(${point.join(" ")})`);
}

export function showCrosshair(point) {
  const crosshair = node("edit-crosshair");
  crosshair.classList.toggle("is-shown", point !== null);
  if (point) crosshair.setAttribute("transform", `translate(${point.join(" ")})`);
}
