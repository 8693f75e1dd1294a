// Sets the remembered theme before the first paint, and tells the styles that scripts run.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    root.dataset.theme = localStorage.getItem("theme") || "system";
  } catch {
    root.dataset.theme = "system"; // storage can be forbidden; the system's choice then stands
  }
})();
