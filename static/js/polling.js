// Whatever polls rests while its tab is hidden, and looks at once when the tab is seen again.
//
// htmx could be told so in the trigger itself, but evaluates such a condition, which the content policy forbids.

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
