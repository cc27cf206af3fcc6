// One peer connection of one seat. The order of its m-lines is fixed by protocol 1, what a slot carries changes on the server,
// so after the first answer nothing is negotiated again. Lost media is replaced whole: a new connection with a greater n.

/** @import { RoomSocket } from "./socket.js" */

export const STAGE_SLOTS = 6;
export const VOICES = 3;

/** Low to high. The rates are what 320×180, 640×360 and 1280×720 of a room with faces need. */
const LAYERS = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];
const VOICE_BPS = 40_000;
const SHARE_BPS = 2_500_000;

/** RTP silent for this long while the socket is closed: the server is gone, not only our socket. */
const SILENT_MS = 1500;
/** ICE that says "disconnected" often recovers by itself; not for longer than this. */
const DISCONNECTED_MS = 2000;
const REFUSED_RETRY_MS = 5000;

/** @typedef {"stage" | "share" | "look" | "voice"} Slot */

export class Media {
  /** @type {RTCPeerConnection | null} */
  pc = null;
  /** @type {(slot: Slot, index: number, track: MediaStreamTrack) => void} */
  onslot = () => {};
  /** "none", "joining", "flowing" or "broken". */
  state = "none";
  onstate = () => {};
  /** This browser has no WebRTC, or may not use it. */
  impossible = false;
  /** This browser found no way out by UDP at all: its owner forbade it. */
  withoutUdp = false;
  /** @type {(text: string) => void} */
  onrefused = () => {};

  #socket;
  #sends;
  #look;
  #n = 0;
  /** @type {Record<"camera" | "microphone" | "share", MediaStreamTrack | null>} */
  #own = { camera: null, microphone: null, share: null };
  /** @type {Partial<Record<"camera" | "microphone" | "share", RTCRtpSender>>} */
  #senders = {};
  /** @type {RTCRtpTransceiver[]} */
  #receivers = [];
  #brokenAt = 0;
  #bytes = 0;
  #bytesAt = 0;
  #retry = 0;
  /** setParameters must not overlap with itself. */
  #order = Promise.resolve();

  /**
   * @param {RoomSocket} socket
   * @param {{sends: boolean, look: boolean}} options
   */
  constructor(socket, { sends, look }) {
    this.#socket = socket;
    this.#sends = sends;
    this.#look = look;
    socket.onanswer = (n, sdp) => this.#answer(n, sdp);
    socket.onnomedia = (n, text) => {
      if (n !== this.#n) return;
      this.#setState("broken");
      this.onrefused(text);
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.join(), REFUSED_RETRY_MS);
    };
    socket.onlayers = (active) => this.#layers(active);
    setInterval(() => this.#watch(), 500);
  }

  /** The socket has a snapshot again: keep media that flows, else begin anew. */
  async opened() {
    if (this.pc && this.state === "flowing") {
      await this.#measure();
      if (performance.now() - this.#bytesAt < SILENT_MS) return;
    }
    await this.join();
  }

  /** A new peer connection. The old one shows its last pictures until the new ones are there. */
  async join() {
    clearTimeout(this.#retry);
    const n = ++this.#n;
    const old = this.pc;
    /** @type {RTCPeerConnection} */
    let pc;
    try {
      pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
    } catch {
      this.impossible = true;
      return this.#setState("broken");
    }
    this.pc = pc;
    this.#brokenAt = 0;
    this.#setState("joining");
    this.#lines(pc);
    pc.onicegatheringstatechange = () => {
      if (this.pc !== pc || pc.iceGatheringState !== "complete") return;
      this.withoutUdp = !/^a=candidate:\S+ \d+ udp /im.test(pc.localDescription?.sdp ?? "");
    };
    pc.onconnectionstatechange = () => {
      if (this.pc !== pc) return;
      if (pc.connectionState === "connected") {
        this.#brokenAt = 0;
        this.#bytesAt = performance.now();
        this.#setState("flowing");
        old?.close();
      } else if (pc.connectionState === "failed" || pc.connectionState === "disconnected") {
        this.#brokenAt ||= performance.now();
      }
    };
    await pc.setLocalDescription();
    if (this.pc !== pc) return pc.close();
    this.#socket.offer(n, pc.localDescription?.sdp ?? "");
    // An old connection that never saw its successor connect is not kept for ever.
    if (old) setTimeout(() => old.close(), 15_000);
  }

  /**
   * @param {"camera" | "microphone" | "share"} which
   * @param {MediaStreamTrack | null} track
   */
  async send(which, track) {
    this.#own[which] = track;
    try {
      await this.#senders[which]?.replaceTrack(track);
    } catch {
      // A camera of another shape than negotiated: begin anew with it.
      await this.join();
    }
  }

  close() {
    clearTimeout(this.#retry);
    this.#n++;
    this.pc?.close();
    this.pc = null;
    this.#setState("none");
  }

  /** @returns {Promise<RTCStatsReport | null>} */
  async report() {
    return this.pc ? this.pc.getStats() : null;
  }

  /**
   * The connection's receivers of the stage, for statistics by slot.
   * @param {number} slot
   */
  receiver(slot) {
    return this.#receivers[slot]?.receiver ?? null;
  }

  /** @param {RTCPeerConnection} pc */
  #lines(pc) {
    this.#senders = {};
    if (this.#sends) {
      const camera = pc.addTransceiver(this.#own.camera ?? "video", {
        direction: "sendonly",
        sendEncodings: LAYERS,
      });
      const microphone = pc.addTransceiver(this.#own.microphone ?? "audio", {
        direction: "sendonly",
        sendEncodings: [{ maxBitrate: VOICE_BPS, priority: "high", networkPriority: "high" }],
      });
      const share = pc.addTransceiver(this.#own.share ?? "video", {
        direction: "sendonly",
        sendEncodings: [{ maxBitrate: SHARE_BPS }],
      });
      this.#senders = { camera: camera.sender, microphone: microphone.sender, share: share.sender };
    }
    /** @type {[Slot, number][]} */
    const slots = [];
    for (let i = 0; i < STAGE_SLOTS; i++) slots.push(["stage", i]);
    slots.push(["share", 0]);
    if (this.#look) slots.push(["look", 0]);
    for (let i = 0; i < VOICES; i++) slots.push(["voice", i]);
    this.#receivers = slots.map(([slot, index]) => {
      const transceiver = pc.addTransceiver(slot === "voice" ? "audio" : "video", { direction: "recvonly" });
      this.onslot(slot, index, transceiver.receiver.track);
      return transceiver;
    });
  }

  /**
   * @param {number} n
   * @param {string} sdp
   */
  async #answer(n, sdp) {
    if (n !== this.#n || !this.pc) return;
    try {
      await this.pc.setRemoteDescription({ type: "answer", sdp });
    } catch {
      if (n === this.#n) this.#brokenAt ||= performance.now();
    }
  }

  /** @param {boolean[]} active */
  #layers(active) {
    const sender = this.#senders.camera;
    if (!sender) return;
    this.#order = this.#order
      .then(async () => {
        const parameters = sender.getParameters();
        let differs = false;
        parameters.encodings.forEach((encoding, i) => {
          const want = active[i] ?? true;
          if (encoding.active !== want) differs = true;
          encoding.active = want;
        });
        if (differs) await sender.setParameters(parameters);
      })
      .catch(() => {});
  }

  async #watch() {
    const socket = this.#socket.line.state;
    if (!this.pc || socket === "ended") return;
    const now = performance.now();
    if (socket === "lost") {
      await this.#measure();
      const silent = this.#bytesAt > 0 && performance.now() - this.#bytesAt > SILENT_MS;
      if (this.state === "flowing" && silent) this.#setState("broken");
      else if (this.state === "broken" && !silent && this.pc?.connectionState === "connected")
        this.#setState("flowing");
      return;
    }
    if (this.#brokenAt && now - this.#brokenAt > DISCONNECTED_MS) {
      if (this.pc.connectionState === "connected") {
        this.#brokenAt = 0;
        return;
      }
      this.#setState("broken");
      this.#brokenAt = 0;
      // The line may be dead for the socket too, and only nobody has noticed.
      this.#socket.probe();
      await this.join();
    }
  }

  /** When did the transport last bring anything? Receiver reports come at least every second. */
  async #measure() {
    const report = await this.report();
    let bytes = 0;
    for (const s of report?.values() ?? []) {
      if (s.type === "transport" || (s.type === "candidate-pair" && s.nominated))
        bytes += s.bytesReceived ?? 0;
    }
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#bytesAt = performance.now();
    }
  }

  /** @param {string} state */
  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.onstate();
  }
}
