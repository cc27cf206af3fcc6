// The code of a site, typed on a keyboard or chosen with the arrows of a remote. Look-alikes are forgiven: no code has an O, and who
// types one meant something that is in the alphabet or nothing. Without this module the form works all the same.

import { need, show, text } from "./dom.js";
import { arrows, composing } from "./keys.js";
import { say } from "./words.js";

const form = /** @type {HTMLFormElement} */ (need("form#join"));
const input = /** @type {HTMLInputElement} */ (need("#code"));
const hint = need("#code-hint");
const go = /** @type {HTMLButtonElement} */ (need("#go"));
const check = /** @type {HTMLButtonElement} */ (need("#check"));
const pad = need("#pad");
const alphabet = form.dataset.alphabet ?? "ACDEFGHJKLMNPQRTUVWXY2346789";
const length = Number(form.dataset.length ?? 8);
/** Typed for what looks like it and is in the alphabet. */
const MEANT = /** @type {Record<string, string>} */ ({ B: "8", Z: "2" });
/** What it may have been, where one guess would be as good as another: the person looks again. */
const MAYBE = /** @type {Record<string, string>} */ ({
  O: "D, Q",
  0: "D, Q",
  I: "J, L",
  1: "J, L, 7",
  S: "6, 8",
  5: "6, 9",
});

/** Characters that no code has, as typed, each once. */
let strangers = /** @type {string[]} */ ([]);

/** @param {string} typed */
function clean(typed) {
  let code = "";
  const refused = new Set();
  for (const letter of typed.normalize("NFKD").toUpperCase()) {
    const meant = alphabet.includes(letter) ? letter : MEANT[letter];
    if (meant) code += meant;
    else if (/[\p{L}\d]/u.test(letter)) refused.add(letter);
  }
  return { code, refused: [...refused] };
}

/** What is too much stays, so that nobody looks for a character that vanished. @param {string} code */
const grouped = (code) => (code.match(/.{1,4}/g) ?? []).join(" ");

function draw() {
  const { code } = clean(input.value);
  const left = length - code.length;
  const typed = strangers.join(", ");
  const maybe = strangers.length === 1 ? MAYBE[typed] : undefined;
  if (maybe) text(hint, say("join-alike", { typed, maybe }));
  else if (typed) text(hint, say("join-unknown", { typed }));
  else if (left < 0) text(hint, say("join-over", { n: code.length }));
  else text(hint, left > 0 ? say("join-left", { n: left }) : say("join-complete"));
  hint.classList.toggle("warn", typed !== "" || left < 0);
  go.disabled = left !== 0;
  check.disabled = left !== 0;
}

function tidy() {
  const before = input.value;
  const { code, refused } = clean(before);
  const after = grouped(code);
  strangers = refused;
  if (after === before) return draw();
  // The caret stays behind the character it was behind.
  const behind = clean(before.slice(0, input.selectionStart ?? before.length)).code.length;
  input.value = after;
  const caret = behind + Math.max(0, Math.ceil(behind / 4) - 1);
  if (document.activeElement === input) input.setSelectionRange(caret, caret);
  draw();
}

let composingNow = false;
input.addEventListener("compositionstart", () => {
  composingNow = true;
});
input.addEventListener("compositionend", () => {
  composingNow = false;
  tidy();
});
input.addEventListener("input", (event) => {
  if (composingNow || (event instanceof InputEvent && event.isComposing)) return;
  tidy();
});

/** @param {string} letter */
function add(letter) {
  const { code, refused } = clean(input.value + letter);
  input.value = grouped(code);
  strangers = refused;
  draw();
  if (code.length === length) go.focus();
}
function back() {
  input.value = grouped(clean(input.value).code.slice(0, -1));
  strangers = [];
  draw();
}

pad.addEventListener("click", (event) => {
  const key = event.target instanceof Element ? event.target.closest("button") : null;
  if (!key) return;
  if (key.dataset.key === "back") back();
  else add(key.textContent ?? "");
});

// On the pad a keyboard still types, and the remote's back key takes one away.
addEventListener("keydown", (event) => {
  if (event.target === input || composing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Backspace") {
    event.preventDefault();
    back();
  } else if (event.key.length === 1 && /[\p{L}\d]/u.test(event.key)) {
    event.preventDefault();
    add(event.key);
  }
});

form.addEventListener("submit", () => {
  input.value = clean(input.value).code;
  go.setAttribute("aria-busy", "true");
});
// A page that comes back from the browser's memory is not busy.
addEventListener("pageshow", () => go.removeAttribute("aria-busy"));

show(pad, true);
arrows(form);
tidy();
if (!matchMedia("(pointer: coarse)").matches) input.focus();
