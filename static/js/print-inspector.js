// Shows the picked sticker's place in the print sheet's unit. Sending these fields saves it.

const form = () => document.getElementById("print-inspector");
const scale = () => Number(document.getElementById("print-work").dataset.scale); // units in one millimetre

export function show(item) {
  const fields = form();
  if (!fields) return;
  fields.classList.toggle("is-open", Boolean(item));
  for (const row of document.querySelectorAll(".print-sticker")) row.classList.remove("is-picked");
  if (!item) return;
  const { number, name, size, locked, words } = item.dataset;
  fields.elements.number.value = number;
  place(item);
  document.getElementById("inspector-name").textContent = name;
  document.getElementById("inspector-size").textContent = size;
  const lock = document.getElementById("inspector-lock");
  lock.value = locked ? "unlock" : "lock";
  lock.querySelector("span").textContent = locked ? "Unlock" : "Lock";
  const said = document.getElementById("inspector-words");
  said.textContent = words;
  said.hidden = !words;
  document.querySelector(`.print-sticker[data-of="${number}"]`)?.classList.add("is-picked");
}

// Writes the item's present place into the fields.
export function place(item) {
  const { x, y, rotation, page } = item.dataset;
  const { elements } = form();
  elements.x.value = short(Number(x) * scale());
  elements.y.value = short(Number(y) * scale());
  elements.rotation.value = short(Number(rotation));
  elements.page.value = page;
}

export function send(doing) {
  document.getElementById(`inspector-${doing}`).click(); // a click, because htmx then sends the button's value, too
}

function short(number) {
  return String(Math.round(number * 1000) / 1000);
}
