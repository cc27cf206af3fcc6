// A shown document: the room is not told when one begins or ends, its slot simply brings pictures or does not.
// A browser that shows a still page repeats it once a second, so a few seconds without a picture mean that it is over.

import { Motion } from "./picture.js";

/** @import { Room } from "./room.js" */

const OVER_MS = 4000;

/**
 * @param {Room} room
 * @param {HTMLVideoElement} video lies over the large place; styled by `data-on`
 * @param {(on: boolean) => void} changed
 */
export function watchShare(room, video, changed) {
  room.slots.place("share", 0, video);
  const motion = new Motion(video, Number.NEGATIVE_INFINITY);
  let on = false;
  setInterval(() => {
    const is = motion.stillFor() < OVER_MS && video.videoWidth > 0;
    if (is === on) return;
    on = is;
    video.toggleAttribute("data-on", on);
    changed(on);
  }, 500);
}
