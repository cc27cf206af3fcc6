// What the pages say of a room is what is so: an open page is not a room that is seen and heard, a turn is not a voice that arrives, and who
// is shown knows it. Media alone are cut here, the pages go on.
import { chromium, expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { NO_MEDIA, wire } from "../support/media.js";
import { picture, seat } from "../support/seats.js";

/** @type {Demo} */
let demo;
test.beforeAll(async () => {
  demo = await Demo.start({ sites: 4, quiet: true });
});
test.afterAll(() => demo.stop());

const NAME = "Quận Hoàng Mai";
const SEEN_AND_HEARD = "Cả hội nghị đang thấy và nghe phòng này.";

/** The sound that the page sends from now on: nothing at all, or samples that are all nought. @param {import("@playwright/test").Page} page @param {"nothing" | "silence"} what */
function sends(page, what) {
  return page.evaluate(async (what) => {
    const out = new AudioContext().createMediaStreamDestination();
    for (const sender of /** @type {any} */ (window).peers.at(-1).getSenders()) {
      if (sender.track?.kind === "audio")
        await sender.replaceTrack(what === "silence" ? out.stream.getAudioTracks()[0] : null);
    }
  }, what);
}

/** The site's tile on the wall. @param {import("@playwright/test").Page} desk @param {string} name */
const tileOf = (desk, name) => desk.locator("#wall [data-site]").filter({ hasText: name });

test("a room whose media are blocked is neither green nor counted nor told that it is heard, and whoever invites it is warned", async ({
  browser,
}) => {
  const site = await seat(browser, demo, "site:hoang-mai");
  const network = await wire(site.page, NO_MEDIA);
  const [says, more] = [site.page.locator("#says"), site.page.locator("#more")];
  const { page: desk } = await seat(browser, demo, "operator");
  const { page: chair } = await seat(browser, demo, "chair");
  const { page: hall } = await seat(browser, demo, "hall");
  await hall.locator("#take").click();

  // The room reads what is blocked and whom to call.
  await expect(says).toHaveText("Hội nghị không thấy, không nghe phòng này.");
  await expect(more).toContainText(/Trang mở được nhưng hình và tiếng không qua: cổng UDP \d+ .*bị chặn/);
  await expect(more).toContainText("Gọi Tổ kỹ thuật");
  await expect(site.page.locator("main")).toHaveAttribute("data-state", "lost");
  await expect(site.page.locator("#own-says")).toContainText("Tổ kỹ thuật chỉ thấy ảnh nhỏ");
  await picture(site.page, "truth-blocked-site");

  // So do all who rely on it.
  await expect(tileOf(desk, "Hoàng Mai")).toHaveAttribute("data-state", "look");
  await expect(desk.locator("#count-good")).toHaveText("3 nghe tốt");
  await expect(desk.locator("#count-look")).toHaveText("1 cần xem");
  const trouble = desk.locator("#trouble li").filter({ hasText: NAME });
  await expect(trouble).toContainText("Trang mở nhưng hình và tiếng không qua");
  await expect(trouble).toContainText("Không vào được bằng UDP");
  await expect(trouble.getByRole("button")).toHaveText("Gọi điện");
  await expect(chair.locator("#here")).toHaveText("3/4 có mặt");
  await expect(chair.locator("#missing")).toContainText(`Hình và tiếng không qua: ${NAME}`);
  await expect(hall.locator("#sites")).toHaveText("4 điểm cầu · 3 có mặt");
  const { body } = await demo.api(`/api/v1/conferences/${demo.ready.conference}`);
  const row = body.sites.find((/** @type {any} */ one) => one.slug === "hoang-mai");
  expect([row.state, row.page, row.media]).toEqual(["joining", true, "blocked"]);
  const metrics = await demo.api("/metrics");
  expect(metrics.body).toContain("nhipcau_room_sites_blocked 1");

  // It asks; the chair is warned, leaves it, and then insists.
  await site.page.locator("#tap").click();
  await expect(chair.locator("#next-more")).toContainText("hình và tiếng không qua");
  await chair.locator("#next").click();
  await expect(chair.locator("#confirm-more")).toContainText("không thấy, không nghe ai");
  await picture(chair, "truth-blocked-warned");
  await chair.locator("#confirm button[value='no']").click();
  await expect(chair.locator("#next")).toBeVisible();
  await desk.locator("body").press("/");
  await desk.locator("#find").fill("hoàng mai");
  await desk.locator("#find").press("Enter");
  await desk.keyboard.press("g");
  await expect(desk.locator("#confirm-title")).toContainText(`${NAME} chưa có hình và tiếng`);
  await picture(desk, "truth-blocked-desk");
  await desk.locator("#confirm button[value='no']").click();
  await chair.locator("#next").click();
  await chair.locator("#confirm-yes").click();

  // With the floor it is still heard by nobody, and all who wait for it know.
  await expect(says).toHaveText("Đến lượt, nhưng hội nghị không thấy, không nghe phòng này.");
  await expect(site.page.locator("#foot")).not.toContainText("đang thấy và nghe");
  await expect(site.page.locator("main")).toHaveAttribute("data-state", "lost");
  await expect(chair.locator("#turns .wrong")).toContainText(`Chưa thấy, chưa nghe ${NAME}`);
  await expect(hall.locator("#more")).toContainText(`Chưa thấy, chưa nghe ${NAME}`);
  await expect(tileOf(desk, "Hoàng Mai")).toHaveAttribute("data-wrong", "");
  await expect(trouble).toBeVisible();
  await picture(hall, "truth-blocked-hall");

  // The way is opened: what was said is taken back, in the middle of the turn.
  await network.mend();
  await expect(says).toContainText("ĐANG PHÁT BIỂU");
  await expect(more).toHaveText(SEEN_AND_HEARD);
  await expect(chair.locator("#turns .wrong")).toBeHidden();
  await expect(trouble).toHaveCount(0);
  await chair.locator("#turns [data-do='end']").click();
  await expect(says).toHaveText("Đang nghe. Micro của phòng tắt.");
  expect(site.problems).toEqual([]);
  await Promise.all([desk, chair, hall].map((page) => page.context().close()));
  await site.context.close();
});

test("a browser that may not use UDP is told so, not the network", async () => {
  const args = [...(test.info().project.use.launchOptions?.args ?? [])];
  args.push(
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
  );
  const browser = await chromium.launch({ ...test.info().project.use.launchOptions, args });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "vi-VN" });
    await context.close();
    const site = await seat(browser, demo, "site:hoang-mai", { ignoreHTTPSErrors: true, locale: "vi-VN" });
    await expect(site.page.locator("#says")).toHaveText("Hội nghị không thấy, không nghe phòng này.");
    await expect(site.page.locator("#more")).toContainText(
      /không được phép dùng UDP.*cổng UDP \d+ .*bị chặn/,
    );
    await site.context.close();
  } finally {
    await browser.close();
  }
});

test("a browser without WebRTC still opens the room, and says what it lacks", async ({ browser }) => {
  const site = await seat(browser, demo, "site:hoang-mai", {}, (context) =>
    context.addInitScript(() => {
      // As a browser is in which WebRTC was switched off.
      for (const name of ["RTCPeerConnection", "RTCRtpReceiver", "RTCRtpSender"])
        Reflect.deleteProperty(window, name);
    }),
  );
  await expect(site.page.locator("#says")).toHaveText("Hội nghị không thấy, không nghe phòng này.");
  await expect(site.page.locator("#more")).toContainText("không có hoặc bị cấm WebRTC");
  expect(site.problems).toEqual([]);
  await site.context.close();
});

test("in the middle of a turn, sound, picture or both fail: the room, the chair and the desk know which", async ({
  browser,
}) => {
  const site = await seat(browser, demo, "site:hoang-mai");
  const network = await wire(site.page);
  const { page: desk } = await seat(browser, demo, "operator");
  const { page: chair } = await seat(browser, demo, "chair");
  const [says, more] = [site.page.locator("#says"), site.page.locator("#more")];
  const wrong = chair.locator("#turns .wrong");
  const trouble = desk.locator("#trouble li").filter({ hasText: NAME });
  // The hall that was here before may have gone: then there is nothing to hear, and the room says that.
  await expect(says).toHaveText(/^(Đang nghe|Đã vào phòng)\. Micro của phòng tắt\.$/);
  await site.page.locator("#tap").click();
  await chair.locator("#next").click();
  await expect(says).toContainText("ĐANG PHÁT BIỂU");
  await expect(more).toHaveText(SEEN_AND_HEARD);
  await expect(wrong).toBeHidden();
  await expect(tileOf(desk, "Hoàng Mai")).not.toHaveAttribute("data-wrong");

  // No packets: no microphone.
  await sends(site.page, "nothing");
  await expect(more).toContainText("không có tiếng từ phòng này");
  await expect(wrong).toHaveText(`Chưa nghe ${NAME}: không có tiếng nào tới.`);
  await expect(trouble).toContainText("Không có tiếng nào tới");
  await expect(tileOf(desk, "Hoàng Mai")).toHaveAttribute("data-wrong", "");
  // Loaded anew the page has its own devices again, in the same turn.
  await site.page.reload();
  await expect(more).toHaveText(SEEN_AND_HEARD);
  await expect(wrong).toBeHidden();
  await expect(trouble).toHaveCount(0);

  // The camera stops, and nobody told the page.
  await site.page.evaluate(() => {
    const own = /** @type {any} */ (document.querySelector("#mine"));
    own.srcObject.getTracks()[0].stop();
  });
  await expect(more).toContainText("không thấy hình phòng này");
  await expect(wrong).toHaveText(`Nghe nhưng chưa thấy ${NAME}: không có hình.`);
  await expect(trouble).toContainText("Không có hình");
  await expect(site.page.locator("#own-says")).toContainText("không có hình");
  await site.page.reload();
  await expect(more).toHaveText(SEEN_AND_HEARD);

  // All of it dies, and the page goes on.
  await network.cutMedia();
  await expect(says).toHaveText("Đến lượt, nhưng hội nghị không thấy, không nghe phòng này.");
  await expect(more).toContainText(/hình và tiếng đứt từ .* cổng UDP \d+ .*Gọi Tổ kỹ thuật/);
  await expect(wrong).toHaveText(`Chưa thấy, chưa nghe ${NAME}: hình và tiếng không tới.`);
  await expect(trouble).toBeVisible();
  await picture(site.page, "truth-died-site");
  await network.mend();
  await expect(more).toHaveText(SEEN_AND_HEARD);
  await expect(trouble).toHaveCount(0);
  expect(site.problems).toEqual([]);
  await chair.locator("#turns [data-do='end']").click();
  await Promise.all([desk, chair].map((page) => page.context().close()));
  await site.context.close();
});

test("a room that is put on the stage reads it, and so does one that is taken off", async ({ browser }) => {
  const site = await seat(browser, demo, "site:hoang-mai");
  const { page: desk } = await seat(browser, demo, "operator");
  const [more, own, says] = ["#more", "#own-says", "#own"].map((id) => site.page.locator(id));
  await expect(more).toContainText("Chỉ Tổ kỹ thuật thấy hình phòng này");
  await expect(own).toHaveText(`${NAME} · chỉ Tổ kỹ thuật thấy`);
  await desk.locator("body").press("/");
  await desk.locator("#find").fill("hoàng mai");
  await desk.locator("#find").press("Enter");
  await desk.keyboard.press("s");
  await expect(more).toContainText(
    "Cả hội nghị đang thấy hình phòng này trên màn hình chính, không nghe tiếng.",
  );
  await expect(own).toHaveText(`${NAME} · cả hội nghị thấy`);
  await expect(says).toHaveAttribute("data-state", "air");
  await expect(site.page.locator("#check")).toBeHidden();
  await picture(site.page, "truth-staged-site");
  await desk.keyboard.press("s");
  await expect(more).toContainText("Chỉ Tổ kỹ thuật thấy hình phòng này");
  await expect(says).toHaveAttribute("data-state", "here");
  await expect(site.page.locator("#check")).toBeVisible();
  await desk.context().close();
  await site.context.close();
});

test("on the wall who is here stands before who is not, and nothing moves while somebody aims", async ({
  browser,
}) => {
  const site = await seat(browser, demo, "site:hoang-mai");
  const { page: desk } = await seat(browser, demo, "operator");
  const order = () => desk.locator("#wall .tile .name").allTextContents();
  await expect.poll(order).toHaveLength(4);
  await expect(desk.locator("#count-good")).toHaveText("4 nghe tốt");
  const first = (await order())[0] ?? "";
  const isFirst = first.includes("Hoàng Mai");

  // The pointer rests on the last tile: a room that leaves does not move the others away under it.
  await desk.locator("#wall .tile").last().hover();
  const before = await order();
  await site.page.goto("/privacy");
  await expect(tileOf(desk, "Hoàng Mai")).toHaveAttribute("data-state", "away");
  expect(await order()).toEqual(before);
  await desk.locator("#clock").hover();
  await expect.poll(async () => (await order()).at(-1)).toContain("Hoàng Mai");

  // So with the keys.
  await desk.keyboard.press("/");
  await desk.locator("#find").fill("hoàng mai");
  await desk.locator("#find").press("Enter");
  await site.page.goto(demo.ready.logins["site:hoang-mai"] ?? "");
  await expect(tileOf(desk, "Hoàng Mai")).toHaveAttribute("data-state", "here");
  expect((await order()).at(-1)).toContain("Hoàng Mai");
  await desk.keyboard.press("Escape");
  await desk.locator("#find").focus();
  if (isFirst) await expect.poll(async () => (await order())[0]).toContain("Hoàng Mai");
  else await expect.poll(async () => (await order()).at(-1)).not.toContain("Hoàng Mai");
  await desk.context().close();
  await site.context.close();
});

test("the line check passes a good line however little the camera gives, and fails a narrow one", async ({
  browser,
}) => {
  const site = await seat(browser, demo, "site:hoang-mai");
  const { page } = site;
  await page.locator("#check").click();
  await expect(page).toHaveURL(/\/check/);
  const row = page.locator("[data-test='line']");
  /** Only the last test is asked for: the others are given their answer. */
  const check = async () => {
    await page.evaluate(() => {
      // A camera that gives a black picture once a minute.
      const canvas = document.createElement("canvas");
      canvas.getContext("2d");
      const track = canvas.captureStream(0).getVideoTracks()[0];
      navigator.mediaDevices.getUserMedia = async () => new MediaStream(track ? [track] : []);
    });
    await page.locator("#act").click();
    const heard = page.locator("#act-says");
    await expect(heard).toHaveText("Nghe rõ tiếng chuông");
    await page.locator("#act").click();
    await expect(page.locator("#sent")).toHaveText(/^Đã gửi kết quả lúc/, { timeout: 60_000 });
  };
  await check();
  // Without a microphone the tone by UDP is not measured, and the row says so; it never blames the line for it.
  await expect(row.locator(".state")).toHaveText(/^(Tốt|Dùng được)$/);
  await expect(row).toContainText(/Qua trang: lên [\d.,]+, xuống [\d.,]+ Mb\/giây\./);
  await picture(page, "truth-check-good");

  const network = await wire(page, { uploadThroughput: 20_000, downloadThroughput: -1 });
  await check();
  await expect(row.locator(".state")).toHaveText("Phải sửa");
  await network.mend();
  await site.context.close();
});
