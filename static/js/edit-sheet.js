// What the page knows of the sheet: its version, its stickers in their order, and those that are picked. Whoever shows
// a part of it listens here. The shapes are those that the server answers with.

import { bounds, contains } from "./edit-shapes.js";

export const sheet = { version: 0, undo: "", redo: "", stickers: [], removed: [], unplayed: [], prints: [], isCutting: false, picked: [] };

const listeners = [];

// `listener` is called after each change with the set of stickers that have other pixels, or null if all may have.
export function onSheet(listener) {
  listeners.push(listener);
}

function announce(changed) {
  const there = new Set(sheet.stickers.map(({ id }) => id));
  sheet.picked = sheet.picked.filter((id) => there.has(id));
  for (const listener of listeners) listener(changed);
}

function measured(sticker) {
  const boxes = sticker.rings.map(bounds);
  const box = bounds(boxes.flatMap(({ left, top, right, bottom }) => [[left, top], [right, bottom]]));
  return { ...sticker, extent: box, area: (box.right - box.left) * (box.bottom - box.top) };
}

function named(sticker, { title = sticker.title, number = sticker.number }) {
  return { ...sticker, title, number, name: title || `Sticker ${number}` };
}

// The whole state, as it is when the page opens.
export function takeState(state) {
  sheet.version = state.version;
  sheet.undo = state.undo;
  sheet.redo = state.redo;
  sheet.isCutting = state.is_cutting;
  sheet.unplayed = state.unplayed;
  sheet.removed = state.removed;
  sheet.prints = [];
  sheet.stickers = state.stickers.map(measured);
  announce(null);
}

// What one edit has changed. What it made is picked, unless a picked sticker is among what it changed.
export function takeEdit(answer) {
  const byId = new Map(sheet.stickers.map((each) => [each.id, each]));
  const fresh = answer.changed.filter(({ id }) => !byId.has(id)).map(({ id }) => id);
  for (const each of answer.changed) byId.set(each.id, measured(each));
  sheet.version = answer.version;
  sheet.undo = answer.undo;
  sheet.redo = answer.redo;
  sheet.removed = answer.removed;
  sheet.prints = answer.prints ?? [];
  sheet.stickers = answer.order.map((id) => named(byId.get(id), { number: answer.numbers[id] }));
  const changed = new Set(answer.changed.map(({ id }) => id));
  if (!sheet.picked.some((id) => changed.has(id))) sheet.picked = fresh.length ? fresh.slice(0, 1) : sheet.picked;
  announce(changed);
}

export function rename(id, title) {
  sheet.stickers = sheet.stickers.map((each) => (each.id === id ? named(each, { title }) : each));
  announce(new Set());
}

export function pick(ids) {
  sheet.picked = ids;
  announce(new Set());
}

export const find = (id) => sheet.stickers.find((each) => each.id === id) ?? null;
export const picked = () => sheet.picked.map(find);

// The sticker at a point; of several the smallest. A see-through hole counts as a part of its sticker.
export function stickerAt(point) {
  const [x, y] = point;
  const around = ({ extent }) => x >= extent.left && x <= extent.right && y >= extent.top && y <= extent.bottom;
  const hit = sheet.stickers.filter((each) => around(each) && each.rings.some((ring) => contains(ring, point)));
  return hit.reduce((least, each) => (least && least.area <= each.area ? least : each), null);
}

export const removedAt = (point) => sheet.removed.find(({ ring }) => contains(ring, point)) ?? null;
export const doubtful = () => sheet.stickers.filter(({ reason }) => reason);
