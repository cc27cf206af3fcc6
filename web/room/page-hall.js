// The hall's wall, and the hall's camera and microphone. No banner ever: if the line fails the last picture stays
// and the caption says since when.

import { duration, timeOfDay } from "./clock.js";
import { deviceDialog } from "./device-dialog.js";
import { Devices } from "./devices.js";
import { attribute, need, oncePerFrame, redraw, show, text } from "./dom.js";
import { currentItem, itemNumber, leftOf, programme, topic, turnOf } from "./parts.js";
import { Others, Picture } from "./picture.js";
import { airTrouble } from "./presence.js";
import { announcer, enter, stayAwake } from "./room.js";
import { watchShare } from "./share.js";
import { say } from "./words.js";

/** The pointer and the button for devices go away when nobody has moved for this long: it is a wall. */
const QUIET_MS = 3000;
/** How often a room that is shut is tried again. */
const NOT_OPEN_MS = 15000;

const root = need("[data-page='hall']");
const devices = new Devices("devices-hall");
const room = enter(root, { devices });
const { socket, slots, clock } = room;
const announce = announcer();

const at = {
  plate: need("#item-plate"),
  item: need("#item"),
  sites: need("#sites"),
  clock: need("#clock"),
  view: need("#view"),
  title: need("#title-card"),
  titleText: need("#title-text"),
  programme: need("#programme"),
  next: need("#next"),
  nextName: need("#next-name"),
  others: need("#others"),
  foot: need("#foot"),
  icon: need("#foot-icon"),
  says: need("#says"),
  more: need("#more"),
  left: need("#left"),
  leftLabel: need("#left-label"),
  leftClock: need("#left-clock"),
  tools: need("#tools"),
  sound: need("#sound"),
  share: /** @type {HTMLButtonElement} */ (need("#share")),
  taken: need("#taken"),
  takenSays: need("#taken-says"),
  take: need("#take"),
};
const big = /** @type {HTMLVideoElement} */ (need("#big"));
slots.place("stage", 0, big);
const picture = new Picture(big, need("#no-picture"));
watchShare(room, /** @type {HTMLVideoElement} */ (need("#shared")), () => {});
const others = new Others(at.others, slots);

const draw = oncePerFrame(() => {
  const state = socket.state;
  const now = clock.now();
  if (!state) return;
  text(at.clock, timeOfDay(now));
  const { conference } = state;
  const item = currentItem(conference);
  show(at.plate, Boolean(item));
  if (item) text(at.plate, itemNumber(conference).split("/")[0] ?? "");
  text(at.item, item?.title ?? conference.title);

  text(at.sites, say("hall-sites", { n: state.counts.sites, here: state.counts.live }));

  // Our own picture would look at itself: without anybody else on the stage the wall shows the programme.
  const rows = state.stage.filter((row) => row.seat !== "main");
  const first = rows.find((row) => row.slot === 0);
  const turn = turnOf(state, first) ?? state.floor.speaking[0] ?? null;
  show(at.title, !first);
  big.hidden = !first;
  picture.draw(first, room.path.why);
  if (!first) {
    show(picture.words, false);
    text(at.titleText, conference.title);
    programme(at.programme, conference, 6);
  }
  others.draw(rows, state.floor.speaking);
  const next = state.floor.queue[0];
  show(at.next, Boolean(next));
  if (next) text(at.nextName, next.name);

  attribute(at.foot, "data-state", turn ? "air" : null);
  redraw(at.icon, turn ? "i-mic" : "i-building");
  const { speaking } = state.floor;
  const several = speaking.length > 1;
  const names = speaking.map((t) => t.name).join(", ");
  text(at.says, names || first?.name || conference.main_site);
  const lost = socket.line.state !== "open" && !room.path.flows;
  // The room should not wait for somebody who speaks to nobody.
  const unheard = speaking.map((t) => airTrouble(state.sites.get(t.site))).find(Boolean) ?? "";
  const { why } = room.path;
  attribute(at.more, "class", why || unheard ? "wrong" : null);
  text(
    at.more,
    why
      ? `${say("hall-unheard")} ${why}`
      : lost && first
        ? say("hall-picture-stopped", { time: timeOfDay(socket.line.since, true) })
        : unheard || (turn && !several ? turn.caption : topic(conference)),
  );
  // Of two no one clock is meant.
  show(at.left, Boolean(turn) && !several);
  if (turn && !several) {
    const left = leftOf(turn, now);
    text(at.leftLabel, left.label);
    text(at.leftClock, left.figure);
    attribute(at.leftClock, "datetime", duration(turn.ends_at - now));
  }
});

let spoke = "";
room.onstate = (changed) => {
  if (changed.has("floor") && socket.state) {
    const names = socket.state.floor.speaking.map((t) => t.name).join(", ");
    if (names !== spoke)
      announce(names ? say("announce-speaking", { sites: names }) : say("announce-nobody"));
    spoke = names;
  }
  draw();
};
room.onconnection = draw;
socket.ontold = (code, sentence) => {
  announce(sentence);
  if (socket.line.state !== "ended") return;
  text(at.takenSays, sentence);
  show(at.taken, true);
  show(at.take, code === "seat_taken");
  if (code === "seat_taken") at.take.focus();
  // The room is opened again without anybody in the hall pressing anything.
  if (code === "not_open") setTimeout(() => location.reload(), NOT_OPEN_MS);
};
at.take.addEventListener("click", () => {
  show(at.taken, false);
  if (socket.line.state === "ended") socket.takeBack();
  else begin();
});
slots.onblocked = () => show(at.sound, slots.blocked);
at.sound.addEventListener("click", () => slots.unblock());

devices.onhealth = () => room.stats?.devices();
devices.ontrack = (kind, track) => {
  room.media?.send(kind, track);
  draw();
};

/** @type {MediaStreamTrack | null} */
let shared = null;
function stopSharing() {
  shared?.stop();
  shared = null;
  room.media?.send("share", null);
  text(at.share, say("hall-share"));
}
at.share.addEventListener("click", async () => {
  if (shared) return stopSharing();
  try {
    // Text first: as many lines as there are, few pictures a second.
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 10 } } });
    shared = stream.getVideoTracks()[0] ?? null;
    if (!shared) return;
    shared.contentHint = "text";
    shared.addEventListener("ended", stopSharing);
    await room.media?.send("share", shared);
    text(at.share, say("hall-share-stop"));
  } catch {
    // The person closed the choice: nothing to say.
  }
});

let quiet = 0;
function moved() {
  attribute(root, "data-quiet", null);
  clearTimeout(quiet);
  quiet = setTimeout(() => attribute(root, "data-quiet", ""), QUIET_MS);
}
for (const name of ["pointermove", "keydown", "focusin"]) addEventListener(name, moved);
moved();

deviceDialog(devices, slots);
stayAwake();
setInterval(draw, 250);
function begin() {
  // A browser lets a page that captures play sound without a touch.
  devices.open().then(() => (slots.blocked ? slots.unblock() : undefined));
  socket.connect();
}
// While another machine is in the hall the page asks first: neither the camera nor the seat is touched until then.
if (at.taken.hidden) begin();
else at.take.focus();
draw();
