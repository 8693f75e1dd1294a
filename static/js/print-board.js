// Moves stickers on the print pages. A click, Tab or the list picks one; drag, arrows, buttons or fields move it.
//
// The page shows a move at once and saves it a moment later. The server then says whether the place is right. While a
// newer move waits, the page ignores an older answer, because the newer answer brings everything.

import { isTyping, shortcut } from "./keys.js";
import { place, send, show } from "./print-inspector.js";

const SAVE_MS = 350;
const STEP_MM = 1;
const LARGE_STEP_MM = 10;

let picked = ""; // the number of the picked sticker
let timer = 0; // of a move that is not saved yet
let drag = null;
let hadFocus = false;

const find = (number) => (number ? document.getElementById(`item-${number}`) : null);
const current = () => find(picked);

export function startBoard() {
  if (!document.getElementById("print-work")) return;
  // A sticker may have been clicked before this script was loaded.
  pick(document.activeElement?.closest?.(".p-item") ?? document.querySelector(".p-item.is-selected"));
  document.addEventListener("pointerdown", onPointerDown);
  document.addEventListener("pointermove", onPointerMove);
  document.addEventListener("pointerup", onPointerUp);
  document.addEventListener("pointercancel", () => drag && drop(false));
  document.addEventListener("focusin", ({ target }) => {
    const item = target.closest?.(".p-item");
    if (item && item.dataset.number !== picked) pick(item);
  });
  document.addEventListener("click", onClick);
  document.body.addEventListener("htmx:beforeSwap", onBeforeSwap);
  // This has to wait for afterSettle: between afterSwap and afterSettle htmx sets the attributes that the server sent.
  document.body.addEventListener("htmx:afterSettle", onAfterSettle);
  window.addEventListener("beforeunload", (event) => timer && event.preventDefault());
  startKeys();
}

function startKeys() {
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  for (const [key, [x, y]] of Object.entries(arrows)) {
    shortcut(key, (event) => {
      const step = event.shiftKey ? LARGE_STEP_MM : STEP_MM;
      return nudge(x * step, y * step);
    });
  }
  shortcut("r", () => act("turn"));
  shortcut("l", () => act("lock"));
  shortcut("Delete", () => act("remove"));
  shortcut("Backspace", () => act("remove"));
  shortcut("Escape", () => (picked ? pick(null) : false));
  shortcut("Ctrl+z", (event) => step(event, "print-undo"));
  shortcut("Ctrl+Z", (event) => step(event, "print-redo"));
  shortcut("Ctrl+y", (event) => step(event, "print-redo"));
}

function step(event, id) {
  if (isTyping(event)) return false;
  flush();
  document.getElementById(id).click();
  return true;
}

function pick(item) {
  for (const each of document.querySelectorAll(".p-item.is-selected")) {
    each.classList.remove("is-selected");
    each.setAttribute("aria-pressed", "false");
  }
  if (timer && item?.dataset.number !== picked) flush();
  picked = item?.dataset.number ?? "";
  item?.classList.add("is-selected");
  item?.setAttribute("aria-pressed", "true");
  show(item);
}

function act(doing) {
  const item = current();
  if (!item) return false;
  clearTimeout(timer); // what follows sends the place, too
  timer = 0;
  place(item);
  send(doing);
  return true;
}

// --- Moving --------------------------------------------------------------------------------------------------

function nudge(x, y) {
  const item = current();
  if (!item) return false;
  if (item.dataset.locked) say("It is locked. Press L to unlock it.");
  else {
    moveTo(item, Number(item.dataset.x) + x, Number(item.dataset.y) + y);
    save();
  }
  return true;
}

function moveTo(item, x, y) {
  const { rotation } = item.dataset;
  item.dataset.x = x.toFixed(3);
  item.dataset.y = y.toFixed(3);
  item.setAttribute("transform", `translate(${item.dataset.x} ${item.dataset.y})${Number(rotation) ? ` rotate(${rotation})` : ""}`);
  place(item);
}

function save() {
  clearTimeout(timer);
  timer = setTimeout(flush, SAVE_MS);
}

function flush() {
  if (timer) saveNow();
}

function saveNow() {
  clearTimeout(timer);
  timer = 0;
  send("place");
}

function point(paper, event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(paper.getScreenCTM().inverse());
  return [at.x, at.y];
}

function onPointerDown(event) {
  const item = event.button === 0 ? event.target.closest?.(".p-item") : null;
  if (!item) return;
  pick(item);
  item.focus({ preventScroll: true });
  if (item.dataset.locked) return;
  const [x, y] = point(item.ownerSVGElement, event);
  drag = { item, dx: Number(item.dataset.x) - x, dy: Number(item.dataset.y) - y, from: [event.clientX, event.clientY], moved: false };
  event.preventDefault();
}

function onPointerMove(event) {
  if (!drag) return;
  const [x, y] = drag.from;
  if (!drag.moved && Math.hypot(event.clientX - x, event.clientY - y) < 4) return; // a click with a small movement
  if (!drag.moved) {
    drag.moved = true;
    drag.item.classList.add("is-dragged");
    drag.item.parentNode.append(drag.item); // above its neighbours
  }
  const [at, down] = point(drag.item.ownerSVGElement, event);
  moveTo(drag.item, at + drag.dx, down + drag.dy);
}

function onPointerUp(event) {
  if (!drag) return;
  const other = document.elementsFromPoint(event.clientX, event.clientY).map((node) => node.closest?.(".print-paper")).find(Boolean);
  if (drag.moved && other && other !== drag.item.ownerSVGElement) {
    const [x, y] = point(other, event);
    drag.item.dataset.page = other.dataset.page;
    other.append(drag.item);
    moveTo(drag.item, x + drag.dx, y + drag.dy);
  }
  drop(drag.moved);
}

function drop(moved) {
  const { item } = drag;
  item.classList.remove("is-dragged");
  drag = null;
  if (!moved) return;
  item.focus({ preventScroll: true });
  place(item);
  saveNow();
}

function onClick(event) {
  const target = event.target instanceof Element ? event.target : null;
  const picks = target?.closest("[data-picks]");
  if (picks) {
    const item = find(picks.dataset.picks);
    if (!item) return;
    event.preventDefault();
    pick(item);
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "center", behavior: "smooth" });
  }
  const button = target?.closest("[data-nudge]");
  if (button) nudge(...button.dataset.nudge.split(" ").map(Number));
  if (target?.matches(".p-ground, .p-live, .print-pages, .print-page")) pick(null);
}

// --- Answers ---------------------------------------------------------------------------------------------------

function onBeforeSwap(event) {
  if (event.detail.target.id !== "print-work") return;
  if (timer || drag) event.detail.shouldSwap = false;
  hadFocus = Boolean(document.activeElement?.closest?.(".p-item"));
}

function onAfterSettle(event) {
  if (event.detail.target.id !== "print-work" && event.target.id !== "print-work") return;
  const item = current();
  pick(item);
  if (!item) return;
  if (hadFocus) item.focus({ preventScroll: true });
  say(item.getAttribute("aria-label"));
}

function say(words) {
  document.getElementById("print-said").textContent = words;
}
