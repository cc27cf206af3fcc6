// @ts-check
// The clerk's line: a directive is caught while it is spoken. The first key starts it and takes the second; `@` names a unit, `#` a date;
// Enter records. Everything works as a plain form too: this file only makes it faster.
//
//   keys ─▶ entry (text, lead, coordinating, due) ─▶ outbox ─▶ server ─▶ the list comes back over the live stream
//
// Invariant: what is in the line is on this machine's disk before the next key, and no key acts while an input method composes.

import "./clerk-view.js";
import { icon } from "../room/dom.js";
import { find, findable, fold } from "./fold.js";
import { newKey, Outbox } from "./outbox.js";

/**
 * @typedef {import("./fold.js").Findable} Findable
 * @typedef {{ key: string, name: string, count?: number }} Chip
 * @typedef {{ words: string, shown: string | null, clear: boolean }} Due
 * @typedef {{ text: string, lead: Chip[], coordinating: Chip[], due: Due | null, spoken: number | null, directive: number | null,
 *   number: number | null, seq: number | null }} Entry
 */

const PICKS_MAX = 8;
const TYPED_MAX = 4000;

/** @param {string} id */
const must = (id) => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
};

const page = must("capture");
const form = /** @type {HTMLFormElement} */ (must("entry"));
const line = /** @type {HTMLTextAreaElement} */ (must("now"));
const read = must("read");
const picker = must("picker");
const pending = must("pending");
const note = must("note");
const spoken = must("spoken");
const saved = must("saved");
const load = must("load");
const sheet = /** @type {HTMLDialogElement} */ (must("sheet"));
/** @type {Record<string, string>} */
const words = JSON.parse(must("words").textContent ?? "{}");

const base = page.dataset.base ?? "";
const store = `nhipcau.clerk.${page.dataset.person}.${page.dataset.conference}`;
// The conference's clock, which a demo may shift: the server's now at the moment this page was made, and what has passed here since.
const clockOffset = Number(page.dataset.now) - Date.now();
const now = () => Date.now() + clockOffset;
const timeZone = "Asia/Ho_Chi_Minh";
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone,
});

/** A text of the catalogue with its arguments put in. @param {string} key @param {Record<string, string | number>} args */
const say = (key, args = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(args[name] ?? whole));

/** @returns {Entry} */
const blank = () => ({
  text: "",
  lead: [],
  coordinating: [],
  due: null,
  spoken: null,
  directive: null,
  number: null,
  seq: null,
});

/** @type {Entry} */
let entry = blank();
/** The line as it was before an earlier sentence was opened for editing. @type {Entry | null} */
let laidAside = null;
/** @type {Findable[]} */
let units = [];
/** What the picker offers: units, or one reading of a date. @type {{ kind: "unit" | "due", from: number, picks: Findable[], due: Due | null, at: number } | null} */
let offer = null;
/** Directives recorded here, the last one last: what Ctrl+Z takes back. @type {number[]} */
let mine = recall(`${store}.mine`, []);
/** @type {number[]} */
const takenBack = [];
let composing = false;
/** Where a space was put after a name by itself; a comma typed next takes its place. */
let ownSpace = -1;

// ---------------------------------------------------------------- keeping

/** @template T @param {string} name @param {T} fallback @returns {T} */
function recall(name, fallback) {
  try {
    const kept = localStorage.getItem(name);
    return kept === null ? fallback : JSON.parse(kept);
  } catch {
    return fallback;
  }
}

/** @param {string} name @param {unknown} value */
function keep(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Storage full or forbidden: the page goes on, only the copy for a reload is missing.
  }
}

const keepEntry = () => keep(`${store}.line`, { entry, laidAside });

const token = () => /** @type {HTMLInputElement} */ (form.elements.namedItem("csrf"));

const outbox = new Outbox(`${store}.outbox`, {
  csrf: () => token().value,
  renew: renewToken,
  onChange: drawPending,
  onAnswer: answered,
});

/** After signing in again (in another tab) the token of this page is void: the page is asked for a new one. */
async function renewToken() {
  try {
    const response = await fetch(base, { headers: { accept: "text/html" } });
    if (!response.ok || new URL(response.url).pathname !== base) return false;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const value = fresh.querySelector('meta[name="csrf"]')?.getAttribute("content");
    if (!value) return false;
    token().value = value;
    return true;
  } catch {
    return false;
  }
}

/** @param {import("./outbox.js").Letter} letter @param {import("./outbox.js").Answer} answer */
function answered(letter, answer) {
  if (answer.ok) {
    const directive = Number(answer.body?.directive);
    if (letter.url === base && Number.isFinite(directive) && !mine.includes(directive)) {
      mine = [...mine.slice(-99), directive];
      keep(`${store}.mine`, mine);
    }
    return;
  }
  // Refused: what was typed comes back, beside the reason.
  const text = answer.body?.errors?.[0]?.detail ?? answer.body?.detail ?? say("refused");
  keep(`${store}.refused`, [...recall(`${store}.refused`, []), { letter, text }]);
  drawPending();
}

// ---------------------------------------------------------------- the entry

/** Takes this second as the one in which the sentence was begun. */
function stamp() {
  entry.spoken = now();
}

/** @param {Entry} next */
function show(next) {
  entry = next;
  line.value = entry.text;
  closePicker();
  draw();
  grow();
}

function draw() {
  keepEntry();
  must("entry-number").textContent = entry.number === null ? (page.dataset.next ?? "") : String(entry.number);
  spoken.textContent = entry.spoken === null ? "" : clock.format(entry.spoken);
  form.classList.toggle("editing", entry.directive !== null);
  must("leave").hidden = entry.directive === null;
  must("take-back").hidden = entry.directive === null;
  must("record-word").textContent = say(entry.directive === null ? "record" : "record-edit", {
    number: entry.number ?? "",
  });
  const chips = document.createElement("span");
  chips.className = "chips";
  const started = entry.text.trim() !== "" || entry.lead.length > 0;
  for (const chip of entry.lead) chips.append(chipFor(chip, "lead"));
  if (started && entry.lead.length === 0) chips.append(gapFor("gap-lead"));
  for (const chip of entry.coordinating) chips.append(chipFor(chip, "coordinating"));
  if (entry.due !== null) chips.append(dueChip(entry.due));
  if (started && entry.due === null) chips.append(gapFor("gap-due"));
  const whole = started && entry.lead.length > 0 && entry.due?.clear === true && entry.text.trim() !== "";
  read.replaceChildren(chips);
  const state = must("whole");
  state.hidden = !whole;
  drawLoad();
}

/** @param {Chip} chip @param {"lead" | "coordinating"} role */
function chipFor(chip, role) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = role === "lead" ? "chip lead-unit" : "chip";
  button.textContent = chip.count === undefined ? chip.name : `${chip.name} · ${chip.count}`;
  button.title = say(role === "lead" ? "chip-lead" : "chip-coordinating", { name: chip.name });
  button.addEventListener("click", () => move(chip, role));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    entry[role] = entry[role].filter((other) => other.key !== chip.key);
    draw();
    line.focus();
  });
  const away = document.createElement("button");
  away.type = "button";
  away.className = "chip-away";
  away.textContent = "×";
  away.setAttribute("aria-label", say("chip-away", { name: chip.name }));
  away.addEventListener("click", () => {
    entry[role] = entry[role].filter((other) => other.key !== chip.key);
    draw();
    line.focus();
  });
  const pair = document.createElement("span");
  pair.className = "chip-pair";
  pair.append(button, away);
  return pair;
}

/** From leading to coordinating, and back. @param {Chip} chip @param {"lead" | "coordinating"} from */
function move(chip, from) {
  const to = from === "lead" ? "coordinating" : "lead";
  entry[from] = entry[from].filter((other) => other.key !== chip.key);
  entry[to] = [...entry[to], chip];
  draw();
  line.focus();
}

/** @param {Due} due */
function dueChip(due) {
  const chip = document.createElement("button");
  chip.type = "button";
  chip.className = due.clear ? "chip due" : "chip gap";
  chip.append(due.clear ? icon("i-calendar") : icon("m-soon"), due.shown ?? due.words);
  chip.title = say(due.clear ? "chip-due" : "chip-due-unclear", { words: due.words });
  chip.addEventListener("click", () => {
    // Back into the line, behind its `#`, to be typed again.
    const at = entry.text.lastIndexOf(due.words);
    const text =
      at < 0 ? `${entry.text.trimEnd()} #${due.words}` : `${entry.text.slice(0, at)}#${entry.text.slice(at)}`;
    entry = { ...entry, text, due: null };
    line.value = text;
    const caret = at < 0 ? text.length : at + 1 + due.words.length;
    line.focus();
    line.setSelectionRange(caret, caret);
    typed();
  });
  return chip;
}

/** @param {string} key */
function gapFor(key) {
  const chip = document.createElement("span");
  chip.className = "chip gap";
  chip.append(icon("m-soon"), say(key));
  return chip;
}

/** The line is as tall as what is in it, three lines at most. */
function grow() {
  line.style.height = "auto";
  line.style.height = `${Math.min(line.scrollHeight, 3.2 * 28)}px`;
}

function typed() {
  const before = entry.text;
  const caret = line.selectionStart;
  // "Sở Nội vụ ," becomes "Sở Nội vụ,".
  if (ownSpace >= 0 && caret === ownSpace + 1 && /[,.;:]/.test(line.value[caret - 1] ?? "")) {
    line.setRangeText("", ownSpace - 1, ownSpace, "end");
  }
  ownSpace = -1;
  entry.text = line.value.slice(0, TYPED_MAX);
  if (before === "" && entry.text !== "" && entry.spoken === null) stamp();
  if (
    entry.text === "" &&
    entry.directive === null &&
    entry.lead.length === 0 &&
    entry.coordinating.length === 0
  ) {
    entry = blank();
  }
  say_("");
  look();
  draw();
  grow();
}

// ---------------------------------------------------------------- the picker

/** What stands behind the last `@` or `#` before the caret. */
function look() {
  const upTo = line.value.slice(0, line.selectionStart);
  const unit = /@([^@#\n;]{0,60})$/u.exec(upTo);
  const due = /#([^@#\n;]{0,80})$/u.exec(upTo);
  if (unit?.[1] !== undefined && (due === null || unit.index > due.index)) {
    if (fold(unit[1]).replaceAll(" ", "").length < 2 && unit[1].trim() !== "") return closePicker();
    const picks = find(units, unit[1], PICKS_MAX);
    // A sentence that goes on after a name that was not picked is no longer a search.
    if (picks.length === 0 && unit[1].includes(" ") && unit[1].length > 24) return closePicker();
    offer = { kind: "unit", from: unit.index, picks, due: null, at: 0 };
    return drawPicker();
  }
  if (due?.[1] !== undefined) {
    const typedWords = due[1].trim();
    if (typedWords === "") return closePicker();
    const last = offer?.kind === "due" && offer.due?.words === typedWords ? offer.due : null;
    offer = {
      kind: "due",
      from: due.index,
      picks: [],
      due: last ?? { words: typedWords, shown: null, clear: false },
      at: 0,
    };
    drawPicker();
    return askDue(typedWords);
  }
  closePicker();
}

let dueTimer = 0;

/** The server reads dates, so that there is one reading of them. @param {string} typedWords */
function askDue(typedWords) {
  clearTimeout(dueTimer);
  dueTimer = window.setTimeout(async () => {
    const due = await readDue(typedWords);
    if (offer?.kind === "due" && offer.due?.words === typedWords && due !== null) {
      offer.due = due;
      drawPicker();
    }
  }, 90);
}

/** @param {string} typedWords @returns {Promise<Due | null>} */
async function readDue(typedWords) {
  try {
    const response = await fetch(`${base}/due?${new URLSearchParams({ words: typedWords })}`, {
      headers: { accept: "application/json" },
    });
    if (!response.ok) return null;
    const body = await response.json();
    return { words: typedWords, shown: body.shown, clear: body.clear };
  } catch {
    return null;
  }
}

function closePicker() {
  offer = null;
  picker.hidden = true;
  picker.replaceChildren();
  line.removeAttribute("aria-activedescendant");
}

function drawPicker() {
  if (offer === null) return closePicker();
  picker.hidden = false;
  const rows = [];
  if (offer.kind === "unit") {
    for (const [index, one] of offer.picks.entries()) {
      const row = option(index, one.count === undefined ? one.name : `${one.name} · ${one.count}`);
      if (one.short !== "" && one.short !== one.name) {
        const small = document.createElement("span");
        small.className = "small soft";
        small.textContent = one.short;
        row.append(" ", small);
      }
      rows.push(row);
    }
    if (rows.length === 0) rows.push(option(-1, say("no-unit")));
  } else if (offer.due !== null) {
    const due = offer.due;
    rows.push(
      option(0, due.clear && due.shown !== null ? due.shown : say("due-unclear", { words: due.words })),
    );
  }
  picker.replaceChildren(...rows);
  if (offer.at >= 0 && rows.length > 0) line.setAttribute("aria-activedescendant", `pick-${offer.at}`);
}

/** @param {number} index @param {string} text */
function option(index, text) {
  const row = document.createElement("li");
  row.id = `pick-${index}`;
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", String(index === offer?.at));
  if (index < 0) row.setAttribute("aria-disabled", "true");
  const name = document.createElement("span");
  name.textContent = text;
  row.append(name);
  row.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    if (offer === null || index < 0) return;
    offer.at = index;
    pick();
  });
  return row;
}

/** Takes what the picker points at. False when there is nothing to take. */
function pick() {
  if (offer === null) return false;
  const caret = line.selectionStart;
  if (offer.kind === "unit") {
    const one = offer.picks[offer.at];
    if (one === undefined) return false;
    const chip =
      one.count === undefined
        ? { key: one.key, name: one.name }
        : { key: one.key, name: one.name, count: one.count };
    const known = [...entry.lead, ...entry.coordinating].some((other) => other.key === chip.key);
    if (!known) {
      if (entry.lead.length === 0) entry.lead = [chip];
      else entry.coordinating = [...entry.coordinating, chip];
    }
    put(offer.from, caret, one.name);
    return true;
  }
  const due = offer.due;
  if (due === null) return false;
  entry.due = due;
  put(offer.from, caret, due.words);
  if (!due.clear) {
    void readDue(due.words).then((again) => {
      if (again !== null && entry.due?.words === due.words) {
        entry.due = again;
        draw();
      }
    });
  }
  return true;
}

/** Replaces what was typed behind the sign by what it means. @param {number} from @param {number} to @param {string} text */
function put(from, to, text) {
  const gap = /^[\s,.;:]/u.test(line.value.slice(to)) ? "" : " ";
  line.setRangeText(text + gap, from, to, "end");
  ownSpace = gap === "" ? -1 : line.selectionStart;
  entry.text = line.value;
  closePicker();
  draw();
  grow();
}

// ---------------------------------------------------------------- recording

/** @param {Entry} from @returns {[string, string][]} */
function fieldsOf(from) {
  /** @type {[string, string][]} */
  const fields = [
    ["text", from.text.trim()],
    ["due", from.due?.words ?? ""],
  ];
  for (const chip of from.lead) fields.push(["lead", chip.key]);
  for (const chip of from.coordinating) fields.push(["coordinating", chip.key]);
  if (from.spoken !== null && from.directive === null)
    fields.push(["spoken_at", new Date(from.spoken).toISOString()]);
  if (from.directive !== null) {
    fields.push(["directive", String(from.directive)]);
    if (from.seq !== null) fields.push(["expected_seq", String(from.seq)]);
  }
  return fields;
}

function record() {
  // A date typed but not taken belongs to the sentence all the same.
  if (offer?.kind === "due") pick();
  closePicker();
  if (entry.text.trim() === "" && entry.lead.length === 0) return say_(say("nothing"));
  const sent = entry;
  outbox.put({ key: newKey(), url: base, fields: fieldsOf(sent), label: JSON.stringify(sent), at: now() });
  show(laidAside ?? blank());
  laidAside = null;
  keepEntry();
  line.focus();
}

/** @param {HTMLElement} row */
function open(row) {
  const draft = JSON.parse(row.dataset.draft ?? "null");
  if (draft === null) return;
  if (entry.directive === null && (entry.text !== "" || entry.lead.length > 0)) laidAside = entry;
  show({
    text: draft.text,
    lead: draft.lead,
    coordinating: draft.coordinating,
    due: draft.due,
    spoken: draft.spoken,
    directive: draft.directive,
    number: draft.number,
    seq: draft.seq,
  });
  line.focus();
  line.setSelectionRange(line.value.length, line.value.length);
}

function leave() {
  show(laidAside ?? blank());
  laidAside = null;
  keepEntry();
  line.focus();
}

/** @returns {HTMLElement[]} newest first, as in the list */
const rows = () =>
  Array.from(
    document.querySelectorAll("#list > tr[data-directive]"),
    (row) => /** @type {HTMLElement} */ (row),
  );

/** The sentence recorded before the one in the line. */
function editBefore() {
  const all = rows();
  if (entry.directive === null) {
    if (all[0] !== undefined) open(all[0]);
    return;
  }
  const at = all.findIndex((row) => row.dataset.directive === String(entry.directive));
  const before = all[at + 1];
  if (before !== undefined) open(before);
}

/** The next sentence with a gap, oldest first, and round again. */
function nextGap() {
  const gaps = rows()
    .reverse()
    .filter((row) => row.dataset.state === "look");
  if (gaps.length === 0) return say_(say("no-gaps"));
  const at = gaps.findIndex((row) => row.dataset.directive === String(entry.directive));
  const next = gaps[(at + 1) % gaps.length];
  if (next !== undefined) open(next);
}

/** @param {number} directive @param {"take-back" | "restore"} what */
function send(directive, what) {
  outbox.put({ key: newKey(), url: `${base}/${directive}/${what}`, fields: [], label: "", at: now() });
}

function takeBackLast() {
  const waiting = outbox.letters.at(-1);
  if (waiting !== undefined && waiting.url === base && outbox.mood !== "sending") {
    // Not gone out yet: it simply comes back into the line.
    outbox.drop(waiting.key);
    return show(JSON.parse(waiting.label));
  }
  const directive = mine.pop();
  if (directive === undefined) return say_(say("nothing-to-take-back"));
  keep(`${store}.mine`, mine);
  takeBack(directive);
}

/** @param {number} directive */
function takeBack(directive) {
  takenBack.push(directive);
  mine = mine.filter((other) => other !== directive);
  const row = rows().find((one) => one.dataset.directive === String(directive));
  send(directive, "take-back");
  say_(
    say("taken-back", { number: row?.querySelector(".plate")?.textContent ?? "" }),
    say("restore"),
    restoreLast,
  );
}

function restoreLast() {
  const directive = takenBack.pop();
  if (directive === undefined) return;
  mine.push(directive);
  keep(`${store}.mine`, mine);
  send(directive, "restore");
  say_("");
  line.focus();
}

// ---------------------------------------------------------------- what the page says

/** One line under the entry, with at most one thing to do. @param {string} text @param {string} act @param {() => void} [then] */
function say_(text, act = "", then) {
  note.hidden = text === "";
  if (text === note.dataset.text) return;
  note.dataset.text = text;
  const parts = [document.createTextNode(text)];
  note.replaceChildren(...parts);
  if (act !== "" && then !== undefined) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn plain";
    button.textContent = act;
    button.addEventListener("click", then);
    note.append(" ", button);
  }
}

function drawPending() {
  const rowsOf = [];
  /** @type {{ letter: import("./outbox.js").Letter, text: string }[]} */
  const refused = recall(`${store}.refused`, []);
  for (const letter of outbox.letters.filter((one) => one.url === base).reverse()) {
    rowsOf.push(pendingRow(letter, say(outbox.mood === "sending" ? "row-sending" : "row-kept"), null));
  }
  for (const one of refused.filter((each) => each.letter.url === base))
    rowsOf.unshift(pendingRow(one.letter, one.text, one));
  const other = refused.find((each) => each.letter.url !== base);
  if (other !== undefined) {
    keep(
      `${store}.refused`,
      refused.filter((each) => each.letter.url === base),
    );
    say_(other.text);
  }
  pending.replaceChildren(...rowsOf);
  drawSaved();
}

/** @param {import("./outbox.js").Letter} letter @param {string} text @param {{ letter: import("./outbox.js").Letter } | null} refused */
function pendingRow(letter, text, refused) {
  /** @type {Entry} */
  const kept = JSON.parse(letter.label);
  const row = document.createElement("tr");
  row.className = "pending";
  row.dataset.state = refused === null ? "wait" : "look";
  const cells = Array.from({ length: 5 }, () => document.createElement("td"));
  const [number, time, said, chips, state] = cells;
  if (!number || !time || !said || !chips || !state) return row;
  number.className = time.className = "n";
  number.textContent = kept.number === null ? "" : String(kept.number);
  time.textContent = kept.spoken === null ? "" : clock.format(kept.spoken);
  const sentence = document.createElement("p");
  sentence.className = "said";
  sentence.textContent = kept.text;
  said.append(sentence);
  chips.textContent = [...kept.lead, ...kept.coordinating].map((chip) => chip.name).join(", ");
  const why = document.createElement("p");
  why.className = "state";
  why.dataset.state = row.dataset.state;
  why.textContent = text;
  state.append(why);
  if (refused !== null) {
    const forget = () => {
      /** @type {{ letter: import("./outbox.js").Letter }[]} */
      const all = recall(`${store}.refused`, []);
      keep(
        `${store}.refused`,
        all.filter((one) => one.letter.key !== letter.key),
      );
      drawPending();
    };
    state.append(
      act(say("mend"), () => {
        forget();
        if (entry.directive === null && entry.text !== "") laidAside = entry;
        // What somebody else changed meanwhile is on the page by now; the text typed here goes over it with open eyes.
        const current = rows().find((one) => one.dataset.directive === String(kept.directive));
        show({ ...kept, seq: current === undefined ? kept.seq : Number(current.dataset.seq) });
        const theirs = current?.querySelector(".said")?.textContent ?? "";
        if (theirs !== "" && theirs !== kept.text) say_(say("theirs", { text: theirs }));
        line.focus();
      }),
      act(say("drop"), forget),
    );
  }
  row.append(...cells);
  return row;
}

/** @param {string} text @param {() => void} then */
function act(text, then) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn plain small";
  button.textContent = text;
  button.addEventListener("click", then);
  return button;
}

function drawSaved() {
  const waiting = outbox.letters.length;
  saved.dataset.state = waiting === 0 ? "done" : outbox.mood === "sending" ? "wait" : "look";
  saved.querySelector("svg")?.replaceWith(icon(waiting === 0 ? "m-done" : "m-soon"));
  const text = must("saved-text");
  if (waiting === 0) text.textContent = say("saved", { time: clock.format(now()) });
  else if (outbox.mood === "signed_out")
    text.replaceChildren(`${say("signed-out", { count: waiting })} `, again());
  else if (outbox.mood === "waiting") {
    const seconds = Math.max(1, Math.ceil((outbox.nextTry - Date.now()) / 1000));
    text.textContent = say("kept", { count: waiting, seconds });
  } else text.textContent = say("sending", { count: waiting });
}

function again() {
  return act(say("try-again"), () => {
    outbox.set("idle");
    void outbox.flush();
  });
}

let loadAsked = "";

/** How much the unit that is about to get more already holds. */
async function drawLoad() {
  const lead = entry.lead[0];
  const asked = lead?.key.startsWith("u:") ? `${lead.key.slice(2)}|${entry.due?.words ?? ""}` : "";
  if (asked === loadAsked) return;
  loadAsked = asked;
  if (asked === "" || lead === undefined) {
    load.hidden = true;
    return;
  }
  try {
    const query = new URLSearchParams({ unit: lead.key.slice(2), words: entry.due?.words ?? "" });
    const response = await fetch(`${base}/load?${query}`, { headers: { accept: "application/json" } });
    if (!response.ok || loadAsked !== asked) return;
    const body = await response.json();
    must("load-name").textContent = lead.name;
    must("load-text").textContent = body.text;
    load.hidden = false;
  } catch {
    load.hidden = true;
  }
}

// ---------------------------------------------------------------- keys

/** @param {KeyboardEvent} event */
const composed = (event) => event.isComposing || composing || event.keyCode === 229;

line.addEventListener("compositionstart", () => {
  composing = true;
});
line.addEventListener("compositionend", () => {
  composing = false;
  typed();
});
line.addEventListener("input", () => typed());
line.addEventListener("click", () => {
  if (!composing) look();
});

line.addEventListener("keydown", (event) => {
  if (composed(event)) return;
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
  if (offer !== null && plain) {
    const count = offer.kind === "unit" ? offer.picks.length : 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (count > 0) offer.at = (offer.at + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      return drawPicker();
    }
    if ((event.key === "Enter" || event.key === "Tab") && count > 0) {
      // Enter on a date takes it and records in the same stroke; on a unit it only takes the unit.
      if (offer.kind === "due" && event.key === "Enter") {
        event.preventDefault();
        pick();
        return;
      }
      event.preventDefault();
      pick();
      return;
    }
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      return closePicker();
    }
  }
  if (event.key === "Enter" && plain) {
    event.preventDefault();
    return record();
  }
  if (
    event.key === "ArrowUp" &&
    plain &&
    (entry.text === "" || (entry.directive !== null && line.selectionStart === 0))
  ) {
    event.preventDefault();
    return editBefore();
  }
  if (event.key === "Escape" && entry.directive !== null) {
    event.preventDefault();
    return leave();
  }
});

document.addEventListener("keydown", (event) => {
  if (composed(event) || sheet.open) return;
  if (event.key === "F2") {
    event.preventDefault();
    stamp();
    draw();
    return line.focus();
  }
  if (event.key === "F4" && !event.altKey) {
    event.preventDefault();
    return nextGap();
  }
  const inField = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
  const empty = event.target === line && entry.text === "" && entry.directive === null;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && (empty || !inField)) {
    if (event.key.toLowerCase() === "z" && !event.shiftKey) {
      event.preventDefault();
      return takeBackLast();
    }
    if (event.key.toLowerCase() === "y" || (event.key.toLowerCase() === "z" && event.shiftKey)) {
      event.preventDefault();
      return restoreLast();
    }
  }
  if (event.key === "?" && !inField && recall(`${store}.keys`, true)) {
    event.preventDefault();
    sheet.showModal();
  }
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  record();
});
must("leave").addEventListener("click", leave);
must("take-back").addEventListener("click", (event) => {
  event.preventDefault();
  const directive = entry.directive;
  if (directive === null) return;
  leave();
  takeBack(directive);
});
must("keys-sheet").addEventListener("click", (event) => {
  event.preventDefault();
  sheet.showModal();
});
const singleKeys = /** @type {HTMLInputElement} */ (must("single-keys"));
singleKeys.checked = recall(`${store}.keys`, true);
singleKeys.addEventListener("change", () => keep(`${store}.keys`, singleKeys.checked));

document.getElementById("list")?.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-edit]") : null;
  const row = link?.closest("tr");
  if (!row) return;
  event.preventDefault();
  open(/** @type {HTMLElement} */ (row));
});
// The list is drawn anew by the live stream; what hangs on its numbers follows.
new MutationObserver(() => {
  page.dataset.next = String(
    rows().reduce((most, row) => Math.max(most, Number(row.dataset.number) || 0), 0) + 1,
  );
  if (entry.directive === null) must("entry-number").textContent = page.dataset.next ?? "";
}).observe(must("list"), {
  childList: true,
  subtree: true,
  attributes: true,
  attributeFilter: ["data-number"],
});

// ---------------------------------------------------------------- start

async function start() {
  document.documentElement.classList.add("with-script");
  const kept = recall(
    `${store}.line`,
    /** @type {{ entry: Entry, laidAside: Entry | null } | null} */ (null),
  );
  const given = JSON.parse(form.dataset.draft ?? "null");
  if (given !== null) {
    laidAside = kept !== null && kept.entry.directive === null && kept.entry.text !== "" ? kept.entry : null;
    show(given);
  } else if (kept !== null && (kept.entry.text !== "" || kept.entry.lead.length > 0)) {
    laidAside = kept.laidAside;
    show(kept.entry);
    say_(say("restored"));
  } else {
    show(blank());
  }
  drawPending();
  line.focus();
  setInterval(() => {
    if (outbox.mood === "waiting") drawSaved();
  }, 1000);
  void outbox.flush();
  await loadUnits();
}

/** The names are fetched once and kept, so that `@` works while the line is down, after a reload too. */
async function loadUnits() {
  /** @type {import("./fold.js").Named[]} */
  let named = recall(`${store}.units`, []);
  units = named.map(findable);
  try {
    const response = await fetch(`${base}/units`, { headers: { accept: "application/json" } });
    if (!response.ok) return;
    named = (await response.json()).units;
    units = named.map(findable);
    keep(`${store}.units`, named);
    // Whoever was already typing a name sees it now.
    if (document.activeElement === line) look();
  } catch {
    // What was kept from the last time serves.
  }
}

void start();
