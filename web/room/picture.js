// Whether the picture that should move does: a black or frozen screen says so in words, wherever the fault is.

import { attribute, need, show, text } from "./dom.js";
import { say } from "./words.js";

/** @import { StageRow, Turn } from "./protocol" */
/** @import { Slots } from "./slots.js" */

/** Without a new frame for this long a picture stands. A change of speaker takes well under a second. */
const STANDS_MS = 4000;

/** Firefox has H.264 from a plug-in that it fetches from its maker: a machine that never was on the internet has none. */
export const hasH264 =
  globalThis.RTCRtpReceiver?.getCapabilities?.("video")?.codecs.some(({ mimeType }) =>
    /h264/i.test(mimeType),
  ) ?? true;

/** How long ago a video showed a new frame. */
export class Motion {
  #frames = 0;
  #at;

  /** @param {HTMLVideoElement} video @param {number} at when it is taken to have moved last (ms), before it ever did */
  constructor(video, at) {
    this.video = video;
    this.#at = at;
  }

  get frames() {
    return this.#frames;
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
  #began = false;
  #seenAt = performance.now();

  /**
   * @param {HTMLVideoElement} video
   * @param {HTMLElement} words over the picture
   */
  constructor(video, words) {
    this.#motion = new Motion(video, performance.now());
    this.words = words;
  }

  /**
   * @param {StageRow | undefined} row who should be seen; the sentence says who is not, or that nobody should be
   * @param {string} [why] nothing gets through to this machine, and why
   */
  draw(row, why = "") {
    const stands = this.stands();
    const missing = stands || !row || !this.#began || why !== "";
    show(this.words, missing);
    if (missing) text(this.words, why || (row ? missed(row, stands) : say("stage-empty")));
  }

  /** A picture that never was is missed from the first moment, one that was has a while to change over. */
  missing() {
    return this.stands() || !this.#began;
  }

  stands() {
    const still = this.#motion.stillFor();
    this.#began ||= this.#motion.frames > 0;
    const now = performance.now();
    // A tab in the background decodes nothing; who comes back to it gives it time to begin again.
    if (document.hidden) this.#seenAt = now;
    return Math.min(still, now - this.#seenAt) > STANDS_MS;
  }
}

/**
 * Why there is no picture, as far as it is known.
 * @param {StageRow} row
 * @param {boolean} stands it had time enough
 */
function missed({ name: who, state }, stands) {
  if (state === "away") return say("picture-away", { who });
  if (state === "lost") return say("picture-lost", { who });
  if (state === "joining") return say(stands ? "picture-no-media" : "picture-awaited", { who });
  if (!stands) return say("picture-awaited", { who });
  return say(hasH264 ? "no-picture" : "no-picture-h264", { who });
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
      const stands = picture.missing();
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
