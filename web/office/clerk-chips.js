// @ts-check
// What the line was understood to say: the units and the date as chips, and what is still missing.

import { icon } from "../room/dom.js";
import { button, say } from "./clerk-parts.js";

/**
 * @typedef {{ key: string, name: string, count?: number }} Chip
 * @typedef {"lead" | "coordinating"} Part
 * @typedef {import("./clerk-picker.js").Due} Due
 */

/**
 * A unit: pressed it goes from leading to coordinating and back.
 * @param {Chip} chip @param {Part} part @param {{ move: () => void, remove: () => void }} acts
 */
export function unitChip(chip, part, { move, remove }) {
  const says = chip.count === undefined ? chip.name : `${chip.name} · ${chip.count}`;
  const unit = button(says, move, part === "lead" ? "chip lead-unit" : "chip");
  unit.title = say(part === "lead" ? "chip-lead" : "chip-coordinating", { name: chip.name });
  unit.addEventListener("keydown", (event) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    remove();
  });
  const away = button("×", remove, "chip-away");
  away.setAttribute("aria-label", say("chip-away", { name: chip.name }));
  const pair = document.createElement("span");
  pair.className = "chip-pair";
  pair.append(unit, away);
  return pair;
}

/** @param {Due} due @param {() => void} edit */
export function dueChip(due, edit) {
  const chip = button("", edit, due.clear ? "chip due" : "chip gap");
  const asks = due.asks ?? [];
  // A day that is understood and should be asked about is marked like a gap, and is none.
  chip.append(due.clear && asks.length === 0 ? icon("i-calendar") : icon("m-soon"));
  chip.append([due.shown ?? due.words, ...asks].join(" · "));
  chip.title = say(due.clear ? "chip-due" : "chip-due-unclear", { words: due.words });
  return chip;
}

/** @param {string} key of what is missing */
export function gapChip(key) {
  const chip = document.createElement("span");
  chip.className = "chip gap";
  chip.append(icon("m-soon"), say(key));
  return chip;
}
