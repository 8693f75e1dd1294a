// The form's small manners: counters, what a style adds, Ctrl+Enter.

import { forgetDraft, form, saveDraft } from "./draft.js";
import { shortcut } from "./keys.js";
import { recall, remember } from "./memory.js";
import { showSliders, startSliders } from "./sliders.js";

const MM_PER_PIXEL = 25.4 / 300;

// Sets a field as a person would, so that everything that listens hears of it.
export function fill(element, value) {
  element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

function chosen(name) {
  return form().querySelector(`input[name="${name}"]:checked`);
}

// --- What is shown beside the fields ------------------------------------------------------------------------------

// CLIP's tokens cannot be counted here; about four words make five of them.
function countTokens(text) {
  const pieces = text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
  return pieces.reduce((sum, piece) => sum + Math.max(1, Math.round(piece.length / 7)), 0);
}

function showCount() {
  const aside = document.getElementById("prompt-count");
  const words = [form().elements.prompt.value, chosen("preset")?.dataset.adds ?? ""].join(" ");
  const count = countTokens(words);
  const about = Number(aside.dataset.about);
  aside.classList.toggle("is-long", count > about);
  aside.textContent = count > about ? `~${count} of ${about} tokens: the end counts less` : `~${count} of ${about} tokens`;
  aside.hidden = !form().elements.prompt.value;
}

function showTrigger() {
  const on = form().querySelector(".trigger-on");
  const word = form().querySelector(".trigger b").textContent.toLowerCase();
  on.textContent = form().elements.prompt.value.toLowerCase().includes(word) ? "is in your prompt" : "added";
}

function showStyle() {
  const style = chosen("preset");
  const words = document.getElementById("style-adds");
  words.hidden = !style?.dataset.adds;
  if (words.hidden) return;
  for (const quote of words.querySelectorAll("[data-shows]")) quote.textContent = style.dataset[quote.dataset.shows];
  const advice = adviceOf(style);
  const button = document.getElementById("style-advice");
  button.hidden = advice.every(([name, value]) => Number(form().elements[name].value) === Number(value));
  button.textContent = `Use its settings: ${advice.map(([, value, label]) => `${label} ${Number(value)}`).join(", ")}`;
}

// The settings that suit a style: field, value and the field's label.
function adviceOf(style) {
  return [...form().querySelectorAll("[data-twin]")]
    .map((range) => [range.dataset.twin, style.getAttribute(`data-advises-${range.dataset.twin}`), range.getAttribute("aria-label").toLowerCase()])
    .filter(([, value]) => value);
}

function takeAdvice() {
  for (const [name, value] of adviceOf(chosen("preset"))) fill(form().elements[name], value);
}

function showSize() {
  const width = Number(chosen("img_width")?.value);
  const height = Number(chosen("img_height")?.value);
  if (!width || !height) return;
  const mm = (pixels) => (pixels * MM_PER_PIXEL).toFixed(1);
  document.getElementById("printed-size").textContent = `${mm(width)} × ${mm(height)} mm at 300 DPI`;
  const rect = document.querySelector("#size-shape rect");
  rect.setAttribute("width", width);
  rect.setAttribute("height", height);
  rect.setAttribute("x", (1024 - width) / 2);
  rect.setAttribute("y", (1024 - height) / 2);
}

function showScheduler() {
  const { scheduler } = form().elements;
  document.getElementById("scheduler-hint").textContent = scheduler.selectedOptions[0]?.dataset.hint ?? "";
  for (const option of scheduler.options) option.textContent = option.value; // the hint stands below
}

function showAll() {
  showCount();
  showTrigger();
  showStyle();
  showSize();
  showScheduler();
  showSliders();
  recallOpen();
}

function recallOpen() {
  for (const group of form().querySelectorAll("details[data-remembered]")) {
    if (!("hasErrors" in group.dataset)) group.open = recall(`open-${group.id}`, false);
  }
  if (form().elements.negative_prompt.value) document.getElementById("negative").open = true;
}

// --- What a person does -------------------------------------------------------------------------------------------

function onInput({ target }) {
  if (target.form !== form()) return;
  showCount();
  showTrigger();
  showStyle();
  showSize();
  showScheduler();
}

function onClick(event) {
  const filler = event.target.closest("[data-fills]");
  if (filler) {
    event.preventDefault();
    const field = form().elements[filler.dataset.fills];
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
  showAll(); // the server sent the form back with errors
  const first = target.querySelector("[aria-invalid]");
  first?.closest("details")?.setAttribute("open", "");
  if (first?.closest("#parameters")) document.dispatchEvent(new Event("parameters-open"));
  if (!first) return;
  first.focus({ preventScroll: true });
  (first.closest(".field") ?? first).scrollIntoView({ block: "center" }); // not half under the bar with the button
}

function generate() {
  form().requestSubmit();
}

export function startForm() {
  startSliders(); // before what reads the boxes
  document.addEventListener("input", onInput);
  document.addEventListener("click", onClick);
  document.addEventListener("toggle", ({ target }) => {
    if (target.matches("details[data-remembered]")) remember(`open-${target.id}`, target.open);
    if (target.id === "negative" && target.open && !form().elements.negative_prompt.value) {
      form().elements.negative_prompt.focus();
    }
  }, true);
  document.body.addEventListener("htmx:load", onLoad);
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt === form()) clearErrors();
  });
  shortcut("Ctrl+Enter", generate);
  shortcut("/", () => form().elements.prompt.focus());
  showAll();
  saveDraft();
}
