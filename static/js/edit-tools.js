// The editor's tools: which operation each makes of a tap or a path. Operations speak of points on the sheet only, and a
// sticker is named by a point inside it.

import { holdStroke } from "./edit-draft.js";
import { send } from "./edit-server.js";
import { find, pick, picked, removedAt, sheet, stickerAt } from "./edit-sheet.js";
import { contains, short, walk } from "./edit-shapes.js";

const node = (id) => document.getElementById(id);
const whole = (point) => point.map(Math.round);
const exact = (path) => path.map((point) => point.map(short));
const isOn = (id) => node(id).checked;

let say = () => {};
export const brush = { radius: 12 };

export function startTools(saying) {
  say = saying;
}

// What every tool has: how it draws (see gestures), the fewest points of a path, and whether the path is a ring.
export const TOOLS = {
  select: { draws: "nothing", tap: select },
  merge: { draws: "nothing", tap: merge },
  knife: { draws: "shape", leastPoints: 2, isClosed: false, draw: split },
  add: { draws: "stroke", leastPoints: 1, erases: false, draw: (path) => paint("add", path) },
  erase: { draws: "stroke", leastPoints: 1, erases: true, draw: (path) => paint("erase", path) },
  outline: { draws: "shape", leastPoints: 3, isClosed: true, draw: outline },
  seed: { draws: "nothing", tap: seed },
  hole: { draws: "nothing", tap: hole },
  ground: { draws: "nothing", tap: ground },
};

// Do one operation and tell what it did.
async function act(operation) {
  const answer = await send([operation]);
  if (answer) say(`${answer.undo}. ${count()}`);
  return answer;
}

export function count() {
  return `${sheet.stickers.length} sticker${sheet.stickers.length === 1 ? "" : "s"} now.`;
}

export function described({ name, number, reason }) {
  return `${name === `Sticker ${number}` ? name : `Sticker ${number}, ${name}`}${reason ? `, to check: ${reason}` : ""}`;
}

function select(point, event) {
  const hit = stickerAt(point);
  const isMore = event?.shiftKey || event?.ctrlKey || event?.metaKey;
  if (!hit) {
    if (!isMore) pick([]);
    const gone = removedAt(point);
    return say(gone ? "A sticker was removed here. Find (S) brings it back." : "No sticker is here.");
  }
  if (!isMore) pick([hit.id]);
  else if (sheet.picked.includes(hit.id)) pick(sheet.picked.filter((id) => id !== hit.id));
  else pick([...sheet.picked, hit.id]);
  return say(picked().map(described).join("; ") || "Nothing is picked.");
}

function merge(point) {
  const hit = stickerAt(point);
  if (!hit) return say("No sticker is here.");
  if (!sheet.picked.length || sheet.picked.includes(hit.id)) {
    pick([hit.id]);
    return say(`${described(hit)}. Now the one to merge it with.`);
  }
  return mergeIds([...sheet.picked, hit.id]);
}

export function mergePicked() {
  return sheet.picked.length > 1 ? mergeIds(sheet.picked) : null;
}

function mergeIds(ids) {
  return act({ op: "merge", points: ids.map((id) => find(id).point) });
}

// The knife cuts the picked sticker if the line crosses it, else the one that most of the line crosses.
function split(line) {
  const places = walk(line, 2).map((point) => stickerAt(point)?.id).filter(Boolean);
  const ids = sheet.picked.filter((id) => places.includes(id));
  const id = ids[0] ?? mostOf(places);
  if (!id) return say("The line crosses no sticker.");
  pick([id]);
  return act({ op: "split", point: find(id).point, line: exact(line) });
}

function mostOf(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}

async function paint(op, path) {
  const target = picked()[0] ?? path.map(stickerAt).find(Boolean);
  if (!target) return say("Pick a sticker first, or begin on it.");
  const release = holdStroke(path, op === "erase");
  pick([target.id]);
  const operation = { op, point: target.point, stroke: exact(path), radius: short(brush.radius) };
  await act(isOn("edit-follow") ? operation : { ...operation, snap: false });
  return release();
}

// A lasso round the picked sticker's own middle redraws it. Elsewhere it makes a new one.
function outline(polygon) {
  const target = picked().find((each) => contains(polygon, each.point));
  const operation = { op: "outline", polygon: exact(polygon), snap: isOn("edit-snap") };
  return act(target ? { ...operation, point: target.point } : operation);
}

// What was removed here comes back as it was. Elsewhere the engine looks for what it missed.
function seed(point) {
  const gone = removedAt(point);
  return gone ? restore(gone) : act({ op: "seed", point: whole(point) });
}

function hole(point) {
  return act({ op: "hole", point: whole(point), open: isOn("edit-open") });
}

function ground(point) {
  return act({ op: "ground", point: whole(point), everywhere: isOn("edit-everywhere") });
}

// --- What a button does with the picked stickers -------------------------------------------------------------------

export async function removePicked() {
  if (!sheet.picked.length) return false;
  const operations = picked().map(({ point }) => ({ op: "delete", point }));
  const answer = await send(operations);
  if (answer) say(`${answer.undo}. ${count()}`);
  return true;
}

export function restore({ point }) {
  return act({ op: "restore", point });
}

export function keepBorder(kept) {
  const [target] = picked();
  return target ? act({ op: "border", point: target.point, kept }) : null;
}

// Move a sticker to the place of the list, from 1, where another one is now. Numbers may have gaps, places have none.
export function moveTo(id, place) {
  const other = sheet.stickers[place - 1];
  return other && other.id !== id ? act({ op: "reorder", point: find(id).point, to: other.number }) : null;
}

export async function step(path) {
  const words = path === "undo/" ? sheet.undo : sheet.redo;
  if (!words) return say(path === "undo/" ? "Nothing to undo." : "Nothing to do again.");
  const answer = await send([], path);
  if (answer) say(`${path === "undo/" ? "Undone" : "Done again"}: ${words}. ${count()}`);
  return answer;
}
