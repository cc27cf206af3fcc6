// What people do at the same time, and how they type.
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { capture, closeAndIssue } from "../support/office.js";
import { seat } from "../support/seats.js";

/** @type {Demo} */
let demo;
test.beforeAll(async () => {
  demo = await Demo.start({ sites: 6, quiet: true });
});
test.afterAll(() => demo.stop());

test("Vietnamese typed with combining marks or precomposed finds the same unit", async ({ browser }) => {
  const clerk = await seat(browser, demo, "clerk");
  const admin = await seat(browser, demo, "admin");
  for (const form of ["NFC", "NFD"]) {
    const name = "Sở Tư pháp".normalize(form);
    await clerk.page.locator("#now").click();
    await clerk.page.keyboard.insertText(`@${name}`);
    await expect(clerk.page.locator("#picker [role='option']").first()).toContainText("Sở Tư pháp");
    await clerk.page.keyboard.press("Enter");
    await expect(clerk.page.locator(".chip").filter({ hasText: "Sở Tư pháp" })).toHaveCount(1);
    await clerk.page.reload();

    await admin.page.goto("/admin/units");
    const search = admin.page.locator("main input[type='search'], main input[name='q']").first();
    await search.fill(name);
    await search.press("Enter");
    await expect(admin.page.locator("main tbody tr").first()).toContainText("Sở Tư pháp");
  }
  for (const person of [clerk, admin]) expect(person.problems).toEqual([]);
});

test("what was typed behind a sign and not picked is read, and arrows walk through what was recorded", async ({
  browser,
}) => {
  const { page, problems } = await seat(browser, demo, "clerk");
  const line = page.locator("#now");
  const rows = page.locator("tr[data-directive]");
  await line.click();
  for (const [unit, due] of [
    ["Sở Nội vụ", "trước 30/6"],
    ["Sở Tư pháp", "quý II"],
  ]) {
    await page.keyboard.insertText(`Giao @${unit} rà soát #${due}`);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    const row = rows.filter({ hasText: `Giao ${unit} rà soát ${due}` });
    await expect(row.locator(".chip").filter({ hasText: unit })).toHaveCount(1);
    await expect(row).not.toHaveAttribute("data-state", "look");
  }
  await page.keyboard.insertText("Giao @Sở Nội vụ chủ trì, phối hợp @Sở Tư pháp soạn quy chế #quý I");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  const both = rows.filter({ hasText: "soạn quy chế" }).locator(".chip");
  await expect(both).toHaveText([/Nội vụ/, /Tư pháp/]);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(line).toHaveValue(/Tư pháp rà soát/);
  await page.keyboard.press("ArrowUp");
  await expect(line).toHaveValue(/Nội vụ/);
  await page.keyboard.press("ArrowDown");
  await expect(line).toHaveValue(/Tư pháp rà soát/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(line).toHaveValue("");
  await page.keyboard.press("?");
  await expect(page.locator("#sheet")).toBeVisible();
  await page.keyboard.press("Escape");
  for (const left of [2, 1, 0]) {
    await line.focus();
    await page.keyboard.press("Control+z");
    await expect(rows).toHaveCount(left);
  }
  expect(problems).toEqual([]);
});

test("a new officer comes in by a link that works once", async ({ browser }) => {
  const admin = await seat(browser, demo, "admin");
  const link = await newDeskOfficer(admin.page, "theo-doi-2");
  const officer = await seat(browser, demo, "nobody");
  await officer.page.goto(link);
  for (const field of await officer.page.locator("input[type='password']").all())
    await field.fill("một câu dễ nhớ của riêng mình");
  await officer.page.locator("form[action^='/staff/'] button").click();
  await expect(officer.page).not.toHaveURL(/staff/);
  await officer.page.goto("/desk");
  await expect(officer.page.locator("h1")).toBeVisible();
  expect(new URL(officer.page.url()).pathname).toBe("/desk");
  const late = await seat(browser, demo, "nobody");
  const answer = await late.page.goto(link);
  expect(answer?.status()).toBe(410);
  await expect(late.page.locator("main")).toContainText("đã dùng");
});

test("the demo's clock stands still for a visitor while a conference is in session", async ({ browser }) => {
  const { page, problems } = await seat(browser, demo, "admin");
  await page.goto("/admin/units");
  await page.locator(".demo-clock summary").click();
  await expect(page.locator(".demo-clock")).toContainText("Hội nghị đang họp");
  await expect(page.locator(".demo-clock button")).toHaveCount(0);
  // A page that was opened before the session has them still.
  const csrf = await page.locator("input[name='csrf']").first().inputValue();
  const answer = await page.request.post("/demo/clock", {
    form: { csrf, days: "1", next: "/admin" },
    headers: { origin: new URL(page.url()).origin },
  });
  expect(answer.status()).toBe(409);
  expect(await answer.text()).toContain("Người chủ trì bế mạc ở trang hội nghị");
  expect(problems).toEqual([]);
});

test("of two officers who act on one task at once, one wins and the other is told and loses nothing", async ({
  browser,
}) => {
  const c = demo.ready.conference;
  // A task: captured, issued, taken on and reported by its unit.
  const clerk = await seat(browser, demo, "clerk");
  const said = { letters: "nv", unit: "Sở Nội vụ", due: "quý I/2025", day: "31/03/2025" };
  await capture(clerk.page, { does: "trình đề án sắp xếp các phòng chuyên môn trong", ...said });
  await capture(clerk.page, { does: "rà soát chế độ của người dôi dư trong", ...said });
  const chair = await seat(browser, demo, "chair");
  await closeAndIssue(chair.page, clerk.page, c, 7);
  const unit = await seat(browser, demo, "unit:SNV");
  await unit.page
    .getByRole("link", { name: /trình đề án/ })
    .first()
    .click();
  const task = new URL(unit.page.url()).pathname;
  await unit.page.locator("form[action$='/acknowledge'] button").click();
  await unit.page.locator("form[action$='/report'] textarea").fill("Đã trình đề án.");
  await unit.page.locator("form[action$='/report'] button").last().click();
  await expect(unit.page.locator("main")).toContainText("Đã trình đề án.");

  // Both have it before them; one accepts while the other is still writing why not.
  const one = await seat(browser, demo, "desk_officer");
  const other = await seat(browser, demo, "desk_officer");
  await one.page.goto(task);
  await other.page.goto(task);
  const back = other.page.locator("form[action$='/return']");
  await back.locator("xpath=ancestor::details[not(@open)]/summary").click();
  await back.locator("textarea").fill("Thiếu biểu số 3.");
  await one.page.locator("form[action$='/complete'] button").last().click();
  await expect(one.page.locator("main")).toContainText(/hoàn thành/i);
  await back.locator("button").last().click();
  // Told what happened, with what was written still there to copy.
  await expect(other.page.locator("main")).toContainText(/hoàn thành/i);
  await expect(other.page.locator("main [role='alert']")).toBeVisible();
  await expect(other.page.locator("body")).toContainText("Thiếu biểu số 3.");
  await unit.page.reload();
  await expect(unit.page.locator("main")).toContainText(/hoàn thành/i);
  await expect(unit.page.locator("main")).not.toContainText("Thiếu biểu số 3.");
  for (const person of [clerk, chair, unit, one, other]) expect(person.problems).toEqual([]);
});

test("a visitor of the demo moves its clock on and sees a deadline pass", async ({ browser }) => {
  const { page, problems } = await seat(browser, demo, "unit:SNV");
  await page.goto("/tasks");
  const task = page.locator("main li, main tr").filter({ hasText: "chế độ của người dôi dư" }).first();
  await expect(task).toBeVisible();
  await expect(task).not.toContainText(/quá hạn|trễ/i);
  for (const month of ["02", "03", "04"]) {
    await page.locator(".demo-clock summary").click();
    await page.getByRole("button", { name: "Thêm 30 ngày" }).click();
    await expect(page.locator(".demo-clock time")).toContainText(`/${month}/2025`);
  }
  await expect(task).toContainText(/quá hạn|trễ/i);
  expect(problems).toEqual([]);
});

/**
 * The administrator adds a desk officer and makes a link for the first sign-in.
 * @param {import("@playwright/test").Page} page
 * @param {string} login
 * @returns {Promise<string>}
 */
async function newDeskOfficer(page, login) {
  await page.goto("/admin/people/new");
  await page.locator("[name='login']").fill(login);
  await page.locator("[name='position']").fill("Chuyên viên theo dõi thứ hai");
  await page.locator("[name='unit']").fill("VPUB");
  await page.locator("[name='name']").fill("Chuyên viên");
  await page.locator("form[action='/admin/people'] button").last().click();
  await expect(page).toHaveURL(/\/admin\/people\/\d+/);
  await page.locator("[name='desk_officer']").check();
  await page.locator("form[action$='/rights'] button").last().click();
  await page.locator("form[action$='/link'] button").last().click();
  const link = await page.locator(".link-once").textContent();
  return (link ?? "").trim();
}
