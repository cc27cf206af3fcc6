// Does the loudspeaker come back through the microphone? A sweep is played, and what is heard is compared with it at every delay.

import { SWEEP_SECONDS, sweep, sweepSamples } from "./chime.js";

/** The comparison runs at this rate: the sweep ends at 3.4 kHz. */
const RATE = 8000;
/** The longest way of a sound through a room, a television and a cheap sound card. */
const DELAY_MAX_SECONDS = 0.8;
/** How much the peak must stand above the rest to be an echo and not chance. */
const PROMINENCE_MIN = 7;
/** And how much of what was heard at that moment must be the sweep: a voice or a fan is loud without being alike. */
const LIKENESS_MIN = 0.25;

/**
 * @typedef {object} Echo
 * @property {boolean} heard
 * @property {number} delayMs
 * @property {number} levelDb of the echo against full scale
 */

/**
 * @param {Float32Array} samples
 * @param {number} rate
 */
export function slow(samples, rate) {
  const step = rate / RATE;
  const out = new Float32Array(Math.floor(samples.length / step));
  for (let i = 0; i < out.length; i++) {
    // A mean over the step is filter enough for a search.
    const from = Math.floor(i * step);
    const to = Math.max(from + 1, Math.floor((i + 1) * step));
    let sum = 0;
    for (let j = from; j < to; j++) sum += samples[j] ?? 0;
    out[i] = sum / (to - from);
  }
  return out;
}

/**
 * Where and how strongly `played` is found in `heard`; both at `RATE`.
 * @param {Float32Array} heard
 * @param {Float32Array} played
 * @returns {Echo}
 */
export function findEcho(heard, played) {
  const lags = Math.max(0, Math.min(heard.length - played.length, Math.round(DELAY_MAX_SECONDS * RATE)));
  const energy = played.reduce((sum, s) => sum + s * s, 0);
  const strengths = new Float32Array(lags);
  let best = 0;
  for (let lag = 0; lag < lags; lag++) {
    let sum = 0;
    for (let i = 0; i < played.length; i++) sum += (heard[lag + i] ?? 0) * (played[i] ?? 0);
    strengths[lag] = Math.abs(sum) / energy;
    if ((strengths[lag] ?? 0) > (strengths[best] ?? 0)) best = lag;
  }
  const sorted = [...strengths].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const peak = strengths[best] ?? 0;
  let window = 0;
  for (let i = 0; i < played.length; i++) window += (heard[best + i] ?? 0) ** 2;
  const likeness = window > 0 ? peak * Math.sqrt(energy / window) : 0;
  // The sweep was played at half of full scale: peak 1 means that it came back as loud as it was sent.
  const levelDb = 20 * Math.log10(peak * 0.5 + 1e-7);
  return {
    heard: peak > PROMINENCE_MIN * median && likeness > LIKENESS_MIN && levelDb > -66,
    delayMs: Math.round((best / RATE) * 1000),
    levelDb,
  };
}

/**
 * Plays the sweep three times and judges the last: an echo canceller needs a moment to learn the room.
 * @param {AudioContext} audio
 * @param {MediaStreamTrack} microphone
 * @returns {Promise<Echo>}
 */
export async function measureEcho(audio, microphone) {
  await audio.resume();
  await audio.audioWorklet.addModule(new URL("./tap.worklet.js", import.meta.url));
  const source = audio.createMediaStreamSource(new MediaStream([microphone]));
  const tap = new AudioWorkletNode(audio, "tap", { numberOfInputs: 1, numberOfOutputs: 1 });
  const silent = new GainNode(audio, { gain: 0 });
  /** @type {{at: number, samples: Float32Array}[]} */
  const blocks = [];
  tap.port.onmessage = (event) => blocks.push(event.data);
  source.connect(tap).connect(silent).connect(audio.destination);
  try {
    let at = 0;
    for (let i = 0; i < 3; i++) {
      at = await sweep(audio);
      await new Promise((done) => setTimeout(done, 1000 * (SWEEP_SECONDS + DELAY_MAX_SECONDS + 0.15)));
    }
    const from = blocks.filter((block) => block.at >= at - 0.01);
    const heard = new Float32Array(from.reduce((n, block) => n + block.samples.length, 0));
    let offset = 0;
    for (const { samples } of from) {
      heard.set(samples, offset);
      offset += samples.length;
    }
    return findEcho(slow(heard, audio.sampleRate), slow(sweepSamples(audio.sampleRate), audio.sampleRate));
  } finally {
    tap.port.onmessage = null;
    source.disconnect();
    tap.disconnect();
    silent.disconnect();
  }
}
