// The room socket: one snapshot, then ordered deltas; lost, it comes back by itself and says when it will try again.
// It knows nothing of media or pages: they set the `on…` callbacks.

import { Clock } from "./clock.js";

/** @import { Command, Conference, Counts, Floor, FromServer, Outcome, SiteRow, StageRow, Stats, Told, ToServer, WallRow, You } from "./protocol" */

/** First retries come fast, as a restart takes a second; later ones leave the server time. With jitter, 600 sites do not knock at once. */
const RETRY_MS = [300, 600, 1000, 1500, 2200, 3300, 5000, 8000, 10000];
/** A command without an answer is sent again on the next connection if it is not older than this. */
const COMMAND_AGE_MAX_MS = 15000;
/** The server ticks every 4 s: after this long without a word the line is dead although nobody closed it. */
const SILENCE_MS = 10000;
/** Silence after a probe that means the line is dead although nobody closed it. */
const PROBE_MS = 3000;
/** Being told this is the end of the seat; after anything else the socket comes back. */
const ENDS = new Set(["seat_taken", "removed", "locked", "not_open", "closed", "signed_out", "no_seat"]);

/**
 * @typedef {object} State
 * @property {You} you
 * @property {Conference} conference
 * @property {Floor} floor
 * @property {StageRow[]} stage
 * @property {Counts} counts
 * @property {Map<number, SiteRow>} sites
 */

/**
 * @typedef {object} Line
 * @property {"connecting" | "open" | "lost" | "ended"} state
 * @property {number} since conference time (ms)
 * @property {number} attempt which try this is, from 1
 * @property {number} retryAt `performance.now()` of the next try
 */

export class RoomSocket {
  clock = new Clock();
  /** @type {State | null} */
  state = null;
  /** @type {Line} */
  line = { state: "connecting", since: this.clock.now(), attempt: 0, retryAt: 0 };

  /** @type {(changed: Set<string>, sites: SiteRow[]) => void} */
  onstate = () => {};
  onconnection = () => {};
  /** @type {(code: Told, text: string, until: number | null) => void} */
  ontold = () => {};
  /** @type {(n: number, sdp: string) => void} */
  onanswer = () => {};
  /** @type {(n: number, text: string) => void} */
  onnomedia = () => {};
  /** @type {(active: boolean[]) => void} */
  onlayers = () => {};
  /** @type {(rows: WallRow[]) => void} */
  onwall = () => {};
  /** @type {(site: number, jpeg: Blob) => void} */
  onstill = () => {};
  /** Another build runs and reloading once did not help. */
  onstale = () => {};

  /** @type {WebSocket | null} */
  #ws = null;
  /** Names the peer connection that this page has, so that a new socket takes it over. */
  peer = "";
  #v = 0;
  #url;
  #build;
  /** @type {Map<string, {command: Command, at: number, settle: (outcome: Outcome) => void}>} */
  #waiting = new Map();
  #timer = 0;
  #probe = 0;
  #heardAt = 0;

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {string} options.build the build this page was made by
   */
  constructor({ url, build }) {
    this.#url = new URL(url, location.href).href.replace(/^http/, "ws");
    this.#build = build;
    setInterval(() => {
      if (this.#ws && performance.now() - this.#heardAt > SILENCE_MS) this.#drop();
    }, 1000);
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => this.#drop());
    addEventListener("pagehide", () => this.#send({ t: "bye" }));
  }

  /** Takes the seat back from a newer machine. */
  takeBack() {
    if (this.#ws) return;
    this.line = { state: "connecting", since: this.clock.now(), attempt: 0, retryAt: 0 };
    this.connect(true);
  }

  connect(take = false) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const url = new URL(this.#url);
    if (take) url.searchParams.set("take", "1");
    const ws = new WebSocket(url);
    this.#heardAt = performance.now();
    ws.binaryType = "arraybuffer";
    this.#ws = ws;
    let opened = false;
    ws.onopen = () => {
      opened = true;
      this.#fault("");
      this.#hello();
    };
    ws.onmessage = (event) => {
      if (this.#ws !== ws) return;
      this.#heardAt = performance.now();
      clearTimeout(this.#probe);
      this.#probe = 0;
      if (event.data instanceof ArrayBuffer) this.#binary(event.data);
      else this.#message(JSON.parse(event.data));
    };
    ws.onclose = () => {
      if (this.#ws !== ws) return;
      this.#ws = null;
      this.#lost();
      if (!opened) this.#askWhy();
    };
  }

  /** Ends for good: another machine has the seat, or the site was removed. */
  end() {
    this.line = { ...this.line, state: "ended", since: this.clock.now() };
    clearTimeout(this.#timer);
    const ws = this.#ws;
    this.#ws = null;
    ws?.close();
    this.#settleAll();
    this.onconnection();
  }

  retryNow() {
    if (this.line.state === "lost" && !this.#ws) this.connect();
  }

  /** The media says the line may be dead: ask for a sign of life. */
  probe() {
    if (this.line.state !== "open" || this.#probe) return;
    this.#hello();
    this.#probe = setTimeout(() => this.#drop(), PROBE_MS);
  }

  /**
   * Gives a domain command. The answer is the server's; a line that stays lost answers `lost`.
   * @param {string} area `floor`, `conference`
   * @param {string} name `grant`
   * @param {Record<string, unknown>} body
   * @returns {Promise<Outcome>}
   */
  do(area, name, body) {
    const command = { [area]: { [name]: body } };
    const id = crypto.randomUUID();
    return new Promise((settle) => {
      this.#waiting.set(id, { command, at: performance.now(), settle });
      this.#send({ t: "do", id, command });
    });
  }

  /**
   * @param {number} n
   * @param {string} sdp
   */
  offer(n, sdp) {
    return this.#send({ t: "offer", n, sdp });
  }

  /** @param {Stats} stats */
  stats(stats) {
    this.#send({ t: "stats", ...stats });
  }

  /** @param {number | null} site */
  look(site) {
    this.#send({ t: "look", site });
  }

  /** Our own voice comes back to us, to try the line. @param {boolean} on */
  mirror(on) {
    this.#send({ t: "mirror", on });
  }

  /** @param {null | "all" | number} to */
  talk(to) {
    this.#send({ t: "talk", to });
  }

  /** @param {ArrayBuffer} jpeg */
  still(jpeg) {
    if (this.line.state !== "open" || !this.#ws || this.#ws.bufferedAmount > 100_000) return;
    const frame = new Uint8Array(jpeg.byteLength + 1);
    frame[0] = 1;
    frame.set(new Uint8Array(jpeg), 1);
    this.#ws.send(frame);
  }

  #hello() {
    /** @type {ToServer} */
    const hello = { t: "hello", protocol: 1, build: this.#build };
    if (this.peer) hello.peer = this.peer;
    this.#send(hello);
  }

  /** @param {ToServer} message */
  #send(message) {
    if (this.#ws?.readyState !== WebSocket.OPEN) return false;
    this.#ws.send(JSON.stringify(message));
    return true;
  }

  /** @param {FromServer} message */
  #message(message) {
    switch (message.t) {
      case "snapshot":
        return this.#snapshot(message);
      case "delta":
        return this.#delta(message);
      case "answer":
        this.peer = message.peer ?? "";
        return this.onanswer(message.n, message.sdp);
      case "tick":
        this.clock.set(message.now);
        if (this.state && message.v !== this.#v) this.#hello();
        return;
      case "no_media":
        return this.onnomedia(message.n, message.text);
      case "done":
        return this.#settle(message.id, { ok: true, seq: message.seq });
      case "refused":
        return this.#settle(message.id, { ok: false, code: message.code, text: message.text });
      case "layers":
        return this.onlayers(message.active);
      case "wall":
        return this.onwall(message.rows);
      case "told":
        if (ENDS.has(message.code)) this.end();
        return this.ontold(message.code, message.text, message.until ?? null);
      case "reload":
        return this.#reload(message.build);
    }
  }

  /** @param {Extract<FromServer, {t: "snapshot"}>} message */
  #snapshot(message) {
    this.clock.set(message.now, true);
    this.#v = message.v;
    const { you, conference, floor, stage, counts, sites } = message;
    this.state = { you, conference, floor, stage, counts, sites: new Map(sites.map((row) => [row.id, row])) };
    const wasOpen = this.line.state === "open";
    this.line = { state: "open", since: this.clock.now(), attempt: 0, retryAt: 0 };
    sessionStorage.removeItem("reloaded-for");
    if (!wasOpen) {
      this.#sendAgain();
      this.onconnection();
    }
    this.onstate(new Set(["you", "conference", "floor", "stage", "counts", "sites"]), sites);
  }

  /** @param {Extract<FromServer, {t: "delta"}>} message */
  #delta(message) {
    if (!this.state) return;
    if (message.v !== this.#v + 1) {
      // Deltas already told may arrive again after a hello; a gap asks for the whole.
      if (message.v > this.#v) this.#hello();
      return;
    }
    this.#v = message.v;
    if (message.now) this.clock.set(message.now);
    /** @type {Set<string>} */
    const changed = new Set();
    if (message.you) {
      this.state.you = message.you;
      changed.add("you");
    }
    if (message.conference) {
      this.state.conference = message.conference;
      changed.add("conference");
    }
    if (message.floor) {
      this.state.floor = message.floor;
      changed.add("floor");
    }
    if (message.stage) {
      this.state.stage = message.stage;
      changed.add("stage");
    }
    if (message.counts) {
      this.state.counts = message.counts;
      changed.add("counts");
    }
    for (const row of message.sites ?? []) {
      changed.add("sites");
      if (row.removed) this.state.sites.delete(row.id);
      else this.state.sites.set(row.id, row);
    }
    this.onstate(changed, message.sites ?? []);
  }

  /** @param {ArrayBuffer} data */
  #binary(data) {
    const view = new DataView(data);
    if (data.byteLength < 6 || view.getUint8(0) !== 2) return;
    this.onstill(view.getUint32(1), new Blob([data.slice(5)], { type: "image/jpeg" }));
  }

  /** @param {string} build */
  #reload(build) {
    // Once: a proxy that keeps serving an old page must not make a room flicker for ever.
    if (sessionStorage.getItem("reloaded-for") === build) {
      this.end();
      this.onstale();
      return;
    }
    sessionStorage.setItem("reloaded-for", build);
    location.reload();
  }

  #drop() {
    const ws = this.#ws;
    if (!ws) return;
    this.#ws = null;
    ws.close();
    this.#lost();
  }

  #lost() {
    clearTimeout(this.#probe);
    this.#probe = 0;
    if (this.line.state === "ended") return;
    const attempt = this.line.state === "lost" ? this.line.attempt + 1 : 1;
    const since = this.line.state === "lost" ? this.line.since : this.clock.now();
    const wait = (RETRY_MS[Math.min(attempt, RETRY_MS.length) - 1] ?? 10000) * (0.7 + 0.6 * Math.random());
    this.line = { state: "lost", since, attempt, retryAt: performance.now() + wait };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), wait);
    for (const [id, waiting] of this.#waiting) {
      if (performance.now() - waiting.at > COMMAND_AGE_MAX_MS)
        this.#settle(id, { ok: false, code: "lost", text: "" });
    }
    this.onconnection();
  }

  /**
   * A browser does not tell why a socket was not opened. The page's own address does: a session that is over leads to the door. And the
   * socket's, asked plainly, says whether a proxy on the way lets no socket through, which no cable and no waiting mends.
   */
  async #askWhy() {
    try {
      const response = await fetch(location.href, { method: "HEAD", redirect: "manual", cache: "no-store" });
      if (response.type === "opaqueredirect" || [401, 403, 404, 410].includes(response.status))
        return location.reload();
      const headers = {
        accept: "application/problem+json",
        "accept-language": document.documentElement.lang,
      };
      const asked = await fetch(this.#url.replace(/^ws/, "http"), { headers, cache: "no-store" });
      const problem = asked.status === 426 ? await asked.json() : {};
      this.#fault(problem.code === "socket_not_upgraded" ? problem.detail : "");
    } catch {
      // No network: the retry is already set.
    }
  }

  /** Above everything else on the page, until the socket opens. @param {string} words */
  #fault(words) {
    const shown = document.getElementById("line-fault");
    if (words === "" || shown) return words === "" ? shown?.remove() : undefined;
    const banner = document.createElement("div");
    banner.id = "line-fault";
    banner.className = "banner";
    banner.setAttribute("role", "alert");
    banner.textContent = words;
    document.body.prepend(banner);
  }

  #sendAgain() {
    for (const [id, { command, at, settle }] of this.#waiting) {
      // The server knows the id: what it did before the line broke, it will not do twice.
      if (performance.now() - at <= COMMAND_AGE_MAX_MS) this.#send({ t: "do", id, command });
      else {
        this.#waiting.delete(id);
        settle({ ok: false, code: "lost", text: "" });
      }
    }
  }

  /**
   * @param {string} id
   * @param {Outcome} outcome
   */
  #settle(id, outcome) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.settle(outcome);
  }

  #settleAll() {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { ok: false, code: "lost", text: "" });
  }
}
