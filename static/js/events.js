// An answer of JSON holds events for the page, by name: {"toast": {"text": "…"}}. It swaps nothing.
// The events are in the body, since headers have no room for the names of a thousand rows.

export function startEvents() {
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr } = detail;
    if (!xhr.getResponseHeader("Content-Type")?.startsWith("application/json")) return;
    detail.shouldSwap = false;
    for (const [name, about] of Object.entries(JSON.parse(xhr.responseText))) htmx.trigger(document.body, name, about);
  });
}
