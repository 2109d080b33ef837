// A keyboard on the screen of the terminal, for fields with data-keyboard ("latin" or "digits"), when they are
// touched. It never covers the field: the page makes room for it. Whoever closes it types with the system's own.

import Keyboard from "../vendor/simple-keyboard.js";
import chinese from "../vendor/simple-keyboard-chinese.js";

const frame = document.getElementById("keyboard");
const words = frame.dataset;
const speaksChinese = document.documentElement.lang.startsWith("zh");

const LAYOUT = {
  lower: [
    "1 2 3 4 5 6 7 8 9 0",
    "q w e r t y u i o p",
    "a s d f g h j k l -",
    "{shift} z x c v b n m {bksp}",
    `${speaksChinese ? "{pinyin} " : ""}@ . {space} , {close}`,
  ],
  upper: [
    "! # & * ( ) + = / :",
    "Q W E R T Y U I O P",
    "A S D F G H J K L _",
    "{shift} Z X C V B N M {bksp}",
    `${speaksChinese ? "{pinyin} " : ""}@ ; {space} ' {close}`,
  ],
  digits: ["1 2 3", "4 5 6", "7 8 9", "{bksp} 0 {close}"],
};

let field = null;
let keyboard = null;
let isPinyin = speaksChinese;
let isClosedForGood = false;

function open(touched) {
  if (isClosedForGood) return;
  field = touched;
  field.inputMode = "none"; // the system's own keyboard stays away while ours is there
  frame.hidden = false;
  document.documentElement.classList.add("has-keyboard");
  keyboard ??= make();
  keyboard.setOptions({
    layoutName: field.dataset.keyboard === "digits" ? "digits" : "lower",
    maxLength: field.maxLength > 0 ? field.maxLength : undefined,
    enableLayoutCandidates: isPinyin && field.dataset.keyboard !== "digits",
  });
  keyboard.setInput(field.value);
  keyboard.setCaretPosition(field.selectionStart, field.selectionEnd);
  field.scrollIntoView({ block: "center" });
}

function close({ forGood = false } = {}) {
  isClosedForGood ||= forGood;
  frame.hidden = true;
  document.documentElement.classList.remove("has-keyboard");
  if (field) field.inputMode = field.dataset.keyboard === "digits" ? "numeric" : "text";
  field = null;
}

function make() {
  return new Keyboard(frame.querySelector("[data-keys]"), {
    layout: LAYOUT,
    layoutName: "lower",
    display: {
      "{bksp}": words.delete,
      "{shift}": words.shift,
      "{space}": words.space,
      "{close}": words.close,
      "{pinyin}": pinyinLabel(),
    },
    layoutCandidates: chinese.layoutCandidates,
    layoutCandidatesPageSize: 8,
    useButtonTag: true,
    preventMouseDownDefault: true,
    autoUseTouchEvents: true,
    onChange: write,
    onKeyPress: press,
  });
}

const pinyinLabel = () => (isPinyin ? words.pinyin : words.latin);

function write(text) {
  if (!field) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function press(key) {
  const { layoutName, display } = keyboard.options;
  if (key === "{shift}") keyboard.setOptions({ layoutName: layoutName === "upper" ? "lower" : "upper" });
  else if (layoutName === "upper" && key !== "{bksp}") keyboard.setOptions({ layoutName: "lower" });
  if (key === "{close}") close({ forGood: false });
  if (key === "{pinyin}") {
    isPinyin = !isPinyin;
    keyboard.setOptions({
      enableLayoutCandidates: isPinyin,
      display: { ...display, "{pinyin}": pinyinLabel() },
    });
  }
}

document.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "touch") return;
  const touched = event.target.closest?.("[data-keyboard]");
  // After the touch the field has the focus and its caret.
  if (touched) setTimeout(() => open(touched), 50);
  else if (field && !frame.contains(event.target) && !event.target.closest?.("#idle, .actions")) close();
});
document.addEventListener("input", (event) => {
  if (event.isTrusted && event.target === field) keyboard.setInput(field.value);
});
frame.querySelector("[data-keyboard-away]").addEventListener("click", () => close({ forGood: true }));
