// Sends edits to the server, one after the other, each with the version that the page has seen.
//
// What could not be saved stays here, and holds up what comes after it, until a person decides: the edit was made on
// a version that is no longer the newest, or the server did not answer.

import { takeEdit, takeState, sheet } from "./edit-sheet.js";

const queue = []; // { path, operations, settle }, the first one is under way
let isHeld = false;
let isSending = false;
let shown = () => {};

const address = () => document.getElementById("edit").dataset.edits;
export const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

// `show` is called with what to tell: "saving", "saved", "refused" (words), "stale" (the answer) or "unsaved" (words).
export function startServer(show) {
  shown = show;
  window.addEventListener("beforeunload", (event) => queue.length && event.preventDefault());
}

export async function load() {
  const response = await fetch(address(), { headers: { Accept: "application/json" } });
  if (!response.ok || response.redirected) throw new Error(String(response.status));
  takeState(await response.json());
}

// Send operations, or with `path` undo or redo. The answer, or null if the server refused it or it was dropped.
export function send(operations, path = "") {
  return new Promise((settle) => {
    queue.push({ path, operations, settle });
    sendFirst();
  });
}

async function sendFirst() {
  if (isHeld || isSending || !queue.length) return;
  isSending = true;
  shown("saving");
  const [{ path, operations }] = queue;
  const body = { version: sheet.version, ...(path ? {} : { operations }) };
  let response;
  let answer = null;
  try {
    response = await fetch(address() + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(body),
    });
    if (response.headers.get("Content-Type")?.startsWith("application/json")) answer = await response.json();
  } catch {
    return hold("unsaved", "The studio cannot be reached.");
  }
  return settle(response, answer, path);
}

async function settle(response, answer, path) {
  if (response.ok && answer) {
    takeEdit(answer);
    shift(answer);
  } else if (response.status === 409 && answer) {
    if (path) await takeTheirs("Somebody else changed this sheet. Look at it, then press again.");
    else hold("stale", answer);
  } else if (answer) {
    shown("refused", answer.error);
    shift(null);
  } else {
    hold("unsaved", response.redirected ? "You are signed out." : `The studio could not save it (${response.status}).`);
  }
}

function shift(answer) {
  isSending = isHeld = false;
  queue.shift().settle(answer);
  if (!queue.length) shown("saved");
  sendFirst();
}

function hold(kind, about) {
  isHeld = true;
  isSending = false;
  shown(kind, about);
}

// --- What a person decides about what is held --------------------------------------------------------------------

export function sendAgain() {
  isHeld = false;
  sendFirst();
}

// Show the newest version under what is not saved.
export async function look() {
  await load();
}

// Drop what is not saved, and show the newest version.
export async function takeTheirs(words = "") {
  const dropped = queue.splice(0);
  isHeld = isSending = false;
  for (const each of dropped) each.settle(null);
  try {
    await load();
    shown(words ? "refused" : "saved", words);
  } catch {
    shown("refused", "The studio cannot be reached. Reload the page.");
  }
}

export async function putOnTop() {
  await load();
  sendAgain();
}
