// Enters a room: one socket, one peer connection, fixed slots. A page says what it shows; this keeps it connected.

import { need } from "./dom.js";
import { Media } from "./media.js";
import { Path } from "./path.js";
import { Slots } from "./slots.js";
import { RoomSocket } from "./socket.js";
import { LineStats } from "./stats.js";

/** Between two new offers for media that the server calls dead. */
const REOFFER_MS = 4000;

/** @import { Devices } from "./devices.js" */

/**
 * @param {HTMLElement} root the page's element with `data-conference`, `data-socket` and `data-build`
 * @param {{devices?: Devices, look?: boolean}} [options]
 */
export function enter(root, { devices, look = false } = {}) {
  const socket = new RoomSocket({ url: root.dataset.socket ?? "", build: root.dataset.build ?? "" });
  const slots = new Slots();
  /** @type {Media | null} */
  let media = null;
  let refused = "";
  const room = {
    socket,
    slots,
    clock: socket.clock,
    conference: Number(root.dataset.conference),
    /** Filled once the first snapshot has said what this seat sends. */
    get media() {
      return media;
    },
    /** @type {LineStats | null} */
    stats: null,
    /** @type {(changed: Set<string>, sites: import("./protocol").SiteRow[]) => void} */
    onstate: () => {},
    onconnection: () => {},
    /** The server takes no media from this seat, and says why. */
    get refused() {
      return refused;
    },
    path: new Path(
      socket,
      () => media,
      () => refused,
    ),
  };
  setInterval(() => room.path.look() && changed(), 250);

  socket.onconnection = () => {
    if (socket.line.state === "open" && socket.state) {
      media ??= makeMedia(socket.state.you.sends);
      media.opened();
    }
    if (socket.line.state === "ended") media?.close();
    changed();
  };
  // The state of both legs stands on the page, for whoever looks from outside: styles, tests, the help desk.
  function changed() {
    room.path.look();
    root.dataset.line = socket.line.state;
    root.dataset.media = media?.state ?? "none";
    root.dataset.path = room.path.flows ? "flows" : room.path.blocked ? "blocked" : "none";
    room.onconnection();
  }
  let offeredAt = 0;
  socket.onstate = (sections, sites) => {
    const seat = socket.state?.you.seat;
    const own = typeof seat === "object" ? socket.state?.sites.get(seat.site) : undefined;
    // The server hears nothing from our media although its socket does: a camera frozen by a change of network, say.
    if (own?.state === "lost" && media?.state === "flowing" && performance.now() - offeredAt > REOFFER_MS) {
      offeredAt = performance.now();
      media.join();
    }
    if (room.path.look()) changed();
    room.onstate(sections, sites);
  };

  /** @param {boolean} sends */
  function makeMedia(sends) {
    const made = new Media(socket, { sends, look });
    made.onslot = (slot, index, track) => slots.attach(slot, index, track);
    made.onstate = () => {
      if (made.state === "flowing") refused = "";
      changed();
    };
    made.onrefused = (text) => {
      refused = text;
      changed();
    };
    if (devices) {
      for (const kind of /** @type {const} */ (["camera", "microphone"]))
        made.send(kind, devices.track[kind]);
    }
    room.stats = new LineStats(made, devices ?? null, (stats) => socket.stats(stats));
    return made;
  }

  for (const audio of root.ownerDocument.querySelectorAll("audio[data-voice]")) {
    if (audio instanceof HTMLAudioElement) slots.place("voice", Number(audio.dataset.voice), audio);
  }
  // A browser that wants a touch before it plays sound gets it from the first one, wherever it lands.
  for (const name of ["pointerdown", "keydown"]) {
    addEventListener(name, () => slots.blocked && slots.unblock(), { capture: true });
  }
  return room;
}

/** @typedef {ReturnType<typeof enter>} Room */

/**
 * Keeps the screen awake while the page is seen.
 */
export function stayAwake() {
  const ask = () => {
    if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
  };
  document.addEventListener("visibilitychange", ask);
  ask();
}

/** Says a change of state to a screen reader, once. */
export function announcer() {
  const element = need("#announce");
  let last = "";
  /** @param {string} sentence */
  return (sentence) => {
    if (sentence === last) return;
    last = sentence;
    element.textContent = sentence;
  };
}
