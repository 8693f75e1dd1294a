// Shows short messages at the bottom of the page, with Undo where something can be undone.
//
// A server sends the header HX-Trigger: {"toast": {"text": "…", "undo": {"url": "…", "values": {}, "target":
// "#grid"}}}. A script imports { toast } and calls it with the same object. `undo.target` and `undo.swap` say where the
// answer to the undoing POST goes. Without a target the page is reloaded.

import { isTyping, shortcut } from "./keys.js";

const UNDO_MS = 10_000;
const READ_MS = 5_000;
const BAD_MS = 30_000; // an import may have refused several files, each with its reason
const WORDS = {
  400: "The studio cannot read that. Perhaps it is too much at once.",
  403: "This page is too old. Reload it and try again.",
  404: "That is no longer there.",
  413: "That is too large.",
  507: "Not saved: the studio's disk is full.",
};

export function toast({ text, undo = null, bad = false }) {
  const box = document.getElementById("toasts");
  const node = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  node.querySelector(".toast-text").textContent = text;
  node.classList.toggle("toast-bad", bad);
  const undoButton = node.querySelector(".toast-undo");
  if (undo) {
    undoButton.hidden = false;
    undoButton.addEventListener("click", () => {
      node.remove();
      takeBack(undo);
    });
  }
  box.append(node);
  expire(node, undo ? UNDO_MS : bad ? BAD_MS : READ_MS);
}

// A message stays while the pointer or the focus is on it.
function expire(node, ms) {
  node.querySelector(".toast-close").addEventListener("click", () => node.remove());
  let timer = setTimeout(() => node.remove(), ms);
  const hold = () => clearTimeout(timer);
  const release = () => {
    clearTimeout(timer);
    timer = setTimeout(() => node.remove(), ms);
  };
  node.addEventListener("pointerenter", hold);
  node.addEventListener("focusin", hold);
  node.addEventListener("pointerleave", release);
  node.addEventListener("focusout", release);
}

async function takeBack({ url, values = {}, target = null, swap = "outerHTML" }) {
  if (target) {
    await htmx.ajax("POST", url, { values, target, swap });
  } else {
    await htmx.ajax("POST", url, { values, swap: "none" });
    location.reload();
  }
}

function undoNewest(event) {
  if (isTyping(event) || document.querySelector("dialog[open]")) return false; // a dialog covers the message
  const newest = [...document.querySelectorAll("#toasts .toast-undo:not([hidden])")].at(-1);
  newest?.click();
  return newest !== undefined;
}

export function startToasts() {
  shortcut("Ctrl+z", undoNewest);
  document.body.addEventListener("toast", (event) => toast(event.detail));
  for (const node of document.querySelectorAll("#toasts .toast")) {
    expire(node, node.classList.contains("toast-bad") ? BAD_MS : READ_MS);
  }
  document.body.addEventListener("htmx:sendError", (event) => {
    // A failed poll tries again by itself. Only a person's own request is worth a message.
    if (event.detail.elt.matches("[data-polls]")) return;
    toast({ text: "The studio cannot be reached. Nothing was lost; try again in a moment.", bad: true });
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.matches("[data-polls]")) return;
    const { status } = event.detail.xhr;
    toast({ text: WORDS[status] ?? `That did not work (${status}).`, bad: true });
  });
}
