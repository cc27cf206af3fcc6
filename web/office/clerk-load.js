// @ts-check
// How much the lead unit holds already, beside the line: asked for again when the unit or the date changes.

import { base, must } from "./clerk-parts.js";

const load = must("load");
let shown = "";

/** @param {import("./clerk-chips.js").Chip | undefined} lead @param {string} due in words */
export async function showLoad(lead, due) {
  const unit = lead?.key.startsWith("u:") ? lead.key.slice(2) : "";
  const asked = unit === "" ? "" : `${unit}|${due}`;
  if (asked === shown) return;
  shown = asked;
  if (asked === "" || lead === undefined) {
    load.hidden = true;
    return;
  }
  try {
    const query = new URLSearchParams({ unit, words: due });
    const response = await fetch(`${base}/load?${query}`, { headers: { accept: "application/json" } });
    if (!response.ok || shown !== asked) return;
    const body = await response.json();
    must("load-name").textContent = lead.name;
    must("load-text").textContent = body.text;
    load.hidden = false;
  } catch {
    load.hidden = true;
  }
}
