// The control desk and the rostrum: what their buttons do to a site, as the site itself sees it.
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { pixels, seesPicture, voices } from "../support/media.js";
import { picture, seat } from "../support/seats.js";

/** @import { Page } from "@playwright/test" */

/** Chooses a site on the wall by typing its name. @param {Page} desk @param {string} typed @param {string} name */
async function choose(desk, typed, name) {
  await desk.locator("body").press("/");
  await desk.locator("#find").fill(typed);
  await desk.locator("#find").press("Enter");
  await expect(desk.locator("#tray-name")).toHaveText(name);
}

/** How many voices reach the page now; one that is silent sends a few bytes a second. @param {Page} page */
async function heard(page) {
  const before = await voices(page);
  await page.waitForTimeout(2000);
  const after = await voices(page);
  return Object.keys(after).filter((id) => (after[id] ?? 0) > (before[id] ?? 0)).length;
}

/** Held for what cannot be taken back. @param {Page} page */
async function holdDown(page) {
  await page.locator("#held").focus();
  await page.keyboard.down("Enter");
  await expect(page.locator("#held")).not.toHaveAttribute("data-held");
  await page.keyboard.up("Enter");
}

test("the desk looks at a site, puts it on the stage, talks to it, mutes it, locks it and shows it the door", async ({
  browser,
}) => {
  const demo = await Demo.start({ sites: 8, quiet: true });
  try {
    const c = demo.ready.conference;
    const site = await seat(browser, demo, "site:hoang-mai");
    const { page: desk, problems } = await seat(browser, demo, "operator");
    const note = desk.locator("#note");
    const says = site.page.locator("#says");
    const facts = desk.locator("#tray-facts");
    await expect(says).toContainText("Đang nghe");
    await choose(desk, "hoàng mai", "Quận Hoàng Mai");

    // Seen live, and let go.
    await desk.keyboard.press("v");
    const look = desk.locator("#look");
    await expect(look).toBeVisible();
    await expect
      .poll(() =>
        look.evaluate((video) => /** @type {any} */ (video).getVideoPlaybackQuality().totalVideoFrames),
      )
      .toBeGreaterThan(10);
    expect((await pixels(look)).spread).toBeGreaterThan(20);
    await picture(desk, "desk-looks");
    await desk.locator("[data-do='look']").click();
    await expect(look).toBeHidden();

    // On the stage and off it, as everybody sees; the second press of a button undoes the first.
    const strip = desk.locator("#strip li:visible");
    await desk.locator("[data-do='stage']").click();
    await expect(strip.filter({ hasText: "Hoàng Mai" })).toBeVisible();
    await desk.locator("[data-do='stage']").click();
    await expect(strip).toHaveCount(0);

    // Where every place is taken a site waits, and the desk says so; it appears when a turn ends.
    await desk.keyboard.press("g");
    await expect(says).toContainText("ĐANG PHÁT BIỂU");
    for (const [typed, name] of [
      ["ba đình", "Quận Ba Đình"],
      ["sở nội vụ", "Sở Nội vụ"],
      ["hoàn kiếm", "Quận Hoàn Kiếm"],
      ["tây hồ", "Quận Tây Hồ"],
    ]) {
      await choose(desk, typed ?? "", name ?? "");
      await desk.locator("[data-do='stage']").click();
      await expect(desk.locator("[data-do='stage']")).toContainText("Rút khỏi");
      await expect(note).toBeHidden();
    }
    await expect(strip).toHaveCount(5);
    await choose(desk, "tư pháp", "Sở Tư pháp");
    await desk.locator("[data-do='stage']").click();
    await expect(note).toContainText("Sở Tư pháp lên ngay khi có chỗ trống");
    await expect(facts).toContainText("chờ chỗ trống");
    await expect(strip.filter({ hasText: "Tư pháp" })).toHaveCount(0);

    // All microphones off: asked once, said to the site.
    await desk.keyboard.press("Shift+M");
    await expect(desk.locator("#confirm-more")).toContainText("Hoàng Mai");
    await desk.locator("#confirm-yes").click();
    await expect(says).toContainText("Đang nghe");
    await expect(strip.filter({ hasText: "Tư pháp" })).toBeVisible();
    await expect(facts).not.toContainText("chờ chỗ trống");
    await desk.getByRole("button", { name: /^Rút Sở Tư pháp/ }).click();
    await expect(strip.filter({ hasText: "Tư pháp" })).toHaveCount(0);

    // Spoken to alone while the button is held, in addition to the hall.
    await choose(desk, "hoàng mai", "Quận Hoàng Mai");
    await expect.poll(() => heard(site.page)).toBe(1);
    await desk.locator("[data-do='talk']").focus();
    await desk.keyboard.down("Enter");
    await expect(desk.locator("[data-do='talk']")).toHaveAttribute("aria-pressed", "true");
    await expect.poll(() => heard(site.page)).toBe(2);
    await desk.keyboard.up("Enter");
    await expect.poll(() => heard(site.page)).toBe(1);

    // So are all at once, from wherever the desk is.
    await desk.locator("#talk-all").focus();
    await desk.keyboard.down(" ");
    await expect.poll(() => heard(site.page)).toBe(2);
    await desk.keyboard.up(" ");
    await expect.poll(() => heard(site.page)).toBe(1);

    // A turn is ended from the tray.
    await desk.locator("[data-do='grant']").click();
    await expect(says).toContainText("ĐANG PHÁT BIỂU");
    await desk.locator("[data-do='end']").click();
    await expect(says).toContainText("Đang nghe");

    // A locked seat refuses a second machine, and the desk sees that it tried.
    await desk.locator("[data-do='lock']").click();
    await expect(desk.locator("[data-do='lock']")).toContainText("Mở khóa");
    const second = await seat(browser, demo, "site:hoang-mai");
    await expect(second.page.locator("main")).toContainText("khóa");
    await expect(facts).toContainText("một máy bị từ chối");
    await expect(says).toContainText("Đang nghe");

    // Unlocked, the second machine takes the seat; the first says why it went quiet and takes it back.
    await desk.locator("[data-do='lock']").click();
    await expect(desk.locator("[data-do='lock']")).toContainText("Khóa chỗ");
    await second.page.goto(demo.ready.logins["site:hoang-mai"] ?? "");
    await expect(second.page.locator("#says")).toContainText("Đang nghe");
    await expect(site.page.locator("#more")).toContainText("Chỉ một máy ngồi được");
    await holdDown(site.page);
    await expect(says).toContainText("Đang nghe");
    await seesPicture(site.page);
    await expect(second.page.locator("#more")).toContainText("Chỉ một máy ngồi được");
    await second.context.close();

    // A new code ends the old one at once; with the new one, read out over the telephone, the room comes back.
    await desk.locator("[data-do='rotate']").click();
    await desk.locator("#confirm-yes").click();
    await expect(note).toContainText("Đã đổi mã");
    await expect(site.page.locator("[data-page='site']")).not.toHaveAttribute("data-line", "open");
    const list = await desk.context().newPage();
    await list.goto(`/conferences/${c}/sites?q=hoang`);
    const row = list.getByRole("row").filter({ hasText: "Quận Hoàng Mai" });
    const code = (await row.locator("td.num").allTextContents()).find((cell) =>
      /^[A-Z2-9]{4}.[A-Z2-9]{4}$/.test(cell.trim()),
    );
    expect(code, "the list has the new code").toBeTruthy();
    await list.close();
    const returned = await seat(browser, demo, "nobody");
    await returned.page.goto("/join");
    await returned.page.locator("#code").fill((code ?? "").toLowerCase());
    await returned.page.locator("#go").click();
    await expect(returned.page.locator("#says")).toContainText("Đang nghe");

    // Shown the door: told so, gone from the wall, and its code opens nothing any more.
    await choose(desk, "hoàng mai", "Quận Hoàng Mai");
    await desk.locator("[data-do='remove']").click();
    await desk.locator("#confirm-yes").click();
    await expect(returned.page.locator("#more")).toContainText("gọi Tổ kỹ thuật");
    await expect(desk.locator("#wall [data-site]").filter({ hasText: "Hoàng Mai" })).toHaveCount(0);
    await expect(desk.locator("#tray")).toBeHidden();
    await returned.page.goto("/join");
    await returned.page.locator("#code").fill(code ?? "");
    await returned.page.locator("#go").click();
    await expect(returned.page.locator("#code-error, [role='alert']").first()).toBeVisible();
    expect(problems).toEqual([]);
    expect(site.problems).toEqual([]);
  } finally {
    await demo.stop();
  }
});

test("two sites speak at once, each heard with its own clock, when the chair lets them", async ({
  browser,
}) => {
  const demo = await Demo.start({ sites: 6, quiet: true });
  try {
    const first = await seat(browser, demo, "site:hoang-mai");
    const second = await seat(browser, demo, "site:ba-dinh");
    const listener = await seat(browser, demo, "site:so-noi-vu");
    const { page: chair } = await seat(browser, demo, "chair");
    const turns = chair.locator("#turns > li");
    for (const { page } of [first, second, listener]) {
      await page.locator("#tap").click();
      await expect(page.locator("#says")).toContainText(/hàng chờ|mời tiếp theo/);
    }

    await chair.locator("#several").click();
    await expect(chair.locator("#several")).toHaveAttribute("aria-pressed", "true");
    await chair.locator("#next").click();
    await expect(first.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
    await expect(chair.locator("#next")).toContainText("Ba Đình");
    await expect(chair.locator("#next")).not.toContainText("kết thúc");
    await chair.locator("#next").click();
    await expect(second.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
    await expect(first.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
    await expect(turns).toHaveCount(2);
    await picture(chair, "chair-two-speakers");
    // The hall and both.
    await expect.poll(() => heard(listener.page)).toBe(3);

    // A third has to wait, whatever is pressed, and one speaker at a time is not gone back to while two speak.
    await expect(chair.locator("#next")).toContainText("kết thúc một lượt trước");
    await chair.locator("#next").click({ force: true });
    await expect(chair.locator("#note")).toContainText("Kết thúc một lượt trước");
    await chair.locator("#several").click();
    await expect(chair.locator("#note")).toContainText("2 điểm cầu cùng phát biểu");
    await expect(turns).toHaveCount(2);

    // The desk has a line for each; X wants to know which.
    const { page: desk } = await seat(browser, demo, "operator");
    await expect(desk.locator("#turns > li")).toHaveCount(2);
    const small = desk.locator("#strip li:visible").filter({ hasText: "Ba Đình" });
    await expect(small).toBeVisible();
    await expect(small.getByRole("button"), "a turn is ended, not taken off the stage").toHaveCount(0);
    await desk.keyboard.press("x");
    await expect(desk.locator("#note")).toContainText("Hai điểm cầu đang nói");
    await picture(desk, "desk-two-speakers");
    await desk.getByRole("button", { name: /^Kết thúc lượt của Quận Hoàng Mai/ }).click();
    await expect(first.page.locator("#says")).toContainText("Đang nghe");
    await expect(second.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
    await expect(chair.locator("#who")).toContainText("Ba Đình");
    await expect.poll(() => heard(listener.page)).toBe(2);

    await chair.locator("#several").click();
    await expect(chair.locator("#several")).toHaveAttribute("aria-pressed", "false");
    await expect(chair.locator("#next")).toContainText("Lượt của Quận Ba Đình kết thúc");
    await chair.locator("#next").click();
    await expect(listener.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
    await expect(second.page.locator("#says")).toContainText("Đang nghe");
    for (const person of [first, second, listener]) expect(person.problems).toEqual([]);
  } finally {
    await demo.stop();
  }
});

test("a site is called with a count before it is heard, asks for a minute, loses its camera and is told when all is over", async ({
  browser,
}) => {
  const demo = await Demo.start({ sites: 4, quiet: true });
  try {
    const { page: site, problems } = await seat(browser, demo, "site:hoang-mai");
    const { page: chair } = await seat(browser, demo, "chair");
    const says = site.locator("#says");
    await site.locator("#tap").click();
    await expect(says).toContainText("mời tiếp theo");

    // The count and its way out, pressed as soon as it is there: the room stands in the queue again and nobody heard it.
    await site.evaluate(() => {
      const count = /** @type {HTMLElement} */ (document.querySelector("#count"));
      const held = /** @type {HTMLElement} */ (document.querySelector("#held"));
      /** @type {string[]} */
      const seen = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        if (count.hidden || seen.at(-1) === count.textContent) return;
        seen.push(count.textContent ?? "");
        if (seen.length === 1) {
          seen.push(document.querySelector("#says")?.textContent ?? "", held.textContent ?? "");
          held.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, button: 0 }));
        }
      }).observe(document.querySelector("#foot") ?? count, {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      });
    });
    await chair.locator("#next").click();
    await expect(says).toContainText("mời tiếp theo");
    const seen = await site.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (window).seen));
    expect(seen.slice(1, 3).join()).toMatch(/SẮP LÊN SÓNG,.*Xin chờ một phút/);
    expect(seen.filter((word) => word.length === 1).every((word) => "321…".includes(word))).toBe(true);
    await expect(chair.locator("#next")).toContainText("Hoàng Mai");
    await expect(chair.locator("#turns > li")).toHaveCount(0);

    // The plug of the camera is pulled. A fake device cannot be: its track is ended as the browser ends one, and none is there to be opened.
    await site.evaluate(() => {
      const media = navigator.mediaDevices;
      const open = media.getUserMedia.bind(media);
      Object.assign(window, {
        plugIn: () => {
          media.getUserMedia = open;
          media.dispatchEvent(new Event("devicechange"));
        },
      });
      media.getUserMedia = async (wanted) => {
        if (wanted?.video) throw new DOMException("no camera", "NotFoundError");
        return open(wanted);
      };
      const own = /** @type {HTMLVideoElement} */ (document.querySelector("#mine"));
      const track = /** @type {MediaStream} */ (own.srcObject).getVideoTracks()[0];
      track?.stop();
      track?.dispatchEvent(new Event("ended"));
    });
    await expect(site.locator("#own-says")).toContainText("Không có máy quay");
    await expect(site.locator("#note")).toContainText("bị rút");
    await site.evaluate(() => /** @type {any} */ (window).plugIn());
    await expect(site.locator("#own-says")).toContainText("Quận Hoàng Mai");

    // Heard after the count, and told when the conference is closed.
    await chair.locator("#next").click();
    await expect(says).toContainText("ĐANG PHÁT BIỂU");
    await chair.goto(`/conferences/${demo.ready.conference}`);
    await chair.locator("summary", { hasText: "Bế mạc" }).click();
    await chair.locator("form[action$='/life/close'] button").click();
    await expect(says).toContainText("Hội nghị đã bế mạc");
    await expect(site.locator("#more")).toContainText("Có thể tắt máy");
    await expect(site.locator("#tap")).toBeHidden();
    expect(problems).toEqual([]);
  } finally {
    await demo.stop();
  }
});
