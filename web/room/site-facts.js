// What is known of one site: the list in the tray of the control desk.

import { span, timeOfDay } from "./clock.js";
import { rollWords } from "./roll.js";
import { number, say } from "./words.js";

/** @import { SiteRow } from "./protocol" */
/** @import { Tile } from "./wall.js" */

/**
 * Names of sentences and what stands beside them, in the order shown.
 * @param {SiteRow} site
 * @param {Tile} tile
 * @returns {[string, string][]}
 */
export function facts(site, tile) {
  /** @type {[string, string][]} */
  const rows = [];
  if (site.chair_position) rows.push(["fact-chair", site.chair_position]);
  if (site.state === "live") {
    rows.push([
      "fact-line",
      say("fact-line-value", {
        up: number(tile.lossUp / 10),
        down: number(tile.lossDown / 10),
        rtt: tile.rtt,
      }),
    ]);
  }
  rows.push(["fact-roll", rollWords(site)]);
  if (site.ready) {
    const failed = site.failed?.map((test) => say(`check-${test}-name`)).join(", ") ?? "";
    const ready = say(`ready-${site.ready.replace("_", "-")}`);
    rows.push(["fact-check", failed ? `${ready}: ${failed}` : ready]);
  }
  if (site.taken_at) rows.push(["fact-seat", say("fact-seat-taken", { time: timeOfDay(site.taken_at) })]);
  if (site.refused_at)
    rows.push(["fact-seat-refused", say("fact-seat-refused-value", { time: timeOfDay(site.refused_at) })]);
  if (site.stage_waits) rows.push(["fact-stage", say("fact-stage-waits")]);
  rows.push([
    "fact-spoken",
    site.turns
      ? say("fact-spoken-value", { n: site.turns, time: span(site.spoken_ms) })
      : say("queue-not-spoken"),
  ]);
  return rows;
}
