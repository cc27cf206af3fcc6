// @ts-check
// What every part of the clerk's page uses: its elements, its words, its clock, and what this machine keeps for a reload.

/** @param {string} id */
export const must = (id) => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
};

export const page = must("capture");
export const line = /** @type {HTMLTextAreaElement} */ (must("now"));
const note = must("note");
/** @type {Record<string, string>} */
const words = JSON.parse(must("words").textContent ?? "{}");

/** Address under which this page's acts are. */
export const base = page.dataset.base ?? "";
/** Prefix of what is kept: one per person and conference. */
export const store = `nhipcau.clerk.${page.dataset.person}.${page.dataset.conference}`;

// The conference's clock, which a demo may shift: the server's now at the moment this page was made, and what has passed here since.
const clockOffset = Number(page.dataset.now) - Date.now();
export const now = () => Date.now() + clockOffset;
export const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: "Asia/Ho_Chi_Minh",
});

/** A text of the catalogue with its arguments put in. @param {string} key @param {Record<string, string | number>} args */
export const say = (key, args = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(args[name] ?? whole));

/** @template T @param {string} name @param {T} fallback @returns {T} */
export function recall(name, fallback) {
  try {
    const kept = localStorage.getItem(name);
    return kept === null ? fallback : JSON.parse(kept);
  } catch {
    return fallback;
  }
}

/** @param {string} name @param {unknown} value */
export function keep(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Storage full or forbidden: the page goes on, only the copy for a reload is missing.
  }
}

/** One line under the entry, with at most one thing to do. @param {string} text @param {string} act @param {() => void} [then] */
export function tell(text, act = "", then) {
  note.hidden = text === "";
  if (text === note.dataset.text) return;
  note.dataset.text = text;
  note.replaceChildren(text);
  if (act !== "" && then !== undefined) note.append(" ", button(act, then));
}

/** @param {string} text @param {() => void} then @param {string} [look] */
export function button(text, then, look = "btn plain") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = look;
  made.textContent = text;
  made.addEventListener("click", then);
  return made;
}
