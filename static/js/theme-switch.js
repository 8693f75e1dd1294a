// Runs the button that changes between system, light and dark. theme.js applies the choice before the first paint.

const THEMES = ["system", "light", "dark"];
const ICONS = { system: "screen", light: "sun", dark: "moon" };

export function startThemeSwitch() {
  const button = document.getElementById("theme-switch");
  if (!button) return;
  const root = document.documentElement;
  const use = button.querySelector("use");
  const sprite = use.getAttribute("href").split("#")[0];

  function show() {
    const theme = root.dataset.theme;
    use.setAttribute("href", `${sprite}#${ICONS[theme]}`);
    button.setAttribute("aria-label", `Theme: ${theme}`);
    button.title = `Theme: ${theme}`;
  }

  button.addEventListener("click", () => {
    root.dataset.theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
    try {
      localStorage.setItem("theme", root.dataset.theme); // plain text, because theme.js reads it without parsing
    } catch {
      // Storage is forbidden. The choice is forgotten at the next page.
    }
    show();
  });
  show();
}
