// @ts-check
// What is not on the server yet, or was refused by it: rows above the list, and the word "saved" at the foot.

import { icon } from "../room/dom.js";
import { base, button, clock, keep, must, now, page, recall, say, store, tell } from "./clerk-parts.js";
import { Outbox } from "./outbox.js";

/**
 * @typedef {import("./clerk.js").Entry} Entry
 * @typedef {import("./outbox.js").Letter} Letter
 * @typedef {{ letter: Letter, text: string }} Refused
 */

const pending = must("pending");
const saved = must("saved");
const KEPT = `${store}.refused`;

const token = () => /** @type {HTMLInputElement} */ (page.querySelector("#entry [name='csrf']"));

export class Unsent {
  /** Also on this machine's disk, where it takes them: a full or closed storage must not lose what was typed. @type {Refused[]} */
  #refused = recall(KEPT, []);

  /** @param {{ recorded: (directive: number) => void, mend: (kept: Entry) => void }} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    this.outbox = new Outbox(`${store}.outbox`, {
      csrf: () => token().value,
      renew: renewToken,
      onChange: () => this.draw(),
      onAnswer: (letter, answer) => this.#answered(letter, answer),
    });
    setInterval(() => {
      if (this.outbox.mood === "waiting") this.#drawSaved();
    }, 1000);
  }

  /** @param {Letter} letter @param {import("./outbox.js").Answer} answer */
  #answered(letter, answer) {
    if (answer.ok) {
      const directive = Number(answer.body?.directive);
      if (letter.url === base && Number.isFinite(directive)) this.hooks.recorded(directive);
      return;
    }
    // Refused: what was typed comes back, beside the reason.
    const text = answer.body?.errors?.[0]?.detail ?? answer.body?.detail ?? say("refused");
    this.#keepRefused([...this.#refused, { letter, text }]);
    this.draw();
  }

  /** @param {Refused[]} all */
  #keepRefused(all) {
    this.#refused = all;
    keep(KEPT, all);
  }

  draw() {
    const { outbox } = this;
    const waiting = say(outbox.mood === "sending" ? "row-sending" : "row-kept");
    const rows = outbox.letters
      .filter((letter) => letter.url === base)
      .reverse()
      .map((letter) => this.#row(letter, waiting, false));
    for (const { letter, text } of this.#refused) {
      if (letter.url === base) rows.unshift(this.#row(letter, text, true));
      else tell(text);
    }
    // What is no sentence has nothing to be mended: it is said once.
    this.#keepRefused(this.#refused.filter(({ letter }) => letter.url === base));
    pending.replaceChildren(...rows);
    this.#drawSaved();
  }

  /** @param {Letter} letter @param {string} text @param {boolean} isRefused */
  #row(letter, text, isRefused) {
    /** @type {Entry} */
    const kept = JSON.parse(letter.label);
    const row = document.createElement("tr");
    row.className = "pending";
    row.dataset.state = isRefused ? "look" : "wait";
    const sentence = document.createElement("p");
    sentence.className = "said";
    sentence.textContent = kept.text;
    const why = document.createElement("p");
    why.className = "state";
    why.dataset.state = row.dataset.state;
    why.textContent = text;
    const state = cell(why);
    if (isRefused) {
      const forget = () => {
        this.#keepRefused(this.#refused.filter((one) => one.letter.key !== letter.key));
        this.draw();
      };
      const mend = () => {
        forget();
        this.hooks.mend(kept);
      };
      state.append(
        button(say("mend"), mend, "btn plain small"),
        button(say("drop"), forget, "btn plain small"),
      );
    }
    const number = cell(kept.number === null ? "" : String(kept.number));
    const time = cell(kept.spoken === null ? "" : clock.format(kept.spoken));
    number.className = time.className = "n";
    row.append(
      number,
      time,
      cell(sentence),
      cell([...kept.lead, ...kept.coordinating].map((chip) => chip.name).join(", ")),
      state,
    );
    return row;
  }

  #drawSaved() {
    const { outbox } = this;
    const count = outbox.letters.length;
    saved.dataset.state = count === 0 ? "done" : outbox.mood === "sending" ? "wait" : "look";
    saved.querySelector("svg")?.replaceWith(icon(count === 0 ? "m-done" : "m-soon"));
    const text = must("saved-text");
    if (count === 0) text.textContent = say("saved", { time: clock.format(now()) });
    else if (outbox.mood === "signed_out") {
      const again = () => {
        outbox.set("idle");
        void outbox.flush();
      };
      text.replaceChildren(
        `${say("signed-out", { count })} `,
        button(say("try-again"), again, "btn plain small"),
      );
    } else if (outbox.mood === "waiting") {
      const seconds = Math.max(1, Math.ceil((outbox.nextTry - Date.now()) / 1000));
      text.textContent = say("kept", { count, seconds });
    } else text.textContent = say("sending", { count });
  }
}

/** @param {string | Node} content */
function cell(content) {
  const made = document.createElement("td");
  made.append(content);
  return made;
}

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
