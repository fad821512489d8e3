// Strokes that are drawn here: thinned, sent in pieces while they grow, and as a whole at the end. No DOM here.
import { encodePoints, points_max } from './codec.js';

/** How often a piece goes out: often enough for an eye, seldom enough for a poor link. */
const piece_ms = 50;
const piece_points = 250;
/** Points that come faster, or lie closer, add nothing that can be seen. */
const point_ms = 15;
const point_units = 6;

/** @typedef {{ p: string, t: 'pen' | 'marker', c: number, w: number }} Nib */

export class Pen {
  constructor(/** @type {import('./feed.js').BoardFeed} */ board) {
    this.board = board;
    /** @type {import('./live.js').LiveStroke | null} */
    this.stroke = null;
    this.sent = 0;
    this.last_ms = 0;
    /** The newest point while it is too close to be kept. @type {number[] | null} */
    this.skipped = null;
    /** @type {any} */
    this.timer = null;
  }

  /** @param {Nib} nib @param {number[]} point x, y, pressure @param {number} at_ms */
  begin(nib, point, at_ms) {
    this.finish();
    const { live, timers } = this.board;
    this.stroke = {
      id: this.board.newId(),
      ...nib,
      points: [...point],
      mine: true,
      at_ms: timers.now(),
    };
    this.sent = 0;
    this.last_ms = at_ms;
    this.skipped = null;
    live.put(this.stroke);
    this.piece();
  }

  /** The pen has moved. */
  move(/** @type {number[]} */ point, /** @type {number} */ at_ms) {
    const stroke = this.stroke;
    if (!stroke) {
      return;
    }
    const [x, y] = stroke.points.slice(-3);
    const far = Math.hypot(point[0] - x, point[1] - y) >= point_units;
    if (!far || at_ms - this.last_ms < point_ms) {
      this.skipped = point;
      return;
    }
    this.keep(point);
    this.last_ms = at_ms;
    if (stroke.points.length >= 3 * (points_max - 1)) {
      const { p, t, c, w } = stroke;
      this.begin(/** @type {Nib} */ ({ p, t, c, w }), point, at_ms);
    }
  }

  /** The pen is up: the stroke is whole. @returns {string | null} its id */
  finish() {
    const stroke = this.stroke;
    if (!stroke) {
      return null;
    }
    if (this.skipped) {
      this.keep(this.skipped);
    }
    this.stop();
    const { id, p, t, c, w, points } = stroke;
    const entry = { k: 'stroke', id, p, t, c, w, d: encodePoints(points) };
    if (!this.board.add([entry])) {
      this.board.live.drop(id);
      return null;
    }
    return id;
  }

  /** It was no stroke: a palm, a second finger. */
  cancel() {
    if (this.stroke) {
      this.board.live.drop(this.stroke.id);
      this.stop();
    }
  }

  /** @private */
  keep(/** @type {number[]} */ point) {
    const stroke = /** @type {import('./live.js').LiveStroke} */ (this.stroke);
    stroke.points.push(...point);
    this.skipped = null;
    this.board.live.changed();
    this.timer ??= this.board.timers.set(() => {
      this.timer = null;
      this.piece();
    }, piece_ms);
  }

  /** Sends what has come since the last piece. @private */
  piece() {
    const stroke = this.stroke;
    while (stroke && this.sent < stroke.points.length) {
      const { id, p, t, c, w, points } = stroke;
      const i = this.sent / 3;
      const before = i > 0 ? points.slice(this.sent - 3, this.sent) : undefined;
      const d = encodePoints(points.slice(this.sent, this.sent + 3 * piece_points), before);
      this.board.socket.tell('board.ink', i === 0 ? { s: id, i, p, t, c, w, d } : { s: id, i, d });
      this.sent = Math.min(this.sent + 3 * piece_points, points.length);
    }
  }

  /** @private */
  stop() {
    this.board.timers.clear(this.timer);
    this.timer = null;
    this.stroke = null;
    this.skipped = null;
  }
}
