// The page's words: the server hands them over in the person's language, this module fills them in.

/** @type {Record<string, string> | undefined} */
let catalogue;

function load() {
  const element = document.getElementById("words");
  catalogue = element ? JSON.parse(element.textContent || "{}") : {};
  return /** @type {Record<string, string>} */ (catalogue);
}

/**
 * The sentence for a key, with `{name}` replaced. A key that the page was not given shows as itself, so it is seen in review.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(key, values = {}) {
  const text = (catalogue ?? load())[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {string} key */
export const has = (key) => key in (catalogue ?? load());

/** Thousands and decimals as the page's language writes them. */
const numbers = new Intl.NumberFormat(document.documentElement.lang || "vi", { maximumFractionDigits: 1 });

/** @param {number} n */
export const number = (n) => numbers.format(n);

/**
 * "40 giây", "3 phút", "1 giờ 5 phút": how long something has lasted, as one would say it.
 * @param {number} ms
 */
export function lasted(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return say("seconds", { n: s });
  const m = Math.floor(s / 60);
  if (m < 60) return say("minutes", { n: m });
  return say("hours", { h: Math.floor(m / 60), m: m % 60 });
}
