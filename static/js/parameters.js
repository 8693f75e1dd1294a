// Lets the settings slide over the page on a phone.

function panel() {
  return document.getElementById("parameters");
}

function opener() {
  return document.querySelector("[data-parameters=open]");
}

function isOpen() {
  return panel().classList.contains("is-open");
}

function open() {
  panel().classList.add("is-open");
  opener().setAttribute("aria-expanded", "true");
  panel().querySelector("[data-parameters=close]").focus();
}

function close() {
  panel().classList.remove("is-open");
  opener().setAttribute("aria-expanded", "false");
  opener().focus();
}

export function startParameters() {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-parameters=open]")) open();
    else if (isOpen() && (target.closest("[data-parameters=close]") || !panel().contains(target))) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) close();
  });
  document.addEventListener("parameters-open", () => {
    if (opener().checkVisibility()) open();
  });
}
