// A button with data-print prints the page; it is shown only here, because without scripts it could not.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
