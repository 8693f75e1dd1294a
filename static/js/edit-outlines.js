// Draws the stickers' outlines and numbers over the sheet as SVG: those that are picked, doubtful, and just removed.

import { onSheet, sheet } from "./edit-sheet.js";
import { drawn } from "./edit-shapes.js";

const SVG = "http://www.w3.org/2000/svg";

const node = (id) => document.getElementById(id);
const groups = new Map(); // id of a sticker → its group

export function startOutlines() {
  onSheet(show);
}

function show(changed) {
  const there = new Set(sheet.stickers.map(({ id }) => id));
  for (const [id, group] of groups) {
    if (there.has(id) && changed !== null && !changed.has(id)) continue;
    group.remove();
    groups.delete(id);
  }
  const parent = node("edit-outlines");
  for (const sticker of sheet.stickers) {
    if (!groups.has(sticker.id)) {
      groups.set(sticker.id, made(sticker));
      parent.append(groups.get(sticker.id));
    }
    const group = groups.get(sticker.id);
    group.classList.toggle("is-picked", sheet.picked.includes(sticker.id));
    group.classList.toggle("is-doubtful", Boolean(sticker.reason));
    group.querySelector("text").textContent = sticker.number;
  }
  // The picked ones are drawn last, so that no neighbour's line covers theirs.
  for (const id of sheet.picked) if (parent.lastElementChild !== groups.get(id)) parent.append(groups.get(id));
  node("edit-removed").setAttribute("d", sheet.removed.map(({ ring }) => drawn(ring, true)).join(""));
}

function made({ rings, holes }) {
  const group = document.createElementNS(SVG, "g");
  const lines = ["halo", "line"].map((name) => {
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("class", `edit-outline-${name}`);
    line.setAttribute("d", [...rings, ...holes].map((ring) => drawn(ring, true)).join(""));
    return line;
  });
  const [x, y] = rings[0].reduce((least, point) => (point[0] + point[1] < least[0] + least[1] ? point : least));
  const badge = document.createElementNS(SVG, "g");
  badge.setAttribute("transform", `translate(${x} ${y})`);
  badge.append(document.createElementNS(SVG, "circle"), document.createElementNS(SVG, "text"));
  group.append(...lines, badge);
  group.setAttribute("class", "edit-outline");
  return group;
}

// Lift out the sticker under the pointer.
export function lightUp(sticker) {
  for (const [id, group] of groups) group.classList.toggle("is-lit", id === sticker?.id);
}

// Show the outlines that another cut would give, or none.
export function preview(rings) {
  node("edit-preview").setAttribute("d", rings.map((ring) => drawn(ring, true)).join(""));
  node("edit-stage").classList.toggle("is-previewing", rings.length > 0);
}
