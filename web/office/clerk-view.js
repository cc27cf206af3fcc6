// The speaker, small, beside the clerk's line. It is a viewer's seat in the room like any other; capturing works without it.

import { enter } from "../room/room.js";

const view = document.getElementById("clerk-view");
const video = view?.querySelector("video");
if (view?.dataset.socket && video) {
  const room = enter(view);
  room.slots.place("stage", 0, video);
  room.socket.connect();
}
