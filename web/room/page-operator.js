// The control desk: "is anything wrong, and with whom?" The wall left, what goes out and what is wrong right, one site's tray below.

import { span, timeOfDay } from "./clock.js";
import { Devices } from "./devices.js";
import { attribute, follow, icon, make, need, oncePerFrame, redraw, show, text } from "./dom.js";
import { invite as inviteTo, modeSwitch, warned } from "./floor.js";
import { shortcuts, singleKeys } from "./keys.js";
import { leftOf, nextItem, queueRows, topic, turnOf, whoIs } from "./parts.js";
import { Picture } from "./picture.js";
import { rollDialog } from "./roll.js";
import { announcer, enter } from "./room.js";
import { watchShare } from "./share.js";
import { facts } from "./site-facts.js";
import { sentence, Troubles } from "./troubles.js";
import { MARKS, tileWords, Wall } from "./wall.js";
import { lasted, number, say } from "./words.js";

/** @import { SiteRow, StageRow, Turn } from "./protocol" */
/** @import { Tile } from "./wall.js" */

const QUEUE_MAX = 12;

const root = need("[data-page='operator']");
const devices = new Devices("devices-operator");
const room = enter(root, { devices, look: true });
const { socket, slots, clock } = room;
const announce = announcer();
const wall = new Wall(need("#wall"), () => clock.now());
wall.words = (tile, now) => tileWords(tile, lasted(now - tile.site.since));
const troubles = new Troubles(() => wall.troubles());

const at = {
  server: need("#server"),
  serverMark: need("#server-mark"),
  serverSays: need("#server-says"),
  clock: need("#clock"),
  total: need("#total"),
  find: /** @type {HTMLInputElement} */ (need("#find")),
  muteAll: need("#mute-all"),
  topic: need("#topic"),
  nextItem: need("#next-item"),
  stage: need("#stage"),
  stageMark: need("#stage-mark"),
  who: need("#who"),
  spent: need("#spent"),
  turns: need("#turns"),
  strip: need("#strip"),
  queueCount: need("#queue-count"),
  queue: need("#queue"),
  several: need("#several"),
  queueEmpty: need("#queue-empty"),
  tray: need("#tray"),
  trayVideo: /** @type {HTMLVideoElement} */ (need("#look")),
  trayStill: /** @type {HTMLImageElement} */ (need("#look-still")),
  trayMark: need("#tray-mark"),
  trayName: need("#tray-name"),
  trayState: need("#tray-state"),
  trayFacts: need("#tray-facts"),
  note: need("#note"),
};
const counts = {
  good: need("#count-good"),
  joining: need("#count-joining"),
  look: need("#count-look"),
  lost: need("#count-lost"),
  away: need("#count-away"),
};
/** @param {string} name */
const button = (name) => /** @type {HTMLButtonElement} */ (need(`[data-do="${name}"]`, at.tray));
const acts = {
  look: button("look"),
  grant: button("grant"),
  end: button("end"),
  hand: button("hand"),
  stage: button("stage"),
  lock: button("lock"),
  talk: button("talk"),
  call: /** @type {HTMLAnchorElement} */ (need('[data-do="call"]', at.tray)),
  rotate: button("rotate"),
  remove: button("remove"),
};
const dialog = /** @type {HTMLDialogElement} */ (need("#confirm"));
const sheet = /** @type {HTMLDialogElement} */ (need("#keys"));

const big = /** @type {HTMLVideoElement} */ (need("#big"));
const picture = new Picture(big, need("#no-picture"));
slots.place("stage", 0, big);
slots.place("look", 0, at.trayVideo);
watchShare(room, /** @type {HTMLVideoElement} */ (need("#shared")), () => {});
const strip = [...at.strip.querySelectorAll("li")];
for (const li of strip) {
  const video = li.querySelector("video");
  if (video) slots.place("stage", Number(li.dataset.slot), video);
}
const sound = need("#sound");
slots.onblocked = () => show(sound, slots.blocked);
sound.addEventListener("click", () => slots.unblock());

/** The site that is looked at live. @type {number | null} */
let looking = null;
/** @type {null | "all" | number} */
let talking = null;
/** @type {(() => void) | null} */
let confirmed = null;
let noteUntil = 0;
/** The picture that the tray shows. @type {Blob | null} */
let shownStill = null;

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
 * @param {string} [done] said when it is done
 */
async function give(area, name, body = {}, done = "") {
  const outcome = await socket.do(area, name, { conference: room.conference, ...body });
  if (!outcome.ok) tell(outcome.text || say("not-sent"));
  else if (done) tell(done);
  return outcome.ok;
}

/** @param {number} site */
const invite = (site) => warned(socket, site, ask, () => inviteTo(socket, give, site));
const drawMode = modeSwitch(at.several, socket, give);

/** @returns {Tile | null} */
const chosen = () => (wall.selected === null ? null : (wall.tiles.get(wall.selected) ?? null));

/**
 * @param {number} site
 */
function endTurn(site) {
  return give("floor", "withdraw", { site });
}

/** On the stage, or put there and waiting for a place. @param {Tile} tile */
const isPlaced = ({ staged, site }) => staged || Boolean(site.stage_waits);

/**
 * When every place is taken a site waits, which nobody would see.
 * @param {SiteRow} site
 * @param {boolean} placed
 */
async function setStage({ id, name }, placed) {
  const done = await give("conference", placed ? "take_off_stage" : "put_on_stage", { site: id });
  if (done && socket.state?.sites.get(id)?.stage_waits) tell(say("desk-stage-waits", { site: name }));
}

/** @param {number | null} site */
function look(site) {
  looking = site;
  socket.look(site);
  show(at.trayVideo, site !== null);
  show(at.trayStill, site === null);
  draw();
}

/**
 * Asked once, because it cannot be taken back or touches everybody.
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
dialog.addEventListener("close", () => {
  if (dialog.returnValue === "yes") confirmed?.();
  dialog.returnValue = "";
  confirmed = null;
});

function askMuteAll() {
  const state = socket.state;
  const names = state?.floor.speaking.map((t) => t.name).join(", ") ?? "";
  ask(
    say("mute-all-title", { n: state?.conference.site_count ?? 0 }),
    names ? say("mute-all-more", { sites: names }) : say("mute-all-nobody"),
    say("mute-all"),
    () => give("floor", "mute_all"),
  );
}

/**
 * Speaks to one site or to all while held. The microphone is opened the first time somebody wants to speak.
 * @param {"all" | number} to
 */
async function talk(to) {
  if (talking !== null) return;
  talking = to;
  if (!devices.track.microphone) await devices.open(["microphone"]);
  if (talking === null) return;
  if (devices.health.microphone !== "ok") {
    talking = null;
    return tell(say("desk-no-mic"));
  }
  await room.media?.send("microphone", devices.track.microphone);
  socket.talk(to);
  draw();
}

function stopTalking() {
  if (talking === null) return;
  talking = null;
  socket.talk(null);
  draw();
}

const draw = oncePerFrame(() => {
  const now = clock.now();
  text(at.clock, timeOfDay(now, true));
  show(at.note, performance.now() < noteUntil);
  drawServer();
  const state = socket.state;
  if (!state) return;
  text(at.total, say("desk-sites", { n: number(state.conference.site_count) }));
  const n = wall.counts();
  tally(counts.good, "desk-good", n.good);
  tally(counts.joining, "desk-joining", n.joining);
  show(/** @type {HTMLElement} */ (counts.joining.closest(".state")), n.joining > 0);
  tally(counts.look, "desk-look", n.look);
  tally(counts.lost, "desk-lost-count", n.lost);
  tally(counts.away, "desk-away", n.away);
  drawStage(now);
  drawQueue(now);
  troubles.draw(state.conference.main_site, now);
  drawTray(now);
});

/** How many sites are in a state; nobody in it is no reason for its colour. @param {HTMLElement} place @param {string} word @param {number} n */
function tally(place, word, n) {
  text(place, say(word, { n: number(n) }));
  place.closest(".state")?.classList.toggle("none", n === 0);
}

function drawServer() {
  const { line } = socket;
  const { why } = room.path;
  const look =
    line.state === "open" ? (why ? "look" : "here") : line.state === "connecting" ? "away" : "lost";
  attribute(at.server, "data-state", look);
  redraw(at.serverMark, `m-${look}`);
  attribute(at.server, "title", why || null);
  if (line.state === "open") text(at.serverSays, say(why ? "desk-media-bad" : "desk-server-good"));
  else if (line.state === "connecting") text(at.serverSays, say("desk-connecting"));
  else if (line.state === "lost") {
    const n = Math.max(0, Math.ceil((line.retryAt - performance.now()) / 1000));
    text(at.serverSays, say("line-lost", { time: timeOfDay(line.since, true), n }));
  }
}

/** @param {number} now */
function drawStage(now) {
  const state = socket.state;
  if (!state) return;
  const { conference } = state;
  text(at.topic, topic(conference));
  const next = nextItem(conference);
  const start = conference.phase === "open";
  show(at.nextItem, start || (conference.phase === "in_session" && next !== null));
  text(at.nextItem, start ? say("start-session") : say("next-item", { n: next?.number ?? 0 }));
  const first = state.stage.find((row) => row.slot === 0);
  const turn = turnOf(state, first);
  attribute(at.stage, "data-state", turn ? "air" : null);
  redraw(at.stageMark, turn ? "m-air" : "m-here");
  picture.draw(first, room.path.why);
  text(at.who, first ? whoIs(first) : say("stage-empty"));
  const alone = state.floor.speaking.length < 2;
  show(at.spent, Boolean(turn) && alone);
  if (turn && alone) {
    const left = leftOf(turn, now);
    attribute(at.spent, "class", left.over ? "clock over" : "clock");
    text(at.spent, left.over ? `${left.label} ${left.figure}` : span(now - turn.granted_at, true));
  }
  drawTurns(state.floor.speaking, now);
  for (const li of strip) {
    const row = state.stage.find((r) => r.slot === Number(li.dataset.slot));
    show(li, Boolean(row));
    if (row) drawStrip(li, row, turnOf(state, row) !== null);
  }
}

/**
 * One who speaks stands under the large picture; of two each has a line, with the button that ends it.
 * @param {Turn[]} speaking
 * @param {number} now
 */
function drawTurns(speaking, now) {
  const several = speaking.length > 1;
  show(at.turns, several);
  follow(
    at.turns,
    several ? speaking : [],
    (turn) => turn.site,
    (turn) =>
      make(
        "li",
        { "data-state": "air" },
        icon("m-air"),
        make("b", { class: "one-line" }),
        make("time"),
        make("button", { class: "btn", type: "button", "data-site": String(turn.site) }, say("act-end")),
      ),
    (li, turn) => {
      const [, name, clock, end] = /** @type {Element[]} */ ([...li.children]);
      if (!name || !clock || !end) return;
      const left = leftOf(turn, now);
      text(name, turn.name);
      attribute(clock, "class", left.over ? "clock over" : "clock");
      text(clock, left.over ? `${left.label} ${left.figure}` : span(now - turn.granted_at, true));
      attribute(end, "aria-label", say("chair-end", { site: turn.name }));
    },
  );
}

/**
 * @param {HTMLLIElement} li
 * @param {StageRow} row
 * @param {boolean} speaking a turn is ended, not taken off the stage
 */
function drawStrip(li, row, speaking) {
  text(need("b", li), row.seat === "main" ? say("desk-hall") : wall.called(row.name));
  const off = /** @type {HTMLButtonElement} */ (need("button", li));
  const site = row.seat === "main" ? null : row.seat.site;
  show(off, site !== null && !speaking);
  if (site !== null) {
    off.dataset.site = String(site);
    attribute(off, "aria-label", say("desk-stage-off-of", { site: row.name }));
  }
}

/** @param {number} now */
function drawQueue(now) {
  const state = socket.state;
  if (!state) return;
  const { queue } = state.floor;
  text(at.queueCount, String(queue.length));
  show(at.queueEmpty, !queue.length);
  queueRows(at.queue, queue.slice(0, QUEUE_MAX), 1, state.sites, now);
  drawMode();
}

/** @param {number} now */
function drawTray(now) {
  const tile = chosen();
  show(at.tray, Boolean(tile));
  if (!tile) return;
  const { site } = tile;
  text(at.trayName, site.name);
  attribute(at.trayState, "data-state", tile.look);
  redraw(at.trayMark, MARKS[tile.look]);
  text(
    need("span", at.trayState),
    tile.wrong ? sentence(tile, now) : tileWords(tile, lasted(now - site.since)),
  );
  if (tile.still !== shownStill) {
    shownStill = tile.still;
    if (at.trayStill.src) URL.revokeObjectURL(at.trayStill.src);
    if (shownStill) at.trayStill.src = URL.createObjectURL(shownStill);
    else at.trayStill.removeAttribute("src");
  }
  attribute(at.trayStill, "hidden", looking === null ? null : "");
  follow(
    at.trayFacts,
    facts(site, tile),
    ([key]) => key,
    ([key]) => make("div", {}, make("dt", {}, say(key)), make("dd")),
    (div, [, value]) => text(/** @type {Element} */ (div.lastElementChild), value),
  );
  const speaking = tile.look === "air";
  const live = site.state === "live";
  show(acts.grant, !speaking);
  show(acts.end, speaking);
  show(acts.hand, !speaking && (live || tile.hand > 0));
  text(need("span span", acts.hand), tile.hand ? say("queue-down") : say("act-hand"));
  attribute(acts.grant, "aria-label", say("invite", { site: site.name }));
  attribute(acts.look, "aria-pressed", looking === site.id ? "true" : "false");
  attribute(acts.look, "disabled", live || looking === site.id ? null : "");
  text(need("span span", acts.stage), isPlaced(tile) ? say("act-stage-off") : say("act-stage-on"));
  attribute(acts.stage, "disabled", speaking ? "" : null);
  text(need("span span", acts.lock), site.locked ? say("act-unlock") : say("act-lock"));
  attribute(acts.talk, "aria-pressed", talking === site.id ? "true" : "false");
  show(acts.call, Boolean(site.telephone));
  if (site.telephone) {
    attribute(acts.call, "href", `tel:${site.telephone.replace(/[^+\d]/g, "")}`);
    text(need(".num", acts.call), site.telephone);
  }
}

wall.onselect = (id) => {
  if (looking !== null) look(null);
  if (id === null) stopTalking();
  draw();
};
wall.onchange = () => draw();

const openRoll = rollDialog(socket, room.conference, tell);
/** @type {Record<string, (tile: Tile) => void>} */
const commands = {
  look: (tile) => look(looking === tile.site.id ? null : tile.site.id),
  grant: (tile) => invite(tile.site.id),
  end: (tile) => endTurn(tile.site.id),
  hand: (tile) => give("floor", tile.hand ? "cancel_request" : "request", { site: tile.site.id }),
  roll: (tile) => openRoll(tile.site),
  stage: (tile) => setStage(tile.site, isPlaced(tile)),
  lock: (tile) => give("conference", tile.site.locked ? "unlock_site" : "lock_site", { site: tile.site.id }),
  rotate: (tile) =>
    ask(say("desk-rotate-title", { site: tile.site.name }), say("desk-rotate-more"), say("act-rotate"), () =>
      give(
        "conference",
        "rotate_code",
        { site: tile.site.id },
        say("desk-rotate-done", { site: tile.site.name }),
      ),
    ),
  remove: (tile) =>
    ask(say("desk-remove-title", { site: tile.site.name }), say("desk-remove-more"), say("act-remove"), () =>
      give("conference", "remove_site", { site: tile.site.id }),
    ),
};
at.tray.addEventListener("click", (event) => {
  const pressed = event.target instanceof Element ? event.target.closest("[data-do]") : null;
  const tile = chosen();
  if (pressed instanceof HTMLElement && tile) commands[pressed.dataset.do ?? ""]?.(tile);
});
need("#tray-close").addEventListener("click", () => {
  const id = wall.selected;
  wall.select(null);
  if (id !== null) wall.tiles.get(id)?.button.focus();
});

/**
 * @param {HTMLElement} element
 * @param {() => "all" | number | null} to
 */
function holdToTalk(element, to) {
  element.addEventListener("pointerdown", (event) => {
    const target = to();
    if (event.button === 0 && target !== null) talk(target);
  });
  for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"])
    element.addEventListener(name, stopTalking);
  element.addEventListener("keydown", (event) => {
    const target = to();
    if ((event.key === " " || event.key === "Enter") && !event.repeat && target !== null) {
      event.preventDefault();
      talk(target);
    }
  });
  element.addEventListener("keyup", stopTalking);
}
holdToTalk(acts.talk, () => wall.selected);
const talkAll = need("#talk-all");
holdToTalk(talkAll, () => "all");

at.queue.addEventListener("click", (event) => {
  const pressed = event.target instanceof Element ? event.target.closest("button") : null;
  if (!(pressed instanceof HTMLElement)) return;
  const id = Number(pressed.dataset.site);
  if (pressed.dataset.do === "down") give("floor", "cancel_request", { site: id });
  else invite(id);
});
troubles.onact = (id, act) => {
  wall.select(id);
  if (act === "look") look(id);
  else requestAnimationFrame(() => acts.call.focus());
};
at.turns.addEventListener("click", (event) => {
  const pressed = event.target instanceof Element ? event.target.closest("button") : null;
  if (pressed instanceof HTMLElement) endTurn(Number(pressed.dataset.site));
});
at.strip.addEventListener("click", (event) => {
  const pressed = event.target instanceof Element ? event.target.closest("button") : null;
  if (pressed instanceof HTMLElement)
    give("conference", "take_off_stage", { site: Number(pressed.dataset.site) });
});
at.muteAll.addEventListener("click", askMuteAll);
at.nextItem.addEventListener("click", () => {
  const conference = socket.state?.conference;
  if (!conference) return;
  if (conference.phase === "open") return give("conference", "start_session");
  const item = nextItem(conference);
  if (item) give("conference", "start_item", { item: item.id });
});

at.find.addEventListener("input", () => wall.find(at.find.value));
at.find.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  const tile = wall.found;
  if (!tile) return tell(say("desk-find-none", { typed: at.find.value }));
  at.find.value = "";
  wall.find("");
  wall.select(tile.site.id, true);
});

/** @param {(tile: Tile) => void} act */
const onChosen = (act) => () => {
  const tile = chosen();
  if (tile) act(tile);
  else tell(say("desk-choose-first"));
};
shortcuts({
  "/": (event) => {
    event.preventDefault();
    at.find.focus();
    at.find.select();
  },
  v: onChosen((tile) => commands.look?.(tile)),
  g: onChosen((tile) => invite(tile.site.id)),
  s: onChosen((tile) => tile.look !== "air" && commands.stage?.(tile)),
  x: () => {
    const turns = socket.state?.floor.speaking ?? [];
    const turn = turns.length > 1 ? turns.find(({ site }) => site === wall.selected) : turns[0];
    if (turn) endTurn(turn.site);
    else if (turns.length) tell(say("desk-end-which"));
  },
  m: onChosen((tile) => {
    if (tile.look === "air") endTurn(tile.site.id);
    else tell(say("desk-already-mute", { site: tile.site.name }));
  }),
  "Shift+M": askMuteAll,
  t: () => wall.nextTrouble(),
  b: () => {
    if (wall.selected !== null) talk(wall.selected);
  },
  "?": () => (sheet.open ? sheet.close() : sheet.showModal()),
  Escape: () => {
    if (at.find.value || document.activeElement === at.find) {
      at.find.value = "";
      wall.find("");
      at.find.blur();
      return;
    }
    const id = wall.selected;
    wall.select(null);
    if (id !== null) wall.tiles.get(id)?.button.focus();
  },
  ArrowRight: enterWall,
  ArrowDown: enterWall,
});
addEventListener("keyup", (event) => {
  if (event.key.toLowerCase() === "b") stopTalking();
});
addEventListener("blur", stopTalking);

/** The arrows choose a tile from wherever nothing else wants them. */
function enterWall() {
  if (document.activeElement && document.activeElement !== document.body) return;
  const first = need("#wall").querySelector(".tile");
  if (first instanceof HTMLElement) wall.select(Number(first.dataset.site), true);
}

const single = /** @type {HTMLInputElement} */ (need("#single-keys"));
single.checked = !singleKeys.off;
single.addEventListener("change", () => singleKeys.set(!single.checked));
need("#keys-open").addEventListener("click", () => sheet.showModal());

let spoke = "";
room.onstate = (changed, sites) => {
  const state = socket.state;
  if (!state) return;
  wall.before = state.conference.phase === "open";
  if (changed.has("sites")) wall.sites(sites, changed.has("conference") && sites.length >= state.sites.size);
  if (changed.has("floor") || changed.has("stage") || changed.has("sites"))
    wall.floor(state.floor, state.stage);
  if (changed.has("floor")) {
    const names = state.floor.speaking.map((t) => t.name).join(", ");
    if (names !== spoke)
      announce(names ? say("announce-speaking", { sites: names }) : say("announce-nobody"));
    spoke = names;
  }
  draw();
};
room.onconnection = () => {
  // After a new connection the server knows neither what is looked at nor who is spoken to.
  if (socket.line.state === "open" && looking !== null) socket.look(looking);
  if (socket.line.state !== "open") stopTalking();
  draw();
};
socket.onwall = (rows) => {
  const own = rows.find(([site]) => site === 0);
  if (own) troubles.hall = own;
  wall.lines(rows);
};
socket.onstill = (site, jpeg) => wall.still(site, jpeg);
socket.ontold = (code, words) => {
  // The room is closed: what comes next stands on the conference's page.
  if (code === "not_open" || code === "closed") return location.assign(`/conferences/${room.conference}`);
  text(at.serverSays, words);
  tell(words);
};
socket.onstale = () => text(at.serverSays, say("stale"));

setInterval(() => {
  wall.age();
  draw();
}, 1000);
socket.connect();
draw();
