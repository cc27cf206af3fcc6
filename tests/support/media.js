// What a browser really decodes: frames counted by `getStats`, and pixels of a <video>.
import { expect } from "@playwright/test";

/**
 * Keeps every peer connection that a page makes, so that its statistics can be read. Call before the page is opened.
 * @param {import("@playwright/test").BrowserContext} context
 */
export function watchPeers(context) {
  return context.addInitScript(() => {
    const Real = window.RTCPeerConnection;
    /** @type {RTCPeerConnection[]} */
    const peers = [];
    Object.assign(window, { peers });
    window.RTCPeerConnection = class extends Real {
      /** @param {RTCConfiguration} [configuration] */
      constructor(configuration) {
        super(configuration);
        peers.push(this);
      }
    };
  });
}

/**
 * What the page's newest peer connection has received so far: frames decoded, freezes, bytes of voice.
 * @param {import("@playwright/test").Page} page
 */
export function inbound(page) {
  return page.evaluate(async () => {
    const peer = /** @type {any} */ (window).peers?.at(-1);
    const sum = { frames: 0, freezes: 0, pictures: 0, voiceBytes: 0, voiceEnergy: 0 };
    if (!peer) return sum;
    for (const report of (await peer.getStats()).values()) {
      if (report.type !== "inbound-rtp") continue;
      if (report.kind === "video") {
        sum.frames += report.framesDecoded ?? 0;
        sum.freezes += report.freezeCount ?? 0;
        sum.pictures += (report.framesDecoded ?? 0) > 0 ? 1 : 0;
      } else {
        sum.voiceBytes += report.bytesReceived ?? 0;
        sum.voiceEnergy += report.totalAudioEnergy ?? 0;
      }
    }
    return sum;
  });
}

/**
 * Makes the cameras of a context speak one codec, so that both are seen to work. Call before the page is opened.
 * @param {import("@playwright/test").BrowserContext} context
 * @param {"video/VP8" | "video/H264"} codec
 */
export function speakOnly(context, codec) {
  return context.addInitScript((wanted) => {
    const add = RTCPeerConnection.prototype.addTransceiver;
    /** @param {Parameters<typeof add>} given */
    RTCPeerConnection.prototype.addTransceiver = function (...given) {
      const transceiver = add.apply(this, given);
      const isCamera = transceiver.sender.track?.kind === "video" || given[0] === "video";
      if (isCamera && transceiver.direction === "sendonly") {
        const { codecs } = RTCRtpSender.getCapabilities("video") ?? { codecs: [] };
        transceiver.setCodecPreferences(
          codecs.filter((one) => one.mimeType === wanted || one.mimeType === "video/rtx"),
        );
      }
      return transceiver;
    };
  }, codec);
}

/**
 * A browser as Firefox is where its H.264 plug-in never came: it neither lists that codec nor negotiates it. Call before the page is opened.
 * @param {import("@playwright/test").BrowserContext} context
 */
export function withoutH264(context) {
  return context.addInitScript(() => {
    const list = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
    RTCRtpReceiver.getCapabilities = (kind) => {
      const all = list(kind);
      return all && { ...all, codecs: all.codecs.filter((one) => one.mimeType !== "video/H264") };
    };
    const add = RTCPeerConnection.prototype.addTransceiver;
    /** @param {Parameters<typeof add>} given */
    RTCPeerConnection.prototype.addTransceiver = function (...given) {
      const transceiver = add.apply(this, given);
      if (transceiver.receiver.track.kind === "video")
        transceiver.setCodecPreferences(RTCRtpReceiver.getCapabilities("video")?.codecs ?? []);
      return transceiver;
    };
  });
}

/**
 * In which codecs the page's newest peer connection sends (or decodes) pictures now.
 * @param {import("@playwright/test").Page} page
 * @param {"outbound-rtp" | "inbound-rtp"} direction
 * @returns {Promise<string[]>}
 */
export function codecs(page, direction) {
  return page.evaluate(async (type) => {
    const peer = /** @type {any} */ (window).peers.at(-1);
    const all = await peer.getStats();
    const found = new Set();
    for (const report of all.values()) {
      const frames = (report.framesEncoded ?? 0) + (report.framesDecoded ?? 0);
      if (report.type === type && report.kind === "video" && frames > 0)
        found.add(all.get(report.codecId)?.mimeType);
    }
    return [...found];
  }, direction);
}

/**
 * Bytes of each voice that the page receives; voices are forwarded one by one, never mixed.
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<Record<string, number>>}
 */
export function voices(page) {
  return page.evaluate(async () => {
    const peer = /** @type {any} */ (window).peers?.at(-1);
    /** @type {Record<string, number>} */
    const bytes = {};
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "audio")
        bytes[report.id] = report.bytesReceived ?? 0;
    }
    return bytes;
  });
}

/**
 * Packets of voice that the page has sent so far, heard by anybody or not.
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<number>}
 */
export function outboundVoice(page) {
  return page.evaluate(async () => {
    const peer = /** @type {any} */ (window).peers?.at(-1);
    let packets = 0;
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "outbound-rtp" && report.kind === "audio") packets += report.packetsSent ?? 0;
    }
    return packets;
  });
}

/**
 * Waits until the page has decoded `more` frames from now on. A rejoined peer counts from zero again.
 * @param {import("@playwright/test").Page} page
 * @param {number} [more]
 */
export async function seesPicture(page, more = 10) {
  const before = (await inbound(page)).frames;
  await expect
    .poll(
      async () => {
        const { frames } = await inbound(page);
        return frames >= before ? frames - before : frames;
      },
      { timeout: 60_000, intervals: [250] },
    )
    .toBeGreaterThanOrEqual(more);
}

/**
 * Mean colour of a video element, to see that it is not black and that it changes.
 * @param {import("@playwright/test").Locator} video
 * @returns {Promise<{ mean: number, spread: number }>}
 */
export function pixels(video) {
  return video.evaluate((element) => {
    const media = /** @type {HTMLVideoElement} */ (element);
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 36;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.drawImage(media, 0, 0, 64, 36);
    const { data } = context.getImageData(0, 0, 64, 36);
    let sum = 0;
    let min = 255;
    let max = 0;
    for (let at = 0; at < data.length; at += 4) {
      const light = (data[at] + data[at + 1] + data[at + 2]) / 3;
      sum += light;
      min = Math.min(min, light);
      max = Math.max(max, light);
    }
    return { mean: sum / (data.length / 4), spread: max - min };
  });
}

/** No datagram of WebRTC passes, everything else does. */
export const NO_MEDIA = { packetLoss: 100 };

/**
 * The page's wire, media included, to be cut and mended. The browser takes only media that begins afterwards through it, so the page is
 * loaded anew.
 * @param {import("@playwright/test").Page} page
 * @param {{ packetLoss?: number, uploadThroughput?: number, downloadThroughput?: number }} [start] how it is from the first moment
 */
export async function wire(page, start = {}) {
  const tools = await page.context().newCDPSession(page);
  const carries = { offline: false, latency: 1, downloadThroughput: -1, uploadThroughput: -1, packetLoss: 0 };
  /** @param {Partial<typeof carries>} change */
  const becomes = (change) => tools.send("Network.emulateNetworkConditions", { ...carries, ...change });
  await tools.send("Network.enable");
  await becomes(start);
  await page.reload();
  return {
    cut: () => becomes({ offline: true, packetLoss: 100 }),
    /** Media alone: what a firewall drops that lets the pages through. */
    cutMedia: () => becomes(NO_MEDIA),
    mend: () => becomes({}),
  };
}
