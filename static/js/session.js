// When the session has ended, a request for a fragment is answered with the sign-in page: go there instead of
// showing it inside this page, and come back afterwards.

export function startSession() {
  const { login } = document.body.dataset;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { responseURL } = event.detail.xhr;
    if (!responseURL || new URL(responseURL).pathname !== login) return;
    event.detail.shouldSwap = false;
    location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
  });
}
