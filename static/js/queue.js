// Runs the queue on the page: a count in the tab's title, running times, and messages about what has changed.

import { role } from "./draft.js";

const HEARD_TOGETHER_MS = 800;

const title = document.title;
// when this version of the queue arrived, by the page's clock; data-now is the same moment by the server's clock
let loaded = 0;
let known = new Map(); // generation → state
let place = -1; // index of the card whose button was pressed
let news = [];
let newsTimer = 0;

function queue() {
  return document.getElementById("queue");
}

function spell(seconds) {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

function tick() {
  const now = Number(queue().dataset.now) + (performance.now() - loaded) / 1000;
  for (const node of queue().querySelectorAll("[data-since]")) {
    const text = spell(Math.max(0, Math.floor(now - Number(node.dataset.since))));
    if (node.textContent !== text) node.textContent = text;
  }
}

function count() {
  const unfinished = Number(queue().dataset.unfinished);
  document.title = unfinished ? `(${unfinished}) ${title}` : title;
}

// --- What has changed, in words ---------------------------------------------------------------------------------

function sentence({ label, name, state, stickers }) {
  const result = state === "done" ? `done, ${stickers} sticker${stickers === "1" ? "" : "s"}` : label.toLowerCase();
  return `${name}: ${result}.`;
}

function compare() {
  const now = new Map();
  for (const { dataset } of queue().querySelectorAll("[data-order]")) {
    now.set(dataset.order, dataset.state);
    if (known.get(dataset.order) === dataset.state) continue;
    news.push(sentence(dataset));
    const before = known.get(dataset.order);
    if (before && before !== dataset.state) tell(dataset);
  }
  known = now;
  clearTimeout(newsTimer);
  if (news.length) newsTimer = setTimeout(announce, HEARD_TOGETHER_MS);
}

function tell({ state, name, label }) {
  if (state === "done") document.body.dispatchEvent(new CustomEvent("order-done", { detail: { name } }));
  if (["failed", "unknown", "expired", "unsaved"].includes(state)) {
    document.body.dispatchEvent(new CustomEvent("order-failed", { detail: { name, label } }));
  }
}

function announce() {
  document.getElementById("announcer").textContent = news.join(" ");
  news = [];
}

// --- When the page hears of it -----------------------------------------------------------------------------------

function cards() {
  return [...queue().querySelectorAll("[data-order]")];
}

function onBeforeSwap({ detail }) {
  if (detail.target === queue()) place = cards().indexOf(document.activeElement?.closest("[data-order]"));
}

// The pressed button may be gone, and the focus with it. The focus then goes to the card that stands in its place. It
// does not go to a button there, because a second Enter must not cancel what the first one retried.
function refocus() {
  if (place < 0 || document.activeElement !== document.body) return;
  const next = cards()[Math.min(place, cards().length - 1)];
  next?.setAttribute("tabindex", "-1");
  (next ?? role("prompt")).focus({ preventScroll: true });
}

// The server sends an unchanged card empty, because this page already has it. If the page lacks one after all, it asks
// for the whole queue.
function complete() {
  const missing = queue().querySelectorAll(".order-card:empty");
  for (const card of missing) card.remove(); // else the swap would keep it instead of the whole card
  if (missing.length) htmx.ajax("GET", "/queue/", { target: "#queue", swap: "outerHTML" });
}

function onLoad({ target }) {
  if (target.id !== "queue") return;
  loaded = performance.now();
  complete();
  refocus();
  count();
  compare();
  tick();
}

function onOrdered({ detail }) {
  if (!detail.successful || detail.elt.id !== "generation-form") return;
  if (window.matchMedia("(max-width: 899.9px)").matches) queue().scrollIntoView({ behavior: "smooth", block: "start" });
  else document.querySelector(".results").scrollTo({ top: 0, behavior: "smooth" });
}

export function startQueue() {
  for (const { dataset } of queue().querySelectorAll("[data-order]")) known.set(dataset.order, dataset.state);
  document.body.addEventListener("htmx:beforeSwap", onBeforeSwap);
  document.body.addEventListener("htmx:load", onLoad);
  document.body.addEventListener("htmx:afterRequest", onOrdered);
  loaded = performance.now();
  setInterval(tick, 250);
  count();
  tick();
}
