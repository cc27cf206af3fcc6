// @ts-check
// What was typed and is not yet on the server. Kept on this machine until the server has answered, sent again with the same key,
// so that a cut wire, a reload or a closed lid loses nothing and records nothing twice.

/**
 * @typedef {{ key: string, url: string, fields: [string, string][], label: string, at: number }} Letter
 * @typedef {{ ok: boolean, status: number, body: any }} Answer
 * @typedef {"idle" | "sending" | "waiting" | "signed_out"} Mood
 */

const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

export class Outbox {
  /**
   * @param {string} name of the store: one per person and conference
   * @param {{ csrf: () => string, renew: () => Promise<boolean>, onAnswer: (letter: Letter, answer: Answer) => void,
   *   onChange: () => void }} hooks
   */
  constructor(name, hooks) {
    this.name = name;
    this.hooks = hooks;
    /** @type {Mood} */
    this.mood = "idle";
    this.tries = 0;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {number} when the next try comes, in ms of this machine's clock */
    this.nextTry = 0;
    /** Kept beside the store: with storage full or forbidden the page still works while it is open. @type {Letter[]} */
    this.memory = this.read();
    addEventListener("online", () => this.flush());
    addEventListener("storage", (event) => {
      if (event.key === this.name) {
        this.memory = this.read();
        this.hooks.onChange();
      }
    });
  }

  /** @returns {Letter[]} */
  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  /** @param {Letter[]} letters */
  write(letters) {
    this.memory = letters;
    try {
      localStorage.setItem(this.name, JSON.stringify(letters));
    } catch {
      // Full or forbidden: the memory above holds it while the page is open.
    }
    this.hooks.onChange();
  }

  get letters() {
    return this.memory;
  }

  /** @param {Letter} letter */
  put(letter) {
    this.write([...this.memory, letter]);
    this.flush();
  }

  /** @param {string} key */
  drop(key) {
    this.write(this.memory.filter((letter) => letter.key !== key));
  }

  /** Sends what waits, oldest first, one at a time: the order of the list is the order in which it was recorded. */
  async flush() {
    if (this.mood === "sending") return;
    clearTimeout(this.timer);
    while (this.memory.length > 0) {
      const letter = this.memory[0];
      if (letter === undefined) break;
      this.set("sending");
      let answer = await this.send(letter);
      // The form's token is of a session that is over: somebody may have signed in again meanwhile.
      if (answer?.status === 403 && answer.body?.code === "stale_form" && (await this.hooks.renew())) {
        answer = await this.send(letter);
      }
      if (answer === null || answer.status >= 500 || answer.status === 429) return this.wait();
      if (answer.status === 401 || answer.body?.code === "stale_form") return this.set("signed_out");
      this.tries = 0;
      this.drop(letter.key);
      this.hooks.onAnswer(letter, answer);
    }
    this.set("idle");
  }

  /** `null`: no answer came. @param {Letter} letter @returns {Promise<Answer | null>} */
  async send(letter) {
    const body = new URLSearchParams(letter.fields);
    body.set("key", letter.key);
    body.set("csrf", this.hooks.csrf());
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), 15000);
    try {
      const response = await fetch(letter.url, {
        method: "POST",
        body,
        headers: { accept: "application/json" },
        signal: abort.signal,
        redirect: "error",
      });
      return { ok: response.ok, status: response.status, body: await response.json().catch(() => null) };
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  wait() {
    const delay = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)] ?? 15000;
    this.tries += 1;
    this.nextTry = Date.now() + delay;
    this.set("waiting");
    this.timer = window.setTimeout(() => this.flush(), delay);
  }

  /** @param {Mood} mood */
  set(mood) {
    this.mood = mood;
    this.hooks.onChange();
  }
}

/** A key for one recording; `crypto.randomUUID` needs a secure page, this does not. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
