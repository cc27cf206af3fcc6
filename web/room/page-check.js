// Line check before the day: camera, microphone, loudspeaker, echo, line. One thing at a time, one instruction for each failure,
// and the operator's board fills up by itself.

import { chime } from "./chime.js";
import { timeOfDay } from "./clock.js";
import { deviceDialog } from "./device-dialog.js";
import { Devices, steps } from "./devices.js";
import { attribute, need, redraw, show, text } from "./dom.js";
import { measureEcho } from "./echo.js";
import { arrows } from "./keys.js";
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
const LINE_MS = 9000;
const UP_GOOD_KBPS = 1200;
const UP_POOR_KBPS = 350;
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
let upKbps = 0;
let lossPermille = 0;
let rttMs = 0;
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
  show(at.enter, !running && started);
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

/** A short real connection: the same one as on the day, with the camera on it. */
async function testLine() {
  set("line", "testing", say("check-line-running"));
  const from = performance.now();
  while (performance.now() - from < LINE_MS * 2 && room.media?.state !== "flowing") await wait(200);
  const media = room.media;
  if (media?.state !== "flowing" || !media.pc) {
    const text = room.refused || say(socket.line.state === "open" ? "check-line-blocked" : "check-line-none");
    return set("line", "failed", text);
  }
  let sent = 0;
  let at0 = 0;
  let best = 0;
  let worst = 0;
  let estimate = 0;
  const until = performance.now() + LINE_MS;
  while (performance.now() < until) {
    await wait(1000);
    const report = await media.report();
    let bytes = 0;
    for (const s of report?.values() ?? []) {
      if (s.type === "candidate-pair" && s.nominated && s.state === "succeeded") {
        bytes = s.bytesSent ?? 0;
        estimate = Math.max(estimate, (s.availableOutgoingBitrate ?? 0) / 1000);
        rttMs = Math.round((s.currentRoundTripTime ?? 0) * 1000);
      } else if (s.type === "remote-inbound-rtp")
        worst = Math.max(worst, Math.round((s.fractionLost ?? 0) * 1000));
    }
    const now = performance.now();
    if (at0) best = Math.max(best, ((bytes - sent) * 8) / (now - at0));
    sent = bytes;
    at0 = now;
  }
  upKbps = Math.round(Math.max(best, estimate));
  lossPermille = worst;
  const figures = say("check-line-figures", {
    up: number(upKbps / 1000),
    loss: number(lossPermille / 10),
    rtt: rttMs,
  });
  if (upKbps < UP_POOR_KBPS) return set("line", "failed", `${say("check-line-slow")} ${figures}`);
  if (lossPermille > LOSS_POOR_PERMILLE) return set("line", "failed", `${say("check-line-loss")} ${figures}`);
  if (!hasH264) return set("line", "poor", `${say("check-line-no-h264")} ${figures}`);
  set("line", upKbps < UP_GOOD_KBPS || lossPermille > LOSS_GOOD_PERMILLE ? "poor" : "good", figures);
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
  const check = { ...found, up_kbps: upKbps, loss_permille: lossPermille, rtt_ms: rttMs };
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
room.onstate = draw;
room.onconnection = draw;

deviceDialog(devices, slots);
arrows(root);
stayAwake();
setInterval(() => text(at.clock, timeOfDay(room.clock.now())), 1000);
setInterval(() => attribute(at.level, "data-level", String(steps(devices.levelDb))), 120);
socket.connect();
draw();
at.act.focus();
