// A camera is seen alike in either codec, simulcast and all: Chromium sends, Chromium decodes. Freezes are told, not judged: three
// browsers and six encoders on the machine of the tests wait for a processor, and the browser counts that as a freeze.
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { codecs, inbound, pixels, seesPicture, speakOnly, withoutH264 } from "../support/media.js";
import { seat } from "../support/seats.js";

for (const codec of /** @type {const} */ (["video/VP8", "video/H264"])) {
  test(`a camera that speaks ${codec} is decoded as such by chair and site`, async ({ browser }) => {
    const demo = await Demo.start({ sites: 4, quiet: true });
    try {
      const speaker = await seat(browser, demo, "site:hoang-mai", {}, (context) => speakOnly(context, codec));
      const chair = await seat(browser, demo, "chair");
      const listener = await seat(browser, demo, "site:so-noi-vu", {}, (context) =>
        speakOnly(context, codec),
      );
      await speaker.page.locator("#tap").click();
      await chair.page.locator("#next").click();
      await expect(speaker.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
      for (const { page } of [chair, listener]) {
        await expect(page.locator("#who")).toContainText("Hoàng Mai");
        await seesPicture(page, 30);
      }
      await expect.poll(() => codecs(speaker.page, "outbound-rtp")).toEqual([codec]);
      // The hall and other sites are simulated and speak H264.
      expect(await codecs(chair.page, "inbound-rtp")).toContain(codec);
      expect(await codecs(listener.page, "inbound-rtp")).toContain(codec);

      const before = await inbound(chair.page);
      await seesPicture(chair.page, 150);
      const after = await inbound(chair.page);
      const description = `${after.freezes - before.freezes} while ${after.frames - before.frames} frames were decoded`;
      test.info().annotations.push({ type: "freezes", description });
      const seen = await pixels(chair.page.locator("#big"));
      expect(seen.spread).toBeGreaterThan(20);
      for (const person of [speaker, chair, listener]) expect(person.problems).toEqual([]);
    } finally {
      await demo.stop();
    }
  });
}

test("a browser that cannot show H.264 says so, where it would look like a fault at the other end", async ({
  browser,
}) => {
  const demo = await Demo.start({ sites: 4, quiet: true });
  try {
    const observer = await seat(browser, demo, "observer", {}, withoutH264);
    await expect(observer.page.locator("#no-picture")).toContainText("không xem được hình H.264");
    const other = await seat(browser, demo, "observer");
    await seesPicture(other.page, 30);
    await expect(other.page.locator("#no-picture")).toBeHidden();
    for (const person of [observer, other]) expect(person.problems).toEqual([]);
  } finally {
    await demo.stop();
  }
});
