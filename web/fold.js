// @ts-check
// How names are found: without marks, đ as d, lower case, precomposed or combining alike. The same key as `domain::text`;
// it lives here too so that a clerk finds a unit, and an operator a site, while the line is down.

/** @typedef {{ key: string, name: string, short: string, also: string[], count?: number, here?: boolean }} Named `here`: it sits in this conference */
/** @typedef {Named & { keys: string[], initials: string }} Findable */

/** The search key of a text. @param {string} text */
export function fold(text) {
  return text
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .replace(/[đĐ]/g, "d")
    .toLowerCase()
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
