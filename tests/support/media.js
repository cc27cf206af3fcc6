// What a browser really decodes: frames counted by `getStats`, and pixels of a <video>.

/**
 * Frames decoded by the page's inbound video tracks so far, and how often they froze.
 * The room client exposes its peer connection as `window.nhipcau.peer` for this and for help desks.
 * @param {import("@playwright/test").Page} page
 */
export function inbound(page) {
  return page.evaluate(async () => {
    const peer = /** @type {any} */ (window).nhipcau?.peer;
    const sum = { frames: 0, freezes: 0, video: 0, audio: 0, audioBytes: 0 };
    if (!peer) return sum;
    for (const report of (await peer.getStats()).values()) {
      if (report.type !== "inbound-rtp") continue;
      if (report.kind === "video") {
        sum.frames += report.framesDecoded ?? 0;
        sum.freezes += report.freezeCount ?? 0;
        sum.video += (report.framesDecoded ?? 0) > 0 ? 1 : 0;
      } else {
        sum.audioBytes += report.bytesReceived ?? 0;
        sum.audio += (report.bytesReceived ?? 0) > 0 ? 1 : 0;
      }
    }
    return sum;
  });
}

/**
 * Waits until the page decodes new frames, from now on.
 * @param {import("@playwright/test").Page} page
 * @param {number} [more]
 */
export async function seesPicture(page, more = 10) {
  const before = (await inbound(page)).frames;
  await page.waitForFunction(
    async ([from, wanted]) => {
      const peer = /** @type {any} */ (window).nhipcau?.peer;
      if (!peer) return false;
      let frames = 0;
      for (const report of (await peer.getStats()).values()) {
        if (report.type === "inbound-rtp" && report.kind === "video") frames += report.framesDecoded ?? 0;
      }
      // A rejoined peer counts from zero again.
      return frames >= from + wanted || (frames < from && frames >= wanted);
    },
    [before, more],
    { timeout: 60_000, polling: 250 },
  );
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
