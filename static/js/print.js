// A button with data-print prints the page, or, where it says "pages", the document in the page's frame once that is
// there. It is shown only here, because without scripts it could not.
const frame = document.querySelector("iframe[data-pages]");

for (const button of document.querySelectorAll("button[data-print]")) {
  const show = () => { button.hidden = false; };
  if (button.dataset.print === "pages") {
    frame.addEventListener("load", show);
    if (frame.contentDocument === null || frame.contentDocument.readyState === "complete") show();
    button.addEventListener("click", () => frame.contentWindow.print());
  } else {
    show();
    button.addEventListener("click", () => window.print());
  }
}
