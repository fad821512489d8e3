// Draws a page's ink into two canvases: what stays, kept as a picture to which a new stroke only adds itself, and what is
// there for a moment, drawn anew each time. A page of thousands of strokes is sketched first, so that it is there at once;
// their true shapes are drawn beside it and take its place.
import { page_units } from './codec.js';
import { fill, forgetShapes, shape, shapeOf } from './outline.js';
import { Sketch } from './sketch.js';

/** So long may one frame draw, before the browser gets its turn. */
const slice_ms = 24;
/** As many strokes that are still to be drawn are sketched first. */
const sketch_from = 1500;
/** A frame costs more than they. */
const sketch_slice_ms = 60;
/** More strokes than this around a vanished one: the whole page is drawn again, in slices. */
const mend_max = 2000;
const laser_units = 160;

/** @typedef {import('./model.js').Stroke} Stroke */

export class Painter {
  /** @param {HTMLCanvasElement} ink @param {HTMLCanvasElement} live @param {() => void} on_more draw again soon */
  constructor(ink, live, on_more) {
    this.ink = /** @type {CanvasRenderingContext2D} */ (ink.getContext('2d'));
    this.live = /** @type {CanvasRenderingContext2D} */ (live.getContext('2d'));
    this.on_more = on_more;
    this.page = '';
    /** @type {Stroke[]} */
    this.strokes = [];
    this.drawn = 0;
    /** @type {Sketch | null} */
    this.sketch = null;
    /** Where what is sketched is drawn truly, and how much of it is. @type {CanvasRenderingContext2D | null} */
    this.fair = null;
    this.fair_drawn = 0;
    this.live_dirty = false;
  }

  /** Sets the size in pixels of the screen; a new size empties both canvases. */
  size(/** @type {number} */ width, /** @type {number} */ height) {
    const { canvas } = this.ink;
    if (canvas.width !== width || canvas.height !== height) {
      for (const { canvas: each } of [this.ink, this.live]) {
        each.width = width;
        each.height = height;
      }
      this.anew();
    }
  }

  /** Draws what changed since the last time. */
  show(/** @type {string} */ page, /** @type {Stroke[]} */ strokes) {
    const before = this.strokes;
    this.strokes = strokes;
    if (page !== this.page) {
      this.page = page;
      forgetShapes();
      this.anew();
    } else if (strokes === before) {
      // only the size may have changed
    } else if (this.drawn < before.length) {
      if (!before.every((stroke, i) => stroke === strokes[i])) {
        this.anew();
      }
    } else if (this.sketch || !this.mend(before, strokes)) {
      const longer = this.sketch && before.every((stroke, i) => stroke === strokes[i]);
      if (!longer) {
        this.anew();
      }
    }
    this.more();
  }

  /** Strokes in the making and the laser. */
  showLive(
    /** @type {Iterable<any>} */ strokes,
    /** @type {{ x: number, y: number } | null} */ laser,
  ) {
    const { live } = this;
    if (this.live_dirty) {
      live.setTransform(1, 0, 0, 1, 0, 0);
      live.clearRect(0, 0, live.canvas.width, live.canvas.height);
      this.live_dirty = false;
    }
    this.scale(live);
    for (const { points, t, c, w } of strokes) {
      fill(live, shape(points, t, w), t, c);
      this.live_dirty = true;
    }
    if (laser) {
      spot(live, laser.x, laser.y);
      this.live_dirty = true;
    }
  }

  /** @private */
  scale(/** @type {CanvasRenderingContext2D} */ context) {
    const scale = context.canvas.width / page_units;
    context.setTransform(scale, 0, 0, scale, 0, 0);
  }

  /** @private */
  anew() {
    const { ink } = this;
    ink.setTransform(1, 0, 0, 1, 0, 0);
    ink.clearRect(0, 0, ink.canvas.width, ink.canvas.height);
    this.drawn = 0;
    this.sketch = null;
    this.fair = null;
  }

  /** Draws on from where it stands, for one slice. @private */
  more() {
    const { ink, strokes } = this;
    const { width, height } = ink.canvas;
    if (!this.sketch && strokes.length - this.drawn > sketch_from) {
      this.sketch = new Sketch(width, height);
      this.drawn = 0;
    }
    const { sketch } = this;
    const until = performance.now() + (sketch ? sketch_slice_ms : slice_ms);
    this.scale(ink);
    const at = this.drawn;
    this.drawn = inTime(strokes, at, until, (stroke) =>
      sketch ? sketch.add(stroke) : draw(ink, stroke),
    );
    if (sketch && this.drawn > at) {
      ink.putImageData(new ImageData(sketch.bytes, width, height), 0, 0);
    }
    if (this.drawn < strokes.length) {
      this.on_more();
    } else if (sketch) {
      this.makeFair();
    }
  }

  /** Draws on at the true shapes of what is sketched; when all are drawn they take its place. @private */
  makeFair() {
    const { ink, strokes } = this;
    const { width, height } = ink.canvas;
    if (!this.fair) {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      this.fair = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      this.fair_drawn = 0;
    } else {
      const { fair } = this;
      this.scale(fair);
      const until = performance.now() + slice_ms / 2; // it is not urgent
      this.fair_drawn = inTime(strokes, this.fair_drawn, until, (stroke) => draw(fair, stroke));
      if (this.fair_drawn === strokes.length) {
        ink.setTransform(1, 0, 0, 1, 0, 0);
        ink.clearRect(0, 0, width, height);
        ink.globalAlpha = 1;
        ink.drawImage(fair.canvas, 0, 0);
        this.sketch = null;
        this.fair = null;
        return;
      }
    }
    this.on_more();
  }

  /**
   * Strokes came at the end, or vanished or came back between others: only there is drawn again. False: too much.
   * @private
   */
  mend(/** @type {Stroke[]} */ before, /** @type {Stroke[]} */ after) {
    let same = 0;
    while (same < before.length && before[same] === after[same]) {
      same += 1;
    }
    if (same === before.length) {
      return true; // what is new lies on top
    }
    const old = new Set(before);
    const now = new Set(after);
    const changed = [...before.filter((s) => !now.has(s)), ...after.filter((s) => !old.has(s))];
    const box = around(changed);
    const within = after.filter((stroke) => touches(stroke, box));
    if (within.length > mend_max) {
      return false;
    }
    const { ink } = this;
    ink.save();
    this.scale(ink);
    ink.beginPath();
    ink.rect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
    ink.clip();
    ink.clearRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
    for (const stroke of within) {
      draw(ink, stroke);
    }
    ink.restore();
    this.drawn = after.length;
    return true;
  }
}

/** Draws `strokes` from number `at` on, until the time is over; which is the next. */
function inTime(
  /** @type {Stroke[]} */ strokes,
  /** @type {number} */ at,
  /** @type {number} */ until,
  /** @type {(stroke: Stroke) => void} */ one,
) {
  let next = at;
  while (next < strokes.length) {
    one(strokes[next]);
    next += 1;
    if ((next & 15) === 0 && performance.now() > until) {
      break;
    }
  }
  return next;
}

/** Draws one stroke where the context's units are the page's. */
export function draw(
  /** @type {CanvasRenderingContext2D} */ context,
  /** @type {Stroke} */ stroke,
) {
  const it = shapeOf(stroke);
  if (it) {
    fill(context, it, stroke.t, stroke.c);
  }
}

function spot(
  /** @type {CanvasRenderingContext2D} */ context,
  /** @type {number} */ x,
  /** @type {number} */ y,
) {
  const ring = (
    /** @type {number} */ r,
    /** @type {string} */ colour,
    /** @type {number} */ alpha,
  ) => {
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.fill();
  };
  ring(laser_units, '#ff2d2d', 0.3);
  ring(laser_units * 0.55, '#ffffff', 0.9);
  ring(laser_units * 0.42, '#e11d1d', 1);
}

/** The box around strokes, a little wider than they are: edges are smoothed. */
function around(/** @type {Stroke[]} */ strokes) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const stroke of strokes) {
    const one = shapeOf(stroke)?.box;
    if (one) {
      box[0] = Math.min(box[0], one[0] - 20);
      box[1] = Math.min(box[1], one[1] - 20);
      box[2] = Math.max(box[2], one[2] + 20);
      box[3] = Math.max(box[3], one[3] + 20);
    }
  }
  return box;
}

function touches(/** @type {Stroke} */ stroke, /** @type {number[]} */ box) {
  const one = shapeOf(stroke)?.box;
  return !!one && one[0] < box[2] && one[2] > box[0] && one[1] < box[3] && one[3] > box[1];
}
