// Sets the remembered theme before the first paint, and marks for the styles that scripts run.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    root.dataset.theme = localStorage.getItem("theme") || "system";
  } catch {
    root.dataset.theme = "system"; // storage can be forbidden; the system's choice holds then
  }
})();
