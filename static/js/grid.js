// Runs a grid of pictures. Arrows move, "." stars, X marks, Del deletes. Shift-click marks a range, Ctrl-click one
// cell.
//
// A grid is [data-grid]. Its cells are [data-cell], each with one [data-cell-link] and one checkbox [data-mark]. The
// form #selection holds the marked cells, so that its buttons also work without scripts. With scripts it sends them in
// short form: sticker=7&sticker=9 becomes stickers=7,9.

import { shortcut } from "./keys.js";
import { startRows } from "./rows.js";

let anchor = null; // the cell where a range by Shift begins

export function startGrid() {
  const bar = document.getElementById("selection");
  startRows(() => {
    refocus();
    count();
  });
  if (!bar) return;
  document.addEventListener("click", onClick);
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-mark]")) count();
  });
  bar.addEventListener("formdata", ({ formData }) => shorten(formData));
  bar.addEventListener("reset", () => setTimeout(count)); // the boxes are cleared after the event
  document.body.addEventListener("htmx:afterSettle", count);
  window.addEventListener("pageshow", count); // a browser may restore the marks with the page

  for (const [key, step] of Object.entries({ ArrowLeft: -1, ArrowRight: 1 })) shortcut(key, () => move(() => step, true));
  for (const [key, sign] of Object.entries({ ArrowUp: -1, ArrowDown: 1 })) shortcut(key, () => move((list) => sign * columns(list), false));
  shortcut("x", () => withCell((cell) => toggle(cell)));
  shortcut(".", () => withCell((cell) => cell.querySelector("[data-star]")?.click()));
  shortcut("Delete", () => {
    if (marked().length) return bar.querySelector("[data-delete-selected]").click();
    return withCell((cell) => cell.querySelector("[data-delete]")?.click());
  });
  shortcut("Escape", () => (marked().length ? bar.reset() : false));
  shortcut("Ctrl+a", (event) => (event.target.closest?.("input:not([data-mark]), textarea, select, dialog") ? false : markAll()));
  shortcut("/", () => {
    const search = document.getElementById("q");
    if (!search) return false;
    search.focus();
    search.select();
    return true;
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-select-all]")) markAll();
  });
  count();
}

export function cells() {
  return [...document.querySelectorAll("[data-grid] [data-cell]:not([hidden])")];
}

function marked() {
  return [...document.querySelectorAll("[data-cell]:not([hidden]) [data-mark]:checked")];
}

function onClick(event) {
  const target = event.target instanceof Element ? event.target : null;
  const cell = target?.closest("[data-cell]");
  if (!cell || event.button !== 0) return;
  const link = target.closest("[data-cell-link]");
  if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    event.stopImmediatePropagation(); // keeps the lightbox closed
    if (event.shiftKey) range(cell, true);
    else toggle(cell);
    link.focus();
  } else if (target.matches("[data-mark]")) {
    if (event.shiftKey) range(cell, target.checked);
    anchor = cell;
    cell.querySelector("[data-cell-link]").focus(); // the keys go on from here
  }
}

// A server reads a limited number of fields.
function shorten(formData) {
  for (const name of ["sheet", "sticker"]) {
    const ids = formData.getAll(name);
    formData.delete(name);
    if (ids.length) formData.append(`${name}s`, ids.join(","));
  }
}

function toggle(cell) {
  const mark = cell.querySelector("[data-mark]");
  mark.checked = !mark.checked;
  anchor = cell;
  count();
}

function range(cell, checked) {
  const list = cells();
  const from = list.indexOf(anchor?.isConnected ? anchor : cell);
  const to = list.indexOf(cell);
  for (const one of list.slice(Math.min(from, to), Math.max(from, to) + 1)) one.querySelector("[data-mark]").checked = checked;
  count();
}

function markAll() {
  for (const cell of cells()) cell.querySelector("[data-mark]").checked = true;
  count();
}

function count() {
  const number = marked().length;
  const bar = document.getElementById("selection");
  bar?.classList.toggle("is-open", number > 0);
  document.body.classList.toggle("is-selecting", number > 0);
  const words = document.getElementById("selection-count");
  if (words) words.textContent = number ? `${number} selected` : "";
}

function focused() {
  return document.activeElement?.closest?.("[data-cell]") ?? null;
}

function withCell(act) {
  const cell = focused();
  if (!cell) return false;
  act(cell);
  return true;
}

function columns(list) {
  const top = list[0]?.offsetTop;
  const next = list.findIndex((cell) => cell.offsetTop !== top);
  return next === -1 ? list.length : next;
}

function move(distance, startsAnywhere) {
  const list = cells();
  if (!list.length) return false;
  const cell = focused();
  if (!cell && !startsAnywhere) return false; // the arrows scroll the page then
  const from = cell ? list.indexOf(cell) : -1;
  const to = cell ? from + distance(list) : 0;
  if (to < 0 || to >= list.length) return true;
  list[to].querySelector("[data-cell-link]").focus();
  list[to].scrollIntoView({ block: "nearest" });
  return true;
}

// When the focused cell is hidden, the focus moves to its neighbour, so that the keys go on there.
function refocus() {
  const gone = focused();
  if (!gone?.hidden) return;
  const all = [...document.querySelectorAll("[data-grid] [data-cell]")];
  const at = all.indexOf(gone);
  const near = all.slice(at).find((cell) => !cell.hidden) ?? all.slice(0, at).reverse().find((cell) => !cell.hidden);
  near?.querySelector("[data-cell-link]").focus({ preventScroll: true });
}
