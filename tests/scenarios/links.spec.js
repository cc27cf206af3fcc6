// Every page that a role reaches by links: it is there, axe finds nothing on it in light or dark, its content security policy is kept.
// The rooms, full of moving pictures, are in pages.spec.js.
import { X509Certificate } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { seat } from "../support/seats.js";

/** @type {Demo} */
let demo;
test.beforeAll(async () => {
  demo = await Demo.start({ sites: 6, quiet: true });
});
test.afterAll(() => demo.stop());

/** Pages that axe has looked at: what another role sees there more or less is made of the same parts. @type {Set<string>} */
const judged = new Set();

/** Pages alike but for a number or a word of a search are one page. @param {URL} url */
const shape = (url) =>
  `${url.pathname.replace(/\/\d+/g, "/n")}?${[...new Set(url.searchParams.keys())].sort().join("&")}`;

/** What axe finds, in light and in dark. @param {import("@playwright/test").Page} page */
async function judge(page) {
  const found = [];
  for (const colorScheme of /** @type {("light" | "dark")[]} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    const axe = new AxeBuilder({ page });
    // Only colours differ in the dark.
    if (colorScheme === "dark") axe.withRules(["color-contrast"]);
    for (const { id, nodes } of (await axe.analyze()).violations)
      found.push(`${id} (${colorScheme}): ${nodes.map((node) => node.target).join(", ")}`);
  }
  return found;
}

for (const who of [
  "nobody",
  "admin",
  "operator",
  "clerk",
  "chair",
  "desk_officer",
  "unit:SNV",
  "site:hoang-mai",
  "observer",
]) {
  test(`${who}: every link leads somewhere, axe finds nothing there`, async ({ browser }) => {
    // Some thirty pages, each judged twice.
    test.setTimeout(600_000);
    const { page, context, problems } = await seat(browser, demo, who);
    const origin = new URL(demo.ready.url).origin;
    const waiting = ["/", "/styleguide", "/join", "/signin", "/privacy"].map((path) => new URL(path, origin));
    const seen = new Set(waiting.map(shape));
    /** @type {string[]} */
    const found = [];
    for (let url = waiting.shift(); url; url = waiting.shift()) {
      if (/\.(crt|pdf|xlsx)$|\/files\//.test(url.pathname)) {
        const answer = await context.request.get(url.href);
        if (!answer.ok()) found.push(`${url.pathname}: ${answer.status()}`);
        continue;
      }
      const answer = await page.goto(url.href);
      if (!answer?.ok()) found.push(`${url.pathname}: ${answer?.status()}`);
      if (!judged.has(shape(url)))
        found.push(...(await judge(page)).map((fault) => `${url.pathname}: ${fault}`));
      judged.add(shape(url));
      const links = await page
        .locator("a[href]")
        .evaluateAll((all) => all.map((a) => /** @type {HTMLAnchorElement} */ (a).href));
      for (const link of links) {
        const next = new URL(link);
        next.hash = "";
        if (next.origin !== origin || next.pathname.startsWith("/room/") || seen.has(shape(next))) continue;
        seen.add(shape(next));
        waiting.push(next);
      }
    }
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
    expect(seen.size, "the role has pages of its own").toBeGreaterThan(5);
    await context.close();
  });
}

test("the certificate to install is the one whose fingerprint is shown", async ({ page }) => {
  await page.goto(new URL("/ca", demo.ready.url).href);
  const shown = ((await page.locator("pre").first().textContent()) ?? "").replace(/\s/g, ":");
  const answer = await page.request.get(new URL("/ca.crt", demo.ready.url).href);
  expect(answer.headers()["content-type"]).toBe("application/x-x509-ca-cert");
  const certificate = new X509Certificate(await answer.body());
  expect(certificate.ca).toBe(true);
  expect(certificate.fingerprint256).toBe(shown);
});
