// From something drawn to a picture for a slide: as wide as a television, small enough for a village's link.
const wide_px = 1920;
const high_px = 1620;
const bytes_max = 6 * 1024 * 1024;
/** Tried in this order until one is small enough; a browser that cannot write WebP says PNG instead. */
const ways = /** @type {const} */ ([
  ['image/webp', 0.86],
  ['image/jpeg', 0.88],
  ['image/jpeg', 0.6],
]);

/**
 * The size of the picture, and where in it what is drawn goes: a page is between a tenth and twice as high as wide.
 * @param {number} w @param {number} h
 */
export function fit(w, h) {
  const scale = Math.min(wide_px / w, high_px / h);
  const inner = {
    width: Math.max(1, Math.round(w * scale)),
    height: Math.max(1, Math.round(h * scale)),
  };
  const width = Math.max(inner.width, Math.ceil(inner.height / 2));
  const height = Math.max(inner.height, Math.ceil(inner.width / 10));
  return {
    width,
    height,
    left: Math.floor((width - inner.width) / 2),
    top: Math.floor((height - inner.height) / 2),
    inner,
    scale,
  };
}

/** An empty white canvas. */
export function paper(/** @type {number} */ width, /** @type {number} */ height) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) {
    throw new SlideError('memory');
  }
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}

/** @returns {Promise<Blob>} */
export async function encode(/** @type {HTMLCanvasElement} */ canvas) {
  for (const [type, quality] of ways) {
    const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ done) =>
      canvas.toBlob(done, type, quality),
    );
    if (blob && blob.type === type && blob.size <= bytes_max) {
      return blob;
    }
  }
  throw new SlideError('memory');
}

/** Why something does not become slides: `why` names a sentence. */
export class SlideError extends Error {
  constructor(/** @type {string} */ why, /** @type {unknown} */ cause = undefined) {
    super(cause instanceof Error ? cause.message : why);
    this.why = why;
  }
}
