// A site comes in with the code of its sheet, typed as people type, checks its line and enters its room.
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { seesPicture } from "../support/media.js";
import { seat } from "../support/seats.js";

/** @type {Demo} */
let demo;
test.beforeAll(async () => {
  demo = await Demo.start({ sites: 2, quiet: true });
});
test.afterAll(() => demo.stop());

test("a code typed in lower case, wrong and then right, leads through the line check into the room", async ({
  browser,
}) => {
  const c = demo.ready.conference;
  const { body } = await demo.api(`/api/v1/conferences/${c}/codes`);
  const sheet = body.items.find((/** @type {any} */ site) => site.slug === "hoang-mai");
  const right = sheet.code.replace(/[^A-Z\d]/g, "").toLowerCase();
  const { page, problems } = await seat(browser, demo, "nobody");
  await page.goto("/join");
  const code = page.locator("#code");
  const hint = page.locator("#code-hint");

  // A character that no code has is not taken, and said so; seven characters are not sent.
  await code.pressSequentially(`${right.slice(0, 3)}0`);
  await expect(hint).toContainText("Mã không có ký tự 0");
  await code.pressSequentially(right.slice(3, 7));
  await expect(hint).toContainText("Còn 1 ký tự");
  await expect(page.locator("#check")).toBeDisabled();

  // Eight of the alphabet and nobody's: refused, with what was typed left to mend.
  const wrong = right[7] === "a" ? "c" : "a";
  await code.pressSequentially(wrong);
  await page.locator("#check").click();
  await expect(page.locator("#code-error")).toContainText("Không có điểm cầu nào mang mã này");
  await expect(code).toBeFocused();
  await expect(code).toHaveValue(`${right.slice(0, 4)} ${right.slice(4, 7)}${wrong}`.toUpperCase());
  await code.press("End");
  await code.press("Backspace");
  await code.pressSequentially(right[7]);
  await page.locator("#check").click();

  // The line check: five results. Whether this machine's fake devices are good is not what is asked, but each is judged.
  await expect(page).toHaveURL(new RegExp(`/room/${c}/check`));
  await expect(page.locator("h1")).toContainText("Quận Hoàng Mai");
  const act = page.locator("#act");
  await act.click();
  await expect(page.locator("#act-says")).toHaveText("Nghe rõ tiếng chuông");
  await act.click();
  await expect(page.locator("#sent")).toHaveText(/^Đã gửi kết quả lúc/, { timeout: 90_000 });
  for (const name of ["camera", "microphone", "loudspeaker", "echo", "line"]) {
    const row = page.locator(`[data-test='${name}']`);
    await expect(row.locator(".state"), name).toHaveText(/^(Tốt|Dùng được|Phải sửa)$/);
  }
  await expect(page.locator("[data-test='loudspeaker']")).toHaveAttribute("data-state", "ready");
  // The Office sees it.
  const { body: checked } = await demo.api(`/api/v1/conferences/${c}`);
  const site = checked.sites.find((/** @type {any} */ one) => one.slug === "hoang-mai");
  expect(site.ready).not.toBe("unseen");

  await page.locator("#enter").click();
  await expect(page).toHaveURL(new RegExp(`/room/${c}/site`));
  await expect(page.locator("#says")).toContainText("Đang nghe");
  await seesPicture(page);
  expect(problems).toEqual([]);
});

test("whoever takes a seat while the demo's sites are still arriving keeps it", async ({ browser }) => {
  const arriving = await Demo.start({ sites: 24, quiet: true });
  try {
    const c = arriving.ready.conference;
    const { body } = await arriving.api(`/api/v1/conferences/${c}/codes`);
    const last = body.items[23];
    const { page } = await seat(browser, arriving, `site:${last.slug}`);
    const says = page.locator("#says");
    await expect(says).toContainText("Đang nghe");
    // All others are there, and the one that would have come last has stayed away.
    const live = async () => Object.values(await arriving.sites()).filter((state) => state === "live").length;
    await expect.poll(live).toBe(24);
    await page.waitForTimeout(1000);
    await expect(says).toContainText("Đang nghe");
  } finally {
    await arriving.stop();
  }
});
