// Runs the three buttons of the seed: dice for a new random one each time, recycle for the last one, lock to keep one.
//
// An empty box means random. The server then chooses the number and the card shows it.

import { form, role } from "./draft.js";
import { fill } from "./form.js";
import { shortcut } from "./keys.js";

const RANDOM = /^\s*(-1)?\s*$/;

// null if the chosen model takes no seed
function box() {
  return role("seed");
}

function lastSeed() {
  return document.getElementById("queue").dataset.lastSeed;
}

function isRandom() {
  return RANDOM.test(box().value);
}

function show() {
  if (!box()) return;
  const random = isRandom();
  const lock = form().querySelector("[data-seed=lock]");
  form().querySelector("[data-seed=random]").setAttribute("aria-pressed", random);
  lock.setAttribute("aria-pressed", !random);
  const use = lock.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, random ? "#unlock" : "#lock"));
  form().querySelector("[data-seed=last]").disabled = !lastSeed();
  document.getElementById(`${box().id}-hint`).textContent = random ? "a new one each time" : "kept for the next sheets";
}

// A number to keep if there is no last seed yet.
function anySeed() {
  return String(1 + (crypto.getRandomValues(new Uint32Array(1))[0] >>> 2));
}

const actions = {
  random: () => box() && fill(box(), ""),
  last: () => box() && lastSeed() && fill(box(), lastSeed()),
  lock: () => box() && fill(box(), isRandom() ? lastSeed() || anySeed() : ""),
};

export function startSeed() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-seed]");
    if (button) actions[button.dataset.seed]();
  });
  document.addEventListener("input", ({ target }) => {
    if (target === box()) show();
  });
  document.body.addEventListener("htmx:load", show);
  shortcut("s", actions.random);
  shortcut("l", actions.last);
  show();
}
