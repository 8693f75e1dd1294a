// Stops all polling while the tab is hidden, and polls at once when the tab is shown again.
//
// A condition in the htmx trigger could do the same. But htmx evaluates such a condition as code, which the content
// security policy forbids.

const POLLERS = "[hx-trigger*='look-now']";

export function startPolling() {
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.elt.matches(POLLERS)) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const poller of document.querySelectorAll(POLLERS)) htmx.trigger(poller, "look-now");
  });
}
