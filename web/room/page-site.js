// A site's room, read from five metres. What the room asks first, "are we heard?", is answered at the foot in the largest words.
// The server decides whether we are heard; the one thing decided here is to stay silent until the bell has rung.

import { chime, close as closing } from "./chime.js";
import { duration, span, timeOfDay } from "./clock.js";
import { deviceDialog } from "./device-dialog.js";
import { Devices, steps } from "./devices.js";
import { attribute, need, oncePerFrame, redraw, show, text } from "./dom.js";
import { arrows, hold } from "./keys.js";
import { endsAt, expectedWait, leftOf, programme, topic, turnOf, whoIs } from "./parts.js";
import { Others, Picture } from "./picture.js";
import { rollDialog } from "./roll.js";
import { announcer, enter, stayAwake } from "./room.js";
import { watchShare } from "./share.js";
import { Still } from "./still.js";
import { number, say } from "./words.js";

/** After the floor is given the room has this long, with a bell, before it is heard. Only its voice waits: the picture is on the stage at once. */
const LEAD_IN_MS = 3000;
/** A socket that is lost for less than this, while sound and picture flow, is not worth a word. */
const UNSAID_MS = 2500;
/** How often a room that is shut is tried again. */
const NOT_OPEN_MS = 15000;

const root = need("[data-page='site']");
const site = Number(root.dataset.site);
const devices = new Devices("devices-site");
const room = enter(root, { devices });
const { socket, slots, clock } = room;
const announce = announcer();

const at = {
  title: need("#title"),
  big: /** @type {HTMLVideoElement} */ (need("#big")),
  stage: need("#stage"),
  over: need("#over"),
  overSince: need("#over-since"),
  overNext: need("#over-next"),
  overWait: need("#over-wait"),
  who: need("#who"),
  topic: need("#topic"),
  left: need("#left"),
  others: need("#others"),
  programme: need("#programme"),
  clock: need("#clock"),
  ends: need("#ends"),
  roll: need("#roll-open"),
  check: need("#check"),
  own: need("#own"),
  mine: /** @type {HTMLVideoElement} */ (need("#mine")),
  ownMark: need("#own-mark"),
  ownSays: need("#own-says"),
  level: need("#level"),
  foot: need("#foot"),
  icon: need("#foot-icon"),
  count: need("#count"),
  says: need("#says"),
  more: need("#more"),
  note: need("#note"),
  tap: /** @type {HTMLButtonElement} */ (need("#tap")),
  tapIcon: need("#tap-icon"),
  tapSays: need("#tap-says"),
  held: /** @type {HTMLButtonElement} */ (need("#held")),
  heldSays: need("#held-says"),
};
let sharing = false;

slots.place("stage", 0, at.big);
const picture = new Picture(at.big, need("#no-picture"));
const others = new Others(at.others, slots);

/** @typedef {"joining" | "listening" | "hand" | "called" | "air" | "lost" | "ended" | "shut"} Mode */
/** @type {Record<Mode, string>} */
const LOOKS = {
  joining: "here",
  listening: "here",
  hand: "here",
  called: "called",
  air: "air",
  lost: "lost",
  ended: "lost",
  shut: "here",
};
/** With the floor, who hears that: red is for what goes out. */
const MUFFLED = "lost";
/** @type {Mode} */
let mode = "joining";
/** @type {{code: string, text: string} | null} */
let ended = null;
/** @type {(() => void) | null} */
let tapAct = null;
/** @type {(() => void) | null} */
let heldAct = null;
let armed = false;
let note = "";
let noteUntil = 0;
let lostAt = 0;
let rungFor = 0;
let stoppedAt = 0;
/** Whether our hand was up when last heard of; null before the first word. @type {boolean | null} */
let handUp = null;
/** What this page last asked of its hand, until it is seen to be so: whatever else becomes of it was done by somebody else. @type {boolean | null} */
let handWanted = null;

function turn() {
  return socket.state?.floor.speaking.find((t) => t.site === site) ?? null;
}

/** @returns {Mode} */
function modeNow() {
  if (ended) return "ended";
  const state = socket.state;
  if (!state) return socket.line.state === "lost" ? "lost" : "joining";
  const flowing = room.path.flows;
  if (socket.line.state === "lost" && (!flowing || performance.now() - lostAt > UNSAID_MS)) return "lost";
  if (["draft", "closed", "concluded"].includes(state.conference.phase)) return "shut";
  const mine = turn();
  // Picture and sound are on their way, and nothing is wrong yet.
  if (
    !mine &&
    unheard() &&
    !room.path.everFlowed &&
    !room.path.blocked &&
    !state.floor.queue.some((w) => w.site === site)
  )
    return "joining";
  if (mine) return clock.now() - mine.granted_at < LEAD_IN_MS || !state.you.audible ? "called" : "air";
  return state.floor.queue.some((w) => w.site === site) ? "hand" : "listening";
}

/** The page is here, picture and sound are not. */
const unheard = () => socket.line.state === "open" && !room.path.flows;

/** What the server knows of our sound and picture on the air. */
const onAir = () => socket.state?.sites.get(site)?.air ?? null;

/** Somebody is there to be heard. */
function hearsSomebody() {
  const state = socket.state;
  return Boolean(state?.stage.some((row) => row.state === "live"));
}

/** The bell rings once for each turn, and until its time has passed our microphone sends silence. */
function leadIn() {
  const mine = turn();
  const fresh = mine ? clock.now() - mine.granted_at < LEAD_IN_MS : false;
  if (mine && fresh && rungFor !== mine.granted_at) {
    rungFor = mine.granted_at;
    chime(devices.audio);
  }
  if (!mine) rungFor = 0;
  const track = devices.track.microphone;
  if (track && track.enabled === fresh) track.enabled = !fresh;
}

/** A hand that is raised for the room, or taken down, is told: the room would otherwise wait, or be called, without knowing why. */
function hand() {
  const state = socket.state;
  if (!state) return;
  const up = state.floor.queue.some((w) => w.site === site);
  const was = handUp;
  handUp = up;
  if (was === null || was === up) return;
  const own = handWanted === up;
  handWanted = null;
  // What was said of the hand before is no longer so.
  noteUntil = 0;
  // Who is called leaves the queue too, and a conference that ends has none.
  if (own || turn() || ["closed", "concluded"].includes(state.conference.phase)) return;
  tell(say(up ? "site-hand-raised" : "site-hand-lowered"), 20);
}

/** @param {Mode} next */
function entered(next) {
  const was = mode;
  mode = next;
  if (next === "called" || (next === "air" && was !== "called")) {
    noteUntil = 0;
    // On a telephone the room may be reading further down.
    scrollTo({ top: 0 });
  }
  if (was === "air" && next === "listening") closing(devices.audio);
  if (next === "lost") stoppedAt = clock.now();
}

/** The frame: red while we are on the air, and not while nothing of us goes out. */
function frame() {
  const muffled = unheard() && ["listening", "hand", "called", "air"].includes(mode);
  attribute(root, "data-state", muffled ? MUFFLED : LOOKS[mode]);
}

const draw = oncePerFrame(() => {
  leadIn();
  const next = modeNow();
  const changed = next !== mode;
  if (changed) entered(next);
  frame();
  drawStage();
  drawSide();
  drawFoot();
  if (changed) {
    announce(`${at.says.textContent} ${(at.note.hidden ? at.more : at.note).textContent}`);
    document.title = `${at.says.textContent} - ${root.dataset.name}`;
    text(at.title, say("site-title", { site: root.dataset.name ?? "", state: at.says.textContent ?? "" }));
    keepFocus();
  }
});

function drawStage() {
  const state = socket.state;
  const now = clock.now();
  const lost = mode === "lost";
  const silent = lost && !room.path.flows;
  attribute(at.stage, "data-state", silent ? "lost" : null);
  show(at.over, silent);
  if (silent) {
    text(at.overSince, say("site-lost-since", { time: timeOfDay(socket.line.since, true) }));
    text(at.overNext, say("site-lost-next", { attempt: socket.line.attempt }));
    const wait = Math.max(0, Math.ceil((socket.line.retryAt - performance.now()) / 1000));
    text(at.overWait, wait > 0 ? say("seconds", { n: wait }) : say("site-lost-trying"));
  }
  const rows = state?.stage ?? [];
  const first = rows.find((row) => row.slot === 0);
  picture.draw(first, room.path.why);
  if (!state || silent) show(picture.words, false);
  if (!state) {
    text(at.who, root.dataset.title ?? "");
    text(at.topic, say("site-joining-topic"));
  } else if (silent) {
    text(at.who, say("site-picture-stopped", { time: timeOfDay(stoppedAt, true) }));
    text(at.topic, `${first ? whoIs(first) : state.conference.title}`);
  } else if (mode === "called") {
    text(at.who, say("site-called-by", { chair: state.conference.chair_position, site: state.you.name }));
    text(at.topic, topic(state.conference));
  } else {
    text(at.who, first ? whoIs(first) : state.conference.title);
    text(at.topic, topic(state.conference));
  }
  const shown =
    state && !silent ? (mode === "called" || mode === "air" ? turn() : turnOf(state, first)) : null;
  show(at.left, Boolean(shown));
  if (shown) {
    const left = leftOf(shown, now);
    attribute(at.left, "datetime", duration(shown.ends_at - now));
    attribute(at.left, "class", left.over ? "clock over" : "clock");
    text(need(".soft", at.left), left.label);
    text(need("b", at.left), left.figure);
  }
  // The first place is the large one; it moves to the side while a document lies over it.
  const count = others.draw(
    rows.filter((row) => row.slot > 0 || sharing),
    state?.floor.speaking ?? [],
    silent,
  );
  attribute(at.others, "data-count", String(count));
}

function drawSide() {
  const state = socket.state;
  text(at.clock, timeOfDay(clock.now()));
  if (state) {
    programme(at.programme, state.conference);
    const end = endsAt(state.conference);
    text(at.ends, end ? say("site-ends", { time: timeOfDay(end) }) : "");
  }
  const heads = state?.sites.get(site)?.head_count;
  // Not while everybody sees or hears us: the check has a page of its own.
  show(at.check, ["joining", "listening", "hand"].includes(mode) && !state?.you.on_stage);
  show(at.roll, Boolean(state) && mode !== "shut" && mode !== "ended");
  text(at.roll, heads === undefined ? say("site-roll") : say("site-roll-known", { n: number(heads) }));
  const name = root.dataset.name ?? "";
  const [own, words] = ownPicture();
  attribute(at.own, "data-state", own);
  redraw(at.ownMark, own === "look" ? "m-look" : own === "air" ? "m-air" : "m-here");
  text(at.ownSays, say(`site-own${words}`, { site: name }));
}

/**
 * Who sees our picture, as state and words of its mark: nobody, the operators, or everybody, as it is measured.
 * @returns {["look" | "here" | "air", string]}
 */
function ownPicture() {
  const camera = devices.health.camera;
  if (camera === "off") return ["look", "-camera-opening"];
  if (camera !== "ok") return ["look", camera === "denied" ? "-camera-denied" : "-camera-gone"];
  if (mode === "lost") return ["here", "-lost"];
  if (unheard()) return ["look", "-unheard"];
  const picture = onAir()?.picture ?? "starting";
  if (socket.state?.you.on_stage || mode === "air" || mode === "called") {
    if (picture === "missing") return ["look", "-air-missing"];
    if (picture === "unwatched") return ["air", "-air-unwatched"];
    if (mode === "called") return ["air", "-called"];
    const on = turn() ? "-air" : "-staged";
    return ["air", picture === "good" ? on : `${on}-starting`];
  }
  return ["here", ""];
}

/** What is measured of our turn, in one sentence. @param {import("./protocol").SiteRow["air"] | null} air */
function airWords(air) {
  const sound = air?.sound ?? "starting";
  const picture = air?.picture ?? "starting";
  if (sound === "good" && picture === "good") return say("site-air-more");
  if (sound === "missing") return say(picture === "missing" ? "site-air-nothing" : "site-air-no-sound");
  if (sound === "silent")
    return say(picture === "missing" ? "site-air-no-picture-silent" : "site-air-silent");
  if (picture === "missing") return say("site-air-no-picture");
  if (sound === "unwatched" || picture === "unwatched") return say("site-air-unwatched");
  return say(sound === "starting" && picture === "starting" ? "site-air-starting" : "site-air-partly");
}

/** Who sees and hears us while we listen. */
function listenWords() {
  const state = socket.state;
  if (state?.you.on_stage) {
    const picture = onAir()?.picture;
    if (picture === "missing") return say("site-staged-missing");
    if (picture === "unwatched") return say("site-staged-unwatched");
    return say(picture === "good" ? "site-staged" : "site-staged-starting");
  }
  return say(state?.conference.phase === "open" ? "site-listening-before" : "site-listening-more");
}

/** What is wrong with the microphone, in one sentence, or "". */
function microphoneTrouble() {
  if (onAir()?.sound === "good") return "";
  const health = devices.health.microphone;
  if (health === "gone") return say("site-mic-gone");
  if (health === "denied") return say("site-mic-denied");
  if (health === "silent") return say("site-mic-silent");
  return "";
}

function drawFoot() {
  const state = socket.state;
  const now = clock.now();
  const mine = turn();
  /** @type {{icon: string, says: string, more: string, tap?: [string, string, () => void], held?: [string, () => void]}} */
  let foot;
  switch (mode) {
    case "joining":
      foot = { icon: "i-signal-2", says: say("site-joining"), more: say("site-joining-more") };
      break;
    case "ended": {
      const code = ended?.code ?? "";
      const over = code === "closed";
      foot = {
        icon: over ? "i-clock" : "i-signal-0",
        says: ended?.text ?? "",
        more: over
          ? say("site-shut-more")
          : say(`site-ended-${code === "seat_taken" ? "taken" : code === "stale" ? "stale" : "other"}`),
      };
      if (over) break;
      if (code === "seat_taken") foot.held = [say("site-take-back"), () => takeBack()];
      else foot.tap = [say("site-try-again"), "i-arrow", () => location.reload()];
      break;
    }
    case "lost": {
      const flowing = room.path.flows;
      const wait = Math.max(0, Math.ceil((socket.line.retryAt - performance.now()) / 1000));
      foot = flowing
        ? {
            icon: "i-signal-1",
            says: say("site-control-lost"),
            more: say("site-control-lost-more", { n: wait }),
          }
        : {
            icon: "i-signal-0",
            says: say("site-lost"),
            more: root.dataset.telephone
              ? say("site-lost-more", { code: root.dataset.code ?? "", telephone: root.dataset.telephone })
              : say("site-lost-more-bare", { code: root.dataset.code ?? "" }),
          };
      foot.tap = [say("site-reconnect"), "", () => socket.retryNow()];
      break;
    }
    case "shut": {
      const phase = state?.conference.phase;
      foot = {
        icon: "i-clock",
        says: say(phase === "draft" ? "site-not-open" : "site-closed"),
        more: say("site-shut-more"),
      };
      break;
    }
    case "called":
      foot = {
        icon: "",
        says: say("site-called"),
        more: microphoneTrouble() || say("site-called-more"),
        held: [say("site-wait"), () => later()],
      };
      break;
    case "air": {
      const over = mine !== null && mine.ends_at < now;
      const measured = airWords(onAir());
      const late = over ? `${say("site-air-over", { time: span(now - (mine?.ends_at ?? now)) })} ` : "";
      foot = {
        icon: onAir()?.sound === "good" ? "i-mic" : "i-mic-off",
        says: `${say("site-air")} ${span(now - (mine?.granted_at ?? now), true)}`,
        more: microphoneTrouble() || `${late}${measured}`,
        held: [say("site-end"), () => give("withdraw")],
      };
      break;
    }
    case "hand": {
      const queue = state?.floor.queue ?? [];
      const place = queue.findIndex((w) => w.site === site) + 1;
      const asked = queue[place - 1]?.asked_at ?? now;
      const wait = state ? expectedWait(state.floor, place, now) : 0;
      foot = {
        icon: "i-hand",
        says: place === 1 ? say("site-hand-next") : say("site-hand", { place }),
        more:
          wait > 0
            ? say("site-hand-more", { time: timeOfDay(asked), n: wait })
            : say("site-hand-more-soon", { time: timeOfDay(asked) }),
        tap: [say("site-take-back-hand"), "", () => give("cancel_request")],
      };
      break;
    }
    case "listening":
      foot = {
        icon: "i-mic-off",
        says: say(hearsSomebody() ? "site-listening" : "site-waiting"),
        more:
          microphoneTrouble() || `${hearsSomebody() ? "" : `${say("site-waiting-more")} `}${listenWords()}`,
        tap: [say("site-ask"), "i-hand", () => give("request")],
      };
      break;
  }
  if (unheard() && ["listening", "hand", "called", "air"].includes(mode)) {
    foot.icon = "i-signal-0";
    foot.says = say(mode === "called" || mode === "air" ? "site-unheard-turn" : "site-unheard");
    foot.more = room.path.why || say(room.path.everFlowed ? "site-media-lost" : "site-joining-more");
  } else if (slots.blocked && mode !== "ended") {
    foot.tap = [say("site-sound-on"), "i-sound", () => slots.unblock()];
    if (mode === "listening") foot.says = say("site-deaf");
    foot.more = say("site-sound-blocked");
  }
  const counting = mode === "called" && !unheard();
  show(at.count, counting);
  attribute(at.icon, "hidden", counting ? "" : null);
  if (counting) {
    const left = Math.max(0, Math.ceil((LEAD_IN_MS - (now - (mine?.granted_at ?? now))) / 1000));
    text(at.count, left > 0 ? String(left) : "…");
  } else redraw(at.icon, foot.icon);
  text(at.says, foot.says);
  const fresh = noteUntil > performance.now();
  text(at.more, foot.more);
  show(at.note, fresh);
  text(at.note, fresh ? note : "");
  show(at.more, !fresh);

  tapAct = foot.tap?.[2] ?? null;
  heldAct = foot.held?.[1] ?? null;
  show(at.tap, Boolean(foot.tap));
  show(at.held, Boolean(foot.held));
  if (foot.tap) {
    text(at.tapSays, foot.tap[0]);
    attribute(at.tapIcon, "hidden", foot.tap[1] ? null : "");
    if (foot.tap[1]) redraw(at.tapIcon, foot.tap[1]);
    attribute(at.tap, "class", mode === "listening" ? "btn main" : "btn");
  }
  if (foot.held) {
    text(at.heldSays, armed ? say("press-again") : foot.held[0]);
    attribute(at.held, "class", mode === "ended" ? "btn" : "btn on-air");
  }
}

/** The remote's OK is always on the one thing to do. */
function keepFocus() {
  const active = document.activeElement;
  const lost = !active || active === document.body || active === at.tap || active === at.held;
  if (!lost || document.querySelector("dialog[open]")) return;
  (at.tap.hidden ? at.held : at.tap).focus({ preventScroll: true });
}

/**
 * @param {string} sentence
 * @param {number} [seconds]
 */
function tell(sentence, seconds = 8) {
  note = sentence;
  noteUntil = performance.now() + seconds * 1000;
  announce(sentence);
  draw();
}

/** @param {"request" | "cancel_request" | "withdraw"} what */
async function give(what) {
  at.tap.setAttribute("aria-busy", "true");
  if (what !== "withdraw") handWanted = what === "request";
  const outcome = await socket.do("floor", what, { conference: room.conference, site });
  at.tap.removeAttribute("aria-busy");
  // A command whose answer was lost may have been done all the same.
  if (!outcome.ok && outcome.code !== "lost") handWanted = null;
  if (!outcome.ok) tell(outcome.text || say("not-sent"));
  draw();
  return outcome.ok;
}

function takeBack() {
  ended = null;
  socket.takeBack();
  draw();
}

/** Not ready yet: give the floor back and stand in the queue again. */
async function later() {
  if (await give("withdraw")) await give("request");
}

at.tap.addEventListener("click", () => {
  if (at.tap.getAttribute("aria-busy") !== "true") tapAct?.();
});
const openRoll = rollDialog(socket, room.conference, announce);
at.roll.addEventListener("click", () => {
  const row = socket.state?.sites.get(site);
  if (row) openRoll(row);
});
hold(at.held, () => heldAct?.(), {
  armed: (on) => {
    armed = on;
    draw();
  },
});

room.onstate = () => {
  hand();
  draw();
};
room.onconnection = () => {
  if (socket.line.state === "lost") lostAt ||= performance.now();
  else lostAt = 0;
  draw();
};
socket.ontold = (code, sentence) => {
  if (socket.line.state !== "ended") return tell(sentence, 30);
  ended = { code, text: sentence };
  // The room is opened again without anybody at the site pressing anything.
  if (code === "not_open") setTimeout(() => location.reload(), NOT_OPEN_MS);
  draw();
};
socket.onstale = () => {
  ended = { code: "stale", text: say("stale") };
  draw();
};
slots.onblocked = draw;

devices.ontrack = (kind, track) => {
  if (kind === "camera") {
    at.mine.srcObject = track ? new MediaStream([track]) : null;
    if (track) at.mine.play().catch(() => {});
  }
  leadIn();
  room.media?.send(kind, track);
  draw();
};
devices.onhealth = () => {
  room.stats?.devices();
  draw();
};
devices.onchange = ({ kind, what, label }) => {
  if (what !== "lost") tell(say(`device-${kind}-${what}`, { device: label }), 12);
};

watchShare(room, /** @type {HTMLVideoElement} */ (need("#shared")), (on) => {
  sharing = on;
  draw();
});
deviceDialog(devices, slots);
arrows(root);
stayAwake();
new Still(at.mine, (jpeg) => socket.still(jpeg));
setInterval(draw, 250);
setInterval(() => attribute(at.level, "data-level", String(steps(devices.levelDb))), 120);

// A browser lets a page that captures play sound without a touch.
devices.open().then(() => (slots.blocked ? slots.unblock() : undefined));
socket.connect();
draw();
