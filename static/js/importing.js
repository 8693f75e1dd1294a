// The import form: looks at each file before it is sent, sends one after the other, and says what became of each.
//
// Without scripts the form posts all its files at once. With scripts each is a request of its own, so that a hundred
// pictures need no more memory than one, and a file that fails takes none of the others with it.

const WORDS = {
  403: "This page is too old. Reload it and try again.",
  413: "That is too large for the studio's server.",
  507: "The studio's disk is full.",
};
const ENDS_ALL = new Set([0, 403, 507]); // the next file would fare no better

let sending = null; // the request under way
let items = []; // {file, row, state}; the state is wrong, waiting, sending, taken, refused or failed

export function startImporting(form) {
  if (!form || form.dataset.started) return;
  form.dataset.started = "1";
  const input = form.querySelector("input[type=file]");
  input.required = false; // the list holds the files
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // so that the same file can be chosen again
    add(form, files);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const item of items) if (item.state === "failed") set(item, "waiting", "");
    send(form);
  });
  form.querySelector("[data-stops]").addEventListener("click", () => stop(form));
  window.addEventListener("beforeunload", (event) => sending && event.preventDefault());
  show(form);
}

// Takes files into the list. `problem` stands for files that are not even looked at.
export async function add(form, files, problem = "") {
  startImporting(form);
  const errors = form.querySelector("[data-errors]");
  errors.replaceChildren();
  if (!sending) clear(form);
  const looked = await Promise.all(files.filter(isVisible).map(async (file) => ({ file, problem: await problemOf(file, form) })));
  const most = Number(form.dataset.mostFiles);
  const good = looked.filter((each) => !each.problem).length + items.filter(({ state }) => state === "waiting").length;
  if (good > most) problem = `These are ${good.toLocaleString("en")} pictures; at most ${most} can be imported at once. Nothing was sent.`;
  if (!problem && !looked.length) problem = "There is no picture in it.";
  if (problem) {
    const words = form.querySelector("[data-error-template]").content.firstElementChild.cloneNode(true);
    words.append(problem);
    errors.append(words);
    return show(form);
  }
  const list = form.querySelector("[data-files]");
  for (const { file, problem: wrong } of looked) {
    const item = { file, row: row(file) };
    items.push(item);
    list.append(item.row);
    set(item, wrong ? "wrong" : "waiting", wrong);
  }
  show(form);
  if ("atOnce" in form.dataset) send(form);
}

// --- Looking ------------------------------------------------------------------------------------------------------

// Systems leave files of their own in folders, such as .DS_Store.
function isVisible({ name }) {
  return !name.startsWith(".") && !["Thumbs.db", "desktop.ini"].includes(name);
}

// By the first bytes, as the server does: the name and the type that a system gives may be wrong.
async function problemOf(file, form) {
  if (!file.size) return "empty";
  if (file.size > Number(form.dataset.mostBytes)) return `${spell(file.size)}: too large`;
  try {
    const start = new Uint8Array(await file.slice(0, 12).arrayBuffer());
    const text = String.fromCharCode(...start);
    const isWebpOrAvif = (text.startsWith("RIFF") && text.endsWith("WEBP")) || ["ftypavif", "ftypmif1"].includes(text.slice(4));
    const isPicture = text.startsWith("\x89PNG\r\n") || text.startsWith("\xff\xd8\xff") || isWebpOrAvif;
    return isPicture ? "" : "not a PNG, JPEG, WebP or AVIF";
  } catch {
    return "cannot be read";
  }
}

function spell(bytes) {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

// --- Showing ------------------------------------------------------------------------------------------------------

function row(file) {
  const item = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { className: "ellipsis", textContent: file.name });
  const fate = Object.assign(document.createElement("span"), { className: "file-fate" });
  const picture = Object.assign(document.createElement("img"), { alt: "", loading: "lazy", src: URL.createObjectURL(file) });
  picture.addEventListener("error", () => picture.remove());
  item.append(picture, name, fate);
  return item;
}

// `fate` is text, or the element that the studio answered with.
function set(item, state, fate) {
  item.state = state;
  const said = item.row.querySelector(".file-fate");
  if (fate instanceof Element) said.replaceWith(fate);
  else said.textContent = fate || spell(item.file.size);
  item.row.classList.toggle("is-wrong", ["wrong", "refused", "failed"].includes(state));
}

const count = (...states) => items.filter(({ state }) => states.includes(state)).length;

function show(form) {
  const [waiting, failed, taken, refused] = [count("waiting", "sending"), count("failed"), count("taken"), count("wrong", "refused")];
  const button = form.querySelector("[data-sends]");
  button.hidden = Boolean(sending) || ("atOnce" in form.dataset && !waiting && !failed);
  button.disabled = !waiting && !failed;
  button.lastChild.textContent = failed && !waiting ? ` Send the other ${failed} again` : " Import and cut";
  form.querySelector("[data-stops]").hidden = !sending;
  const progress = form.querySelector("progress");
  progress.hidden = !sending;
  progress.max = items.filter(({ state }) => state !== "wrong").reduce((sum, { file }) => sum + file.size, 0) || 1;
  form.querySelector("[data-gallery]").hidden = Boolean(sending) || !taken;
  const parts = [];
  if (sending) parts.push(`Sending ${taken + count("refused") + failed + 1} of ${items.length - count("wrong")}`);
  else if (waiting) parts.push(`${waiting} ready to be sent`);
  if (taken && !sending) parts.push(`${taken} taken in`);
  if (refused) parts.push(`${refused} left out`);
  if (failed) parts.push(`${failed} not sent`);
  form.querySelector("[data-summary]").textContent = parts.join(" · ");
}

function clear(form) {
  for (const { row: each } of items) URL.revokeObjectURL(each.querySelector("img")?.src);
  items = [];
  form.querySelector("[data-files]").replaceChildren();
}

// --- Sending ------------------------------------------------------------------------------------------------------

async function send(form) {
  if (sending) return;
  for (let item; (item = items.find(({ state }) => state === "waiting")); ) {
    set(item, "sending", "sending …");
    item.row.scrollIntoView({ block: "nearest" });
    const status = await post(form, item);
    if (item.state === "failed" && ENDS_ALL.has(status)) {
      for (const other of items) if (other.state === "waiting") set(other, "failed", "not sent");
    }
  }
  sending = null;
  show(form);
  end(form);
}

// Resolves with the status, once what became of the file stands in its row. Status 0: there was no answer.
function post(form, item) {
  const data = new FormData();
  data.append("files", item.file, item.file.name);
  const request = new XMLHttpRequest();
  sending = request;
  show(form);
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  request.upload.addEventListener("progress", ({ loaded }) => {
    const before = items.filter(({ state }) => ["taken", "refused", "failed"].includes(state)).reduce((sum, { file }) => sum + file.size, 0);
    form.querySelector("progress").value = before + loaded;
    item.row.querySelector(".file-fate").textContent = loaded < item.file.size ? `sending ${Math.floor((100 * loaded) / item.file.size)} %` : "being looked at …";
  });
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => {
      settle(item, request);
      resolve(request.status);
    });
    request.send(data);
  });
}

function settle(item, request) {
  const { status, responseURL } = request;
  const { login } = document.body.dataset;
  if (responseURL && new URL(responseURL).pathname === login) {
    sending = null; // so that the page may be left
    location.assign(`${login}?next=${encodeURIComponent(location.pathname)}`);
  } else if (status === 200 || status === 422) {
    const answer = document.createElement("template");
    answer.innerHTML = request.responseText;
    set(item, status === 200 ? "taken" : "refused", answer.content.firstElementChild);
  } else {
    const none = item.stopped ? "stopped" : "The studio cannot be reached.";
    set(item, "failed", WORDS[status] ?? (status ? `That did not work (${status}).` : none));
  }
}

function stop(form) {
  for (const item of items) {
    if (item.state === "waiting") set(item, "failed", "stopped");
    item.stopped = item.state === "sending";
  }
  sending?.abort();
  show(form);
}

// Where all went well there is nothing to read here: on to the sheet, or to the gallery with all of them.
function end(form) {
  if (!count("taken")) return;
  const dialog = form.closest("dialog");
  const isSeen = !dialog || dialog.open;
  if (count("taken") === items.length && isSeen) {
    const sheets = form.querySelectorAll("[data-files] a");
    location.assign(sheets.length === 1 ? sheets[0].href : form.querySelector("[data-gallery]").href);
  } else if (!isSeen) dialog.showModal();
}
