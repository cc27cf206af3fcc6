// Roll call of one site: how many attend. The site enters it for itself, the operator for any site, who may record an absence or take back what was recorded.
// Only whether a number was typed is asked here; every other refusal is the server's, shown at the field.

import { attribute, icon, make, need, show, text } from "./dom.js";
import { number, say } from "./words.js";

/** @import { SiteRow } from "./protocol" */
/** @import { RoomSocket } from "./socket.js" */

/**
 * "có mặt, 14 người", "vắng có lý do", "chưa điểm danh"
 * @param {{roll: SiteRow["roll"], head_count?: number | null}} site
 */
export const rollWords = ({ roll, head_count: heads }) =>
  roll === "present" && typeof heads === "number"
    ? say("roll-heads-known", { n: number(heads) })
    : say(`roll-${roll}`);

/**
 * Gives what opens the dialog for a site.
 * @param {RoomSocket} socket
 * @param {number} conference
 * @param {(sentence: string) => void} saved
 */
export function rollDialog(socket, conference, saved) {
  const dialog = /** @type {HTMLDialogElement} */ (need("#roll"));
  const choice = /** @type {HTMLSelectElement | null} */ (document.querySelector("#roll-state"));
  const field = need("#roll-field");
  const heads = /** @type {HTMLInputElement} */ (need("#roll-heads"));
  const save = need("#roll-save");
  const pad = document.querySelector("#roll-pad");
  /** @type {SiteRow | null} */
  let site = null;

  const present = () => !choice || choice.value === "present";
  /** @param {string} sentence "" when nothing is */
  function wrong(sentence) {
    document.querySelector("#roll-error")?.remove();
    const at = present() ? heads : (choice ?? heads);
    if (sentence) {
      const error = { class: "error", id: "roll-error", role: "alert" };
      at.before(make("p", error, icon("m-look"), make("span", {}, sentence)));
      at.focus();
    }
    for (const each of [heads, choice]) {
      if (each) attribute(each, "aria-invalid", sentence && each === at ? "true" : null);
    }
    attribute(heads, "aria-describedby", sentence ? "roll-error roll-hint" : "roll-hint");
  }

  choice?.addEventListener("change", () => {
    wrong("");
    show(field, present());
  });
  pad?.addEventListener("click", (event) => {
    const key = event.target instanceof Element ? event.target.closest("button") : null;
    if (key?.dataset.key) heads.value = heads.value.slice(0, -1);
    else if (key && heads.value.length < heads.maxLength) heads.value += key.textContent;
  });
  need("#roll-close").addEventListener("click", () => dialog.close());
  need("#roll-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const of = site;
    if (!of || save.getAttribute("aria-busy") === "true") return;
    const typed = heads.value.trim();
    // The operator may know that a site is there and not how many it is.
    if (present() && !/^\d+$/.test(typed) && !(choice && typed === "")) return wrong(say("roll-wrong"));
    const roll = /** @type {SiteRow["roll"]} */ (choice?.value ?? "present");
    const head_count = present() && typed ? Number(typed) : null;
    save.setAttribute("aria-busy", "true");
    const outcome = await socket.do("conference", "mark_roll", { conference, site: of.id, roll, head_count });
    save.removeAttribute("aria-busy");
    if (!outcome.ok) return wrong(outcome.text || say("not-sent"));
    dialog.close();
    saved(
      roll === "unmarked"
        ? say("roll-taken-back", { site: of.name })
        : say("roll-saved", { site: of.name, what: rollWords({ roll, head_count }) }),
    );
  });

  /** @param {SiteRow} row */
  return (row) => {
    site = row;
    text(need("#roll-title"), say("roll-title", { site: row.name }));
    if (choice) choice.value = row.roll === "unmarked" ? "present" : row.roll;
    heads.value = row.head_count === undefined ? "" : String(row.head_count);
    show(field, present());
    wrong("");
    dialog.showModal();
    (present() ? heads : choice)?.focus();
    heads.select();
  };
}
