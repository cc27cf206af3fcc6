// The conference's clock on this page: the server's time, kept by our own monotonic counter.
// The demo's clock is shifted by months, so nothing here may use Date.now() for what people read.

/** Asia/Ho_Chi_Minh has had no daylight saving time since 1975; every conference is shown in it. */
const ZONE_MS = 7 * 3600 * 1000;

export class Clock {
  #offset = Date.now() - performance.now();

  /**
   * Takes the server's time. A sample that came late only ever makes the clock slow, so the largest wins
   * until the server's clock itself has been moved.
   * @param {number} now milliseconds since the epoch, as the server sent it
   * @param {boolean} [fresh] after a (re)connection: forget older samples
   */
  set(now, fresh = false) {
    const offset = now - performance.now();
    const moved = Math.abs(offset - this.#offset) > 2000;
    if (fresh || moved || offset > this.#offset) this.#offset = offset;
  }

  /** Milliseconds since the epoch on the conference's clock. */
  now() {
    return performance.now() + this.#offset;
  }
}

/** @param {number} n */
const two = (n) => String(n).padStart(2, "0");

/**
 * "09:14", or "09:14:31" with seconds.
 * @param {number} ms
 * @param {boolean} [seconds]
 */
export function timeOfDay(ms, seconds = false) {
  const date = new Date(ms + ZONE_MS);
  const hm = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return seconds ? `${hm}:${two(date.getUTCSeconds())}` : hm;
}

/**
 * "02:31"; an hour and more is "1:02:31"; below zero "−0:42".
 * @param {number} ms
 * @param {boolean} [padded] two digits for the minutes
 */
export function span(ms, padded = false) {
  const negative = ms < 0;
  const total = Math.floor(Math.abs(ms) / 1000);
  const s = total % 60;
  const m = Math.floor(total / 60) % 60;
  const h = Math.floor(total / 3600);
  const text = h ? `${h}:${two(m)}:${two(s)}` : `${padded ? two(m) : m}:${two(s)}`;
  return negative && total ? `−${text}` : text;
}

/**
 * For the datetime attribute: "PT2M31S".
 * @param {number} ms
 */
export function duration(ms) {
  const total = Math.max(0, Math.floor(ms / 1000));
  return `PT${Math.floor(total / 60)}M${total % 60}S`;
}
