// Parts that several room pages draw from the snapshot: the programme, who speaks, the queue.

import { span, timeOfDay } from "./clock.js";
import { attribute, follow, make, text } from "./dom.js";
import { isFull, turnGivingWay } from "./floor.js";
import { unseenBecause } from "./presence.js";
import { lasted, say } from "./words.js";

/** @import { Conference, Floor, SiteRow, StageRow, Waiting } from "./protocol" */
/** @import { State } from "./socket.js" */

/**
 * "4/7", or "" before the first point.
 * @param {Conference} conference
 */
export function itemNumber(conference) {
  const at = conference.items.findIndex((item) => item.state === "now");
  return at < 0 ? "" : `${at + 1}/${conference.items.length}`;
}

/** @param {Conference} conference */
export const currentItem = (conference) => conference.items.find((item) => item.state === "now") ?? null;

/**
 * The point after the present one, with its number; null after the last.
 * @param {Conference} conference
 */
export function nextItem(conference) {
  const current = conference.items.findIndex((item) => item.state === "now");
  const index = conference.items.findIndex((item, i) => i > current && item.state === "next");
  const item = conference.items[index];
  return item ? { ...item, number: index + 1 } : null;
}

/**
 * "Mục 4/7 · Thảo luận, ý kiến các điểm cầu"
 * @param {Conference} conference
 */
export function topic(conference) {
  const item = currentItem(conference);
  return item ? say("topic", { number: itemNumber(conference), title: item.title }) : conference.title;
}

/**
 * The point before, the present one and those after it.
 * @param {Element} list
 * @param {Conference} conference
 * @param {number} [most]
 */
export function programme(list, conference, most = 4) {
  const items = conference.items.map((item, index) => ({ ...item, number: index + 1 }));
  const current = items.findIndex((item) => item.state === "now");
  const now =
    current >= 0
      ? current
      : Math.max(
          0,
          items.findIndex((item) => item.state === "next"),
        );
  const from = Math.max(0, Math.min(now - 1, items.length - most));
  follow(
    list,
    items.slice(from, from + most),
    (item) => item.id,
    () => make("li", {}, make("span", { class: "plate" }), make("span"), make("time", { class: "num" })),
    (li, item) => {
      const [plate, title, time] = /** @type {[Element, Element, Element]} */ (
        /** @type {unknown} */ (li.children)
      );
      attribute(li, "data-past", item.state === "past" ? "" : null);
      attribute(li, "data-now", item.state === "now" ? "" : null);
      attribute(li, "aria-current", item.state === "now" ? "step" : null);
      attribute(plate, "class", item.state === "now" ? "plate" : "plate line");
      text(plate, String(item.number));
      text(title, item.title);
      text(time, item.starts_at ? timeOfDay(item.starts_at) : "");
    },
  );
}

/**
 * When the last point will be over, as the programme stands; null when it does not say.
 * @param {Conference} conference
 */
export function endsAt(conference) {
  const last = conference.items[conference.items.length - 1];
  return last?.starts_at ? last.starts_at + last.planned_minutes * 60_000 : null;
}

/**
 * "Quận Hoàng Mai · Chủ tịch UBND quận"
 * @param {StageRow} row
 */
export const whoIs = (row) => (row.caption ? `${row.name} · ${row.caption}` : row.name);

/**
 * The turn of who stands on the large place, if it is a turn.
 * @param {State} state
 * @param {StageRow | undefined} row
 */
export function turnOf(state, row) {
  const seat = row?.seat;
  return seat && seat !== "main"
    ? (state.floor.speaking.find((turn) => turn.site === seat.site) ?? null)
    : null;
}

/**
 * What is left of a turn, in words and figures.
 * @param {{ends_at: number}} turn
 * @param {number} now
 */
export function leftOf(turn, now) {
  const left = turn.ends_at - now;
  return left >= 0
    ? { over: false, label: say("left"), figure: span(Math.ceil(left / 1000) * 1000) }
    : { over: true, label: say("over"), figure: span(-left) };
}

/**
 * "Giám đốc Sở · chờ 3 phút · chưa nói"
 * @param {Waiting} waiting
 * @param {SiteRow | undefined} site
 * @param {number} now
 */
export function aboutWaiting(waiting, site, now) {
  const waited = now - waiting.asked_at;
  const parts = [];
  if (waiting.caption) parts.push(waiting.caption);
  const unseen = unseenBecause(site);
  if (unseen) parts.push(say(`queue-${unseen}`));
  parts.push(waited < 60_000 ? say("queue-just-asked") : say("queue-waited", { time: lasted(waited) }));
  const spoken = site?.spoken_ms ?? waiting.spoken_ms;
  parts.push(spoken > 0 ? say("queue-spoken", { time: span(spoken) }) : say("queue-not-spoken"));
  return parts.join(" · ");
}

/**
 * Who waits, in order, each to be invited or to have its hand taken down (`data-do="down"`).
 * @param {Element} list
 * @param {Waiting[]} rows
 * @param {number} first place of the first row
 * @param {Map<number, SiteRow>} sites
 * @param {number} now
 */
export function queueRows(list, rows, first, sites, now) {
  follow(
    list,
    rows,
    (w) => w.site,
    (w) => {
      const site = String(w.site);
      return make(
        "li",
        {},
        make("span", { class: "plate line" }),
        make("span", { class: "who" }),
        make("span", { class: "about" }),
        make("button", { class: "btn", type: "button", "data-site": site }, say("invite-short")),
        make(
          "button",
          { class: "btn plain", type: "button", "data-site": site, "data-do": "down" },
          say("queue-down"),
        ),
      );
    },
    (li, w, index) => {
      const [plate, who, about, invite, down] = /** @type {Element[]} */ ([...li.children]);
      if (!plate || !who || !about || !invite || !down) return;
      text(plate, String(first + index));
      text(who, w.name);
      text(about, aboutWaiting(w, sites.get(w.site), now));
      attribute(invite, "aria-label", say("invite", { site: w.name }));
      attribute(down, "aria-label", say("queue-down-of", { site: w.name }));
    },
  );
}

/**
 * How long the next speaker waits, roughly: what is left of the present turn and five minutes for each before.
 * @param {Floor} floor
 * @param {number} place from 1
 * @param {number} now
 */
export function expectedWait(floor, place, now) {
  const ends = turnGivingWay(floor) || isFull(floor) ? floor.speaking.map((turn) => turn.ends_at - now) : [0];
  const present = Math.max(0, Math.min(...ends));
  return Math.round((present + (place - 1) * 300_000) / 60_000);
}
