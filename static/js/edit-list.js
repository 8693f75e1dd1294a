// Lists the stickers in their order. A row picks its sticker. Its grip, its buttons or Alt with an arrow move it.

import { onSheet, pick, sheet } from "./edit-sheet.js";
import { described, moveTo } from "./edit-tools.js";

const list = () => document.getElementById("edit-list");

let drag = null; // { row, over, isAfter }: the row that is dragged, and where it would go

export function startList() {
  onSheet(show);
  list().addEventListener("click", onClick);
  list().addEventListener("pointerdown", onDown);
  list().addEventListener("pointermove", onMove);
  list().addEventListener("pointerup", () => drop(true));
  list().addEventListener("pointercancel", () => drop(false));
  list().addEventListener("keydown", onKey);
}

function show() {
  const rows = new Map([...list().children].map((row) => [Number(row.dataset.id), row]));
  const focused = document.activeElement;
  const focusedAt = [...list().children].findIndex((row) => row.contains(focused));
  const wanted = sheet.stickers.map((sticker) => filled(rows.get(sticker.id) ?? blank(), sticker));
  // Rows that are in place stay untouched, so that the focus and the list's scroll stay, too.
  if (wanted.length !== list().children.length || wanted.some((row, at) => row !== list().children[at])) {
    list().replaceChildren(...wanted);
    const next = list().contains(focused) ? focused : mainOf(wanted[Math.min(focusedAt, wanted.length - 1)]);
    if (focusedAt >= 0) next?.focus({ preventScroll: true });
  }
  const first = list().querySelector(".is-picked");
  if (first && !list().contains(document.activeElement)) keepInSight(first);
}

const mainOf = (row) => row?.querySelector(".edit-row-main");

function blank() {
  return document.getElementById("edit-row").content.firstElementChild.cloneNode(true);
}

function filled(row, sticker) {
  const isPicked = sheet.picked.includes(sticker.id);
  row.dataset.id = sticker.id;
  row.classList.toggle("is-picked", isPicked);
  row.classList.toggle("is-doubtful", Boolean(sticker.reason));
  const main = mainOf(row);
  main.setAttribute("aria-pressed", isPicked);
  main.setAttribute("aria-label", described(sticker));
  const picture = row.querySelector("img");
  if (picture.getAttribute("src") !== sticker.thumb) picture.src = sticker.thumb;
  row.querySelector(".edit-row-number").textContent = sticker.number;
  row.querySelector(".edit-row-name").textContent = sticker.name;
  const [up, down] = row.querySelectorAll("[data-move]");
  up.disabled = sticker === sheet.stickers[0];
  down.disabled = sticker === sheet.stickers.at(-1);
  up.setAttribute("aria-label", `Move ${sticker.name} up`);
  down.setAttribute("aria-label", `Move ${sticker.name} down`);
  return row;
}

// Scroll the list only, never the page.
function keepInSight(row) {
  const [box, inner] = [list().getBoundingClientRect(), row.getBoundingClientRect()];
  if (inner.top < box.top) list().scrollTop -= box.top - inner.top;
  if (inner.bottom > box.bottom) list().scrollTop += inner.bottom - box.bottom;
}

function rowOf(target) {
  return target.closest?.("#edit-list > li") ?? null;
}

const place = (row) => [...list().children].indexOf(row) + 1;

function onClick(event) {
  const row = rowOf(event.target);
  if (!row) return;
  const id = Number(row.dataset.id);
  const button = event.target.closest("[data-move]");
  if (button) moveTo(id, place(row) + Number(button.dataset.move));
  else if (event.target.closest(".edit-row-main")) {
    const isMore = event.shiftKey || event.ctrlKey || event.metaKey;
    const others = sheet.picked.filter((each) => each !== id);
    pick(isMore ? (others.length === sheet.picked.length ? [...others, id] : others) : [id]);
  }
}

function onKey(event) {
  const row = rowOf(event.target);
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!row || !step) return;
  event.preventDefault();
  if (event.altKey) moveTo(Number(row.dataset.id), place(row) + step);
  else go(list().children[place(row) - 1 + step]);
}

function go(row) {
  if (!row) return;
  mainOf(row).focus();
  pick([Number(row.dataset.id)]);
}

// --- Dragging by the grip ----------------------------------------------------------------------------------------

function onDown(event) {
  const row = event.button === 0 && event.target.closest(".edit-grip") ? rowOf(event.target) : null;
  if (!row) return;
  event.preventDefault();
  list().setPointerCapture(event.pointerId);
  drag = { row, over: row, isAfter: false };
  row.classList.add("is-dragged");
}

function onMove({ clientX, clientY }) {
  if (!drag) return;
  const over = rowOf(document.elementFromPoint(clientX, clientY) ?? document.body);
  if (!over) return;
  unmark();
  const { top, height } = over.getBoundingClientRect();
  drag = { ...drag, over, isAfter: clientY > top + height / 2 };
  if (over !== drag.row) over.classList.add(drag.isAfter ? "is-before-gap" : "is-after-gap");
  keepInSight(over);
}

function unmark() {
  for (const row of list().querySelectorAll(".is-before-gap, .is-after-gap")) row.classList.remove("is-before-gap", "is-after-gap");
}

function drop(isWanted) {
  if (!drag) return;
  const { row, over, isAfter } = drag;
  drag = null;
  row.classList.remove("is-dragged");
  unmark();
  if (!isWanted || over === row) return;
  const to = place(over) + (isAfter ? 1 : 0);
  moveTo(Number(row.dataset.id), to > place(row) ? to - 1 : to);
}
