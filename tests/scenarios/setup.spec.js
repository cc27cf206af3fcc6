// The first day: an empty directory, the first administrator, units and thirty people from one workbook, their sheets, and two of them who
// come in, one by the code and one by a link.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { expect, test } from "@playwright/test";

import { PROGRAM } from "../support/demo.js";
import { workbook } from "../support/workbook.js";

const PASSWORD = "một câu dễ nhớ của riêng mình";
const PEOPLE = 30;

/** @type {string} */
let directory;
/** @type {import("node:child_process").ChildProcess} */
let server;
/** What it printed at its start. @type {string[]} */
const said = [];

test.beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "nhipcau-setup-"));
  writeFileSync(
    join(directory, "config.toml"),
    'listen = "127.0.0.1:0"\n[office]\nname = "Văn phòng UBND Thành phố"\nadmin_telephone = "024 3825 0000"\n',
  );
  server = spawn(PROGRAM, ["serve", "--data", directory], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lines = createInterface({
    input: /** @type {import("node:stream").Readable} */ (server.stdout),
  });
  await new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      said.push(line);
      if (line.includes("/staff/")) resolve(undefined);
    });
    server.once("exit", (code) => reject(new Error(`the server ended early: ${code}`)));
  });
});

test.afterAll(() => {
  server.kill("SIGTERM");
  rmSync(directory, { recursive: true, force: true });
});

/** @param {import("@playwright/test").Page} page */
async function choosePassword(page) {
  for (const field of await page.locator("input[type='password']").all()) await field.fill(PASSWORD);
  await page.locator("form button.main").click();
}

/** As people write it. */
function inTwoWeeks() {
  const [year, month, day] = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10).split("-");
  return `${day}/${month}/${year}`;
}

/** A city with thirty wards, each with one officer of the same office. */
function city() {
  const wards = Array.from({ length: PEOPLE }, (_, n) => `P${`${n + 1}`.padStart(3, "0")}`);
  return workbook({
    "Hội nghị": [
      ["Mục", "Nội dung"],
      ["Tên hội nghị", "Hội nghị giao ban trực tuyến"],
      ["Trích yếu", "tại Hội nghị giao ban trực tuyến"],
      ["Ngày họp", inTwoWeeks()],
      ["Giờ bắt đầu", "08:00"],
      ["Nơi họp", "Trụ sở UBND Thành phố"],
      ["Điểm cầu trung tâm", "Hội trường"],
      ["Chức vụ người chủ trì", "Chủ tịch UBND Thành phố"],
      ["Ðơn vị ban hành", "VP"],
    ],
    "Chương trình": [
      ["Thứ tự", "Nội dung", "Số phút", "Đơn vị trình bày"],
      ["1", "Báo cáo", "15", ""],
    ],
    "Điểm cầu": [
      ["DANH SÁCH ĐIỂM CẦU"],
      [],
      ["Tên ngắn", "Tên điểm cầu", "Mã đơn vị", "Chủ trì tại điểm cầu", "Điện thoại"],
      ...wards.map((code) => [code.toLowerCase(), `Phường số ${code}`, code, "Chủ tịch phường", ""]),
    ],
    Người: [
      ["Tên đăng nhập", "Chức vụ", "Mã đơn vị", "Vai trò", "Họ và tên", "Điện thoại"],
      ...wards.map((code, n) => [
        `${code.toLowerCase()}.vp`,
        "Văn phòng HĐND-UBND phường",
        code,
        "Cán bộ đơn vị",
        n === 0 ? "" : `Nguyễn Văn ${code}`,
        `0912 000 ${code.slice(1)}`,
      ]),
    ],
    "Đơn vị": [
      ["Mã đơn vị", "Tên đơn vị", "Tên ngắn", "Loại", "Mã đơn vị cấp trên", "Tên khác"],
      ["TP", "UBND Thành phố Thử", "", "Thành phố", "", ""],
      ["VP", "Văn phòng UBND Thành phố Thử", "", "Văn phòng", "TP", ""],
      ...wards.map((code) => [code, `UBND phường số ${code}`, "", "Cơ quan khác", "TP", ""]),
    ],
  });
}

test("from an empty directory to two people who sign in from their sheets", async ({ browser }) => {
  const url = said[0] ?? "";
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const link =
    said
      .find((line) => line.includes("/staff/"))
      ?.split(" ")
      .pop() ?? "";

  // The first administrator.
  const office = await browser.newContext({ baseURL: url });
  const admin = await office.newPage();
  await admin.goto(link);
  await expect(admin.locator("main")).toContainText("Dùng được đến");
  await choosePassword(admin);
  const steps = admin.locator("[aria-labelledby='first-steps']");
  await expect(steps.locator("[aria-current='step']")).toContainText("Đơn vị");
  await admin.screenshot({ path: "tests/output/setup-first-steps.png" });
  await admin.goto("/admin/units");
  await expect(admin.locator("main")).toContainText("Chưa có đơn vị nào");

  // One workbook.
  await admin.goto("/conferences/import");
  await admin.locator("#file").setInputFiles({ name: "thanh-pho.xlsx", mimeType: "", buffer: city() });
  await admin.locator("form[enctype] button.main").click();
  await expect(admin.locator("main")).toContainText("phía trên hàng tiêu đề cột");
  await expect(admin.locator("main")).toContainText("Nguyễn Văn P002");
  await admin.screenshot({ path: "tests/output/setup-preview.png" });
  await admin.locator("form[action$='/confirm'] button.main").click();
  await expect(admin).toHaveURL(/\/conferences\/1$/);

  // Who can be told apart, and their sheets.
  await admin.goto("/admin/people");
  await expect(admin.locator("tbody tr").filter({ hasText: "UBND phường số P001" })).toHaveCount(1);
  await expect(admin.locator("tbody tr").filter({ hasText: "Nguyễn Văn P030" })).toHaveCount(1);
  await admin.screenshot({ path: "tests/output/setup-people.png" });
  await admin.goto("/admin/people/sheets");
  await expect(admin.locator("main")).toContainText(`Người chưa đăng nhập lần nào (${PEOPLE})`);
  await admin.locator("#hours").selectOption("72");
  await admin.screenshot({ path: "tests/output/setup-sheets.png" });
  await admin.locator("form[action='/admin/people/sheets'] button.main").click();
  const open = admin.locator("a[href^='/admin/people/sheets/sheets-']");
  await expect(open).toBeVisible();
  const pdf = await (await office.request.get((await open.getAttribute("href")) ?? "")).body();
  const file = join(directory, "to.pdf");
  writeFileSync(file, pdf);
  const text = execFileSync("pdftotext", ["-layout", file, "-"]).toString();
  const codes =
    text.match(/\b[ACDEFGHJKLMNPQRTUVWXY2346789]{4}(?: [ACDEFGHJKLMNPQRTUVWXY2346789]{4}){2}\b/g) ?? [];
  expect(new Set(codes).size).toBe(PEOPLE);
  expect(text).toContain("/signin/code");

  // By the code, as it is read out, from the sign-in page on.
  const one = await (await browser.newContext({ baseURL: url })).newPage();
  await one.goto("/signin");
  await one.locator("a[href='/signin/code']").click();
  await one.locator("#code").fill("K7QM");
  await one.locator("form button.main").click();
  await expect(one.locator("main")).toContainText("Mã có 12 ký tự, ở đây mới có 4");
  await one.screenshot({ path: "tests/output/setup-code.png" });
  const code = (codes[0] ?? "").toLowerCase();
  await one.locator("#code").fill(code);
  await one.locator("form button.main").click();
  await expect(one.locator("main")).toContainText("Văn phòng HĐND-UBND phường");
  await choosePassword(one);
  await expect(one).toHaveURL(/\/(tasks)?$/);
  const late = await (await browser.newContext({ baseURL: url })).newPage();
  await late.goto("/signin/code");
  await late.locator("#code").fill(code);
  await late.locator("form button.main").click();
  await expect(late.locator("main")).toContainText("đã dùng");

  // By a link of the administrator's, which makes the sheet of the same person void.
  await admin.goto("/admin/people?q=P015");
  await admin.locator("tbody a").first().click();
  await admin.locator("form[action$='/link'] button").click();
  const made = (await admin.locator(".link-once").textContent()) ?? "";
  const two = await (await browser.newContext({ baseURL: url })).newPage();
  await two.goto(made.trim());
  await choosePassword(two);
  await expect(two).toHaveURL(/\/(tasks)?$/);
  const again = await late.goto(made.trim());
  expect(again?.status()).toBe(410);
  await expect(late.locator("main")).toContainText("đã dùng");
  let replaced = 0;
  for (const each of codes) {
    await late.goto("/signin/code");
    await late.locator("#code").fill(each);
    await late.locator("form button.main").click();
    if (await late.getByText("thay bằng cái mới").isVisible()) replaced += 1;
  }
  expect(replaced).toBe(1);
  await admin.goto("/");
  await expect(steps).toHaveCount(0);
});
