// To watch and to hear, nothing else: press, public, a second screen.

import { duration, timeOfDay } from "./clock.js";
import { attribute, need, oncePerFrame, show, text } from "./dom.js";
import { leftOf, programme, topic, turnOf, whoIs } from "./parts.js";
import { Others, Picture } from "./picture.js";
import { announcer, enter } from "./room.js";
import { watchShare } from "./share.js";
import { say } from "./words.js";

const root = need("[data-page='observer']");
const room = enter(root);
const { socket, slots, clock } = room;
const announce = announcer();

const at = {
  stage: need("#stage"),
  who: need("#who"),
  topic: need("#topic"),
  left: need("#left"),
  others: need("#others"),
  programme: need("#programme"),
  clock: need("#clock"),
  banner: need("#banner"),
  bannerSays: need("#banner-says"),
  sound: need("#sound"),
};
const volume = /** @type {HTMLInputElement} */ (need("#volume"));
const big = /** @type {HTMLVideoElement} */ (need("#big"));
const picture = new Picture(big, need("#no-picture"));
slots.place("stage", 0, big);
const others = new Others(at.others, slots);
slots.onblocked = () => show(at.sound, slots.blocked);
at.sound.addEventListener("click", () => slots.unblock());
volume.addEventListener("input", () => {
  for (let i = 0; i < 3; i++) slots.volume(i, Number(volume.value) / 100);
});

let told = "";
let sharing = false;
watchShare(room, /** @type {HTMLVideoElement} */ (need("#shared")), (on) => {
  sharing = on;
});
const draw = oncePerFrame(() => {
  const state = socket.state;
  const now = clock.now();
  text(at.clock, timeOfDay(now));
  const { line } = socket;
  const { why } = room.path;
  show(at.banner, line.state === "lost" || line.state === "ended" || why !== "");
  if (why) text(at.bannerSays, why);
  if (line.state === "lost") {
    const n = Math.max(0, Math.ceil((line.retryAt - performance.now()) / 1000));
    text(at.bannerSays, say("line-lost", { time: timeOfDay(line.since, true), n }));
  } else if (line.state === "ended") text(at.bannerSays, told);
  if (!state) return;
  const first = state.stage.find((row) => row.slot === 0);
  const turn = turnOf(state, first);
  picture.draw(first, why);
  attribute(at.stage, "data-state", turn ? "air" : null);
  text(at.who, first ? whoIs(first) : state.conference.title);
  text(at.topic, topic(state.conference));
  show(at.left, Boolean(turn));
  if (turn) {
    const left = leftOf(turn, now);
    text(need(".soft", at.left), left.label);
    text(need("b", at.left), left.figure);
    attribute(at.left, "datetime", duration(turn.ends_at - now));
  }
  // The first place is the large one; it moves to the side while a document lies over it.
  others.draw(
    state.stage.filter((row) => row.slot > 0 || sharing),
    state.floor.speaking,
  );
  programme(at.programme, state.conference, 8);
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
socket.ontold = (_code, sentence) => {
  told = sentence;
  announce(sentence);
  draw();
};
socket.onstale = () => {
  told = say("stale");
  draw();
};
setInterval(draw, 250);
socket.connect();
draw();
