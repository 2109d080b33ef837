// Small comforts of the visitors' forms. Everything works without them.

// After a refused form the reader is taken to what is wrong.
document.querySelector("[data-focus]")?.focus();

// "I am not sure" and a typed answer exclude each other: the one that was given last counts.
for (const box of document.querySelectorAll(".instead input[type=checkbox]")) {
  const key = box.name.slice(0, -"-instead".length);
  const inputs = [...box.form.elements].filter((part) => part.name === key || part.name.startsWith(`${key}-`));
  const boxes = inputs.filter((part) => part.name === box.name);
  const typed = inputs.filter((part) => part.name !== box.name);
  box.addEventListener("change", () => {
    if (!box.checked) return;
    for (const other of boxes) other.checked = other === box;
    for (const part of typed) part.value = "";
  });
  for (const part of typed) {
    part.addEventListener("input", () => {
      if (part.value) box.checked = false;
    });
  }
}

// A form is sent once, however often the button is pressed (after a while again: the answer may have been lost).
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
}

// What is chosen in a form that only asks stands in the address: another language, a reload and Back find it again.
for (const form of document.querySelectorAll("form[data-keeps]")) {
  form.addEventListener("change", () => {
    const chosen = new URLSearchParams(new FormData(form));
    chosen.delete(form.dataset.keeps);
    history.replaceState(history.state, "", `?${chosen}`);
    for (const link of document.querySelectorAll(".preferences a")) link.search = chosen;
  });
}

// A page that comes back out of the browser's memory shows nothing that was typed.
window.addEventListener("pageshow", (event) => {
  const [visit] = performance.getEntriesByType("navigation");
  if (!event.persisted && visit?.type !== "back_forward") return;
  for (const form of document.forms) {
    if (!form.dataset.keeps) form.reset();
    delete form.dataset.sent;
  }
});
