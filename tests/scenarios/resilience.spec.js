// What breaks, and how people see it come back by itself: a killed server, a client that wants to be heard without the floor.
import { execFileSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import { Demo, PROGRAM } from "../support/demo.js";
import { outboundVoice, seesPicture, voices, wire } from "../support/media.js";
import { seat } from "../support/seats.js";

test("a killed server comes back: the speaker keeps the floor, the picture returns, the journal is whole", async ({
  browser,
}) => {
  const demo = await Demo.start({ sites: 6, quiet: true });
  try {
    const site = await seat(browser, demo, "site:hoang-mai");
    const chair = await seat(browser, demo, "chair");
    await site.page.locator("#tap").click();
    await chair.page.locator("#next").click();
    await expect(site.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
    await seesPicture(chair.page);

    await demo.kill();
    const said = execFileSync(PROGRAM, ["verify", demo.directory], { encoding: "utf8" });
    expect(said).toMatch(/[0-9a-f]{64}/);
    await expect(site.page.locator("[data-page='site']")).not.toHaveAttribute("data-line", "open");
    await demo.run();

    await expect(site.page.locator("[data-page='site']")).toHaveAttribute("data-line", "open");
    await expect(site.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
    await seesPicture(chair.page);
    for (const person of [site, chair]) expect(person.problems).toEqual([]);
  } finally {
    await demo.stop();
  }
});

test("a site without the floor is heard by nobody, whatever its client does", async ({ browser }) => {
  const demo = await Demo.start({ sites: 6, quiet: true });
  try {
    const site = await seat(browser, demo, "site:hoang-mai");
    const chair = await seat(browser, demo, "chair");
    await expect(site.page.locator("#says")).toContainText("Đang nghe");
    await expect(chair.page.locator("[data-page='chair']")).toHaveAttribute("data-media", "flowing");

    // The tampered client: the microphone is replaced by a tone that nobody can switch off.
    await site.page.evaluate(async () => {
      const peer = /** @type {any} */ (window).peers.at(-1);
      const sound = new AudioContext();
      const tone = sound.createOscillator();
      const out = sound.createMediaStreamDestination();
      tone.connect(out);
      tone.start();
      for (const sender of peer.getSenders()) {
        if (sender.track?.kind === "audio") await sender.replaceTrack(out.stream.getAudioTracks()[0]);
      }
    });

    /** How many voices reach the chair while the site sends 200 packets more. */
    const heard = async () => {
      const [before, sent] = [await voices(chair.page), await outboundVoice(site.page)];
      await expect.poll(async () => (await outboundVoice(site.page)) - sent).toBeGreaterThan(200);
      const after = await voices(chair.page);
      return Object.keys(after).filter((id) => (after[id] ?? 0) > (before[id] ?? 0)).length;
    };
    // The hall is always heard: one voice, and not one more.
    expect(await heard()).toBe(1);

    // With the floor the same packets are heard; without it, again by nobody.
    await site.page.locator("#tap").click();
    await chair.page.locator("#next").click();
    await expect(site.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
    expect(await heard()).toBe(2);
    await chair.page.locator("#turns [data-do='end']").click();
    await expect(site.page.locator("#says")).toContainText("Đang nghe");
    expect(await heard()).toBe(1);
  } finally {
    await demo.stop();
  }
});

test("a site whose network is cut says so, is shown as lost, and comes back by itself", async ({
  browser,
}) => {
  const demo = await Demo.start({ sites: 6, quiet: true });
  try {
    const site = await seat(browser, demo, "site:hoang-mai");
    const network = await wire(site.page);
    const operator = await seat(browser, demo, "operator");
    const tile = operator.page.locator("[data-site]").filter({ hasText: "Hoàng Mai" }).first();
    await expect(site.page.locator("[data-page='site']")).toHaveAttribute("data-line", "open");
    await expect(tile).toHaveAttribute("data-state", "here");
    await seesPicture(site.page);
    await site.page.locator("#tap").click();
    await expect(operator.page.locator("#queue")).toContainText("Hoàng Mai");

    await network.cut();
    await expect(tile).toHaveAttribute("data-state", "lost");
    await expect(site.page.locator("[data-page='site']")).not.toHaveAttribute("data-line", "open");
    await expect(site.page.locator("#over")).toBeVisible();
    // Others go on.
    await seesPicture(operator.page);

    await network.mend();
    await expect(site.page.locator("[data-page='site']")).toHaveAttribute("data-line", "open");
    await expect(tile).toHaveAttribute("data-state", "here");
    await seesPicture(site.page);
    // Its place in the queue was kept.
    await expect(operator.page.locator("#queue")).toContainText("Hoàng Mai");
    for (const person of [site, operator]) expect(person.problems).toEqual([]);
  } finally {
    await demo.stop();
  }
});
