// Every page as its person sees it: nothing for axe to find, light or dark, and nothing refused by the content security policy.
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { picture, seat } from "../support/seats.js";

/** @type {Demo} */
let demo;
test.beforeAll(async () => {
  demo = await Demo.start({ sites: 12, quiet: false });
});
test.afterAll(() => demo.stop());

/** Who sees what; `{c}` is the conference. @type {[string, string, string][]} */
const PAGES = [
  ["operator", "/room/{c}/operator", "operator"],
  ["chair", "/room/{c}/chair", "chair"],
  ["clerk", "/room/{c}/clerk", "clerk"],
  ["clerk", "/conferences/{c}/notice", "notice"],
  ["site:hoang-mai", "/room/{c}/site", "site"],
  ["site:hoang-mai", "/room/{c}/check", "check"],
  ["operator", "/room/{c}/hall", "hall"],
  ["observer", "/room/{c}/observer", "observer"],
  ["operator", "/conferences/{c}", "readiness"],
  ["operator", "/conferences/{c}/overview", "overview"],
  ["unit:SNV", "/tasks", "tasks"],
  ["desk_officer", "/desk", "desk"],
  ["admin", "/admin", "admin"],
  ["admin", "/admin/units", "units"],
  ["admin", "/admin/units/unreached", "unreached"],
  ["admin", "/admin/people", "people"],
  ["admin", "/conferences", "conferences"],
  ["admin", "/conferences/new", "new-conference"],
  ["admin", "/conferences/import", "import"],
  ["admin", "/privacy", "privacy"],
  ["admin", "/handbook", "handbook"],
];

for (const [who, path, name] of PAGES) {
  test(`${name}: axe finds nothing, light or dark`, async ({ browser }) => {
    const person = await seat(browser, demo, who);
    await person.page.goto(path.replace("{c}", String(demo.ready.conference)));
    await expect(person.page.locator("main")).toBeVisible();
    for (const colorScheme of /** @type {("light" | "dark")[]} */ (["light", "dark"])) {
      await person.page.emulateMedia({ colorScheme });
      const found = await new AxeBuilder({ page: person.page }).analyze();
      expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`)).toEqual([]);
      await picture(person.page, `${name}-${colorScheme}`);
    }
    expect(person.problems).toEqual([]);
    await person.context.close();
  });
}
