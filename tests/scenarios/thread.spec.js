// The whole thread: a site asks for the floor and is heard, a directive is captured while it is spoken, issued, carried out and accepted.
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { inbound, pixels, seesPicture } from "../support/media.js";
import { capture, closeAndIssue } from "../support/office.js";
import { picture, seat } from "../support/seats.js";

test("from a raised hand to a finished task", async ({ browser }) => {
  const demo = await Demo.start({ sites: 6, quiet: true });
  try {
    const c = demo.ready.conference;
    const site = await seat(browser, demo, "site:hoang-mai");
    const listener = await seat(browser, demo, "site:so-noi-vu");
    const chair = await seat(browser, demo, "chair");
    // In session from the moment the demo is ready, whoever still arrives or sits in a seat that was played.
    await chair.page.goto(`/conferences/${c}`);
    await expect(chair.page.locator("#conference-phase")).toContainText("đang họp");
    await site.page.goto(`/room/${c}/site`);
    await chair.page.goto(`/room/${c}/chair`);

    // The room asks; the chair's large button names it.
    const tap = site.page.locator("#tap");
    await expect(tap).toContainText("Xin phát biểu");
    await tap.click();
    const next = chair.page.locator("#next");
    await expect(next).toContainText("Hoàng Mai");
    await next.click();

    // It is on the air, and others see and hear it.
    await expect(site.page.locator("#says")).toContainText("ĐANG PHÁT BIỂU");
    await expect(chair.page.locator("#who")).toContainText("Hoàng Mai");
    await seesPicture(chair.page);
    const seen = await pixels(chair.page.locator("#big"));
    expect(seen.spread, "the speaker's picture is not one flat colour").toBeGreaterThan(20);
    await expect.poll(async () => (await inbound(chair.page)).voiceBytes).toBeGreaterThan(2000);
    await expect(listener.page.locator("#who")).toContainText("Hoàng Mai");
    await seesPicture(listener.page);
    const heard = (await inbound(listener.page)).voiceBytes;
    await expect.poll(async () => (await inbound(listener.page)).voiceBytes).toBeGreaterThan(heard + 2000);
    expect(listener.problems).toEqual([]);
    await listener.context.close();
    const operator = await seat(browser, demo, "operator");
    await expect(operator.page.locator("#who")).toContainText("Hoàng Mai");
    await seesPicture(operator.page);
    await picture(operator.page, "thread-operator");
    await picture(site.page, "thread-site-on-air");
    await picture(chair.page, "thread-chair");
    await chair.page.locator("#turns [data-do='end']").click();
    await expect(site.page.locator("#says")).toContainText("Đang nghe");

    // Roll call: the site counts itself, by keyboard, and is told what is no count; the operator corrects it.
    const heads = site.page.locator("#roll-heads");
    await site.page.locator("#roll-open").press("Enter");
    for (const [typed, answer] of /** @type {[string, RegExp][]} */ ([
      ["bốn", /chữ số/],
      ["6000", /từ 0 đến 5\.?000/],
    ])) {
      await heads.fill(typed);
      await heads.press("Enter");
      await expect(site.page.locator("#roll-error")).toContainText(answer);
    }
    await heads.fill("41");
    await heads.press("Enter");
    await expect(site.page.locator("#roll")).toBeHidden();
    await expect(site.page.locator("#roll-open")).toContainText("41");
    await operator.page.locator("#find").fill("hoàng mai");
    await operator.page.locator("#find").press("Enter");
    await expect(operator.page.locator("#tray-name")).toContainText("Hoàng Mai");
    await expect(operator.page.locator("#tray-facts")).toContainText("41 người");
    await operator.page.locator("[data-do='roll']").click();
    await operator.page.locator("#roll-heads").fill("42");
    await operator.page.locator("#roll-save").click();
    await expect(site.page.locator("#roll-open")).toContainText("42");

    // A hand goes up for the site and is taken down, at either desk.
    await operator.page.locator("[data-do='hand']").click();
    await expect(next).toContainText("Hoàng Mai");
    await expect(tap).toContainText("Rút lại");
    await chair.page.getByRole("button", { name: /^Hạ tay .*Hoàng Mai/ }).click();
    await expect(tap).toContainText("Xin phát biểu");
    await tap.click();
    await operator.page
      .locator("#queue")
      .getByRole("button", { name: /^Hạ tay .*Hoàng Mai/ })
      .click();
    await expect(tap).toContainText("Xin phát biểu");
    await expect(chair.page.locator("#queue-empty")).toBeVisible();
    expect(operator.problems).toEqual([]);
    await operator.context.close();

    // The clerk catches a directive: text, unit by two letters, words of a date.
    const clerk = await seat(browser, demo, "clerk");
    await clerk.page.goto(`/room/${c}/clerk`);
    await capture(clerk.page, {
      letters: "nv",
      unit: "Sở Nội vụ",
      does: "rà soát vị trí việc làm, báo cáo Ủy ban nhân dân Thành phố trong",
      due: "quý I/2025",
      day: "31/03/2025",
    });
    await picture(clerk.page, "thread-clerk");

    // The conference ends, the notice is issued.
    await closeAndIssue(chair.page, clerk.page, c, 5);
    await picture(clerk.page, "thread-notice");
    const pdf = await clerk.page.request.get(`/conferences/${c}/notice.pdf`);
    expect(pdf.headers()["content-type"]).toContain("application/pdf");

    // The unit finds its task, takes it on and reports.
    const unit = await seat(browser, demo, "unit:SNV");
    await unit.page.goto("/tasks");
    await unit.page
      .getByRole("link", { name: /rà soát vị trí việc làm/ })
      .first()
      .click();
    const task = new URL(unit.page.url()).pathname;
    await unit.page.locator("form[action$='/acknowledge'] button").click();
    await unit.page.locator("form[action$='/report'] textarea").fill("Đã trình báo cáo rà soát.");
    await unit.page.locator("form[action$='/report'] input[type='file']").setInputFiles({
      name: "báo cáo.pdf",
      mimeType: "application/pdf",
      buffer: await pdf.body(),
    });
    await unit.page
      .locator("form[action$='/report'] button[type='submit'], form[action$='/report'] button")
      .last()
      .click();
    await expect(unit.page.locator("main")).toContainText("Đã trình báo cáo rà soát.");

    await picture(unit.page, "thread-task");

    // The Office reads the evidence, byte for byte what the unit sent, and accepts; the unit sees it.
    const desk = await seat(browser, demo, "desk_officer");
    await desk.page.goto("/desk");
    await expect(desk.page.locator("main")).toContainText("rà soát vị trí việc làm");
    await desk.page.goto(task);
    const arriving = desk.page.waitForEvent("download");
    await desk.page.getByRole("link", { name: "báo cáo.pdf" }).first().click();
    const evidence = await arriving;
    expect(evidence.suggestedFilename()).toBe("báo cáo.pdf");
    expect(readFileSync(await evidence.path()).equals(await pdf.body())).toBe(true);
    await desk.page.locator("form[action$='/complete'] button").last().click();
    await unit.page.reload();
    await expect(unit.page.locator("main")).toContainText(/hoàn thành/i);
    for (const person of [site, chair, clerk, unit, desk]) expect(person.problems).toEqual([]);
  } finally {
    await demo.stop();
  }
});
