// Pictures dropped anywhere on a page with an import form are posted by that form.

export function startDropping() {
  const form = document.getElementById("drop-form");
  const veil = document.getElementById("drop-veil");
  if (!form || !veil) return;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  document.addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) veil.classList.add("is-open");
  });
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault(); // without this the browser would open the picture instead
    event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) veil.classList.remove("is-open");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    veil.classList.remove("is-open");
    if (!event.dataTransfer.files.length) return;
    form.querySelector("input[type=file]").files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
