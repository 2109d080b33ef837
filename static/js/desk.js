// The desks: a key presses the button that names it, unless somebody is typing.

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]");

document.querySelector("[data-focus]")?.focus();

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const wanted = [...document.querySelectorAll("[data-shortcut]")].find(
    (one) => one.dataset.shortcut.toLowerCase() === event.key.toLowerCase() && !one.disabled,
  );
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
});

// A form is sent once, also when the queue around it has been fetched anew.
document.addEventListener("submit", (event) => {
  const { dataset, method } = event.target;
  if (method !== "post") return;
  if (dataset.sent) {
    event.preventDefault();
    return;
  }
  dataset.sent = "yes";
  setTimeout(() => delete dataset.sent, 4000);
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
