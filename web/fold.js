// @ts-check
// How names are found: without marks, đ as d, look-alikes as the Latin letter, lower case, precomposed or combining alike. The same key as
// the crate `letters` makes (both are held against crates/letters/tests/keys.txt); it lives here too so that a clerk finds a unit, and an
// operator a site, while the line is down.

/** @typedef {{ key: string, name: string, short: string, also: string[], count?: number, here?: boolean, note?: string }} Named `here`: it sits in this conference; `note`: why it cannot be addressed any more */
/** @typedef {Named & { keys: string[], initials: string }} Findable */

/** What is written and what is taken for it, as in `letters`. */
const ALIKE = {
  đ: "ðɖƌđÐƉƋĐ",
  i: "ıіιɩ",
  A: "АΑ",
  B: "ВΒ",
  C: "СϹ",
  E: "ЕΕ",
  H: "НΗ",
  I: "ІӀΙ",
  J: "ЈͿ",
  K: "КΚ",
  M: "МΜ",
  N: "Ν",
  O: "ОΟ",
  P: "РΡ",
  Q: "Ԛ",
  S: "Ѕ",
  T: "ТΤ",
  V: "Ѵ",
  W: "Ԝ",
  X: "ХΧ",
  Y: "УҮΥ",
  Z: "Ζ",
  D: "Ԁ",
  a: "аαɑ",
  b: "вЬь",
  c: "сϲ",
  d: "ԁ",
  e: "е",
  g: "ɡ",
  h: "нһ",
  j: "јϳ",
  k: "кκ",
  l: "ӏ",
  m: "м",
  o: "оο",
  p: "рρ",
  q: "ԛ",
  s: "ѕ",
  t: "тτ",
  u: "υ",
  v: "νѵ",
  w: "ԝ",
  x: "хχ",
  y: "уү",
};
/** @type {Map<string, string>} */
const LATIN = new Map(
  Object.entries(ALIKE).flatMap(([latin, alike]) => [...alike].map((each) => [each, latin])),
);
const FULL_WIDTH = /[\uff01-\uff5e]/g;
// What stands beside a letter as its mark is gone by then.
const HIDDEN =
  /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;
const OTHER = /[^\p{ASCII}]/gu;

/** @param {string} text */
const latin = (text) => text.replace(OTHER, (each) => LATIN.get(each) ?? each);

/** The search key of a text. @param {string} text */
export function fold(text) {
  const bare = text
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .replace(HIDDEN, "")
    .replace(FULL_WIDTH, (each) => String.fromCharCode(each.charCodeAt(0) - 0xfee0));
  return latin(latin(bare).toLowerCase())
    .replace(/đ/g, "d")
    .replace(/ς/g, "σ")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** @param {Named} named @returns {Findable} */
export function findable(named) {
  const keys = [named.name, named.short, ...named.also].map(fold).filter((key) => key !== "");
  const initials = fold(named.name)
    .split(" ")
    .map((word) => word[0])
    .join("");
  return { ...named, keys, initials };
}

/**
 * The best matches for what was typed, best first. Each word typed begins a word of the name, in order: "so nv" finds "Sở Nội vụ" by
 * its initials, "hoang m" finds "UBND quận Hoàng Mai".
 * @param {Findable[]} all @param {string} typed @param {number} limit
 */
export function find(all, typed, limit) {
  const query = fold(typed);
  if (query === "") return all.slice(0, limit);
  const ranked = [];
  for (const [order, one] of all.entries()) {
    const rank = rankOf(one, query);
    if (rank !== null) ranked.push({ rank, order, one });
  }
  const far = (/** @type {Findable} */ one) => (one.here ? 0 : 1);
  ranked.sort(
    (a, b) =>
      a.rank - b.rank ||
      far(a.one) - far(b.one) ||
      a.one.name.length - b.one.name.length ||
      a.order - b.order,
  );
  return ranked.slice(0, limit).map(({ one }) => one);
}

/** @param {Findable} one @param {string} typed what finds nothing narrower finds all */
export function isFound(one, typed) {
  const query = fold(typed);
  return query === "" || rankOf(one, query) !== null;
}

/** Lower is better; `null` is no match. @param {Findable} one @param {string} query */
function rankOf(one, query) {
  if (one.keys.includes(query)) return 0;
  if (one.keys.some((key) => key.startsWith(query))) return 1;
  const letters = query.replaceAll(" ", "");
  if (letters.length >= 2 && one.initials === letters) return 2;
  if (one.keys.some((key) => ` ${key}`.includes(` ${query}`))) return 3;
  if (one.keys.some((key) => beginsWords(key, query))) return 4;
  // "nv" is how one thinks of Sở Nội vụ, "hm" of UBND quận Hoàng Mai: the kind of body comes first in the name and last to mind.
  if (letters.length >= 2 && one.initials.endsWith(letters)) return 5;
  if (letters.length >= 2 && one.initials.startsWith(letters)) return 6;
  return null;
}

/** Every word of the query begins a later word of the name than the one before it did. @param {string} key @param {string} query */
function beginsWords(key, query) {
  const words = key.split(" ");
  let from = 0;
  for (const part of query.split(" ")) {
    const at = words.findIndex((word, index) => index >= from && word.startsWith(part));
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}
