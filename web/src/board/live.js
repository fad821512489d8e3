// What is on the board for a moment: strokes in the making and the laser pointer. Kept by nobody; a whole stroke takes
// the place of its pieces. No DOM here.
import { signal } from '@preact/signals';
import { decodePoints, points_max, units_max } from './codec.js';

/** A stroke of which nothing more came was given up, or its end got lost. */
const stroke_ms = 3000;
const laser_ms = 1500;
const strokes_max = 32;

/**
 * @typedef {{ id: string, p: string, t: string, c: number, w: number, points: number[], mine: boolean, at_ms: number }} LiveStroke
 */

export class Live {
  constructor(/** @type {{ now: () => number, set: Function, clear: Function }} */ timers) {
    this.timers = timers;
    /** @type {Map<string, LiveStroke>} */
    this.strokes = new Map();
    /** @type {{ p: string, x: number, y: number, at_ms: number } | null} */
    this.laser = null;
    /** Counts up with each change, so that a view draws. */
    this.changes = signal(0);
    /** @type {any} */
    this.timer = null;
  }

  /** A piece of somebody's stroke. */
  ink(/** @type {any} */ { s, i = 0, p, t, c, w, d }) {
    const known = this.strokes.get(s);
    if (known?.mine) {
      return;
    }
    if (i === 0 && this.strokes.size < strokes_max) {
      const points = decodePoints(d);
      if (points) {
        this.put({ id: s, p, t, c, w, points, mine: false, at_ms: this.timers.now() });
      }
    } else if (known && i > 0) {
      const more = known.points.length === 3 * i ? decodePoints(d, known.points.slice(-3)) : null;
      if (more && i + more.length / 3 <= points_max) {
        known.points.push(...more);
        known.at_ms = this.timers.now();
        this.changed();
      } else {
        this.drop(s); // a piece is missing: the whole stroke comes soon
      }
    }
  }

  put(/** @type {LiveStroke} */ stroke) {
    this.strokes.set(stroke.id, stroke);
    this.changed();
  }

  /** The stroke is whole now, or given up. */
  drop(/** @type {string} */ id) {
    if (this.strokes.delete(id)) {
      this.changed();
    }
  }

  point(/** @type {any} */ { p, x, y, off = false }) {
    const there = typeof p === 'string' && [x, y].every((v) => v >= 0 && v <= units_max);
    this.laser = !off && there ? { p, x, y, at_ms: this.timers.now() } : null;
    this.changed();
  }

  clear() {
    this.strokes.clear();
    this.laser = null;
    this.changed();
  }

  changed() {
    this.changes.value = this.changes.peek() + 1;
    this.timer ??= this.timers.set(() => this.fade(), 500);
  }

  /** @private */
  fade() {
    this.timer = null;
    const now = this.timers.now();
    for (const { id, mine, at_ms } of [...this.strokes.values()]) {
      if (!mine && now - at_ms >= stroke_ms) {
        this.strokes.delete(id);
      }
    }
    if (this.laser && now - this.laser.at_ms >= laser_ms) {
      this.laser = null;
    }
    if (this.strokes.size > 0 || this.laser) {
      this.timer = this.timers.set(() => this.fade(), 500);
    }
    this.changes.value = this.changes.peek() + 1;
  }
}
