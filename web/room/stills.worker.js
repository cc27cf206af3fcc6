// Decodes the wall's pictures beside the page's thread, and takes 70 % of the colour out of those of quiet sites: every meeting room has
// a red backdrop, and red means on air. Done here once a picture, because a CSS filter on 600 tiles is paid in every frame.

/** @typedef {{id: number, jpeg: Blob, width: number, quiet: boolean}} Wanted */

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { alpha: false });

/** @param {Wanted} wanted */
async function decode({ id, jpeg, width, quiet }) {
  try {
    const bitmap = await createImageBitmap(jpeg, { resizeWidth: width, resizeQuality: "low" });
    if (!quiet || !context) return postMessage({ id, bitmap }, { transfer: [bitmap] });
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    context.globalCompositeOperation = "saturation";
    context.fillStyle = "rgb(128 128 128 / 0.7)";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.globalCompositeOperation = "source-over";
    context.fillStyle = "rgb(0 0 0 / 0.14)";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const drawn = canvas.transferToImageBitmap();
    postMessage({ id, bitmap: drawn }, { transfer: [drawn] });
  } catch {
    // Not a picture: the one before stays.
    postMessage({ id, bitmap: null });
  }
}

// One after the other, as they share a canvas.
let last = Promise.resolve();
addEventListener("message", (event) => {
  last = last.then(() => decode(event.data));
});
