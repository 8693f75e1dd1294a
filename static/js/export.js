// Runs the export dialog: opens it when its content arrives, converts lengths when the unit changes, has quick sizes.
// The same form also exists as a page of its own, and works there without this script.

const MM_PER_INCH = 25.4;

export function startExport() {
  const dialog = document.getElementById("export-dialog");
  dialog?.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === dialog && !dialog.open) open(dialog);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("#export-form [name=unit]")) convert(event.target.value);
  }, { capture: true }); // before htmx sends the form
  document.addEventListener("input", (event) => {
    if (event.target.id === "export-size") takeOneSize();
  });
  document.addEventListener("click", (event) => {
    const chip = event.target instanceof Element ? event.target.closest("[data-size-mm]") : null;
    if (!chip) return;
    const size = document.getElementById("export-size");
    const millimetres = Number(chip.dataset.sizeMm);
    size.value = unit() === "in" ? short(millimetres / MM_PER_INCH) : millimetres;
    takeOneSize();
    size.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// Puts the focus on the first field, ready to be typed over, and not on the button that closes the dialog.
function open(dialog) {
  dialog.showModal();
  const field = dialog.querySelector("input.input") ?? dialog.querySelector("[type=radio]:checked");
  field?.focus();
  field?.select();
}

// Whoever gives a size means it for all stickers.
function takeOneSize() {
  document.querySelector('#export-form [name=fit][value=""]').checked = true;
}

function unit() {
  return document.querySelector("#export-form [name=unit]:checked")?.value ?? "mm";
}

function convert(to) {
  const factor = to === "in" ? 1 / MM_PER_INCH : MM_PER_INCH;
  for (const field of document.querySelectorAll("#export-size, #export-border")) {
    const number = Number(field.value.replace(",", "."));
    if (field.value.trim() && Number.isFinite(number)) field.value = short(number * factor);
  }
  document.getElementById("export-border-unit").textContent = to === "in" ? "inch" : "mm";
}

function short(number) {
  return String(Math.round(number * 1000) / 1000);
}

startExport();
