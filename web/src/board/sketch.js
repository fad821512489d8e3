// The quick likeness of thousands of strokes, which are to be there at once: set as pixels, without smooth edges, in a tenth
// of the time that the browser takes to fill their true shapes.
import { decodePoints, page_units } from './codec.js';
import { colours, marker_alpha, thinning } from './outline.js';

export class Sketch {
  /** @param {number} width @param {number} height in pixels */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    /** Pixels as ImageData has them: not premultiplied. */
    this.bytes = new Uint8ClampedArray(width * height * 4);
    /** Whole pixels: red is the lowest byte, as on every machine that has a browser. @private */
    this.pixels = new Uint32Array(this.bytes.buffer);
    /** Which marker was at a pixel last: one stroke does not darken itself. @private @type {Uint32Array | null} */
    this.touched = null;
    /** @private */
    this.count = 0;
  }

  add(/** @type {import('./model.js').Stroke} */ { d, t, c, w }) {
    const points = decodePoints(d);
    if (!points) {
      return;
    }
    const marker = t === 'marker';
    const colour = Number.parseInt((colours[c] ?? colours[0]).slice(1), 16);
    const rgb = [colour >> 16, (colour >> 8) & 255, colour & 255];
    this.count += 1;
    const opaque = ((255 << 24) | (rgb[2] << 16) | (rgb[1] << 8) | rgb[0]) >>> 0;
    /** @param {number} at @param {number} until */
    const set = marker
      ? (at, until, step) => this.mark(at, until, step, rgb)
      : (at, until, step) => {
          for (let i = at; i < until; i += step) {
            this.pixels[i] = opaque;
          }
        };
    const scale = this.width / page_units;
    const half = (/** @type {number} */ pressure) =>
      w * scale * (0.5 + (marker ? 0 : thinning * (pressure / 255 - 0.5)));
    let [x, y] = [points[0] * scale, points[1] * scale];
    const dot = points.length === 3;
    for (let i = dot ? 0 : 3; i < points.length; i += 3) {
      const [to_x, to_y] = [points[i] * scale, points[i + 1] * scale];
      const dx = to_x - x;
      const dy = to_y - y;
      const long = Math.max(Math.abs(dx), Math.abs(dy));
      if (long < 1 && i + 3 < points.length) {
        continue; // less than a pixel: with the next one
      }
      this.line(x, y, dx, dy, half(points[i + 2]), set);
      x = to_x;
      y = to_y;
    }
  }

  /**
   * A straight piece, as spans across the direction in which it is longer.
   * @private @param {number} x @param {number} y @param {number} dx @param {number} dy @param {number} half
   * @param {(at: number, until: number, step: number) => void} set
   */
  line(x, y, dx, dy, half, set) {
    const flat = Math.abs(dx) >= Math.abs(dy);
    const [along, across] = flat ? [dx, dy] : [dy, dx];
    const [from, beside] = flat ? [x, y] : [y, x];
    const [length, breadth] = flat ? [this.width, this.height] : [this.height, this.width];
    const [next, step] = flat ? [1, this.width] : [this.width, 1];
    const slope = along ? across / along : 0;
    const span = along ? half * Math.sqrt(1 + slope * slope) : half;
    const [low, high] = along
      ? [Math.min(from, from + along), Math.max(from, from + along)]
      : [from - half, from + half];
    const end = Math.min(length - 1, Math.round(high));
    for (let at = Math.max(0, Math.round(low)); at <= end; at++) {
      const middle = beside + slope * (Math.min(high, Math.max(low, at)) - from);
      const first = Math.max(0, Math.round(middle - span));
      const last = Math.min(breadth, Math.max(first + 1, Math.round(middle + span)));
      set(at * next + first * step, at * next + last * step, step);
    }
  }

  /** Lays a marker's colour over what is there. @private
   * @param {number} at @param {number} until @param {number} step @param {number[]} rgb */
  mark(at, until, step, rgb) {
    this.touched ??= new Uint32Array(this.pixels.length);
    const { bytes, touched, count } = this;
    for (let i = at; i < until; i += step) {
      if (touched[i] === count) {
        continue;
      }
      touched[i] = count;
      const below = (bytes[4 * i + 3] / 255) * (1 - marker_alpha);
      const alpha = marker_alpha + below;
      for (let k = 0; k < 3; k++) {
        bytes[4 * i + k] = (rgb[k] * marker_alpha + bytes[4 * i + k] * below) / alpha;
      }
      bytes[4 * i + 3] = 255 * alpha;
    }
  }
}
