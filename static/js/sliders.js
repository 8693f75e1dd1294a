// Keeps a slider and the box beside it at the same number. data-twin on the slider names the box, which is what is
// sent.

export function showSliders() {
  for (const range of document.querySelectorAll("[data-twin]")) range.value = range.form.elements[range.dataset.twin].value;
}

function onInput({ target }) {
  if (!target.form) return;
  if (target.dataset.twin) target.form.elements[target.dataset.twin].value = target.value;
  const twin = target.name && target.form.querySelector(`[data-twin="${CSS.escape(target.name)}"]`);
  if (twin) twin.value = target.value;
}

export function startSliders() {
  document.addEventListener("input", onInput);
  showSliders(); // a browser that restores a form may restore the two with different numbers
}
