// Keeps the settings beside the pages in place when answers arrive, and lets no answer undo a newer change.

const SIDE = ".print-side";
const changed = new Set(); // forms with a change that no request has sent yet
let scrolled = 0;

export function startSide() {
  // This runs before htmx gets the event: the request that htmx sends for this change includes the change.
  document.addEventListener("change", ({ target }) => changed.add(target.closest?.(`${SIDE} form`)), true);
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => changed.delete(detail.elt));
  document.body.addEventListener("htmx:beforeSwap", onBeforeSwap);
  document.body.addEventListener("htmx:afterSwap", () => side()?.scrollTo({ top: scrolled }));
  document.body.addEventListener("htmx:afterSettle", () => {
    side()?.querySelector("[aria-invalid=true]")?.scrollIntoView({ block: "center" }); // not under the bar with the button
  });
}

const side = () => document.querySelector(SIDE);

function onBeforeSwap({ detail }) {
  if (detail.target.id !== "print-work") return;
  // An older answer does not include the change that still waits. The next answer brings everything.
  if ([...changed].some((form) => form?.isConnected)) detail.shouldSwap = false;
  else changed.clear();
  scrolled = side()?.scrollTop ?? 0;
}
