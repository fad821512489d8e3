// The shape of a stroke: what its points look like when they are drawn, in units of the page.
import { getStroke } from 'perfect-freehand';
import { decodePoints } from './codec.js';

/** Colours of `c`, from 0 on. */
export const colours = [
  '#1f2937',
  '#dc2626',
  '#1d4ed8',
  '#15803d',
  '#ea580c',
  '#7e22ce',
  '#facc15',
  '#ffffff',
];
/** What a mouse or a finger reports, which feel no pressure: its speed makes the line thick or thin. */
export const no_pressure = 128;
/** How much thinner than `w` the lightest pressure draws. */
export const thinning = 0.55;
export const marker_alpha = 0.35;

/**
 * @typedef {{ path: Path2D, box: [number, number, number, number], points: number[] }} Shape `box`: left, top, right,
 * bottom
 */

/** Those of the page that is shown: of all pages they would take more memory than a small computer has to spare.
 * @type {WeakMap<import('./model.js').Stroke, Shape | null>} */
let shapes = new WeakMap();

export function forgetShapes() {
  shapes = new WeakMap();
}

/** @param {number[]} points flat @param {string} t @param {number} w @returns {Shape} */
export function shape(points, t, w) {
  const list = [];
  let felt = false;
  for (let i = 0; i < points.length; i += 3) {
    list.push([points[i], points[i + 1], points[i + 2] / 255]);
    felt ||= points[i + 2] !== no_pressure;
  }
  const marker = t === 'marker';
  const outline = getStroke(list, {
    size: w,
    thinning: marker ? 0 : thinning,
    smoothing: 0.5,
    streamline: 0.3,
    simulatePressure: !marker && !felt,
    last: true,
  });
  return { ...closed(outline), points };
}

/** A smooth closed line through the middles of the outline's sides. */
function closed(/** @type {number[][]} */ outline) {
  const path = new Path2D();
  /** @type {Shape['box']} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const count = outline.length;
  for (let i = 0; i < count; i++) {
    const [x, y] = outline[i];
    const [next_x, next_y] = outline[(i + 1) % count];
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
    if (i === 0) {
      path.moveTo((outline[count - 1][0] + x) / 2, (outline[count - 1][1] + y) / 2);
    }
    path.quadraticCurveTo(x, y, (x + next_x) / 2, (y + next_y) / 2);
  }
  path.closePath();
  return { path, box };
}

/** The shape of a stroke of the log, made once; null where its points are none. */
export function shapeOf(/** @type {import('./model.js').Stroke} */ stroke) {
  let known = shapes.get(stroke);
  if (known === undefined) {
    const points = decodePoints(stroke.d);
    known = points ? shape(points, stroke.t, stroke.w) : null;
    shapes.set(stroke, known);
  }
  return known;
}

/** Draws a shape where the context's units are the page's. */
export function fill(
  /** @type {CanvasRenderingContext2D} */ context,
  /** @type {Shape} */ { path },
  /** @type {string} */ t,
  /** @type {number} */ c,
) {
  context.globalAlpha = t === 'marker' ? marker_alpha : 1;
  context.fillStyle = colours[c] ?? colours[0];
  context.fill(path);
}
