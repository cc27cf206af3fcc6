// What breaks, and how people see it come back by itself: a killed server, a client that wants to be heard without the floor.
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("with a full disk picture and sound go on, commands are refused with the reason, and are taken again when there is room", async ({
  browser,
}) => {
  const disk = mkdtempSync(join(tmpdir(), "nhipcau-small-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m", "nhipcau-test", disk]);
  const filler = join(disk, "filler");
  try {
    const demo = await Demo.start({ sites: 4, quiet: true, directory: join(disk, "data") });
    try {
      const site = await seat(browser, demo, "site:hoang-mai");
      const chair = await seat(browser, demo, "chair");
      await site.page.locator("#tap").click();
      await expect(chair.page.locator("#next")).toContainText("Hoàng Mai");
      await seesPicture(site.page);

      const file = openSync(filler, "w");
      for (let size = 1 << 20; size > 0; ) {
        try {
          writeSync(file, Buffer.alloc(size, 1));
        } catch {
          size = size >> 1;
        }
      }
      closeSync(file);
      // What still fits into the last page of the log is kept.
      const note = chair.page.locator("#note");
      await expect(async () => {
        await chair.page.locator("#several").click();
        await expect(note).toBeVisible({ timeout: 1000 });
      }).toPass();
      await chair.page.locator("#next").click();
      await expect(note).toContainText("Đĩa của máy chủ đã đầy");
      await expect(site.page.locator("#says")).toContainText("mời tiếp theo");
      for (const { page } of [site, chair]) await seesPicture(page);
      expect((await demo.api("/readyz")).status).toBe(503);

      rmSync(filler);
      await chair.page.locator("#next").click();
      await expect(site.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
      expect((await demo.api("/readyz")).status).toBe(200);
      for (const person of [site, chair]) expect(person.problems).toEqual([]);
    } finally {
      await demo.stop();
    }
  } finally {
    execFileSync("umount", [disk]);
    rmdirSync(disk);
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
