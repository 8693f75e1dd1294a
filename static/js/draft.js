// Keeps the values of the form through a reload, for each designer apart.
//
// A form that the server filled ("Use all", an example) or refused is newer than the draft and replaces it.

import { recall, remember } from "./memory.js";

const NEVER_KEPT = new Set(["csrfmiddlewaretoken", "token"]);
const key = `draft-${document.body.dataset.designer}`;

export function form() {
  return document.getElementById("generation-form");
}

function kept(element) {
  return element.name && element.type !== "hidden" && !NEVER_KEPT.has(element.name);
}

export function saveDraft() {
  const values = {};
  for (const element of form().elements) {
    if (!kept(element)) continue;
    if (element.type === "checkbox") values[element.name] = element.checked;
    else if (element.type !== "radio" || element.checked) values[element.name] = element.value;
  }
  remember(key, values);
}

function restore(values) {
  for (const element of form().elements) {
    if (!kept(element) || !(element.name in values)) continue;
    const value = values[element.name];
    if (element.type === "checkbox") element.checked = value;
    else if (element.type === "radio") element.checked = element.value === value;
    else element.value = value;
  }
}

export function forgetDraft() {
  remember(key, null);
}

export function startDraft() {
  const isFilled = document.querySelector("[data-filled]") || form().querySelector("[aria-invalid], .field-error");
  if (isFilled) {
    saveDraft();
    // so that a reload brings back what was typed since, and not the old order again
    history.replaceState(history.state, "", location.pathname);
  } else {
    const values = recall(key);
    if (values) restore(values);
    // The estimate was made for the server's values; htmx listens from this moment on.
    if (values) document.addEventListener("DOMContentLoaded", () => form().dispatchEvent(new Event("change", { bubbles: true })));
  }
  document.addEventListener("input", onEdit);
  document.addEventListener("change", onEdit);
}

function onEdit(event) {
  if (event.target.form === form()) saveDraft();
}
