// Whether the picture that should move does: a black or frozen screen says so in words, wherever the fault is.

import { attribute, need, show, text } from "./dom.js";
import { say } from "./words.js";

/** @import { StageRow, Turn } from "./protocol" */
/** @import { Slots } from "./slots.js" */

/** Without a new frame for this long a picture stands. A change of speaker takes well under a second. */
const STANDS_MS = 4000;

/** Firefox has H.264 from a plug-in that it fetches from its maker: a machine that never was on the internet has none. */
export const hasH264 =
  RTCRtpReceiver.getCapabilities?.("video")?.codecs.some(({ mimeType }) => /h264/i.test(mimeType)) ?? true;

/** How long ago a video showed a new frame. */
export class Motion {
  #frames = 0;
  #at;

  /** @param {HTMLVideoElement} video @param {number} at when it is taken to have moved last (ms), before it ever did */
  constructor(video, at) {
    this.video = video;
    this.#at = at;
  }

  stillFor() {
    const frames = this.video.getVideoPlaybackQuality().totalVideoFrames;
    // A new connection counts from nothing again.
    if (frames !== this.#frames && frames > 0) this.#at = performance.now();
    this.#frames = frames;
    return performance.now() - this.#at;
  }
}

export class Picture {
  #motion;
  #seenAt = performance.now();

  /**
   * @param {HTMLVideoElement} video
   * @param {HTMLElement} words over the picture
   */
  constructor(video, words) {
    this.#motion = new Motion(video, performance.now());
    this.words = words;
  }

  /** @param {StageRow | undefined} row who should be seen; the sentence says who is not, or that nobody should be */
  draw(row) {
    const missing = this.stands() || !row;
    show(this.words, missing);
    const noPicture = hasH264 ? "no-picture" : "no-picture-h264";
    if (missing) text(this.words, row ? say(noPicture, { who: row.name }) : say("stage-empty"));
  }

  stands() {
    const still = this.#motion.stillFor();
    const now = performance.now();
    // A tab in the background decodes nothing; who comes back to it gives it time to begin again.
    if (document.hidden) this.#seenAt = now;
    return Math.min(still, now - this.#seenAt) > STANDS_MS;
  }
}

/** The small pictures beside the large one. */
export class Others {
  /** @type {{ slot: number, figure: HTMLElement, picture: Picture, caption: HTMLElement }[]} */
  #all = [];

  /**
   * @param {HTMLElement} box its figures say which slot each shows
   * @param {Slots} slots
   */
  constructor(box, slots) {
    for (const figure of box.querySelectorAll("figure")) {
      const video = /** @type {HTMLVideoElement} */ (need("video", figure));
      const slot = Number(figure.dataset.slot);
      slots.place("stage", slot, video);
      const picture = new Picture(video, need(".over", figure));
      this.#all.push({ slot, figure, picture, caption: need("figcaption", figure) });
    }
  }

  /**
   * @param {StageRow[]} rows those that may be seen here
   * @param {Turn[]} speaking who is heard, of whom one may be small
   * @param {boolean} lost nothing arrives at all, and the page says so elsewhere
   * @returns {number} how many are shown
   */
  draw(rows, speaking, lost = false) {
    let count = 0;
    for (const { slot, figure, picture, caption } of this.#all) {
      const row = rows.find((r) => r.slot === slot);
      const stands = picture.stands();
      show(figure, Boolean(row));
      if (!row) continue;
      count++;
      text(caption, row.name);
      const { seat } = row;
      const air = seat !== "main" && speaking.some((turn) => turn.site === seat.site);
      attribute(figure, "data-state", lost || stands ? "lost" : air ? "air" : null);
      show(picture.words, stands && !lost);
    }
    return count;
  }
}
