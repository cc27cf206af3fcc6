// Line check before the day: camera, microphone, loudspeaker, echo, line. One thing at a time, one instruction for each failure,
// and the operator's board fills up by itself.

import { chime } from "./chime.js";
import { timeOfDay } from "./clock.js";
import { deviceDialog } from "./device-dialog.js";
import { Devices, steps } from "./devices.js";
import { attribute, need, redraw, show, text } from "./dom.js";
import { measureEcho } from "./echo.js";
import { arrows } from "./keys.js";
import { losses, widths } from "./line.js";
import { hasH264 } from "./picture.js";
import { announcer, enter, stayAwake } from "./room.js";
import { number, say } from "./words.js";

/** @typedef {"camera" | "microphone" | "loudspeaker" | "echo" | "line"} Test */
/** @typedef {"not_tested" | "testing" | "good" | "poor" | "failed"} Finding */

/** @type {Test[]} */
const TESTS = ["camera", "microphone", "loudspeaker", "echo", "line"];

/** A face in a dim room has about 60 of 255; a covered lens under 16. */
const DARK = 45;
const COVERED = 16;
const SPEAK_MS = 6000;
/** Loud enough to be understood at the other end after gain control. */
const HEARD_DB = -45;
const FAINT_DB = -58;
/** Share of the test in which the samples touch the end of the scale. */
const CLIPPED = 0.02;
const CONNECT_MS = 8000;
/** A picture on the stage takes up to 2,5 Mbit/s, one that is still seen 0,35; what comes down is up to six small ones and a large one. */
const UP_GOOD_KBPS = 1200;
const UP_POOR_KBPS = 350;
const DOWN_GOOD_KBPS = 1500;
const DOWN_POOR_KBPS = 500;
/** People talk over each other. */
const RTT_GOOD_MS = 400;
const RTT_POOR_MS = 1000;
const LOSS_GOOD_PERMILLE = 20;
const LOSS_POOR_PERMILLE = 60;

const root = need("[data-page='check']");
const site = Number(root.dataset.site);
const devices = new Devices("devices-site");
const room = enter(root, { devices });
const { socket, slots } = room;
const announce = announcer();

const at = {
  title: need("#title"),
  lead: need("#lead"),
  clock: need("#clock"),
  video: /** @type {HTMLVideoElement} */ (need("#mine")),
  figure: need("#own"),
  mark: need("#own-mark"),
  says: need("#own-says"),
  level: need("#level"),
  act: /** @type {HTMLButtonElement} */ (need("#act")),
  actSays: need("#act-says"),
  other: /** @type {HTMLButtonElement} */ (need("#other")),
  enter: need("#enter"),
  sent: need("#sent"),
};

/** @type {Record<Test, Finding>} */
const found = {
  camera: "not_tested",
  microphone: "not_tested",
  loudspeaker: "not_tested",
  echo: "not_tested",
  line: "not_tested",
};
/** @type {Record<Test, string>} */
const why = { camera: "", microphone: "", loudspeaker: "", echo: "", line: "" };
/** @type {{up: number, down: number | null, lossUp: number, lossDown: number | null, rtt: number}} */
let line = { up: 0, down: null, lossUp: 0, lossDown: null, rtt: 0 };
let started = false;
let running = false;
/** A question to the person: the two buttons answer it. @type {((yes: boolean) => void) | null} */
let asking = null;

/** @param {number} ms */
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * @param {Test} test
 * @param {Finding} finding
 * @param {string} [words]
 */
function set(test, finding, words = "") {
  found[test] = finding;
  why[test] = words;
  draw();
}

const MARKS = {
  not_tested: "m-open",
  testing: "m-doing",
  good: "m-ready",
  poor: "m-ready",
  failed: "m-look",
};
const STATES = { not_tested: "away", testing: "doing", good: "ready", poor: "ready", failed: "look" };

function draw() {
  let left = 0;
  let untested = 0;
  for (const test of TESTS) {
    const finding = found[test];
    const li = need(`[data-test="${test}"]`);
    attribute(li, "data-state", STATES[finding]);
    redraw(need(".mark", li), MARKS[finding]);
    const state = need(".state", li);
    attribute(state, "data-state", STATES[finding]);
    text(state, say(`check-${finding.replace("_", "-")}`));
    text(need("p", li), why[test] || say(`check-${test}-about`));
    if (finding === "failed") left++;
    if (finding === "not_tested" || finding === "testing") untested++;
  }
  const name = root.dataset.name ?? "";
  const title = !started
    ? say("check-title", { site: name })
    : untested
      ? say("check-title-running", { site: name })
      : left
        ? say("check-title-left", { site: name, n: left })
        : say("check-title-ready", { site: name });
  text(at.title, title);
  document.title = title;

  const camera = devices.health.camera;
  attribute(at.figure, "data-state", camera === "ok" ? "here" : "look");
  redraw(at.mark, camera === "ok" ? "m-here" : "m-look");
  text(
    at.says,
    camera === "ok"
      ? say("check-own")
      : say(`site-own-camera-${camera === "denied" ? "denied" : camera === "off" ? "opening" : "gone"}`),
  );

  show(at.other, asking !== null);
  show(at.enter, !running);
  attribute(at.act, "aria-busy", running && !asking ? "true" : null);
  if (asking) {
    text(at.actSays, say("check-heard"));
    text(at.other, say("check-not-heard"));
  } else if (running) text(at.actSays, say("check-running"));
  else if (!started) text(at.actSays, say("check-begin"));
  else {
    const again = TESTS.find((test) => found[test] === "failed" || found[test] === "not_tested");
    text(
      at.actSays,
      again ? say("check-again", { test: say(`check-${again}-name`) }) : say("check-all-again"),
    );
  }
}

async function testCamera() {
  set("camera", "testing");
  if (devices.health.camera === "off") await devices.open();
  else if (!devices.track.camera) await devices.open(["camera"]);
  const track = devices.track.camera;
  if (!track)
    return set(
      "camera",
      "failed",
      say(devices.health.camera === "denied" ? "check-camera-denied" : "check-camera-gone"),
    );
  await new Promise((done) => {
    if (at.video.readyState >= 2) done(null);
    else {
      at.video.addEventListener("loadeddata", () => done(null), { once: true });
      setTimeout(() => done(null), 4000);
    }
  });
  const before = at.video.getVideoPlaybackQuality().totalVideoFrames;
  const from = performance.now();
  await wait(2000);
  const fps = Math.round(
    ((at.video.getVideoPlaybackQuality().totalVideoFrames - before) * 1000) / (performance.now() - from),
  );
  const { videoWidth: width, videoHeight: height } = at.video;
  if (!width || fps < 1) return set("camera", "failed", say("check-camera-still"));
  const luma = brightness();
  const size = say("check-camera-size", { width: number(width), height: number(height), fps });
  if (luma < COVERED) return set("camera", "failed", say("check-camera-covered"));
  if (luma < DARK) return set("camera", "failed", say("check-camera-dark"));
  if (fps < 10) return set("camera", "failed", say("check-camera-slow", { fps }));
  set("camera", height < 480 || fps < 20 ? "poor" : "good", size);
}

function brightness() {
  const canvas = document.createElement("canvas");
  canvas.width = 64;
  canvas.height = 36;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return 255;
  context.drawImage(at.video, 0, 0, 64, 36);
  const { data } = context.getImageData(0, 0, 64, 36);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum += 0.299 * (data[i] ?? 0) + 0.587 * (data[i + 1] ?? 0) + 0.114 * (data[i + 2] ?? 0);
  }
  return sum / (data.length / 4);
}

async function testMicrophone() {
  set("microphone", "testing", say("check-microphone-speak"));
  announce(say("check-microphone-speak"));
  if (!devices.track.microphone) await devices.open(["microphone"]);
  const track = devices.track.microphone;
  if (!track) {
    return set(
      "microphone",
      "failed",
      say(devices.health.microphone === "denied" ? "check-microphone-denied" : "check-microphone-gone"),
    );
  }
  const { audio } = devices;
  await audio.resume().catch(() => {});
  const source = audio.createMediaStreamSource(new MediaStream([track]));
  const analyser = new AnalyserNode(audio, { fftSize: 2048 });
  source.connect(analyser);
  const samples = new Float32Array(2048);
  let best = -100;
  let clipped = 0;
  let taken = 0;
  const end = performance.now() + SPEAK_MS;
  let enough = 0;
  while (performance.now() < end && enough < 12) {
    await wait(80);
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    let peak = 0;
    for (const s of samples) {
      sum += s * s;
      peak = Math.max(peak, Math.abs(s));
    }
    const db = 10 * Math.log10(sum / samples.length + 1e-10);
    best = Math.max(best, db);
    if (db > HEARD_DB) enough++;
    if (peak > 0.985) clipped++;
    taken++;
  }
  source.disconnect();
  if (best < FAINT_DB)
    return set("microphone", "failed", say(best < -85 ? "check-microphone-dead" : "check-microphone-faint"));
  if (taken && clipped / taken > CLIPPED * 5)
    return set("microphone", "failed", say("check-microphone-clipped"));
  set(
    "microphone",
    best < HEARD_DB ? "poor" : "good",
    say(best < HEARD_DB ? "check-microphone-soft" : "check-microphone-good"),
  );
}

async function testLoudspeaker() {
  set("loudspeaker", "testing", say("check-loudspeaker-ask"));
  announce(say("check-loudspeaker-ask"));
  await chime(devices.audio);
  const again = setInterval(() => chime(devices.audio), 3500);
  const heard = await new Promise((answer) => {
    asking = answer;
    draw();
    at.act.focus();
  });
  clearInterval(again);
  asking = null;
  set(
    "loudspeaker",
    heard ? "good" : "failed",
    say(heard ? "check-loudspeaker-good" : "check-loudspeaker-failed"),
  );
}

async function testEcho() {
  set("echo", "testing", say("check-echo-quiet"));
  const track = devices.track.microphone;
  if (!track) return set("echo", "failed", say("check-echo-no-mic"));
  if (found.loudspeaker === "failed") return set("echo", "not_tested", say("check-echo-no-speaker"));
  try {
    const echo = await measureEcho(devices.audio, track);
    if (!echo.heard) return set("echo", "good", say("check-echo-good"));
    if (echo.levelDb < -45) return set("echo", "poor", say("check-echo-weak", { n: echo.delayMs }));
    set("echo", "failed", say("check-echo-failed", { n: echo.delayMs }));
  } catch {
    set("echo", "not_tested", say("check-echo-unable"));
  }
}

/** The way by which picture and sound will go on the day, and how wide the line is. Neither camera nor microphone plays a part. */
async function testLine() {
  set("line", "testing", say("check-line-running"));
  line = { up: 0, down: null, lossUp: 0, lossDown: null, rtt: 0 };
  const from = performance.now();
  while (performance.now() - from < CONNECT_MS && !room.path.flows && !room.path.blocked) await wait(200);
  if (!room.path.flows) {
    return set(
      "line",
      "failed",
      room.path.why || say(socket.line.state === "open" ? "check-line-blocked" : "check-line-none"),
    );
  }
  const lost = await losses(room, devices.audio, devices.track.microphone);
  if (room.path.blocked) return set("line", "failed", room.path.why);
  if (lost) line = { ...line, lossUp: lost.up, lossDown: lost.down, rtt: lost.rtt };
  set("line", "testing", say("check-line-burst"));
  try {
    const { up, down } = await widths(room.conference);
    line = { ...line, up, down };
  } catch {
    return set("line", "failed", say("check-line-none"));
  }
  const which = !lost ? "-wide" : line.lossDown === null ? "-up" : "";
  const figures = say(`check-line-figures${which}`, {
    up: number(line.up / 1000),
    down: number((line.down ?? 0) / 1000),
    loss_up: number(line.lossUp / 10),
    loss_down: number((line.lossDown ?? 0) / 10),
    rtt: line.rtt,
  });
  const [finding, words] = judged(
    line.up,
    line.down ?? 0,
    Math.max(line.lossUp, line.lossDown ?? 0),
    line.rtt,
  );
  // What was not counted is not called good.
  if (finding === "good" && (!lost || line.lossDown === null)) return set("line", "poor", figures);
  if (finding === "good" && !hasH264) return set("line", "poor", `${say("check-line-no-h264")} ${figures}`);
  set("line", finding, words ? `${say(words)} ${figures}` : figures);
}

/**
 * @param {number} up kbit/s
 * @param {number} down kbit/s
 * @param {number} loss per mille, of the worse direction
 * @param {number} rtt ms
 * @returns {[Finding, string]} with the key of what to do, or ""
 */
function judged(up, down, loss, rtt) {
  if (up < UP_POOR_KBPS) return ["failed", "check-line-slow"];
  if (down < DOWN_POOR_KBPS) return ["failed", "check-line-slow-down"];
  if (loss > LOSS_POOR_PERMILLE) return ["failed", "check-line-loss"];
  if (rtt > RTT_POOR_MS) return ["failed", "check-line-late"];
  const good =
    up >= UP_GOOD_KBPS && down >= DOWN_GOOD_KBPS && loss <= LOSS_GOOD_PERMILLE && rtt <= RTT_GOOD_MS;
  return [good ? "good" : "poor", ""];
}

const RUNS = {
  camera: testCamera,
  microphone: testMicrophone,
  loudspeaker: testLoudspeaker,
  echo: testEcho,
  line: testLine,
};

/** @param {Test[]} tests */
async function run(tests) {
  if (running) return;
  running = true;
  started = true;
  for (const test of tests) {
    try {
      await RUNS[test]();
    } catch {
      set(test, "failed", say("check-broke"));
    }
  }
  running = false;
  draw();
  announce(at.title.textContent ?? "");
  at.act.focus();
  await send();
}

async function send() {
  /** @type {Record<string, unknown>} */
  const check = { ...found, up_kbps: line.up, loss_permille: line.lossUp, rtt_ms: line.rtt };
  if (line.down !== null) check.down_kbps = line.down;
  if (line.lossDown !== null) check.loss_down_permille = line.lossDown;
  const outcome = await socket.do("conference", "record_check", { conference: room.conference, site, check });
  const time = timeOfDay(room.clock.now());
  text(at.sent, outcome.ok ? say("check-sent", { time }) : outcome.text || say("check-not-sent"));
  show(at.sent, true);
}

at.act.addEventListener("click", () => {
  if (asking) return asking(true);
  if (running) return;
  const again = started
    ? TESTS.filter((test) => found[test] === "failed" || found[test] === "not_tested")
    : TESTS;
  // Another loudspeaker or microphone is another echo.
  const tests = TESTS.filter(
    (test) =>
      again.includes(test) ||
      (test === "echo" && (again.includes("loudspeaker") || again.includes("microphone"))),
  );
  run(tests.length ? tests : TESTS);
});
at.other.addEventListener("click", () => asking?.(false));

devices.ontrack = (kind, track) => {
  if (kind === "camera") {
    at.video.srcObject = track ? new MediaStream([track]) : null;
    if (track) at.video.play().catch(() => {});
  }
  room.media?.send(kind, track);
  draw();
};
devices.onhealth = draw;
devices.onchange = ({ kind, what, label }) => {
  if (what === "lost") return;
  text(at.sent, say(`device-${kind}-${what}`, { device: label }));
  show(at.sent, true);
  if (!running) set(kind, "not_tested");
};
socket.ontold = (_code, sentence) => {
  text(at.sent, sentence);
  show(at.sent, true);
};
room.onstate = () => {
  const state = socket.state;
  // Everybody is about to see or hear this room: its own page says so, and this one does not.
  if (state && (state.you.on_stage || state.floor.speaking.some((turn) => turn.site === site)))
    return location.assign(at.enter.getAttribute("href") ?? "");
  draw();
};
room.onconnection = draw;

deviceDialog(devices, slots);
arrows(root);
stayAwake();
setInterval(() => text(at.clock, timeOfDay(room.clock.now())), 1000);
setInterval(() => attribute(at.level, "data-level", String(steps(devices.levelDb))), 120);
socket.connect();
draw();
at.act.focus();
