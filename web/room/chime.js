// Sounds made here, of sines, so that nothing is loaded when it matters: the bell before a room goes on air, and the sweep of the echo test.

/**
 * @param {AudioContext} audio
 * @param {{frequency: number, at: number, seconds: number, gain: number}} note
 */
function bell(audio, { frequency, at, seconds, gain }) {
  const start = audio.currentTime + at;
  // A bell is a fundamental and two quiet partials that die sooner.
  for (const [times, part] of /** @type {const} */ ([
    [1, 1],
    [2.01, 0.25],
    [3.98, 0.08],
  ])) {
    const tone = new OscillatorNode(audio, { frequency: frequency * times });
    const envelope = new GainNode(audio, { gain: 0 });
    envelope.gain.setValueAtTime(0, start);
    envelope.gain.linearRampToValueAtTime(gain * part, start + 0.012);
    envelope.gain.exponentialRampToValueAtTime(0.0001, start + seconds / times ** 0.5);
    tone.connect(envelope).connect(audio.destination);
    tone.start(start);
    tone.stop(start + seconds);
  }
}

/**
 * Two soft notes, a fourth apart: "you are about to be heard".
 * @param {AudioContext} audio
 */
export async function chime(audio) {
  if (audio.state === "suspended") await audio.resume().catch(() => {});
  bell(audio, { frequency: 587.3, at: 0, seconds: 1.1, gain: 0.22 });
  bell(audio, { frequency: 784, at: 0.28, seconds: 1.4, gain: 0.22 });
}

/**
 * One quiet low note: the turn is over.
 * @param {AudioContext} audio
 */
export async function close(audio) {
  if (audio.state === "suspended") await audio.resume().catch(() => {});
  bell(audio, { frequency: 440, at: 0, seconds: 0.9, gain: 0.14 });
}

/** Seconds of the sweep. */
export const SWEEP_SECONDS = 0.35;

/**
 * The sweep's samples: it rises from 400 Hz to 3.4 kHz, where rooms and small microphones both answer; its echo cannot be mistaken for speech.
 * @param {number} rate
 */
export function sweepSamples(rate) {
  const n = Math.round(SWEEP_SECONDS * rate);
  const samples = new Float32Array(n);
  const from = 400;
  const to = 3400;
  for (let i = 0; i < n; i++) {
    const t = i / rate;
    const phase = 2 * Math.PI * (from * t + ((to - from) * t * t) / (2 * SWEEP_SECONDS));
    const edge = Math.min(1, i / (0.02 * rate), (n - i) / (0.02 * rate));
    samples[i] = 0.5 * edge * Math.sin(phase);
  }
  return samples;
}

/**
 * Plays the sweep and returns when it began, on the context's clock.
 * @param {AudioContext} audio
 */
export async function sweep(audio) {
  if (audio.state === "suspended") await audio.resume().catch(() => {});
  const samples = sweepSamples(audio.sampleRate);
  const buffer = new AudioBuffer({ length: samples.length, sampleRate: audio.sampleRate });
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(audio, { buffer });
  source.connect(audio.destination);
  const at = audio.currentTime + 0.05;
  source.start(at);
  return at;
}
