// Keeps the values of the form over a reload, separately for each designer.
//
// A form that the server filled ("Use all", an example) or refused is newer than the draft and replaces it. A draft
// belongs to the model whose form was filled in. The page of that model opens first.

import { recall, remember } from "./memory.js";

const NEVER_KEPT = new Set(["csrfmiddlewaretoken", "token"]);
let isLeaving = false; // the page goes to another model, and must not overwrite that model's draft with its own values
const key = `draft-${document.body.dataset.designer}`;

export function form() {
  return document.getElementById("generation-form");
}

// The control that has this role, such as "seed"; null if the chosen model has no such parameter.
export function role(name) {
  return form().querySelector(`[data-role="${name}"]`);
}

function kept(element) {
  return element.name && element.type !== "hidden" && !NEVER_KEPT.has(element.name);
}

export function saveDraft() {
  if (isLeaving) return;
  const values = {};
  for (const element of form().elements) {
    if (!kept(element)) continue;
    if (element.type === "checkbox") values[element.name] = element.checked;
    else if (element.type !== "radio" || element.checked) values[element.name] = element.value;
  }
  values.model = form().dataset.model;
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

// Opens the form of the draft's model, if the page shows another model and offers that one. Says whether it does.
function opensItsModel({ model }) {
  const choices = [...(form().elements.model?.options ?? [])].map((option) => option.value);
  if (model === form().dataset.model || !choices.includes(model)) return false;
  isLeaving = true;
  location.replace(`?model=${encodeURIComponent(model)}`);
  return true;
}

export function forgetDraft() {
  remember(key, null);
}

export function startDraft() {
  const isFilled = document.querySelector("[data-filled]") || form().querySelector("[aria-invalid], .field-error");
  if (isFilled) {
    saveDraft();
    // A reload then brings back what was typed since, and not the values that the server filled in.
    history.replaceState(history.state, "", location.pathname);
  } else {
    const values = recall(key);
    if (values?.model && opensItsModel(values)) return;
    if (values && (values.model ?? form().dataset.model) === form().dataset.model) restore(values);
    // The estimate was made for the server's values. htmx listens only from DOMContentLoaded on.
    if (values) document.addEventListener("DOMContentLoaded", () => form().dispatchEvent(new Event("change", { bubbles: true })));
  }
  document.addEventListener("input", onEdit);
  document.addEventListener("change", onEdit);
}

function onEdit(event) {
  if (event.target.form === form()) saveDraft();
}
