// The number board: asks every second, shows and speaks each call on its own, and says when it has lost the server.
//
// A row of a call is an element with data-call (id), data-calls (how often called), data-label, data-counter and
// hidden elements [data-say][lang] with the sentences to speak.

const EVERY = 1000;
const LOST_AFTER = 4000;
const SHOWN_AT_LEAST = 6000;
const SPEECH_AT_MOST = 15000;

const board = document.querySelector("[data-board]");
const panel = document.querySelector("[data-board-call]");
const lost = document.querySelector("[data-board-lost]");
const sound = document.querySelector("[data-board-sound]");

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// Calls: known ones with how often they were called, and those still to be announced.
const known = new Map();
const queue = [];
let announcing = false;

function readCalls() {
  return [...board.querySelectorAll("[data-call]")].map((row) => ({
    id: row.dataset.call,
    calls: Number(row.dataset.calls),
    label: row.dataset.label,
    counter: row.dataset.counter,
    sentences: [...row.querySelectorAll("[data-say]")].map((one) => ({ lang: one.lang, text: one.textContent.trim() })),
  }));
}

function note(calls, { isNews }) {
  // The page lists the newest first; they are spoken in the order they were made.
  for (const call of [...calls].reverse()) {
    if (isNews && call.calls > (known.get(call.id) ?? 0)) {
      const waiting = queue.findIndex((one) => one.id === call.id);
      if (waiting >= 0) queue[waiting] = call;
      else queue.push(call);
    }
    known.set(call.id, call.calls);
  }
  if (!announcing && queue.length) announceAll();
}

async function announceAll() {
  announcing = true;
  while (queue.length) await announce(queue.shift());
  panel.hidden = true;
  announcing = false;
}

async function announce(call) {
  panel.querySelector("[data-call-number]").textContent = call.label;
  panel.querySelector("[data-call-counter]").textContent = call.counter;
  panel.hidden = false;
  panel.classList.remove("flash");
  requestAnimationFrame(() => panel.classList.add("flash"));
  await Promise.all([pause(SHOWN_AT_LEAST), chimeAndSpeak(call)]);
}

async function chimeAndSpeak(call) {
  await chime();
  for (const sentence of call.sentences) await speak(sentence);
}

// Sound

let audio = null;

function openSound() {
  audio ??= window.AudioContext ? new AudioContext() : null;
  if (audio) audio.resume().then(showSoundButton, showSoundButton);
  showSoundButton();
}

function showSoundButton() {
  sound.hidden = !audio || audio.state === "running";
}

async function chime() {
  if (audio?.state !== "running") return;
  for (const [tone, at] of [[659.26, 0], [523.25, 0.35]]) {
    const start = audio.currentTime + at;
    const [voice, volume] = [audio.createOscillator(), audio.createGain()];
    voice.type = "sine";
    voice.frequency.value = tone;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.5, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 1.1);
    voice.connect(volume).connect(audio.destination);
    voice.start(start);
    voice.stop(start + 1.2);
  }
  await pause(1300);
}

function speak({ lang, text }) {
  const speech = window.speechSynthesis;
  const tongue = lang.split("-")[0].toLowerCase();
  const voice = speech?.getVoices().find((one) => one.lang.toLowerCase().startsWith(tongue));
  if (!voice) return Promise.resolve(); // no voice of this language: number, flash and chime stay
  return new Promise((done) => {
    const words = new SpeechSynthesisUtterance(text);
    words.lang = lang;
    words.voice = voice;
    words.rate = 0.9;
    words.onend = done;
    words.onerror = done;
    setTimeout(done, SPEECH_AT_MOST); // a voice that never ends must not hold up the next number
    speech.speak(words);
  });
}

// The server

let heardAt = Date.now();
let shown = board.innerHTML;

async function ask() {
  try {
    const answer = await fetch(location.href, {
      headers: { "HX-Request": "true" },
      cache: "no-cache",
      signal: AbortSignal.timeout(3000),
    });
    if (answer.ok) {
      heardAt = Date.now();
      show(await answer.text());
    }
  } catch {
    // Said by the banner below once it has lasted.
  }
  lost.hidden = Date.now() - heardAt < LOST_AFTER;
}

function show(fragment) {
  if (fragment === shown) return;
  shown = fragment;
  const fresh = new DOMParser().parseFromString(fragment, "text/html");
  board.replaceChildren(...(fresh.querySelector("[data-board]") ?? fresh.body).childNodes);
  note(readCalls(), { isNews: true });
}

async function run() {
  note(readCalls(), { isNews: false });
  openSound();
  sound.addEventListener("click", openSound);
  for (;;) {
    const began = Date.now();
    await ask();
    await pause(Math.max(100, EVERY - (Date.now() - began)));
  }
}

run();
