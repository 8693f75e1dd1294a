// Opens the sign-in page when the session has ended. The server answers a request for a fragment with that page, which
// must not appear inside this one. After signing in the designer comes back here.

export function startSession() {
  const { login } = document.body.dataset;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { responseURL } = event.detail.xhr;
    if (!responseURL || new URL(responseURL).pathname !== login) return;
    event.detail.shouldSwap = false;
    location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
  });
}
