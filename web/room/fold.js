// What a person types to find a place, and the place, in one plain form: no marks, đ as d, lower case.

/** @param {string} text */
export function fold(text) {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/đ/g, "d")
    .replace(/Đ/g, "D")
    .toLowerCase()
    .trim();
}

/**
 * Every word typed begins a word of the name, or the letters are the name's initials: "hm", "hoang", "so nv".
 * @param {string} name
 * @param {string} typed
 */
export function matches(name, typed) {
  const wanted = fold(typed).split(/\s+/).filter(Boolean);
  if (!wanted.length) return true;
  const words = fold(name)
    .split(/[\s,&-]+/)
    .filter(Boolean);
  if (wanted.every((w) => words.some((word) => word.startsWith(w)))) return true;
  const initials = words.map((word) => word[0]).join("");
  return wanted.length === 1 && initials.includes(wanted[0] ?? "");
}
