// What the line does, every five seconds, in the server's units. Never an event: the wall shows it, nobody keeps it.

/** @import { Media } from "./media.js" */
/** @import { Devices } from "./devices.js" */
/** @import { Stats } from "./protocol" */

const EVERY_MS = 5000;

export class LineStats {
  #media;
  #devices;
  #send;
  /** @type {{at: number, sent: number, received: number, lost: number, packets: number, freezes: number} | null} */
  #last = null;
  /** @type {Stats | null} */
  latest = null;

  /**
   * @param {Media} media
   * @param {Devices | null} devices
   * @param {(stats: Stats) => void} send
   */
  constructor(media, devices, send) {
    this.#media = media;
    this.#devices = devices;
    this.#send = send;
    setInterval(() => this.take(), EVERY_MS);
  }

  /** A camera or microphone that fails is told at once, with the figures that were told last. */
  devices() {
    if (this.latest) this.#send({ ...this.latest, ...this.#health() });
  }

  /** @returns {Pick<Stats, "mic" | "camera">} */
  #health() {
    const health = this.#devices?.health;
    return {
      mic: health?.microphone === "silent" ? "silent" : health && health.microphone !== "ok" ? "gone" : "ok",
      camera: health && health.camera !== "ok" ? "gone" : "ok",
    };
  }

  async take() {
    const report = await this.#media.report();
    if (!report) return;
    let sent = 0;
    let received = 0;
    let lost = 0;
    let packets = 0;
    let freezes = 0;
    let fps = 0;
    let rtt = 0;
    let lossUp = 0;
    for (const s of report.values()) {
      if (s.type === "candidate-pair" && s.nominated && s.state === "succeeded") {
        sent += s.bytesSent ?? 0;
        received += s.bytesReceived ?? 0;
        rtt = Math.max(rtt, (s.currentRoundTripTime ?? 0) * 1000);
      } else if (s.type === "inbound-rtp") {
        lost += Math.max(0, s.packetsLost ?? 0);
        packets += s.packetsReceived ?? 0;
        freezes += s.freezeCount ?? 0;
        fps = Math.max(fps, s.framesPerSecond ?? 0);
      } else if (s.type === "remote-inbound-rtp") {
        lossUp = Math.max(lossUp, s.fractionLost ?? 0);
      }
    }
    const now = performance.now();
    const before = this.#last;
    this.#last = { at: now, sent, received, lost, packets, freezes };
    if (!before || now - before.at < 500 || packets < before.packets) return;
    const seconds = (now - before.at) / 1000;
    const lostNow = Math.max(0, lost - before.lost);
    const seen = packets - before.packets + lostNow;
    /** @type {Stats} */
    const stats = {
      rtt_ms: Math.round(rtt),
      loss_up: Math.round(lossUp * 1000),
      loss_down: seen > 0 ? Math.round((1000 * lostNow) / seen) : 0,
      freezes: Math.max(0, freezes - before.freezes),
      fps_in: Math.round(fps),
      up_kbps: Math.max(0, Math.round(((sent - before.sent) * 8) / 1000 / seconds)),
      down_kbps: Math.max(0, Math.round(((received - before.received) * 8) / 1000 / seconds)),
      ...this.#health(),
    };
    this.latest = stats;
    this.#send(stats);
  }
}
