// Files and folders dropped anywhere. Nothing that is dropped ever takes the browser away from the studio.
//
// On the import page they join its list. Elsewhere they open the same form in a dialog, and are sent at once.

const MOST_SEEN = 2_000; // files of one drop; with more it is a folder that was not meant

export function startDropping() {
  const veil = document.getElementById("drop-veil"); // null where nobody is signed in
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  // Text may be dropped into a field. A link dropped anywhere else would be opened in place of the page.
  const isText = (event) => !carriesFiles(event) && event.target.closest?.("textarea, input:not([type=file]), [contenteditable]");

  document.addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) veil?.classList.add("is-open");
  });
  document.addEventListener("dragover", (event) => {
    if (isText(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = veil && carriesFiles(event) ? "copy" : "none";
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) veil?.classList.remove("is-open");
  });
  document.addEventListener("drop", (event) => {
    if (isText(event)) return;
    event.preventDefault();
    veil?.classList.remove("is-open");
    if (veil && carriesFiles(event)) take(entriesOf(event.dataTransfer));
  });
}

// The transfer is empty as soon as its event is over, so this waits for nothing.
function entriesOf({ items }) {
  return [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile()).filter(Boolean);
}

async function take(entries) {
  const files = [];
  for (const entry of entries) await collect(entry, files);
  const [form, { add }] = await Promise.all([importForm(), import("./importing.js")]);
  if (files.length > MOST_SEEN) add(form, [], `These are more than ${MOST_SEEN.toLocaleString("en")} files. Nothing was sent; drop fewer.`);
  else add(form, files);
}

async function collect(entry, files) {
  if (files.length > MOST_SEEN) return;
  if (entry instanceof File) files.push(entry);
  else if (entry.isFile) files.push(await fileOf(entry));
  else for (const one of await childrenOf(entry)) await collect(one, files);
}

// A file that the browser may not read is listed with its name, and found to be empty.
function fileOf(entry) {
  return new Promise((resolve) => entry.file(resolve, () => resolve(new File([], entry.name))));
}

// A reader hands out a folder's entries by the hundred; an empty batch is the end.
async function childrenOf(folder) {
  const reader = folder.createReader();
  const children = [];
  for (;;) {
    const batch = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!batch.length || children.length > MOST_SEEN) return children.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    children.push(...batch);
  }
}

async function importForm() {
  const dialog = document.getElementById("import-dialog");
  if (dialog && !document.getElementById("import-form")) {
    await htmx.ajax("GET", dialog.dataset.form, { target: dialog, swap: "innerHTML" });
  }
  if (dialog?.firstElementChild && !dialog.open) dialog.showModal();
  return document.getElementById("import-form");
}
