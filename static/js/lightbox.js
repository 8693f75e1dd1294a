// Shows one sticker large. A click or Enter on a [data-lightbox] link opens it, arrows move, Esc closes. The focus then
// returns to the last picture shown. Without scripts the link opens the file itself.

import { cells } from "./grid.js";

let dialog = null;
let shown = null; // the link whose sticker is open

const MARKUP = `
  <div class="lightbox-head">
    <p class="lightbox-words"><strong id="lightbox-title" dir="auto"></strong><span></span></p>
    <span class="lightbox-place"></span>
    <button class="icon-button" type="button" data-zoom aria-pressed="false" aria-label="Actual pixels" title="Actual pixels (Z)"><svg class="icon" aria-hidden="true"><use href="SPRITE#zoom"/></svg></button>
    <a class="icon-button" data-save aria-label="Download PNG" title="Download PNG"><svg class="icon" aria-hidden="true"><use href="SPRITE#download"/></svg></a>
    <button class="icon-button" type="button" data-close aria-label="Close" title="Close (Esc)"><svg class="icon" aria-hidden="true"><use href="SPRITE#close"/></svg></button>
  </div>
  <div class="lightbox-stage backdrop"><img alt=""></div>
  <button class="icon-button lightbox-step lightbox-previous" type="button" data-step="-1" aria-label="Previous sticker"><svg class="icon" aria-hidden="true"><use href="SPRITE#chevron-left"/></svg></button>
  <button class="icon-button lightbox-step lightbox-next" type="button" data-step="1" aria-label="Next sticker"><svg class="icon" aria-hidden="true"><use href="SPRITE#chevron-right"/></svg></button>`;

export function startLightbox() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("[data-lightbox]") : null;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    event.preventDefault();
    open(link);
  });
}

function links() {
  return cells().map((cell) => cell.querySelector("[data-lightbox]")).filter(Boolean);
}

function build() {
  const sprite = document.querySelector("#theme-switch use").getAttribute("href").split("#")[0];
  dialog = document.createElement("dialog");
  dialog.className = "lightbox";
  dialog.tabIndex = -1;
  dialog.setAttribute("aria-labelledby", "lightbox-title");
  dialog.innerHTML = MARKUP.replaceAll("SPRITE", sprite);
  dialog.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (step) go(Number(step.dataset.step));
    else if (event.target.closest("[data-close]")) dialog.close();
    else if (event.target.closest("[data-zoom], .lightbox-stage img")) zoom();
  });
  dialog.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    if (event.key in steps) go(steps[event.key]);
    else if (event.key === "z") zoom();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("close", () => shown?.focus());
  document.body.append(dialog);
}

function open(link) {
  if (!dialog) build();
  show(link);
  zoom(false);
  dialog.showModal();
  dialog.focus(); // so that the arrows work at once, and no button looks pressed
}

function show(link) {
  shown = link;
  const list = links();
  const picture = dialog.querySelector(".lightbox-stage img");
  picture.src = link.href;
  picture.alt = link.querySelector("img").alt;
  dialog.querySelector("strong").textContent = title(link);
  dialog.querySelector(".lightbox-words span").textContent = link.dataset.facts;
  dialog.querySelector(".lightbox-place").textContent = `${list.indexOf(link) + 1} / ${list.length}`;
  dialog.querySelector("[data-save]").href = link.dataset.download;
  for (const button of dialog.querySelectorAll("[data-step]")) button.hidden = list.length < 2;
}

// A title that was just edited is newer than the one that came with the page.
function title(link) {
  const field = link.closest("[data-cell]").querySelector(".title-input");
  return field ? field.value || field.placeholder : link.dataset.name;
}

function go(step) {
  const list = links();
  show(list[(list.indexOf(shown) + step + list.length) % list.length]);
}

function zoom(full = !dialog.classList.contains("is-full")) {
  dialog.classList.toggle("is-full", full);
  dialog.querySelector("[data-zoom]").setAttribute("aria-pressed", full);
}
