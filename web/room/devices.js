// Camera, microphone and loudspeaker of this room: which one is used, what happens when it is pulled out, and how loud it is.
// A physical device is meant, never the system's "default", whose meaning moves behind our back.

/** @typedef {"camera" | "microphone"} Kind */
/** @typedef {"off" | "ok" | "silent" | "gone" | "denied"} Health */
/**
 * @typedef {object} Change
 * @property {Kind} kind
 * @property {"lost" | "switched" | "back" | "none"} what
 * @property {string} label the device now in use, or the one that is gone
 */

const CAMERA = {
  // Chromium sends three simulcast layers from 960×540 up and two below: ask for 720 lines.
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

/** Below this for `SILENT_MS` a microphone is called silent: a pulled plug or a closed fader, not a quiet room (−50 dB and up). */
const SILENT_DB = -75;
const SILENT_MS = 8000;

const KINDS = /** @type {const} */ ({ camera: "videoinput", microphone: "audioinput" });

export class Devices {
  /** @type {Record<Kind, MediaStreamTrack | null>} */
  track = { camera: null, microphone: null };
  /** @type {Record<Kind, Health>} */
  health = { camera: "off", microphone: "off" };
  /** @type {(kind: Kind, track: MediaStreamTrack | null) => void} */
  ontrack = () => {};
  /** @type {(change: Change) => void} */
  onchange = () => {};
  onhealth = () => {};
  /** Peak of the last moments, dBFS. */
  levelDb = -100;

  /** @type {AudioContext | null} */
  #audio = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  #samples = new Float32Array(1024);
  #loudAt = performance.now();
  #store;

  /** @param {string} [store] where the choice is remembered, one for each seat of a machine */
  constructor(store = "devices") {
    this.#store = store;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#plugged());
    setInterval(() => this.#listen(), 100);
  }

  /**
   * Opens camera and microphone; each may fail alone. Asking for both at once shows one question instead of two.
   * @param {Kind[]} [kinds]
   */
  async open(kinds = ["camera", "microphone"]) {
    if (!navigator.mediaDevices) {
      for (const kind of kinds) this.#setHealth(kind, "denied");
      return;
    }
    if (kinds.length === 2) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({
          video: { ...CAMERA, ...this.#wish("camera") },
          audio: { ...MICROPHONE, ...this.#wish("microphone") },
        });
        for (const track of stream.getTracks())
          this.#take(track.kind === "video" ? "camera" : "microphone", track);
        return;
      } catch {
        // One of them is missing, busy or refused: find out which.
      }
    }
    for (const kind of kinds) await this.#openOne(kind);
  }

  /**
   * A person's choice: kept for next time.
   * @param {Kind} kind
   * @param {string} deviceId
   */
  async choose(kind, deviceId) {
    const choice = this.#choices();
    choice[kind] = deviceId;
    localStorage.setItem(this.#store, JSON.stringify(choice));
    await this.#openOne(kind);
  }

  /** @returns {string} the loudspeaker chosen here, or "" */
  get loudspeaker() {
    return this.#choices().loudspeaker ?? "";
  }

  /** @param {string} deviceId */
  chooseLoudspeaker(deviceId) {
    localStorage.setItem(this.#store, JSON.stringify({ ...this.#choices(), loudspeaker: deviceId }));
  }

  /**
   * Physical devices by kind. Names are empty until the person has allowed one.
   * @returns {Promise<Record<"camera" | "microphone" | "loudspeaker", {id: string, label: string}[]>>}
   */
  async list() {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    /** @param {MediaDeviceKind} kind */
    const of = (kind) =>
      all
        .filter((d) => d.kind === kind && d.deviceId !== "default" && d.deviceId !== "communications")
        .map((d) => ({ id: d.deviceId, label: d.label }));
    return { camera: of("videoinput"), microphone: of("audioinput"), loudspeaker: of("audiooutput") };
  }

  /** Shared by level, chime and checks; browsers limit how many there may be. */
  get audio() {
    this.#audio ??= new AudioContext();
    return this.#audio;
  }

  /**
   * Name of the device in use.
   * @param {Kind} kind
   */
  label(kind) {
    return this.track[kind]?.label ?? "";
  }

  close() {
    for (const kind of /** @type {Kind[]} */ (["camera", "microphone"])) {
      this.track[kind]?.stop();
      this.track[kind] = null;
    }
  }

  /** @returns {Record<string, string | undefined>} */
  #choices() {
    try {
      return JSON.parse(localStorage.getItem(this.#store) ?? "{}");
    } catch {
      return {};
    }
  }

  /** @param {Kind} kind */
  #wish(kind) {
    const id = this.#choices()[kind];
    return id ? { deviceId: { ideal: id } } : {};
  }

  /** @param {Kind} kind */
  async #openOne(kind) {
    const wish = { ...(kind === "camera" ? CAMERA : MICROPHONE), ...this.#wish(kind) };
    // The old one first: some cameras open once only.
    const old = this.track[kind];
    this.track[kind] = null;
    old?.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia(
        kind === "camera" ? { video: wish } : { audio: wish },
      );
      const track = stream.getTracks()[0];
      if (track) this.#take(kind, track);
      return true;
    } catch (error) {
      const denied = error instanceof DOMException && error.name === "NotAllowedError";
      this.#setHealth(kind, denied ? "denied" : "gone");
      this.ontrack(kind, null);
      return false;
    }
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack} track
   */
  #take(kind, track) {
    const old = this.track[kind];
    this.track[kind] = track;
    if (old && old !== track) old.stop();
    track.addEventListener("ended", () => {
      if (this.track[kind] === track) this.#pulled(kind, track.label);
    });
    if (kind === "camera") track.contentHint = "motion";
    else {
      this.#loudAt = performance.now();
      this.#meter(track);
    }
    this.#setHealth(kind, "ok");
    this.ontrack(kind, track);
    if (kind === "microphone") this.#pin(track);
  }

  /**
   * The system's "default" moves to another device behind our back, and the track with it or not: open what it means now by its own name.
   * @param {MediaStreamTrack} track
   */
  async #pin(track) {
    const { deviceId, groupId } = track.getSettings();
    if (deviceId !== "default" && deviceId !== "communications") return;
    const all = await navigator.mediaDevices.enumerateDevices();
    const physical = all.find(
      (d) =>
        d.kind === "audioinput" &&
        d.groupId === groupId &&
        d.deviceId !== "default" &&
        d.deviceId !== "communications",
    );
    if (!physical || this.track.microphone !== track) return;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { ...MICROPHONE, deviceId: { exact: physical.deviceId } },
      });
      const pinned = stream.getAudioTracks()[0];
      if (pinned && this.track.microphone === track) this.#take("microphone", pinned);
      else pinned?.stop();
    } catch {
      // It stays what the system calls default.
    }
  }

  /**
   * @param {Kind} kind
   * @param {string} label
   */
  async #pulled(kind, label) {
    this.track[kind] = null;
    this.#setHealth(kind, "gone");
    this.ontrack(kind, null);
    this.onchange({ kind, what: "lost", label });
    if (await this.#openOne(kind)) this.onchange({ kind, what: "switched", label: this.label(kind) });
    else this.onchange({ kind, what: "none", label });
  }

  /** Something was plugged in or out: the chosen device is taken back as soon as it is there. */
  async #plugged() {
    const all = (await navigator.mediaDevices.enumerateDevices()) ?? [];
    for (const kind of /** @type {Kind[]} */ (["camera", "microphone"])) {
      if (this.health[kind] === "off") continue;
      const there = all.filter((d) => d.kind === KINDS[kind]);
      const track = this.track[kind];
      const used = track?.getSettings().deviceId;
      const chosen = this.#choices()[kind];
      if (track && used && !there.some((d) => d.deviceId === used)) {
        // Firefox leaves the track running without a device.
        track.stop();
        await this.#pulled(kind, track.label);
      } else if (!track && there.length && this.health[kind] !== "denied") {
        if (await this.#openOne(kind)) this.onchange({ kind, what: "back", label: this.label(kind) });
      } else if (chosen && used !== chosen && there.some((d) => d.deviceId === chosen)) {
        if (await this.#openOne(kind)) this.onchange({ kind, what: "back", label: this.label(kind) });
      }
    }
  }

  /** @param {MediaStreamTrack} track */
  #meter(track) {
    try {
      this.#source?.disconnect();
      this.#analyser ??= new AnalyserNode(this.audio, { fftSize: 1024 });
      this.#source = this.audio.createMediaStreamSource(new MediaStream([track]));
      this.#source.connect(this.#analyser);
      if (this.audio.state === "suspended") this.audio.resume().catch(() => {});
    } catch {
      this.#source = null;
    }
  }

  #listen() {
    const track = this.track.microphone;
    if (!track || !this.#analyser || this.#audio?.state !== "running") {
      this.levelDb = -100;
      this.#loudAt = performance.now();
      return;
    }
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const s of this.#samples) sum += s * s;
    const db = 10 * Math.log10(sum / this.#samples.length + 1e-10);
    this.levelDb = Math.max(db, this.levelDb - 2);
    const now = performance.now();
    if (db > SILENT_DB) this.#loudAt = now;
    this.#setHealth("microphone", now - this.#loudAt > SILENT_MS || track.muted ? "silent" : "ok");
  }

  /**
   * @param {Kind} kind
   * @param {Health} health
   */
  #setHealth(kind, health) {
    if (this.health[kind] === health) return;
    this.health[kind] = health;
    this.onhealth();
  }
}

/**
 * Nine steps for a meter, as the ear hears them: silence 0, speech around 4 to 6.
 * @param {number} db
 */
export const steps = (db) => Math.max(0, Math.min(8, Math.round((db + 62) / 6.5)));
