// Runs the small things of the form: counters, the words that a style adds, Ctrl+Enter.

import { forgetDraft, form, role, saveDraft } from "./draft.js";
import { shortcut } from "./keys.js";
import { recall, remember } from "./memory.js";
import { showSliders, startSliders } from "./sliders.js";

const MM_PER_PIXEL = 25.4 / 300;
const DOUBLE_CLICK_MS = 500;
let orderedAt = -Infinity;

// Sets a field as a person would, so that all listeners are told.
export function fill(element, value) {
  element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

function chosen(name) {
  return form().querySelector(`input[name="${name}"]:checked`);
}

// --- What is shown beside the fields ------------------------------------------------------------------------------

function showTrigger() {
  const on = form().querySelector(".trigger-on");
  if (!on) return;
  const word = form().querySelector(".trigger b").textContent.toLowerCase();
  on.textContent = role("prompt").value.toLowerCase().includes(word) ? "is in your prompt" : "added";
}

function showStyle() {
  const style = chosen("preset");
  const words = document.getElementById("style-adds");
  words.hidden = !style?.dataset.adds;
  if (words.hidden) return;
  for (const quote of words.querySelectorAll("[data-shows]")) quote.textContent = style.dataset[quote.dataset.shows];
  const advice = adviceOf(style);
  const button = document.getElementById("style-advice");
  button.hidden = advice.every(([field, value]) => (isSwitch(field) ? field.checked === value : String(Number(field.value) || field.value) === String(value)));
  button.textContent = `Use its settings: ${advice.map(([field, value]) => `${labelOf(field)} ${isSwitch(field) ? (value ? "on" : "off") : value}`).join(", ")}`;
}

// The settings that suit a style: each field with its value.
function adviceOf(style) {
  return Object.entries(JSON.parse(style.dataset.advice)).map(([name, value]) => [document.getElementById(name), value]).filter(([field]) => field);
}

function labelOf(field) {
  return field.labels[0].textContent.toLowerCase();
}

function isSwitch(field) {
  return field.type === "checkbox";
}

function takeAdvice() {
  for (const [field, value] of adviceOf(chosen("preset"))) {
    if (isSwitch(field)) field.checked = value;
    fill(field, isSwitch(field) ? field.value : value);
  }
}

// The pixels of a side, from its buttons or from its one control.
function side(name) {
  const control = role(name);
  return Number((control?.matches("fieldset") ? control.querySelector(":checked") : control)?.value);
}

function showSize() {
  const width = side("width");
  const height = side("height");
  if (!width || !height) return;
  const mm = (pixels) => (pixels * MM_PER_PIXEL).toFixed(1);
  document.getElementById("printed-size").textContent = `${mm(width)} × ${mm(height)} mm at 300 DPI`;
  const rect = document.querySelector("#size-shape rect");
  const whole = Math.max(1024, width, height);
  rect.ownerSVGElement.setAttribute("viewBox", `0 0 ${whole} ${whole}`);
  rect.setAttribute("width", width);
  rect.setAttribute("height", height);
  rect.setAttribute("x", (whole - width) / 2);
  rect.setAttribute("y", (whole - height) / 2);
}

// Shows the hint of the chosen option below each list whose options have hints.
function showHints() {
  for (const list of form().querySelectorAll("select[data-hinted]")) {
    document.getElementById(`${list.id}-hint`).textContent = list.selectedOptions[0]?.dataset.hint ?? "";
    for (const option of list.options) if (option.value) option.textContent = option.value;
  }
}

function showAll() {
  showTrigger();
  showStyle();
  showSize();
  showHints();
  showSliders();
  recallOpen();
}

function recallOpen() {
  for (const group of form().querySelectorAll("details[data-remembered]")) {
    if (!("hasErrors" in group.dataset)) group.open = recall(`open-${group.id}`, false);
  }
  if (role("negative_prompt")?.value) document.getElementById("negative").open = true;
}

// --- What a person does -------------------------------------------------------------------------------------------

function onInput({ target }) {
  orderedAt = -Infinity; // changed words are another order, however soon
  if (target.form !== form()) return;
  showTrigger();
  showStyle();
  showSize();
  showHints();
}

function onClick(event) {
  const filler = event.target.closest("[data-fills]");
  if (filler) {
    event.preventDefault();
    const field = role(filler.dataset.fills);
    fill(field, filler.dataset.text);
    field.focus();
  }
  if (event.target.closest("#style-advice")) takeAdvice();
  if (event.target.closest("[data-resets]")) {
    forgetDraft();
    location.assign(location.pathname);
  }
}

function clearErrors() {
  for (const error of form().querySelectorAll(".field-error, .notice-bad")) error.remove();
  for (const field of form().querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", `${field.id}-hint`);
  }
}

function onLoad({ target }) {
  if (target.id !== "generation-form") return;
  showAll(); // the server sent the form back with errors, or sent the form of another model
  saveDraft();
  const first = target.querySelector("[aria-invalid]");
  first?.closest("details")?.setAttribute("open", "");
  if (first?.closest("#parameters")) document.dispatchEvent(new Event("parameters-open"));
  if (!first) return;
  first.focus({ preventScroll: true });
  // else it may lie half under the bar with the button
  (first.closest(".field") ?? first).scrollIntoView({ block: "center" });
}

function generate() {
  form().requestSubmit();
}

export function startForm() {
  startSliders(); // first, because the rest reads the number boxes
  document.addEventListener("input", onInput);
  document.addEventListener("click", onClick);
  document.addEventListener("toggle", ({ target }) => {
    if (target.matches("details[data-remembered]")) remember(`open-${target.id}`, target.open);
    if (target.id === "negative" && target.open && !role("negative_prompt").value) {
      role("negative_prompt").focus();
    }
  }, true);
  document.body.addEventListener("htmx:load", onLoad);
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt === form()) clearErrors();
  });
  document.body.addEventListener("htmx:confirm", (event) => {
    if (event.detail.elt !== form()) return;
    // the second click of a double click is not a second order, even where the answer to the first is there already
    if (event.timeStamp - orderedAt < DOUBLE_CLICK_MS) event.preventDefault();
    orderedAt = event.timeStamp;
  });
  shortcut("Ctrl+Enter", generate);
  shortcut("/", () => role("prompt").focus());
  showAll();
  saveDraft();
}
