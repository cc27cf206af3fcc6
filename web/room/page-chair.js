// The tablet on the rostrum: who speaks, how long still, who is next, who is missing. The largest thing to touch is the next grant.

import { duration, span, timeOfDay } from "./clock.js";
import { attribute, follow, make, need, oncePerFrame, redraw, show, text } from "./dom.js";
import { invite as inviteTo, isFull, modeSwitch, turnGivingWay, warned } from "./floor.js";
import {
  aboutWaiting,
  currentItem,
  itemNumber,
  leftOf,
  nextItem,
  queueRows,
  turnOf,
  whoIs,
} from "./parts.js";
import { Picture } from "./picture.js";
import { airTrouble, presence } from "./presence.js";
import { announcer, enter, stayAwake } from "./room.js";
import { watchShare } from "./share.js";
import { lasted, say } from "./words.js";

/** @import { SiteRow, Turn } from "./protocol" */

const MORE_MINUTES = 2;
/** Names in the foot; the rest is a number. */
const MISSING_MAX = 4;

const root = need("[data-page='chair']");
const room = enter(root);
const { socket, slots, clock } = room;
const announce = announcer();

const at = {
  plate: need("#item-plate"),
  item: need("#item"),
  itemMore: need("#item-more"),
  clock: need("#clock"),
  banner: need("#banner"),
  bannerSays: need("#banner-says"),
  stage: need("#stage"),
  big: /** @type {HTMLVideoElement} */ (need("#big")),
  mark: need("#stage-mark"),
  who: need("#who"),
  turns: need("#turns"),
  queueTitle: need("#queue-title"),
  next: /** @type {HTMLButtonElement} */ (need("#next")),
  nextSays: need("#next-says"),
  nextMore: need("#next-more"),
  nextDown: need("#next-down"),
  queue: need("#queue"),
  several: need("#several"),
  empty: need("#queue-empty"),
  here: need("#here"),
  missing: need("#missing"),
  note: need("#note"),
  muteAll: /** @type {HTMLButtonElement} */ (need("#mute-all")),
  nextItem: /** @type {HTMLButtonElement} */ (need("#next-item")),
  sound: /** @type {HTMLButtonElement} */ (need("#sound")),
};
const dialog = /** @type {HTMLDialogElement} */ (need("#confirm"));

const picture = new Picture(at.big, need("#no-picture"));
slots.place("stage", 0, at.big);
watchShare(room, /** @type {HTMLVideoElement} */ (need("#shared")), () => {});
slots.onblocked = () => show(at.sound, slots.blocked);
at.sound.addEventListener("click", () => slots.unblock());

let noteUntil = 0;
/** @param {string} sentence */
function tell(sentence) {
  text(at.note, sentence);
  noteUntil = performance.now() + 8000;
  announce(sentence);
  draw();
}

/**
 * @param {string} area
 * @param {string} name
 * @param {Record<string, unknown>} [body]
 */
async function give(area, name, body = {}) {
  const outcome = await socket.do(area, name, { conference: room.conference, ...body });
  if (!outcome.ok) tell(outcome.text || say("not-sent"));
  return outcome.ok;
}

/** What is done when the question is answered with yes. @type {(() => void) | null} */
let confirmed = null;
/**
 * @param {string} title
 * @param {string} more
 * @param {string} yes
 * @param {() => void} act
 */
function ask(title, more, yes, act) {
  text(need("#confirm-title", dialog), title);
  text(need("#confirm-more", dialog), more);
  text(need("#confirm-yes", dialog), yes);
  confirmed = act;
  dialog.showModal();
}

/** @param {number} site */
const invite = (site) => warned(socket, site, ask, () => inviteTo(socket, give, site));
const drawMode = modeSwitch(at.several, socket, give);

const draw = oncePerFrame(() => {
  const state = socket.state;
  const now = clock.now();
  text(at.clock, timeOfDay(now));
  drawLine();
  show(at.note, performance.now() < noteUntil);
  if (!state) return;
  drawItem(now);
  drawSpeaker(now);
  drawQueue(now);
  drawPresence(now);
});

function drawLine() {
  const { line } = socket;
  const lost = line.state === "lost" || line.state === "ended";
  const { why } = room.path;
  show(at.banner, lost || why !== "");
  show(need("#banner-now"), lost);
  if (!lost && why) text(at.bannerSays, why);
  if (line.state === "lost") {
    const n = Math.max(0, Math.ceil((line.retryAt - performance.now()) / 1000));
    text(at.bannerSays, say("line-lost", { time: timeOfDay(line.since, true), n }));
  }
}

/** @param {number} now */
function drawItem(now) {
  const conference = /** @type {NonNullable<typeof socket.state>} */ (socket.state).conference;
  const item = currentItem(conference);
  const next = nextItem(conference);
  show(at.plate, Boolean(item));
  if (item) text(at.plate, itemNumber(conference).split("/")[0] ?? "");
  text(at.item, item?.title ?? conference.title);
  const parts = [];
  if (item) {
    parts.push(say("chair-item", { number: itemNumber(conference) }));
    if (item.starts_at) {
      const left = item.starts_at + item.planned_minutes * 60_000 - now;
      const minutes = Math.ceil(Math.abs(left) / 60_000);
      parts.push(left >= 0 ? say("chair-item-left", { n: minutes }) : say("chair-item-over", { n: minutes }));
    }
  } else parts.push(say(`phase-${conference.phase.replace("_", "-")}`));
  if (next) parts.push(say("chair-item-next", { title: next.title }));
  text(at.itemMore, parts.join(" · "));
  const start = conference.phase === "open";
  show(at.nextItem, start || (conference.phase === "in_session" && Boolean(next)));
  text(at.nextItem, start ? say("start-session") : say("next-item", { n: next?.number ?? 0 }));
}

/** @param {number} now */
function drawSpeaker(now) {
  const state = /** @type {NonNullable<typeof socket.state>} */ (socket.state);
  const row = state.stage.find((r) => r.slot === 0);
  const turn = turnOf(state, row) ?? state.floor.speaking[0] ?? null;
  attribute(at.stage, "data-state", turn ? "air" : null);
  redraw(at.mark, turn ? "m-air" : "m-here");
  picture.draw(row, room.path.why);
  text(at.who, row ? whoIs(row) : say("stage-empty"));
  const { speaking } = state.floor;
  follow(
    at.turns,
    speaking,
    (turn) => turn.site,
    (turn) => {
      const site = String(turn.site);
      return make(
        "li",
        {},
        make("b"),
        make("time", { class: "clock" }),
        make("p", { class: "soft" }),
        make("progress", { max: "1", value: "0" }),
        make("p", { class: "wrong", role: "status", hidden: "" }),
        make("button", { class: "btn", type: "button", "data-do": "end", "data-site": site }),
        make(
          "button",
          { class: "btn", type: "button", "data-do": "more", "data-site": site },
          say("chair-more", { n: MORE_MINUTES }),
        ),
      );
    },
    (li, turn) => drawTurn(li, turn, now, speaking.length > 1),
  );
}

/**
 * How long, of how much, and how to end it. Who it is stands under the picture, and beside the clock when two speak.
 * @param {HTMLElement} li
 * @param {Turn} turn
 * @param {number} now
 * @param {boolean} named
 */
function drawTurn(li, turn, now, named) {
  const [name, spentAt, leftAt, bar, wrong, end, more] = /** @type {HTMLElement[]} */ ([...li.children]);
  if (!name || !spentAt || !leftAt || !(bar instanceof HTMLProgressElement) || !wrong || !end || !more)
    return;
  const trouble = airTrouble(socket.state?.sites.get(turn.site));
  show(wrong, trouble !== "");
  text(wrong, trouble);
  const spent = now - turn.granted_at;
  const total = turn.ends_at - turn.granted_at;
  const { over } = leftOf(turn, now);
  show(name, named);
  text(name, turn.name);
  text(spentAt, span(spent, true));
  attribute(spentAt, "datetime", duration(spent));
  attribute(spentAt, "class", over ? "clock over" : "clock");
  text(
    leftAt,
    over
      ? say("chair-over", { total: span(total, true), over: span(now - turn.ends_at) })
      : say("chair-of", {
          total: span(total, true),
          left: span(Math.ceil((turn.ends_at - now) / 1000) * 1000),
        }),
  );
  attribute(bar, "aria-label", say("chair-spent", { site: turn.name }));
  attribute(bar, "class", over ? "look" : null);
  bar.max = Math.max(1, total);
  bar.value = Math.min(spent, total);
  text(end, say("chair-end", { site: turn.name }));
  attribute(more, "aria-label", say("chair-more-of", { n: MORE_MINUTES, site: turn.name }));
}

/** @param {number} now */
function drawQueue(now) {
  const state = /** @type {NonNullable<typeof socket.state>} */ (socket.state);
  const { queue } = state.floor;
  const [first, ...rest] = queue;
  text(at.queueTitle, queue.length ? say("chair-queue", { n: queue.length }) : say("chair-queue-none"));
  show(at.next, Boolean(first));
  show(at.nextDown, Boolean(first));
  show(at.empty, !first);
  if (first) {
    text(at.nextSays, say("invite", { site: first.name }));
    const ends = turnGivingWay(state.floor);
    const full = isFull(state.floor);
    attribute(at.next, "aria-disabled", full ? "true" : null);
    const about = aboutWaiting(first, state.sites.get(first.site), now);
    text(
      at.nextMore,
      ends ? say("invite-ends", { about, site: ends.name }) : full ? say("invite-full", { about }) : about,
    );
    at.next.dataset.site = String(first.site);
    at.nextDown.dataset.site = String(first.site);
    attribute(at.nextDown, "aria-label", say("queue-down-of", { site: first.name }));
  }
  queueRows(at.queue, rest, 2, state.sites, now);
  drawMode();
}

/** @param {number} now */
function drawPresence(now) {
  const state = /** @type {NonNullable<typeof socket.state>} */ (socket.state);
  const { here, joining, blocked, lost, away } = presence(state.sites.values());
  text(at.here, say("chair-here", { n: here.length, of: state.conference.site_count }));
  /** @type {(string | Node)[]} */
  const words = [];
  /** @type {(sites: SiteRow[], say: (site: SiteRow) => (string | Node)[]) => void} */
  const list = (sites, one) => {
    sites.slice(0, MISSING_MAX).forEach((site, i) => {
      if (i) words.push(", ");
      words.push(...one(site));
    });
    if (sites.length > MISSING_MAX) words.push(say("and-more", { n: sites.length - MISSING_MAX }));
    words.push(". ");
  };
  if (lost.length) {
    words.push(`${say("chair-lost")} `);
    list(lost, (site) => [make("b", {}, site.name), ` ${lasted(now - site.since)}`]);
  }
  if (blocked.length) {
    words.push(`${say("chair-no-media")} `);
    list(blocked, (site) => [make("b", {}, site.name)]);
  }
  if (joining.length) {
    words.push(`${say("chair-joining")} `);
    list(joining, (site) => [site.name]);
  }
  if (away.length) {
    words.push(`${say("chair-away")} `);
    list(away, (site) => [site.name]);
  }
  if (!words.length) words.push(say("chair-all-here"));
  const probe = make("p", {}, ...words);
  if (at.missing.innerHTML !== probe.innerHTML) at.missing.replaceChildren(...probe.childNodes);
}

/** @param {HTMLElement} pressed */
const takeDown = (pressed) => give("floor", "cancel_request", { site: Number(pressed.dataset.site) });
at.next.addEventListener("click", () => invite(Number(at.next.dataset.site)));
at.nextDown.addEventListener("click", () => takeDown(at.nextDown));
at.queue.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  if (button.dataset.do === "down") takeDown(button);
  else invite(Number(button.dataset.site));
});
at.turns.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  const site = Number(button.dataset.site);
  if (button.dataset.do === "end") give("floor", "withdraw", { site });
  else give("floor", "extend", { site, minutes: MORE_MINUTES });
});
at.muteAll.addEventListener("click", () => {
  const state = socket.state;
  const names = state?.floor.speaking.map((t) => t.name).join(", ");
  ask(
    say("mute-all-title", { n: state?.conference.site_count ?? 0 }),
    names ? say("mute-all-more", { sites: names }) : say("mute-all-nobody"),
    say("mute-all"),
    () => give("floor", "mute_all"),
  );
});
dialog.addEventListener("close", () => {
  if (dialog.returnValue === "yes") confirmed?.();
  dialog.returnValue = "";
  confirmed = null;
});
at.nextItem.addEventListener("click", () => {
  const conference = socket.state?.conference;
  if (!conference) return;
  if (conference.phase === "open") give("conference", "start_session");
  else {
    const item = nextItem(conference);
    if (item) give("conference", "start_item", { item: item.id });
  }
});
need("#banner-now").addEventListener("click", () => socket.retryNow());

let spoke = "";
room.onstate = (changed) => {
  const state = socket.state;
  if (changed.has("floor") && state) {
    const names = state.floor.speaking.map((t) => t.name).join(", ");
    if (names !== spoke)
      announce(names ? say("announce-speaking", { sites: names }) : say("announce-nobody"));
    spoke = names;
  }
  draw();
};
room.onconnection = draw;
socket.ontold = (code, sentence) => {
  // The room is closed: what comes next stands on the conference's page.
  if (code === "not_open" || code === "closed") return location.assign(`/conferences/${room.conference}`);
  text(at.bannerSays, sentence);
  tell(sentence);
};
socket.onstale = () => tell(say("stale"));

stayAwake();
setInterval(draw, 250);
socket.connect();
draw();
