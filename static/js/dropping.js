// Sends pictures that are dropped anywhere on a page with its import form.

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
    event.preventDefault(); // else the browser would open the picture
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
