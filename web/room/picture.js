// Whether the picture that should move does: a black or frozen screen says so in words, wherever the fault is.

import { attribute, show, text } from "./dom.js";
import { say } from "./words.js";

/** @import { StageRow } from "./protocol" */
/** @import { Slots } from "./slots.js" */

/** Without a new frame for this long a picture stands. A change of speaker takes well under a second. */
const STANDS_MS = 4000;

export class Picture {
  #frames = -1;
  #since = performance.now();

  /**
   * @param {HTMLVideoElement} video
   * @param {HTMLElement} words over the picture
   */
  constructor(video, words) {
    this.video = video;
    this.words = words;
  }

  /** @param {StageRow | undefined} row who should be seen; the sentence says who is not, or that nobody should be */
  draw(row) {
    const missing = this.stands() || !row;
    show(this.words, missing);
    if (missing) text(this.words, row ? say("no-picture", { who: row.name }) : say("stage-empty"));
  }

  stands() {
    const frames = this.video.getVideoPlaybackQuality().totalVideoFrames;
    const now = performance.now();
    // A tab in the background decodes nothing, and no one looks.
    if (frames !== this.#frames || document.hidden) {
      this.#frames = frames;
      this.#since = now;
    }
    return now - this.#since > STANDS_MS;
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
      const [video, over, caption] = ["video", ".over", "figcaption"].map((part) =>
        figure.querySelector(part),
      );
      if (
        !(video instanceof HTMLVideoElement && over instanceof HTMLElement && caption instanceof HTMLElement)
      )
        continue;
      const slot = Number(figure.dataset.slot);
      slots.place("stage", slot, video);
      this.#all.push({ slot, figure, picture: new Picture(video, over), caption });
    }
  }

  /**
   * @param {StageRow[]} rows those that may be seen here
   * @param {boolean} lost nothing arrives at all, and the page says so elsewhere
   * @returns {number} how many are shown
   */
  draw(rows, lost = false) {
    let count = 0;
    for (const { slot, figure, picture, caption } of this.#all) {
      const row = rows.find((r) => r.slot === slot);
      const stands = picture.stands();
      show(figure, Boolean(row));
      if (!row) continue;
      count++;
      text(caption, row.name);
      attribute(figure, "data-state", lost || stands ? "lost" : null);
      show(picture.words, stands && !lost);
    }
    return count;
  }
}
