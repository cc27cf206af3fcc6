// Whether picture and sound get through, told apart from the page's own line: an open page says nothing of them. The sentence says what is in
// the way and whom to call, before five seconds have passed.

import { timeOfDay } from "./clock.js";
import { say } from "./words.js";

/** @import { Media } from "./media.js" */
/** @import { RoomSocket } from "./socket.js" */

/** Media that never came up: a good line takes well under a second. The server says so by itself a little later. */
const NEVER_MS = 3500;
/** Media that worked and stopped: a change of network is over sooner. */
const STOPPED_MS = 1500;

export class Path {
  /** Picture and sound get through, as far as both ends know. */
  flows = false;
  /** They did once. */
  everFlowed = false;
  /** They have not for long enough that it is said. */
  blocked = false;

  #socket;
  #media;
  #refused;
  /** When they stopped, or the page was there without them: `performance.now()` and the conference's time. */
  #since = 0;
  #sinceTime = 0;
  /** @type {DOMStringMap} */
  #at = document.getElementById("announce")?.dataset ?? {};
  #code = document.querySelector("[data-code]")?.getAttribute("data-code") ?? "";

  /**
   * @param {RoomSocket} socket
   * @param {() => Media | null} media
   * @param {() => string} refused why the server takes none, in its words
   */
  constructor(socket, media, refused) {
    this.#socket = socket;
    this.#media = media;
    this.#refused = refused;
  }

  /** Looks again; says whether something is new. */
  look() {
    const before = `${this.flows} ${this.blocked}`;
    const { line, state } = this.#socket;
    const here = this.#media()?.state === "flowing";
    const seat = state?.you.seat;
    const own = typeof seat === "object" ? state?.sites.get(seat.site) : undefined;
    // Without the socket the server's word is old; with it nobody is heard whom the server does not hear.
    const open = line.state === "open";
    const heard = seat === "hall" ? state?.counts.hall === "live" : !own || own.media === "flowing";
    this.flows = here && (heard || !open);
    const now = performance.now();
    if (this.flows || !open) {
      this.#since = 0;
      this.blocked = false;
      this.everFlowed ||= this.flows;
    } else {
      if (!this.#since) {
        this.#since = now;
        this.#sinceTime = this.#socket.clock.now();
      }
      const waited = now - this.#since > (this.everFlowed ? STOPPED_MS : NEVER_MS);
      this.blocked = waited || this.#refused() !== "" || Boolean(this.#media()?.impossible);
    }
    return before !== `${this.flows} ${this.blocked}`;
  }

  /** What is in the way and whom to call, or "". */
  get why() {
    if (!this.blocked) return "";
    const { udp: port = "", telephone = "" } = this.#at;
    const code = this.#code;
    const call = code
      ? say(telephone ? "call-code" : "call-code-bare", { telephone, code })
      : say(telephone ? "call-telephone" : "call", { telephone });
    const refused = this.#refused();
    if (refused) return say("media-refused", { why: refused, call });
    const media = this.#media();
    if (media?.impossible) return say("media-none", { call });
    if (media?.withoutUdp) return say("media-browser", { port, call });
    if (this.everFlowed) return say("media-broken", { time: timeOfDay(this.#sinceTime, true), port, call });
    return say("media-blocked", { port, call });
  }
}
