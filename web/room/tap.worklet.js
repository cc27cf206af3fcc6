// Takes what the microphone hears, sample for sample, to the page: the echo test compares it with what was played.

class Tap extends AudioWorkletProcessor {
  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const samples = inputs[0]?.[0];
    if (samples) this.port.postMessage({ at: currentTime, samples: samples.slice() });
    return true;
  }
}

registerProcessor("tap", Tap);
