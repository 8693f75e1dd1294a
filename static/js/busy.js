// A button that says what it began: data-busy are its words from the moment its form is sent until the next page.

export function startBusy() {
  document.addEventListener("submit", ({ submitter, target, defaultPrevented }) => {
    if (!submitter?.dataset.busy || defaultPrevented) return;
    // after the form's own data is taken: a disabled button would not be sent with it
    setTimeout(() => begin(submitter));
    window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload(), { once: true });
    target.setAttribute("aria-busy", "true");
  });
}

function begin(button) {
  const spinner = Object.assign(document.createElement("span"), { className: "spinner" });
  spinner.setAttribute("aria-hidden", "true");
  button.disabled = true;
  button.replaceChildren(spinner, ` ${button.dataset.busy}`);
}
