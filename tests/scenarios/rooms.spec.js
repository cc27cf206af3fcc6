// What rooms tell each other's people: a hand that somebody else raised or took down, a hall that another machine already has.
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { seat } from "../support/seats.js";

/** @type {Demo} */
let demo;
test.beforeAll(async () => {
  demo = await Demo.start({ sites: 2, quiet: true });
});
test.afterAll(() => demo.stop());

/**
 * The operator at work, without the wall: what its page sends.
 * @param {import("@playwright/test").Browser} browser
 */
async function operator(browser) {
  const { page } = await seat(browser, demo, "operator");
  await page.goto(`/conferences/${demo.ready.conference}`);
  const { body } = await demo.api(`/api/v1/conferences/${demo.ready.conference}`);
  const base = `/api/v1/conferences/${demo.ready.conference}/floor`;
  /** @param {string} slug @param {string} method @param {"requests" | "grants"} what */
  return async (slug, method, what) => {
    const site = body.sites.find((/** @type {any} */ one) => one.slug === slug).id;
    const status = await page.evaluate(
      async ({ url, method, site }) => {
        const token = document.querySelector("meta[name='csrf']")?.getAttribute("content") ?? "";
        const minutes = url.endsWith("grants") ? { minutes: 5 } : {};
        const answer = await fetch(method === "DELETE" ? `${url}/${site}` : url, {
          method,
          headers: { "x-csrf-token": token, "content-type": "application/json" },
          ...(method === "DELETE" ? {} : { body: JSON.stringify({ site, ...minutes }) }),
        });
        return answer.status;
      },
      { url: `${base}/${what}`, method, site },
    );
    expect(status, `${method} ${what} ${slug}`).toBeLessThan(300);
  };
}

test("a site is told when somebody else raises its hand or takes it down, and not when it does so itself", async ({
  browser,
}) => {
  const site = await seat(browser, demo, "site:hoang-mai");
  const act = await operator(browser);
  const says = site.page.locator("#says");
  const note = site.page.locator("#note");
  const spoken = site.page.locator("#announce");
  await expect(says).toHaveText(/^Đang nghe/);

  // By itself: nothing to be told.
  await site.page.locator("#tap").click();
  await expect(says).toHaveText(/mời tiếp theo/);
  await expect(note).toBeHidden();
  await site.page.locator("#tap").click();
  await expect(says).toHaveText(/^Đang nghe/);
  await expect(note).toBeHidden();

  // By the operator.
  await act("hoang-mai", "POST", "requests");
  await expect(says).toHaveText(/mời tiếp theo/);
  await expect(note).toHaveText("Tổ kỹ thuật đã giơ tay hộ phòng này.");
  await expect(spoken).toContainText("Tổ kỹ thuật đã giơ tay hộ phòng này.");
  await act("hoang-mai", "DELETE", "requests");
  await expect(says).toHaveText(/^Đang nghe/);
  await expect(note).toHaveText("Chủ trì hoặc Tổ kỹ thuật đã hạ tay của phòng này.");
  await expect(spoken).toContainText("đã hạ tay của phòng này.");

  // Whoever is called has left the queue as well, and is not told that its hand was taken down.
  await act("hoang-mai", "POST", "requests");
  await expect(note).toBeVisible();
  await act("hoang-mai", "POST", "grants");
  await expect(says).toHaveText(/SẮP LÊN SÓNG|ĐANG PHÁT BIỂU/);
  await expect(note).toBeHidden();
  await act("hoang-mai", "DELETE", "grants");
  expect(site.problems).toEqual([]);
  await site.context.close();
});

test("whoever opens the hall's page while another machine is in the hall is asked first", async ({
  browser,
}) => {
  const first = await seat(browser, demo, "hall");
  // The demo's own hall is another machine too.
  await first.page.locator("#take").click();
  await expect(first.page.locator("main")).toHaveAttribute("data-line", "open");

  const second = await seat(browser, demo, "hall");
  await expect(second.page.locator("#taken")).toBeVisible();
  await expect(second.page.locator("#taken-says")).toContainText("máy kia ngừng");
  expect(await second.page.locator("main").getAttribute("data-line")).toBe(null);
  // To look at the question takes nothing from anybody.
  await expect(first.page.locator("#taken")).toBeHidden();

  await second.page.locator("#take").click();
  await expect(second.page.locator("main")).toHaveAttribute("data-line", "open");
  await expect(second.page.locator("#taken")).toBeHidden();
  await expect(first.page.locator("#taken-says")).toHaveText(
    "Một máy khác đã vào chỗ này, nên máy này ngừng.",
  );
  await first.page.locator("#take").click();
  await expect(first.page.locator("main")).toHaveAttribute("data-line", "open");
  await expect(second.page.locator("#taken")).toBeVisible();
  for (const person of [first, second]) {
    expect(person.problems).toEqual([]);
    await person.context.close();
  }
});

test("on a telephone a room that is called is brought to what it is told, and nothing lies over anything", async ({
  browser,
}) => {
  const viewport = { width: 390, height: 844 };
  const site = await seat(browser, demo, "site:so-noi-vu", { viewport });
  const act = await operator(browser);
  const says = site.page.locator("#says");
  await expect(says).toHaveText(/^(Đang nghe|Đã vào phòng)\. Micro của phòng tắt\.$/);
  await site.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  for (const part of ["#own", "#programme", "#clock"]) {
    const covered = await site.page.locator(part).evaluate((element) => {
      const foot = /** @type {Element} */ (document.querySelector("#foot")).getBoundingClientRect();
      const box = element.getBoundingClientRect();
      return box.bottom > foot.top && box.top < foot.bottom;
    });
    expect(covered, `${part} under the foot`).toBe(false);
  }
  await act("so-noi-vu", "POST", "grants");
  await expect(says).toHaveText(/SẮP LÊN SÓNG|ĐANG PHÁT BIỂU/);
  await expect(site.page.locator("#stage")).toBeInViewport();
  await expect(says).toBeInViewport();
  await site.context.close();

  // Every page of a room is as wide as the window, also one that became narrow while it was open.
  for (const [who, path] of [
    ["hall", "hall"],
    ["clerk", "clerk"],
    ["chair", "chair"],
    ["observer", "observer"],
  ]) {
    const person = await seat(browser, demo, who);
    await person.page.goto(`/room/${demo.ready.conference}/${path}`);
    await expect(person.page.locator("main")).toBeVisible();
    await person.page.setViewportSize(viewport);
    const wide = await person.page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, `${path} is wider than a telephone`).toBeLessThanOrEqual(viewport.width);
    await person.context.close();
  }
});
