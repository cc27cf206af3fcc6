// Encoders and players that nobody here wrote, as the system's and the registries' packages have them, against the whole program: each
// publishes a site, which a browser and a player then see; each watches where it can. What each showed stands in a table at the end.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, test } from "@playwright/test";
import { Demo } from "../support/demo.js";
import { seat } from "../support/seats.js";

const HERE = new URL(".", import.meta.url).pathname;
/** Python with aiortc and ffmpeg's package; the system's Python has GStreamer's bindings. */
const PYTHON = process.env.ENCODERS_PYTHON ?? "target/encoders/bin/python";
const FFMPEG = process.env.ENCODERS_FFMPEG ?? "ffmpeg";
/** A picture of this width comes from no simulated site. */
const WIDTH = 480;

/** @type {string[][]} */
const table = [];
/** @type {Demo} */
let demo;
/** @type {Awaited<ReturnType<typeof seat>>} */
let chair;
/** @type {{ site: number, token: string }} */
let site;

test.beforeAll(async ({ browser }) => {
  demo = await Demo.start({ sites: 4, quiet: true });
  const { body } = await demo.api(`/api/v1/conferences/${demo.ready.conference}/codes`);
  const joined = await demo.api("/api/v1/join", { body: { code: body.items[0].code } });
  site = joined.body;
  chair = await seat(browser, demo, "chair");
  await expect(chair.page.locator("#who")).not.toBeEmpty();
});

test.afterAll(async () => {
  await demo?.stop();
  const rows = [["program", "role", "form", "showed"], ["---", "---", "---", "---"], ...table];
  const text = rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
  mkdirSync("tests/output", { recursive: true });
  writeFileSync("tests/output/encoders.md", `${text}\n`);
  process.stdout.write(`\n${text}\n\n`);
});

/** A program of somebody else's, and what it says of itself in lines of JSON. */
class Program {
  /** @type {Record<string, any>} */
  said = {};
  log = "";

  /** @param {string} command @param {string[]} words */
  constructor(command, words) {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
    this.child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"], env });
    this.gone = new Promise((resolve) => this.child.once("close", resolve));
    this.child.once("error", (error) => {
      this.log += error.message;
    });
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      if (line.startsWith("{")) Object.assign(this.said, JSON.parse(line));
    });
    this.child.stderr.on("data", (chunk) => {
      this.log = (this.log + chunk).slice(-8_000);
    });
  }

  async end() {
    this.child.kill("SIGTERM");
    await this.gone;
  }
}

/** @param {string} path */
const at = (path) => `${demo.ready.url.replace(/\/$/, "")}${path}`;

/** @param {string} role @param {string} form */
const gstreamer = (role, form) =>
  new Program("/usr/bin/python3", [`${HERE}gst_client.py`, role, address(role), site.token, form]);
/** @param {string} role @param {string} form */
const aiortc = (role, form) =>
  new Program(PYTHON, [`${HERE}aiortc_client.py`, role, address(role), site.token, form]);
/** @param {string} role */
const address = (role) => at(`/${role === "publish" ? "whip" : "whep"}/${site.site}`);
/** @param {string[]} encoding */
const ffmpeg = (...encoding) =>
  new Program(FFMPEG, [
    ...[
      "-hide_banner",
      "-loglevel",
      "warning",
      "-re",
      "-f",
      "lavfi",
      "-i",
      `testsrc2=size=${WIDTH}x270:rate=30`,
    ],
    ...[
      "-re",
      "-f",
      "lavfi",
      "-i",
      "sine=frequency=440:sample_rate=48000",
      "-pix_fmt",
      "yuv420p",
      "-g",
      "30",
    ],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-b:v", "700k", ...encoding],
    ...["-c:a", "libopus", "-ar", "48000", "-ac", "2", "-f", "whip", "-authorization", demo.ready.api_token],
    address("publish"),
  ]);

/** Frames of the speaker's picture that the chair's browser has decoded, if it is as wide as the encoders' are. */
async function decoded() {
  return await chair.page.evaluate(async (width) => {
    const peer = /** @type {any} */ (window).peers?.at(-1);
    for (const report of (await peer.getStats()).values())
      if (report.type === "inbound-rtp" && report.kind === "video" && report.frameWidth === width)
        return {
          frames: report.framesDecoded ?? 0,
          codec: (await peer.getStats()).get(report.codecId)?.mimeType,
        };
    return { frames: 0, codec: "" };
  }, WIDTH);
}

/** The site asks, the chair gives. */
async function giveFloor() {
  const floor = `/api/v1/conferences/${demo.ready.conference}/floor`;
  const own = { body: { site: site.site }, token: site.token };
  await expect
    .poll(async () => (await demo.api(`${floor}/requests`, own)).status, { timeout: 30_000 })
    .toBe(200);
  await chair.page.locator("#next").click();
  return () => demo.api(`${floor}/grants/${site.site}`, { method: "DELETE", token: site.token });
}

/** The picture goes on in the chair's browser. @param {Program} program */
async function isSeen(program) {
  const takeBack = await giveFloor();
  try {
    const from = (await decoded()).frames;
    await expect
      .poll(async () => (await decoded()).frames - from, { timeout: 45_000, message: program.log })
      .toBeGreaterThan(45);
    return (await decoded()).codec;
  } finally {
    await takeBack();
  }
}

/** @type {[string, string, () => Program, string][]} */
const PUBLISHERS = [
  ["GStreamer webrtcbin", "H264 constrained baseline", () => gstreamer("publish", "h264"), "video/H264"],
  ["GStreamer webrtcbin", "H264 high", () => gstreamer("publish", "h264-high"), "video/H264"],
  [
    "GStreamer webrtcbin",
    "H264 packetization-mode=0",
    () => gstreamer("publish", "h264-single"),
    "video/H264",
  ],
  ["GStreamer webrtcbin", "H264 without fmtp", () => gstreamer("publish", "h264-bare"), "video/H264"],
  ["GStreamer webrtcbin", "VP8", () => gstreamer("publish", "vp8"), "video/VP8"],
  ["ffmpeg", "H264 constrained baseline", () => ffmpeg("-profile:v", "baseline"), "video/H264"],
  ["ffmpeg", "H264 high", () => ffmpeg("-profile:v", "high", "-bf", "0"), "video/H264"],
  ["aiortc", "VP8", () => aiortc("publish", "vp8"), "video/VP8"],
  ["aiortc", "H264", () => aiortc("publish", "h264"), "video/H264"],
];

for (const [name, form, start, codec] of PUBLISHERS) {
  test(`${name} publishes ${form}`, async () => {
    const row = [name, "publishes", form, "failed"];
    table.push(row);
    const program = start();
    try {
      expect(await isSeen(program), program.log).toBe(codec);
      row[3] = "decoded in Chromium";
    } finally {
      await program.end();
    }
  });
}

/** @type {[string, string, () => Program][]} */
const PLAYERS = [
  ["GStreamer webrtcbin", "H264", () => gstreamer("watch", "h264")],
  ["aiortc", "H264", () => aiortc("watch", "h264")],
];

for (const [name, form, start] of PLAYERS) {
  test(`${name} watches ${form}`, async () => {
    const row = [name, "watches", form, "failed"];
    table.push(row);
    const program = start();
    try {
      await expect
        .poll(() => program.said.video ?? 0, { timeout: 45_000, message: program.log })
        .toBeGreaterThan(40);
      await expect
        .poll(() => program.said.audio ?? 0, { timeout: 45_000, message: program.log })
        .toBeGreaterThan(40);
      row[3] = "pictures and sound decoded";
    } finally {
      await program.end();
    }
  });
}

test("GStreamer is told what it may send instead of VP9", async () => {
  const program = gstreamer("publish", "vp9");
  await program.gone;
  expect(program.said.refused, program.log).toBe(406);
  expect(program.said.detail).toContain("VP8");
  table.push(["GStreamer webrtcbin", "publishes", "VP9", `refused: ${program.said.detail}`]);
});

for (const order of /** @type {const} */ (["low first", "high first"])) {
  test(`Chromium publishes simulcast, ${order}, and the largest picture is on stage`, async ({ browser }) => {
    const row = ["Chromium", "publishes", `VP8 simulcast, ${order}`, "failed"];
    table.push(row);
    const context = await browser.newContext({ permissions: ["camera", "microphone"] });
    const page = await context.newPage();
    await page.goto(at("/signin"));
    const said = await page.evaluate(
      async ([url, token, largeFirst]) => {
        const stream = await navigator.mediaDevices.getUserMedia({
          video: { width: 1280, height: 720 },
          audio: true,
        });
        const peer = new RTCPeerConnection();
        Object.assign(window, { peer });
        for (const track of stream.getAudioTracks()) peer.addTransceiver(track, { direction: "sendonly" });
        const layers = [4, 2, 1].map((scaleResolutionDownBy, at) => ({
          rid: `r${at}`,
          scaleResolutionDownBy,
        }));
        const sendEncodings = largeFirst === "yes" ? layers.reverse() : layers;
        for (const track of stream.getVideoTracks())
          peer.addTransceiver(track, { direction: "sendonly", sendEncodings });
        await peer.setLocalDescription();
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/sdp" };
        const answer = await fetch(url, { method: "POST", headers, body: peer.localDescription?.sdp });
        const sdp = await answer.text();
        if (answer.status !== 201) return sdp;
        await peer.setRemoteDescription({ type: "answer", sdp });
        return "";
      },
      [address("publish"), site.token, order === "high first" ? "yes" : "no"],
    );
    expect(said).toBe("");
    const takeBack = await giveFloor();
    try {
      const width = () =>
        chair.page.evaluate(async () => {
          let widest = 0;
          const peer = /** @type {any} */ (window).peers.at(-1);
          for (const report of (await peer.getStats()).values())
            if (report.type === "inbound-rtp" && report.kind === "video")
              widest = Math.max(widest, report.frameWidth ?? 0);
          return widest;
        });
      await expect.poll(width, { timeout: 60_000 }).toBe(1280);
      row[3] = "1280 points wide in Chromium";
    } finally {
      await takeBack();
      await context.close();
    }
  });
}

test("Chromium watches as a WHEP player", async ({ browser }) => {
  const row = ["Chromium", "watches", "any", "failed"];
  table.push(row);
  const page = await browser.newPage();
  await page.goto(at("/signin"));
  const status = await page.evaluate(
    async ([url, token]) => {
      const peer = new RTCPeerConnection();
      Object.assign(window, { peers: [peer] });
      peer.addTransceiver("video", { direction: "recvonly" });
      peer.addTransceiver("audio", { direction: "recvonly" });
      await peer.setLocalDescription();
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/sdp" };
      const answer = await fetch(url, { method: "POST", headers, body: peer.localDescription?.sdp });
      await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
      return answer.status;
    },
    [address("watch"), site.token],
  );
  expect(status).toBe(201);
  const frames = () =>
    page.evaluate(async () => {
      for (const report of (await /** @type {any} */ (window).peers[0].getStats()).values())
        if (report.type === "inbound-rtp" && report.kind === "video") return report.framesDecoded ?? 0;
      return 0;
    });
  await expect.poll(frames, { timeout: 45_000 }).toBeGreaterThan(40);
  row[3] = "decoded";
  await page.close();
});
