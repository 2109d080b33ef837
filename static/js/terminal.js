// The terminal in the hall: nothing of a visit stays for the next visitor.
// A quiet visitor is asked whether they are still there; no answer ends the visit on the server, and the page goes.

const dialog = document.getElementById("idle");
const form = document.getElementById("leave-form");
const signsOfLife = ["pointerdown", "pointermove", "keydown", "input", "wheel", "touchstart", "scroll"];
const quiet = Number(dialog.dataset.idleSeconds) * 1000;
const warning = Math.max(20, Number(dialog.dataset.warningSeconds)) * 1000; // WCAG 2.2.1: at least 20 s to answer
const isInVisit = Boolean(form?.elements.namedItem("csrf_token"));
const isAtTheStart = () => location.pathname === dialog.dataset.home;

let lastSign = Date.now();
let askedAt = 0;

// What somebody chose stands in addresses, and these in the browser's history, which no page can empty. So each entry
// remembers in whose turn at the terminal it was made, and one of an earlier turn leads to the first page instead.
const turn = () => Number(sessionStorage.getItem("turn"));
const endTurn = () => sessionStorage.setItem("turn", String(turn() + 1));

if (isAtTheStart() || (history.state?.turn ?? turn()) === turn()) {
  history.replaceState({ turn: turn() }, "");
} else {
  document.body.replaceChildren();
  location.replace(dialog.dataset.home);
}

function stay() {
  lastSign = Date.now();
  askedAt = 0;
  if (dialog.open) dialog.close();
}

async function leave() {
  endTurn();
  // The page is emptied first: whatever happens to the network, nobody reads it any more.
  const lost = dialog.dataset.lost;
  const { home } = dialog.dataset;
  const data = form && new FormData(form);
  document.body.replaceChildren();
  try {
    if (isInVisit) await fetch(form.action, { method: "POST", body: data, signal: AbortSignal.timeout(8000) });
    else await fetch(home, { method: "HEAD", signal: AbortSignal.timeout(8000) });
    location.replace(isInVisit ? form.dataset.after : home);
  } catch {
    const words = document.createElement("p");
    words.className = "lost";
    words.textContent = lost;
    document.body.replaceChildren(words);
    setTimeout(() => leaveAgain(form?.action, data, home), 5000);
  }
}

async function leaveAgain(action, data, home) {
  try {
    if (isInVisit) await fetch(action, { method: "POST", body: data, signal: AbortSignal.timeout(8000) });
    else await fetch(home, { method: "HEAD", signal: AbortSignal.timeout(8000) });
    location.replace(home);
  } catch {
    setTimeout(() => leaveAgain(action, data, home), 5000);
  }
}

function tick() {
  const now = Date.now();
  if (!askedAt) {
    if (now - lastSign < quiet) return;
    if (isAtTheStart() && !isInVisit) {
      // Nothing to ask: whoever was here has gone, and whoever comes is another.
      endTurn();
      lastSign = now;
      return;
    }
    askedAt = now;
    dialog.showModal();
  }
  const left = Math.ceil((askedAt + warning - now) / 1000);
  dialog.querySelector("[data-countdown]").textContent = String(Math.max(0, left));
  if (left <= 0) {
    clearInterval(clock);
    leave();
  }
}

const clock = setInterval(tick, 500);
for (const sign of signsOfLife) {
  // While the question stands, only an answer to it counts.
  addEventListener(sign, () => { if (!askedAt) lastSign = Date.now(); }, { passive: true, capture: true });
}
dialog.querySelector("[data-stay]").addEventListener("click", stay);
dialog.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });

// Leaving by hand takes the page out of the history as well.
if (isInVisit) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearInterval(clock);
    leave();
  });
}

// A page out of the browser's memory belongs to somebody else: ask the server anew.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// The last page of a visit goes back to the languages by itself.
const onward = document.querySelector("[data-go-to]");
if (onward) setTimeout(() => location.replace(onward.dataset.goTo), Number(onward.dataset.goAfter) * 1000);
