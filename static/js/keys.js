// Handles keyboard shortcuts. Single letters work only when no field has focus, and can be switched off (WCAG 2.1.4).
//
// shortcut("x", handler) is for a single key, shortcut("Ctrl+Enter", handler) for a chord (Cmd counts as Ctrl). A page
// lists its keys for people in the `shortcuts` block of its template.

import { recall, remember } from "./memory.js";

const handlers = new Map();

export function shortcut(keys, handler) {
  handlers.set(keys, handler);
}

function inField(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

// Whether the focus is in a text field, where editing chords such as Ctrl+Z belong to the field.
export function isTyping({ target }) {
  return inField(target) && !target.matches("[type=checkbox], [type=radio]");
}

function named(event) {
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + event.key;
}

function onKeydown(event) {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const chord = event.ctrlKey || event.metaKey;
  if (!chord && (inField(event.target) || document.querySelector("dialog[open]"))) return;
  if (!chord && event.key.length === 1 && recall("single-keys", true) === false) return;
  const handler = handlers.get(named(event));
  if (handler && handler(event) !== false) event.preventDefault();
}

function startOverlay() {
  const overlay = document.getElementById("shortcuts");
  if (!overlay) return;
  shortcut("?", () => overlay.showModal());
  const singleKeys = document.getElementById("single-keys");
  singleKeys.checked = recall("single-keys", true);
  singleKeys.addEventListener("change", () => remember("single-keys", singleKeys.checked));
}

export function startKeys() {
  document.addEventListener("keydown", onKeydown);
  startOverlay();
}
