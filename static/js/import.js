// Shows the pictures chosen on the import page, and says at once which files are too large or too many for the server.

const form = document.getElementById("import-form");
const input = document.getElementById("files");
const list = document.getElementById("files-list");
const errors = document.getElementById("files-error");
const mostBytes = Number(form.dataset.mostBytes);
const mostFiles = Number(form.dataset.mostFiles);
let addresses = [];

input.addEventListener("change", () => {
  errors.replaceChildren();
  for (const address of addresses) URL.revokeObjectURL(address);
  addresses = [];
  list.replaceChildren(...[...input.files].map(row));
  const tooMany = input.files.length > mostFiles;
  input.setCustomValidity(tooMany ? `At most ${mostFiles} files can be sent at once.` : "");
  if (tooMany) input.reportValidity();
});

form.addEventListener("submit", () => {
  const button = document.getElementById("import-button");
  button.disabled = true;
  button.lastChild.textContent = " Importing…";
});

window.addEventListener("pageshow", () => {
  document.getElementById("import-button").disabled = false;
});

function spell(bytes) {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function row(file) {
  const item = document.createElement("li");
  const picture = document.createElement("img");
  const name = document.createElement("span");
  const size = document.createElement("span");
  const address = URL.createObjectURL(file);
  addresses.push(address);
  picture.src = address;
  picture.alt = "";
  picture.addEventListener("error", () => {
    picture.remove();
    item.classList.add("is-wrong");
    size.textContent = "not a picture";
  });
  name.className = "ellipsis";
  name.textContent = file.name;
  const isTooLarge = file.size > mostBytes;
  size.textContent = `${spell(file.size)}${isTooLarge ? ": too large" : ""}`;
  item.classList.toggle("is-wrong", isTooLarge);
  item.append(picture, name, size);
  return item;
}
