// The settings beside the pages keep their place while answers come in, and no answer takes back a newer change.

const SIDE = ".print-side";
const changed = new Set(); // forms with a change that no request has taken along yet
let scrolled = 0;

export function startSide() {
  // Before htmx hears of it: the request that it sends for this change takes it along.
  document.addEventListener("change", ({ target }) => changed.add(target.closest?.(`${SIDE} form`)), true);
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => changed.delete(detail.elt));
  document.body.addEventListener("htmx:beforeSwap", onBeforeSwap);
  document.body.addEventListener("htmx:afterSwap", () => side()?.scrollTo({ top: scrolled }));
  document.body.addEventListener("htmx:afterSettle", () => {
    side()?.querySelector("[aria-invalid=true]")?.scrollIntoView({ block: "nearest" });
  });
}

const side = () => document.querySelector(SIDE);

function onBeforeSwap({ detail }) {
  if (detail.target.id !== "print-work") return;
  // The older answer knows nothing of the change that waits behind it; the next one brings it all.
  if ([...changed].some((form) => form?.isConnected)) detail.shouldSwap = false;
  else changed.clear();
  scrolled = side()?.scrollTop ?? 0;
}
