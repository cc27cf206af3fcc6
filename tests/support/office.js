// What the Office does in more than one scenario, through its own pages.
import { expect } from "@playwright/test";

/**
 * The clerk catches a sentence while it is spoken: the unit by its first letters, what it is to do, words of a date. Gives the row it
 * is kept in.
 *
 * @param {import("@playwright/test").Page} clerk the page of the clerk
 * @param {{ letters: string, unit: string, does: string, due: string, day: string }} said
 */
export async function capture(clerk, { letters, unit, does, due, day }) {
  const picker = clerk.locator("#picker");
  await clerk.locator("#now").click();
  await clerk.keyboard.type(`Giao @${letters}`);
  await expect(picker).toContainText(unit);
  await clerk.keyboard.press("Enter");
  await clerk.keyboard.type(` ${does} #${due}`);
  await expect(picker).toContainText(day);
  await clerk.keyboard.press("Enter");
  await clerk.keyboard.press("Enter");
  const row = clerk.locator("tr[data-directive]").filter({ hasText: does });
  await expect(row).toContainText(unit);
  await expect(row).not.toHaveAttribute("data-state", "look");
  return row;
}

/**
 * The chair ends the conference; the clerk has the directives agreed and issues the notice. Both stay on the page they end at.
 *
 * @param {import("@playwright/test").Page} chair
 * @param {import("@playwright/test").Page} clerk
 * @param {number} conference
 * @param {number} number of the notice
 */
export async function closeAndIssue(chair, clerk, conference, number) {
  await chair.goto(`/conferences/${conference}`);
  await chair.locator("summary", { hasText: "Bế mạc" }).click();
  await chair.locator("form[action$='/life/close'] button").click();
  await expect(chair.getByRole("link", { name: "Soạn thông báo" })).toBeVisible();
  await clerk.goto(`/conferences/${conference}/notice`);
  await clerk.locator("form[action*='/notice/agree'] button").first().click();
  await clerk.locator("[name='number']").fill(String(number));
  await clerk.locator("summary", { hasText: "Ban hành" }).click();
  await clerk.getByRole("button", { name: "Ban hành thông báo" }).click();
  await expect(clerk.locator("h1")).toContainText(`${String(number).padStart(2, "0")}/`);
}
