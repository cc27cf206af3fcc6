// A person who chose English: every page of a role is in English, and stays what axe finds nothing on. Names are data and stay as they are.
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { seat } from "../support/seats.js";

/** @type {Demo} */
let demo;
test.beforeAll(async () => {
  demo = await Demo.start({ sites: 2, quiet: true });
});
test.afterAll(() => demo.stop());

/** Who chooses the language, where, and which of their pages are read; `{c}` is the conference. @type {[string, string, string[]][]} */
const ROLES = [
  ["nobody", "/join", ["/signin"]],
  ["site:hoang-mai", "/room/{c}/site", ["/room/{c}/check"]],
  ["chair", "/room/{c}/chair", ["/conferences/{c}/notice"]],
  ["operator", "/room/{c}/operator", ["/conferences/{c}", "/conferences/{c}/sites"]],
  ["hall", "/room/{c}/hall", []],
  ["clerk", "/room/{c}/clerk", ["/conferences/{c}/roll", "/conferences/{c}/overview"]],
  ["observer", "/room/{c}/observer", []],
  ["unit:SNV", "/tasks", []],
  ["desk_officer", "/desk", ["/tasks/all"]],
  ["admin", "/admin", ["/conferences", "/conferences/new", "/admin/people"]],
];

/** Letters that only Vietnamese has. */
const VIETNAMESE = /[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]/i;

/**
 * What the page itself says on its buttons and labels that is Vietnamese. What is marked as another language is meant so, and names
 * come out of the data: whatever also stands in a cell, a picture's caption or an option is not the page's own word.
 * @param {import("@playwright/test").Page} page
 * @param {string[]} names
 */
async function leaks(page, names) {
  const said = await page.evaluate(() => {
    const all =
      "button, label, summary, legend, th[scope='col'], nav a, [aria-label], [title], [placeholder]";
    const texts = [];
    for (const element of document.querySelectorAll(all)) {
      if (element.closest("[lang]")?.getAttribute("lang") !== "en" || element.closest("[hidden]")) continue;
      const own = element.matches("button, label, summary, legend, th, nav a") ? element.textContent : "";
      for (const text of [
        own,
        ...["aria-label", "title", "placeholder"].map((name) => element.getAttribute(name)),
      ])
        if (text?.trim()) texts.push(text.replace(/\s+/g, " ").trim());
    }
    return texts;
  });
  const bare = (/** @type {string} */ text) => names.reduce((left, name) => left.replaceAll(name, ""), text);
  return [...new Set(said)].filter((text) => VIETNAMESE.test(bare(text.normalize("NFC"))));
}

/** Every name in the demo's data, the longest first. */
async function dataNames() {
  const { body } = await demo.api(`/api/v1/conferences/${demo.ready.conference}`);
  /** @type {Set<string>} */
  const names = new Set(["Nhịp Cầu"]);
  const gather = (/** @type {any} */ value) => {
    if (typeof value === "string") names.add(value.normalize("NFC"));
    else if (value && typeof value === "object") Object.values(value).forEach(gather);
  };
  gather(body);
  for (const path of ["/api/v1/units", "/api/v1/people"]) gather((await demo.api(path)).body);
  return [...names].filter((name) => VIETNAMESE.test(name)).sort((a, b) => b.length - a.length);
}

for (const [who, first, more] of ROLES) {
  test(`${who}: in English after the switch`, async ({ browser }) => {
    const { page, problems } = await seat(browser, demo, who);
    const at = (/** @type {string} */ path) => path.replace("{c}", String(demo.ready.conference));
    const names = await dataNames();
    await page.goto(at(first));
    await page.locator("button[name='lang'][value='en']").first().click();
    // Back where it was, a site in its seat.
    await expect(page).toHaveURL(new RegExp(`${at(first)}([?]|$)`));
    for (const path of [first, ...more]) {
      if (path !== first) await page.goto(at(path));
      await expect(page.locator("html")).toHaveAttribute("lang", "en");
      await expect(page.locator("main")).toBeVisible();
      if (path.includes("/room/") && !path.includes("clerk") && !path.includes("hall"))
        await expect(page.locator("[data-page]")).toHaveAttribute("data-line", "open");
      expect(await leaks(page, names), path).toEqual([]);
      for (const colorScheme of /** @type {("light" | "dark")[]} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`);
        expect(found, `${path}, ${colorScheme}`).toEqual([]);
      }
    }
    expect(problems).toEqual([]);
  });
}
