// From the mouse, the finger or the pen to the hand. Where a pen is used a finger does not draw: it is a palm.
import { page_units, point } from './codec.js';
import { pageOf, visible } from './model.js';
import { no_pressure, shapeOf } from './outline.js';

const rubber_units = 70;
/** The button at a pen's other end. */
const eraser_button = 32;

export class Pointer {
  /** @param {import('./hand.js').Hand} hand @param {HTMLElement} place holds the view */
  constructor(hand, place) {
    this.hand = hand;
    this.place = place;
    /** @type {number | null} */
    this.active = null;
    this.type = '';
    this.rubbing = false;
    this.pen_seen = false;
    /** @type {number[]} */
    this.before = [0, 0];
  }

  down(/** @type {PointerEvent} */ event) {
    const pen = event.pointerType === 'pen';
    this.pen_seen ||= pen;
    if (this.active !== null) {
      if (event.pointerType === 'touch' || (pen && this.type === 'touch')) {
        this.cancel(); // a second finger, or the pen after the palm
      }
      if (!pen) {
        return;
      }
    }
    if ((event.pointerType === 'touch' && this.pen_seen) || (event.button !== 0 && !pen)) {
      return;
    }
    event.preventDefault();
    this.active = event.pointerId;
    this.type = event.pointerType;
    this.place.setPointerCapture(event.pointerId);
    const tool = this.hand.tool.peek();
    this.rubbing = tool === 'eraser' || (pen && (event.buttons & eraser_button) !== 0);
    const at = this.units(event);
    if (this.rubbing) {
      this.before = at;
      this.rub(at);
    } else if (tool === 'laser') {
      this.hand.point(point(at[0], at[1], 0));
    } else {
      this.hand.draw(point(at[0], at[1], this.pressure(event)), event.timeStamp);
    }
  }

  move(/** @type {PointerEvent} */ event) {
    const laser = this.hand.tool.peek() === 'laser' && !this.rubbing;
    if (laser && (this.active === event.pointerId || event.pointerType !== 'touch')) {
      const [x, y] = this.units(event);
      this.hand.point(point(x, y, 0));
      return;
    }
    if (event.pointerId !== this.active) {
      return;
    }
    const finer = event.getCoalescedEvents?.() ?? [];
    for (const each of finer.length > 0 ? finer : [event]) {
      const at = this.units(each);
      if (this.rubbing) {
        this.rub(at);
      } else {
        this.hand.pen.move(point(at[0], at[1], this.pressure(each)), each.timeStamp);
      }
    }
  }

  up(/** @type {PointerEvent} */ event) {
    if (event.pointerId !== this.active) {
      return;
    }
    this.active = null;
    if (this.rubbing) {
      this.rubbing = false;
      this.hand.rubbedOut();
    } else if (this.hand.tool.peek() === 'laser') {
      this.hand.point();
    } else {
      this.hand.lift();
    }
  }

  /** The browser took the pointer away, or it was no stroke. */
  cancel() {
    this.active = null;
    if (this.rubbing) {
      this.rubbing = false;
      this.hand.rubbedOut();
    }
    this.hand.pen.cancel();
  }

  leave() {
    if (this.hand.tool.peek() === 'laser') {
      this.hand.point();
    }
  }

  /** Where on its page the pointer is. @private */
  units(/** @type {PointerEvent} */ event) {
    const sheet = /** @type {Element} */ (this.place.querySelector('.sheet'));
    const box = sheet.getBoundingClientRect();
    const scale = page_units / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  /** @private */
  pressure(/** @type {PointerEvent} */ event) {
    return event.pointerType === 'pen' ? Math.max(1, event.pressure * 255) : no_pressure;
  }

  /** Rubs out what lies between the last place and this one. @private */
  rub(/** @type {number[]} */ to) {
    const { shown } = this.hand;
    const page = pageOf(shown);
    if (page) {
      const from = this.before;
      this.before = to;
      this.hand.rub(
        visible(shown, page)
          .filter((stroke) => hits(stroke, from, to))
          .map(({ id }) => id),
      );
    }
  }
}

/** Does the way from one place to another touch the stroke? */
export function hits(
  /** @type {import('./model.js').Stroke} */ stroke,
  /** @type {number[]} */ from,
  /** @type {number[]} */ to,
) {
  const it = shapeOf(stroke);
  if (!it) {
    return false;
  }
  const reach = rubber_units + stroke.w / 2;
  const [left, top, right, bottom] = it.box;
  const out =
    Math.max(from[0], to[0]) < left - reach ||
    Math.min(from[0], to[0]) > right + reach ||
    Math.max(from[1], to[1]) < top - reach ||
    Math.min(from[1], to[1]) > bottom + reach;
  if (out) {
    return false;
  }
  const { points } = it;
  for (let i = 0; i < points.length; i += 3) {
    const j = Math.min(i + 3, points.length - 3);
    const near = apart(from, to, [points[i], points[i + 1]], [points[j], points[j + 1]]);
    if (near <= reach) {
      return true;
    }
  }
  return false;
}

/** How far two segments are apart. */
function apart(
  /** @type {number[]} */ a,
  /** @type {number[]} */ b,
  /** @type {number[]} */ c,
  /** @type {number[]} */ d,
) {
  const side = (/** @type {number[]} */ p, /** @type {number[]} */ q, /** @type {number[]} */ r) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  const cross = side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
  return cross ? 0 : Math.min(off(a, c, d), off(b, c, d), off(c, a, b), off(d, a, b));
}

/** How far a point is from a segment. */
function off(/** @type {number[]} */ p, /** @type {number[]} */ a, /** @type {number[]} */ b) {
  const [x, y] = [b[0] - a[0], b[1] - a[1]];
  const long = x * x + y * y;
  const along = long === 0 ? 0 : ((p[0] - a[0]) * x + (p[1] - a[1]) * y) / long;
  const at = Math.max(0, Math.min(1, along));
  return Math.hypot(p[0] - a[0] - at * x, p[1] - a[1] - at * y);
}
