// Shows on a button what it began. The words in data-busy stand there from the sending of its form to the next page.

export function startBusy() {
  document.addEventListener("submit", ({ submitter, target, defaultPrevented }) => {
    if (!submitter?.dataset.busy || defaultPrevented) return;
    // Wait until the form's data is taken: a disabled button would not be sent with it.
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
