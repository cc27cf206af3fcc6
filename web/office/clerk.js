// @ts-check
// The clerk's line: a directive is caught while it is spoken. The first key starts it and takes the second; `@` names a unit, `#` a date;
// Enter records. Everything works as a plain form too: this file only makes it faster.
//
//   keys ─▶ entry (text, lead, coordinating, due) ─▶ outbox ─▶ server ─▶ the list comes back over the live stream
//
// Invariant: what is in the line is on this machine's disk before the next key, and no key acts while an input method composes.

import { dueChip, gapChip, unitChip } from "./clerk-chips.js";
import { showLoad } from "./clerk-load.js";
import { base, clock, keep, line, must, now, page, recall, say, store, tell } from "./clerk-parts.js";
import { Picker, readDue } from "./clerk-picker.js";
import { Unsent } from "./clerk-unsent.js";
import { newKey } from "./outbox.js";

/**
 * @typedef {import("./clerk-chips.js").Chip} Chip
 * @typedef {import("./clerk-chips.js").Part} Part
 * @typedef {import("./clerk-picker.js").Due} Due
 * @typedef {{ text: string, lead: Chip[], coordinating: Chip[], due: Due | null, spoken: number | null, directive: number | null,
 *   number: number | null, seq: number | null }} Entry
 */

const TYPED_MAX = 4000;

const form = /** @type {HTMLFormElement} */ (must("entry"));
const read = must("read");
const spoken = must("spoken");
const sheet = /** @type {HTMLDialogElement} */ (must("sheet"));
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
/** Directives recorded here, the last one last: what Ctrl+Z takes back. @type {number[]} */
let mine = recall(`${store}.mine`, []);
/** @type {number[]} */
const takenBack = [];
let composing = false;
/** Where a space was put after a name by itself; a comma typed next takes its place. */
let ownSpace = -1;

const keepEntry = () => keep(`${store}.line`, { entry, laidAside });

const picker = new Picker(take);
const unsent = new Unsent({ recorded, mend });
const { outbox } = unsent;

// ---------------------------------------------------------------- the entry

/** Takes this second as the one in which the sentence was begun. */
function stamp() {
  entry.spoken = now();
}

/** @param {Entry} next */
function show(next) {
  entry = next;
  line.value = entry.text;
  picker.close();
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
  for (const chip of entry.lead) chips.append(chipOf(chip, "lead"));
  if (started && entry.lead.length === 0) chips.append(gapChip("gap-lead"));
  for (const chip of entry.coordinating) chips.append(chipOf(chip, "coordinating"));
  if (entry.due !== null) chips.append(dueChip(entry.due, editDue));
  if (started && entry.due === null) chips.append(gapChip("gap-due"));
  const whole = started && entry.lead.length > 0 && entry.due?.clear === true && entry.text.trim() !== "";
  read.replaceChildren(chips);
  const state = must("whole");
  state.hidden = !whole;
  void showLoad(entry.lead[0], entry.due?.words ?? "");
}

/** @param {Chip} chip @param {Part} part */
function chipOf(chip, part) {
  const change = (/** @type {Part | null} */ to) => () => {
    entry[part] = entry[part].filter((other) => other.key !== chip.key);
    if (to !== null) entry[to] = [...entry[to], chip];
    draw();
    line.focus();
  };
  return unitChip(chip, part, {
    move: change(part === "lead" ? "coordinating" : "lead"),
    remove: change(null),
  });
}

/** Back into the line, behind its `#`, to be typed again. */
function editDue() {
  if (entry.due === null) return;
  const { words } = entry.due;
  const at = entry.text.lastIndexOf(words);
  const text =
    at < 0 ? `${entry.text.trimEnd()} #${words}` : `${entry.text.slice(0, at)}#${entry.text.slice(at)}`;
  entry = { ...entry, text, due: null };
  line.value = text;
  const caret = at < 0 ? text.length : at + 1 + words.length;
  line.focus();
  line.setSelectionRange(caret, caret);
  typed();
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
  tell("");
  picker.look();
  draw();
  grow();
}

/** What the picker pointed at. @param {import("./clerk-picker.js").Offer} offer */
function take(offer) {
  const caret = line.selectionStart;
  if (offer.kind === "due") {
    takeDue(offer.due);
    return put(offer.from, caret, offer.due.words);
  }
  const one = offer.picks[offer.at];
  if (one === undefined) return;
  address(one);
  put(offer.from, caret, one.name);
}

/** The first unit named leads, the others coordinate. @param {import("../fold.js").Findable} one */
function address(one) {
  /** @type {Chip} */
  const chip = { key: one.key, name: one.name, ...(one.count === undefined ? {} : { count: one.count }) };
  if ([...entry.lead, ...entry.coordinating].some((other) => other.key === chip.key)) return;
  if (entry.lead.length === 0) entry.lead = [chip];
  else entry.coordinating = [...entry.coordinating, chip];
}

/** @param {Due} due */
function takeDue(due) {
  entry.due = due;
  if (due.clear) return;
  void readDue(due.words).then((again) => {
    if (again === null || entry.due?.words !== due.words) return;
    entry.due = again;
    draw();
  });
}

/** Replaces what was typed behind the sign by what it means. @param {number} from @param {number} to @param {string} text */
function put(from, to, text) {
  const gap = /^[\s,.;:]/u.test(line.value.slice(to)) ? "" : " ";
  line.setRangeText(text + gap, from, to, "end");
  ownSpace = gap === "" ? -1 : line.selectionStart;
  entry.text = line.value;
  picker.close();
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

/** A sign that begins a word, and the words behind it as far as they may belong to it. */
const SIGN = /(?<![\p{L}\p{N}])([@#])((?:[^@#\n,.;:]|\.(?=\p{N}))*)/gu;

/**
 * What stands behind a sign and was not picked is read as it is: a name that is one unit's names it, words behind `#` are the due date.
 * The signs themselves are no part of a sentence.
 */
function settle() {
  if (picker.offer?.kind === "due") picker.pick();
  entry.text = entry.text.replace(SIGN, (_all, /** @type {string} */ sign, /** @type {string} */ behind) => {
    const words = behind.trim();
    const unit = sign === "@" ? picker.named(words) : null;
    if (unit !== null) address(unit);
    else if (sign === "#" && entry.due === null && words !== "")
      takeDue({ words, shown: null, clear: false });
    return behind;
  });
  picker.close();
}

function record() {
  settle();
  if (entry.text.trim() === "" && entry.lead.length === 0) return tell(say("nothing"));
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

/** The sentence recorded after the one in the line; behind the last one the line is one's own again. */
function editAfter() {
  const all = rows();
  const after = all[all.findIndex((row) => row.dataset.directive === String(entry.directive)) - 1];
  if (after === undefined) leave();
  else open(after);
}

/** Whether an earlier sentence stands in the line as it was recorded. */
function isUntouched() {
  const row = rows().find((one) => one.dataset.directive === String(entry.directive));
  const draft = JSON.parse(row?.dataset.draft ?? "null");
  return (
    draft !== null && JSON.stringify(fieldsOf(entry)) === JSON.stringify(fieldsOf({ ...entry, ...draft }))
  );
}

/** The next sentence with a gap, oldest first, and round again. */
function nextGap() {
  const gaps = rows()
    .reverse()
    .filter((row) => row.dataset.state === "look");
  if (gaps.length === 0) return tell(say("no-gaps"));
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
  if (directive === undefined) return tell(say("nothing-to-take-back"));
  keep(`${store}.mine`, mine);
  takeBack(directive);
}

/** @param {number} directive */
function takeBack(directive) {
  takenBack.push(directive);
  mine = mine.filter((other) => other !== directive);
  const row = rows().find((one) => one.dataset.directive === String(directive));
  send(directive, "take-back");
  tell(
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
  tell("");
  line.focus();
}

/** It is on the server. @param {number} directive */
function recorded(directive) {
  if (mine.includes(directive)) return;
  mine = [...mine.slice(-99), directive];
  keep(`${store}.mine`, mine);
}

/** A sentence that was refused comes back into the line. @param {Entry} kept */
function mend(kept) {
  if (entry.directive === null && entry.text !== "") laidAside = entry;
  // What somebody else changed meanwhile is on the page by now; the text typed here goes over it with open eyes.
  const current = rows().find((row) => row.dataset.directive === String(kept.directive));
  show({ ...kept, seq: current === undefined ? kept.seq : Number(current.dataset.seq) });
  const theirs = current?.querySelector(".said")?.textContent ?? "";
  if (theirs !== "" && theirs !== kept.text) tell(say("theirs", { text: theirs }));
  line.focus();
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
  if (!composing) picker.look();
});

line.addEventListener("keydown", (event) => {
  if (composed(event)) return;
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
  if (picker.offer !== null && plain && usedByPicker(event)) return;
  if (event.key === "Enter" && plain) {
    event.preventDefault();
    return record();
  }
  // Among sentences while nothing is typed; inside one that is being changed the arrow moves the caret, as in any text.
  const moves = entry.directive === null ? entry.text === "" : isUntouched() || line.selectionStart === 0;
  if (event.key === "ArrowUp" && plain && moves) {
    event.preventDefault();
    return editBefore();
  }
  if (event.key === "ArrowDown" && plain && entry.directive !== null && isUntouched()) {
    event.preventDefault();
    return editAfter();
  }
  if (event.key === "Escape" && entry.directive !== null) {
    event.preventDefault();
    return leave();
  }
});

/** Arrows point, Enter and Tab take, Escape closes. @param {KeyboardEvent} event */
function usedByPicker(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") picker.move(event.key === "ArrowDown" ? 1 : -1);
  else if ((event.key === "Enter" || event.key === "Tab") && picker.count > 0) picker.pick();
  else if (event.key === "Escape") {
    event.stopPropagation();
    picker.close();
  } else return false;
  event.preventDefault();
  return true;
}

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
  // No sentence begins with a question mark: in an empty line it asks.
  if (event.key === "?" && (empty || !inField) && recall(`${store}.keys`, true)) {
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
    tell(say("restored"));
  } else {
    show(blank());
  }
  unsent.draw();
  line.focus();
  void outbox.flush();
  // The picture helps and is not needed: a machine whose browser cannot show it captures all the same.
  import("./clerk-view.js").catch(() => {});
  await picker.loadUnits();
}

void start();
