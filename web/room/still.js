// The wall's picture of this room: a small JPEG every four seconds over the socket.

const EVERY_MS = 4000;
/** The server refuses more. */
const BYTES_MAX = 24 * 1024;
const WIDTH = 320;

export class Still {
  #video;
  #send;
  #canvas = document.createElement("canvas");
  #quality = 0.6;

  /**
   * @param {HTMLVideoElement} video the room's own picture
   * @param {(jpeg: ArrayBuffer) => void} send
   */
  constructor(video, send) {
    this.#video = video;
    this.#send = send;
    // Sites that join in the same second do not send in the same second for ever.
    setTimeout(() => this.#take(), 500 + 1000 * Math.random());
  }

  #take() {
    setTimeout(() => this.#take(), EVERY_MS * (0.9 + 0.2 * Math.random()));
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth || !videoHeight || this.#video.paused) return;
    const height = Math.round((WIDTH * videoHeight) / videoWidth);
    if (this.#canvas.width !== WIDTH || this.#canvas.height !== height) {
      this.#canvas.width = WIDTH;
      this.#canvas.height = height;
    }
    this.#canvas.getContext("2d", { alpha: false })?.drawImage(this.#video, 0, 0, WIDTH, height);
    this.#canvas.toBlob(
      async (blob) => {
        if (!blob) return;
        if (blob.size > BYTES_MAX) {
          this.#quality = Math.max(0.2, this.#quality - 0.1);
          return;
        }
        this.#send(await blob.arrayBuffer());
      },
      "image/jpeg",
      this.#quality,
    );
  }
}
