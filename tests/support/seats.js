// A person at a machine of their own: a browser context that signed in through the demo's link.
import { watchPeers } from "./media.js";

/**
 * @param {import("@playwright/test").Browser} browser
 * @param {import("./demo.js").Demo} demo
 * @param {string} who a key of the demo's logins: "chair", "site:hoang-mai", "unit:SNV"; "nobody" has not signed in
 * @param {import("@playwright/test").BrowserContextOptions} [options]
 * @param {(context: import("@playwright/test").BrowserContext) => Promise<unknown>} [prepare] before the first page is opened
 */
export async function seat(browser, demo, who, options = {}, prepare = async () => {}) {
  const context = await browser.newContext({
    baseURL: demo.ready.url,
    permissions: ["camera", "microphone"],
    ...options,
  });
  demo.seats.push(context);
  await watchPeers(context);
  await prepare(context);
  const page = await context.newPage();
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(`${who}: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && message.text().includes("Content Security Policy"))
      problems.push(`${who}: ${message.text()}`);
  });
  const login = who === "nobody" ? "/" : demo.ready.logins[who];
  if (login === undefined) throw new Error(`the demo has no login for ${who}`);
  await page.goto(login);
  return { page, context, problems };
}

/**
 * A picture for the README and for whoever looks at what a change did: tests/output/pictures.
 * @param {import("@playwright/test").Page} page
 * @param {string} name
 */
export function picture(page, name) {
  return page.screenshot({ path: `tests/output/pictures/${name}.png` });
}
