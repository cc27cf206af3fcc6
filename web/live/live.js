// @ts-check
// Keeps a page current: the server sends whole fragments, each with an id, and each takes the place of the one on the page.
// What somebody is typing, has opened or has under the focus is left as it is. While the stream is broken the page says since when.

import { Idiomorph } from "../vendor/idiomorph/idiomorph.esm.js";

/** A blip is nobody's business; longer than this the page says that it is not live. */
const SILENT_MS = 4000;
/** The server speaks as soon as a stream is opened; a page that hears nothing for so long has something on the way that keeps it. */
const HELD_MS = 12_000;

const address = document.querySelector('meta[name="live"]')?.getAttribute("content");
const banner = document.getElementById("live-lost");
const words = document.getElementById("live-words");
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** @type {EventSource | null} */
let stream = null;
let lostAt = 0;
let timer = 0;
let heldTimer = 0;

/** @param {string | undefined} text */
function say(text) {
  if (!banner || !words) return;
  banner.hidden = text === undefined;
  if (text !== undefined && words.textContent !== text) words.textContent = text;
}

/** @param {string} html */
function place(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const fresh of Array.from(template.content.children)) {
    const old = document.getElementById(fresh.id);
    if (old) {
      Idiomorph.morph(old, fresh, {
        morphStyle: "outerHTML",
        ignoreActiveValue: true,
        restoreFocus: true,
        callbacks: { beforeAttributeUpdated: keepOpened, beforeNodeMorphed: keepTyped },
      });
    }
  }
}

/** What a person opened stays open. @param {string} name @param {Element} element */
function keepOpened(name, element) {
  return !(name === "open" && element instanceof HTMLDetailsElement);
}

/** A field that was typed into keeps what was typed. @param {Element} element */
function keepTyped(element) {
  const isField = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
  return !(isField && element.type !== "hidden" && element.value !== element.defaultValue);
}

function open() {
  if (!address) return;
  stream = new EventSource(address);
  clearTimeout(heldTimer);
  heldTimer = window.setTimeout(held, HELD_MS);
  stream.addEventListener("open", found);
  stream.addEventListener("message", (event) => {
    clearTimeout(heldTimer);
    found();
    place(event.data);
  });
  stream.addEventListener("error", () => {
    if (lostAt === 0) lostAt = Date.now();
    clearTimeout(timer);
    timer = window.setTimeout(tell, SILENT_MS);
    // Closed for good: refused (signed out, no longer allowed). Asked again slowly, in case it is allowed again.
    if (stream?.readyState === EventSource.CLOSED) {
      say(words?.dataset.refused);
      window.setTimeout(open, 15_000);
    }
  });
}

function found() {
  lostAt = 0;
  clearTimeout(timer);
  say(undefined);
}

/** The stream is open, or seems to be, and nothing came. */
function held() {
  if (lostAt !== 0 || stream?.readyState === EventSource.CLOSED) return;
  say(words?.dataset.held);
  void fetch("/live/held", { method: "POST" }).catch(() => {});
}

function tell() {
  if (lostAt === 0 || stream?.readyState === EventSource.CLOSED) return;
  say(words?.dataset.lost?.replace("{time}", clock.format(lostAt)));
}

open();
// A page kept by the browser for "back" lost its stream.
addEventListener("pageshow", (event) => {
  if (event.persisted && stream?.readyState === EventSource.CLOSED) open();
});
