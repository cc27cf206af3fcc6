// What the chair and the control desk do with the floor: invite, end, one speaker at a time or two.

import { attribute, text } from "./dom.js";
import { unseenBecause } from "./presence.js";
import { say } from "./words.js";

/** @import { Floor } from "./protocol" */
/** @import { RoomSocket } from "./socket.js" */

/** A turn as it is given; more is one touch away. */
const TURN_MINUTES = 5;
/** Sites that may have the floor at once when several may (`SPEAKERS_MAX` of the domain). */
const SPEAKERS_MAX = 2;

/**
 * The turn that ends when somebody is invited: where one speaks at a time, the present one.
 * @param {Floor | undefined} floor
 */
export const turnGivingWay = (floor) => (floor?.mode === "one" ? (floor.speaking[0] ?? null) : null);

/**
 * Nobody can be invited before a turn is ended.
 * @param {Floor} floor
 */
export const isFull = (floor) => floor.mode === "several" && floor.speaking.length >= SPEAKERS_MAX;

/**
 * Whoever would not be seen and heard is invited after a question only.
 * @param {RoomSocket} socket
 * @param {number} site
 * @param {(title: string, more: string, yes: string, act: () => void) => void} ask
 * @param {() => void} act
 */
export function warned(socket, site, ask, act) {
  const row = socket.state?.sites.get(site);
  const unseen = unseenBecause(row);
  if (!row || !unseen) return act();
  const of = { site: row.name };
  ask(say("invite-warn-title", of), say(`invite-warn-${unseen}`, of), say("invite-anyway", of), act);
}

/**
 * One speaker at a time: the button said that the present turn ends, so end it first.
 * @param {RoomSocket} socket
 * @param {(area: string, name: string, body?: Record<string, unknown>) => Promise<boolean>} give
 * @param {number} site
 */
export async function invite(socket, give, site) {
  const present = turnGivingWay(socket.state?.floor);
  if (present?.site === site) return;
  if (present && !(await give("floor", "withdraw", { site: present.site }))) return;
  await give("floor", "grant", { site, minutes: TURN_MINUTES });
}

/**
 * The switch between one speaker and two. Going back while two speak is refused by the server, which says whose turn to end.
 * @param {HTMLElement} button
 * @param {RoomSocket} socket
 * @param {(area: string, name: string, body?: Record<string, unknown>) => Promise<boolean>} give
 */
export function modeSwitch(button, socket, give) {
  button.addEventListener("click", () => {
    const mode = socket.state?.floor.mode === "several" ? "one" : "several";
    give("floor", "set_mode", { mode });
  });
  text(button, say("floor-several"));
  return () => attribute(button, "aria-pressed", socket.state?.floor.mode === "several" ? "true" : "false");
}
