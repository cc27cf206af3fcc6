// @ts-check
// What is offered behind the last `@` (units) or `#` (one reading of a date) before the caret.
//
// Invariant: dates are read by the server alone, so that there is one reading of them; units are found here, so that `@` works while
// the line is down.

import { find, findable, fold } from "../fold.js";
import { base, keep, line, must, recall, say, store } from "./clerk-parts.js";

/**
 * @typedef {import("../fold.js").Findable} Findable
 * @typedef {{ words: string, shown: string | null, clear: boolean, asks?: string[] }} Due
 * @typedef {{ kind: "unit", from: number, at: number, picks: Findable[] } | { kind: "due", from: number, at: number, due: Due }} Offer
 */

/** A group of which only some are meant. */
const SOME = /^(ubnd )?(cac|nhung) .*\blien quan /u;
const PICKS_MAX = 8;
const DUE_PAUSE_MS = 90;
const box = must("picker");

export class Picker {
  /** @type {Offer | null} */
  offer = null;
  /** @type {Findable[]} */
  #units = [];
  #timer = 0;

  /** @param {(offer: Offer) => void} onPick takes what was pointed at */
  constructor(onPick) {
    this.onPick = onPick;
  }

  /** What stands behind the last sign before the caret. */
  look() {
    const upTo = line.value.slice(0, line.selectionStart);
    const unit = /@([^@#\n;]{0,60})$/u.exec(upTo);
    const due = /#([^@#\n;]{0,80})$/u.exec(upTo);
    if (unit?.[1] !== undefined && (due === null || unit.index > due.index)) {
      return this.#lookForUnit(unit[1], unit.index);
    }
    if (due?.[1] !== undefined) return this.#lookForDue(due[1].trim(), due.index);
    this.close();
  }

  /** @param {string} typed @param {number} from */
  #lookForUnit(typed, from) {
    if (fold(typed).replaceAll(" ", "").length < 2 && typed.trim() !== "") return this.close();
    const picks = find(this.#units, typed, PICKS_MAX);
    // A sentence that goes on after a name that was not picked is no longer a search.
    if (picks.length === 0 && typed.includes(" ") && typed.length > 24) return this.close();
    this.offer = { kind: "unit", from, picks, at: 0 };
    this.draw();
  }

  /** @param {string} words @param {number} from */
  #lookForDue(words, from) {
    if (words === "") return this.close();
    const last = this.offer?.kind === "due" && this.offer.due.words === words ? this.offer.due : null;
    this.offer = { kind: "due", from, due: last ?? { words, shown: null, clear: false }, at: 0 };
    this.draw();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(async () => {
      const due = await readDue(words);
      if (this.offer?.kind === "due" && this.offer.due.words === words && due !== null) {
        this.offer.due = due;
        this.draw();
      }
    }, DUE_PAUSE_MS);
  }

  /** The unit that these words begin with the name of; `null` where several are called so. @param {string} words */
  named(words) {
    const key = `${fold(words)} `;
    // "các xã, phường liên quan" are some of them: for the clerk to say which.
    if (SOME.test(key)) return null;
    const lengthIn = (/** @type {Findable} */ one) =>
      Math.max(0, ...one.keys.filter((own) => key.startsWith(`${own} `)).map((own) => own.length));
    // "Sở Nội vụ" before "Sở": the longest name is meant.
    const longest = Math.max(0, ...this.#units.map(lengthIn));
    const meant = longest === 0 ? [] : this.#units.filter((one) => lengthIn(one) === longest);
    return meant.length === 1 ? (meant[0] ?? null) : null;
  }

  /** How many there are to choose from. */
  get count() {
    if (this.offer === null) return 0;
    return this.offer.kind === "unit" ? this.offer.picks.length : 1;
  }

  /** @param {1 | -1} step */
  move(step) {
    if (this.offer === null) return;
    const { count } = this;
    if (count > 0) this.offer.at = (this.offer.at + step + count) % count;
    this.draw();
  }

  close() {
    this.offer = null;
    box.hidden = true;
    box.replaceChildren();
    line.removeAttribute("aria-activedescendant");
  }

  /** Takes what is pointed at. False when there is nothing to take. */
  pick() {
    const { offer } = this;
    if (offer === null || (offer.kind === "unit" && offer.picks[offer.at] === undefined)) return false;
    this.onPick(offer);
    return true;
  }

  draw() {
    const { offer } = this;
    if (offer === null) return this.close();
    box.hidden = false;
    const rows = [];
    if (offer.kind === "unit") {
      for (const [index, one] of offer.picks.entries()) {
        const row = this.#option(index, !one.count ? one.name : `${one.name} · ${one.count}`);
        const beside = one.note ?? (one.short === one.name ? "" : one.short);
        if (beside !== "") {
          const small = document.createElement("span");
          small.className = "small soft";
          small.textContent = beside;
          row.append(" ", small);
        }
        rows.push(row);
      }
      if (rows.length === 0) rows.push(this.#option(-1, say("no-unit")));
    } else {
      const { due } = offer;
      // The server says why it does not understand; while the line is down nobody does.
      const reading = due.shown ?? say("due-unclear", { words: due.words });
      rows.push(this.#option(0, [reading, ...(due.asks ?? [])].join(" · ")));
    }
    box.replaceChildren(...rows);
    line.setAttribute("aria-activedescendant", `pick-${offer.at}`);
  }

  /** @param {number} index @param {string} text */
  #option(index, text) {
    const row = document.createElement("li");
    row.id = `pick-${index}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(index === this.offer?.at));
    if (index < 0) row.setAttribute("aria-disabled", "true");
    const name = document.createElement("span");
    name.textContent = text;
    row.append(name);
    row.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      if (this.offer === null || index < 0) return;
      this.offer.at = index;
      this.pick();
    });
    return row;
  }

  /** The names are fetched once and kept, so that `@` works while the line is down, after a reload too. */
  async loadUnits() {
    const kept = `${store}.units`;
    /** @type {import("../fold.js").Named[]} */
    let named = recall(kept, []);
    this.#units = named.map(findable);
    try {
      const response = await fetch(`${base}/units`, { headers: { accept: "application/json" } });
      if (!response.ok) return;
      named = (await response.json()).units;
      this.#units = named.map(findable);
      keep(kept, named);
      // Whoever was already typing a name sees it now.
      if (document.activeElement === line) this.look();
    } catch {
      // What was kept from the last time serves.
    }
  }
}

/** `null` while the line is down. @param {string} words @returns {Promise<Due | null>} */
export async function readDue(words) {
  try {
    const response = await fetch(`${base}/due?${new URLSearchParams({ words })}`, {
      headers: { accept: "application/json" },
    });
    if (!response.ok) return null;
    const { shown, clear, asks } = await response.json();
    return { words, shown, clear, asks };
  } catch {
    return null;
  }
}
