// Fixed slots on the screen: each has one video or audio element for the life of the page. A new track takes over only when its
// first picture is there, so a rejoin looks like a short freeze and never like a black screen.

/** A slot without a new picture for this long after its track came is handed over anyway. */
const HANDOVER_MS = 8000;

/**
 * A video that waits for its first picture holds the page's load back, and an empty slot may wait for hours: the tab would turn for ever.
 * @param {() => void} act
 */
function whenLoaded(act) {
  if (document.readyState === "complete") act();
  else window.addEventListener("load", act, { once: true });
}

export class Slots {
  /** @type {Map<string, HTMLMediaElement[]>} */
  #elements = new Map();
  /** @type {Map<string, MediaStreamTrack>} */
  #tracks = new Map();
  /** Playing was refused until somebody touches the page. */
  blocked = false;
  onblocked = () => {};

  /**
   * Shows slot `index` of `slot` in this element, beside others that may show it too.
   * @param {string} slot
   * @param {number} index
   * @param {HTMLMediaElement} element
   */
  place(slot, index, element) {
    const key = `${slot}${index}`;
    const there = this.#elements.get(key) ?? [];
    this.#elements.set(key, [...there, element]);
    const track = this.#tracks.get(key);
    if (track) whenLoaded(() => this.#give(element, track));
  }

  /**
   * @param {string} slot
   * @param {number} index
   * @param {MediaStreamTrack} track
   */
  attach(slot, index, track) {
    const key = `${slot}${index}`;
    this.#tracks.set(key, track);
    whenLoaded(() => {
      if (this.#tracks.get(key) !== track) return;
      for (const element of this.#elements.get(key) ?? []) this.#give(element, track);
    });
  }

  /**
   * Makes an element show another slot's picture.
   * @param {HTMLMediaElement} element
   * @param {string} slot
   * @param {number} index
   */
  turn(element, slot, index) {
    const key = `${slot}${index}`;
    if (this.#elements.get(key)?.includes(element)) return;
    for (const [k, list] of this.#elements) {
      const without = list.filter((e) => e !== element);
      if (without.length !== list.length) this.#elements.set(k, without);
    }
    this.#elements.set(key, [...(this.#elements.get(key) ?? []), element]);
    const track = this.#tracks.get(key);
    if (!track) return;
    whenLoaded(() => {
      element.srcObject = new MediaStream([track]);
      this.#play(element);
    });
  }

  /**
   * @param {number} index
   * @param {number} volume 0 to 1
   */
  volume(index, volume) {
    for (const element of this.#elements.get(`voice${index}`) ?? []) element.volume = volume;
  }

  /** @param {string} deviceId */
  async loudspeaker(deviceId) {
    for (const [key, list] of this.#elements) {
      if (!key.startsWith("voice")) continue;
      for (const element of list) {
        // Firefox 115 has no choice of loudspeaker.
        if ("setSinkId" in element) await element.setSinkId(deviceId).catch(() => {});
      }
    }
  }

  /** Somebody touched the page: what was refused may play now. */
  async unblock() {
    this.blocked = false;
    for (const list of this.#elements.values())
      for (const element of list) if (element.srcObject) this.#play(element);
    this.onblocked();
  }

  /**
   * @param {HTMLMediaElement} element
   * @param {MediaStreamTrack} track
   */
  #give(element, track) {
    const stream = new MediaStream([track]);
    if (!(element instanceof HTMLVideoElement) || !element.srcObject || element.readyState < 2) {
      element.srcObject = stream;
      this.#play(element);
      return;
    }
    const scout = document.createElement("video");
    scout.muted = true;
    scout.playsInline = true;
    scout.srcObject = stream;
    const done = () => {
      clearTimeout(timer);
      scout.onloadeddata = null;
      scout.srcObject = null;
      const current = [...this.#tracks.values()].includes(track);
      if (!current) return;
      element.srcObject = stream;
      this.#play(element);
    };
    const timer = setTimeout(done, HANDOVER_MS);
    scout.onloadeddata = done;
    scout.play().catch(() => {});
  }

  /** @param {HTMLMediaElement} element */
  #play(element) {
    element.play().catch((error) => {
      if (error instanceof DOMException && error.name === "NotAllowedError" && !this.blocked) {
        this.blocked = true;
        this.onblocked();
      }
    });
  }
}
