// Shows the picked sticker beside the sheet: its cut-out, its name and its doubt. And what happened: notices and the
// stickers that were removed.

import { token } from "./edit-server.js";
import { doubtful, find, onSheet, picked, rename, sheet } from "./edit-sheet.js";
import { keepBorder, restore } from "./edit-tools.js";
import { toast } from "./toast.js";

const node = (id) => document.getElementById(id);

// What helps against each doubt, by words of its reason.
const REMEDIES = [
  [/two stickers|shares a border/, "Draw a line between them with the knife (K), or leave it if it is one."],
  [/loose parts/, "Cut off what does not belong with the knife (K) or the eraser (E)."],
  [/border|outline/, "Mend its edge with the brushes (B, E), or draw it anew (N)."],
  [/edge/, "The rest is not in the picture. Delete it, or keep it as it is."],
  [/small|size/, "Merge it with its figure (M), or delete it."],
];

export function startSide() {
  onSheet(show);
  node("edit-name").addEventListener("change", saveName);
  node("edit-name").addEventListener("keydown", onNameKey);
  node("edit-keep").addEventListener("click", () => keepBorder(true));
  node("edit-trim").addEventListener("click", () => keepBorder(false));
  node("edit-removed-list").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) restore(sheet.removed[Number(button.value)]);
  });
}

function show() {
  const [sticker] = picked();
  node("edit-picked").classList.toggle("is-empty", !sticker);
  node("edit-many").hidden = sheet.picked.length < 2;
  node("edit-many").textContent = `${sheet.picked.length} are picked. Press M to merge them.`;
  if (sticker) showSticker(sticker);
  const left = doubtful().length;
  node("edit-left").textContent = left ? `${left} to check` : "None to check";
  node("edit-left").parentElement.classList.toggle("is-none", !left);
  node("edit-next").disabled = !left;
  node("edit-undo").disabled = !sheet.undo;
  node("edit-redo").disabled = !sheet.redo;
  node("edit-undo").title = `Undo${sheet.undo && `: ${sheet.undo}`} (Ctrl+Z)`;
  node("edit-redo").title = `Redo${sheet.redo && `: ${sheet.redo}`} (Ctrl+Shift+Z)`;
  for (const each of document.querySelectorAll("[data-needs-picked]")) each.disabled = !sticker;
  node("edit-cutting").hidden = !sheet.isCutting;
  showList("edit-unplayed", sheet.unplayed, ({ why }) => why);
  showList("edit-removed-box", sheet.removed, ({ point }, at) => restoring(point, at));
  if (sheet.prints.length) showList("edit-prints", sheet.prints, ({ name, url }) => linked(name, url));
}

function showSticker({ id, number, name, title, reason, cutout, box, has_border: hasBorder }) {
  const picture = node("edit-cutout");
  if (picture.getAttribute("src") !== cutout) {
    picture.width = box[2];
    picture.height = box[3];
    picture.src = cutout;
  }
  picture.alt = `The cut-out of ${name}`;
  node("edit-number").textContent = number;
  node("edit-size").textContent = `${box[2]} × ${box[3]} px`;
  const field = node("edit-name");
  if (field.dataset.of !== String(id) || document.activeElement !== field) field.value = title;
  field.dataset.of = id;
  field.placeholder = `Sticker ${number}`;
  node("edit-doubt").hidden = !reason;
  node("edit-reason").textContent = reason && reason[0].toUpperCase() + reason.slice(1);
  node("edit-remedy").textContent = REMEDIES.find(([words]) => words.test(reason))?.[1] ?? "";
  node("edit-keep").hidden = hasBorder === true;
  node("edit-trim").hidden = hasBorder === false;
  node("edit-download").href = `${cutout}${cutout.includes("?") ? "&" : "?"}download=1`;
}

function showList(id, rows, made) {
  const box = node(id);
  box.hidden = !rows.length;
  box.querySelector("ul").replaceChildren(...rows.map((row, at) => {
    const item = document.createElement("li");
    item.append(made(row, at));
    return item;
  }));
}

function linked(words, href) {
  return Object.assign(document.createElement("a"), { textContent: words, href, className: "link-alone" });
}

function restoring([x, y], at) {
  const words = `Restore the one at ${Math.round(x)}, ${Math.round(y)}`;
  return Object.assign(document.createElement("button"), { textContent: words, value: at, type: "button", className: "button button-small" });
}

// --- The name --------------------------------------------------------------------------------------------------

async function saveName({ target }) {
  const id = Number(target.dataset.of);
  const [title, before] = [target.value.trim(), find(id)];
  if (!before || title === before.title) return;
  const answer = await fetch(`/stickers/${id}/title/`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true", "X-CSRFToken": token() },
    body: new URLSearchParams({ title }),
  }).catch(() => ({ ok: false }));
  if (answer.ok && !answer.redirected) rename(id, title);
  else toast({ text: "The name could not be saved. Change it and try again.", bad: true });
}

function onNameKey(event) {
  if (event.key === "Escape") event.target.value = find(Number(event.target.dataset.of))?.title ?? "";
  if (event.key === "Enter" || event.key === "Escape") node("edit-stage").focus({ preventScroll: true });
}
