// What a teacher does with the board, whichever way it is asked for: draws, takes back, turns pages. No DOM here.
import { signal } from '@preact/signals';
import { inParts, pageOf, visible } from './model.js';
import { Pen } from './pen.js';
import { Undo } from './undo.js';

/** A new page is as wide and as high as a television. */
const blank = { kind: 'blank', w: 1600, h: 900 };
export const pages_max = 400;

/** @typedef {'pen' | 'marker' | 'eraser' | 'laser'} Tool */

/** Widths in units of a page of 10,000, from thin to thick. */
export const widths = { pen: [32, 60, 110], marker: [150, 260, 400] };

export class Hand {
  constructor(/** @type {import('./feed.js').BoardFeed} */ board) {
    this.board = board;
    this.history = new Undo();
    this.pen = new Pen(board);
    this.tool = signal(/** @type {Tool} */ ('pen'));
    this.colour = signal(0);
    this.width = signal(1);
    /** @type {string[]} */
    this.rubbed = [];
    this.laser_ms = -1000;
  }

  get shown() {
    return this.board.state.peek().board;
  }

  /** The page to draw on; the first stroke makes the first page. @returns {string} */
  sheet() {
    return pageOf(this.shown)?.id ?? this.addBlank();
  }

  draw(/** @type {number[]} */ point, /** @type {number} */ at_ms) {
    const t = this.tool.peek() === 'marker' ? 'marker' : 'pen';
    const w = widths[t][this.width.peek()];
    this.pen.begin({ p: this.sheet(), t, c: this.colour.peek(), w }, point, at_ms);
  }

  /** The pen is up. */
  lift() {
    const id = this.pen.finish();
    if (id) {
      this.history.did({ ids: [id], drawn: true });
    }
  }

  /** These strokes vanish now; what is rubbed out in one go comes back in one go. */
  rub(/** @type {string[]} */ ids) {
    const fresh = ids.filter((id) => !this.shown.erased.has(id));
    if (fresh.length > 0 && this.board.add(inParts('erase', fresh))) {
      this.rubbed.push(...fresh);
    }
  }

  rubbedOut() {
    this.history.did({ ids: this.rubbed, drawn: false });
    this.rubbed = [];
  }

  clear() {
    const page = pageOf(this.shown);
    const ids = page ? visible(this.shown, page).map(({ id }) => id) : [];
    if (page && ids.length > 0 && this.board.add([{ k: 'clear', p: page.id }])) {
      this.history.did({ ids, drawn: false });
    }
  }

  undo() {
    this.turn('undo');
  }

  redo() {
    this.turn('redo');
  }

  /** @private */
  turn(/** @type {'undo' | 'redo'} */ which) {
    this.lift();
    const board = this.shown;
    const entries = this.history[which](board);
    if (entries.length === 0) {
      return;
    }
    // what comes back or goes is to be seen
    const p = board.strokes.get(entries[0].ids[0])?.p;
    const there = p === undefined || p === board.current ? [] : [{ k: 'goto', p }];
    this.board.add([...there, ...entries]);
  }

  /** @returns {string} the new page, which everybody sees */
  addBlank() {
    const id = this.board.newId();
    const { order, current } = this.shown;
    if (order.length < pages_max) {
      const first = order.length === 0 ? [] : [{ k: 'goto', p: id }];
      this.board.add([{ k: 'page', id, after: current, ...blank }, ...first]);
    }
    return id;
  }

  /**
   * @param {{ after: string, file: string, w: number, h: number, title: string, first: boolean }} slide `first`: it is
   * what everybody sees now
   * @returns {string} the new page; nothing where there are too many
   */
  addSlide({ after, file, w, h, title, first }) {
    const id = this.board.newId();
    const { order, pages } = this.shown;
    const page = {
      k: 'page',
      id,
      after: pages.has(after) ? after : (order[order.length - 1] ?? null),
    };
    const entries = [{ ...page, kind: 'slide', file, w, h, title }];
    const added = order.length < pages_max && this.board.add(entries);
    if (added && first) {
      this.goTo(id);
    }
    return added ? id : '';
  }

  goTo(/** @type {string} */ p) {
    if (p !== this.shown.current && this.shown.pages.has(p)) {
      this.lift();
      this.board.add([{ k: 'goto', p }]);
    }
  }

  /** Turns pages: 1 forward, -1 back. */
  step(/** @type {number} */ by) {
    const { order, current } = this.shown;
    const p = order[order.indexOf(current ?? '') + by];
    if (p !== undefined) {
      this.goTo(p);
    }
  }

  drop(/** @type {string} */ p) {
    this.pen.cancel();
    this.board.add([{ k: 'drop', p }]);
  }

  /** What the rooms see. */
  show(/** @type {'people' | 'board' | 'screen'} */ what) {
    if (what !== this.shown.show) {
      this.board.add([{ k: 'show', what }]);
    }
  }

  /** The laser is here; without a place it is off. @param {number[]} [at] */
  point(at) {
    const { live, socket, timers } = this.board;
    const page = pageOf(this.shown);
    if (!at || !page) {
      live.point({ off: true });
      socket.tell('board.laser', { off: true });
      this.laser_ms = -1000;
      return;
    }
    const spot = { p: page.id, x: at[0], y: at[1] };
    live.point(spot);
    if (timers.now() - this.laser_ms >= 50) {
      this.laser_ms = timers.now();
      socket.tell('board.laser', spot);
    }
  }
}

/** @type {WeakMap<object, Hand>} */
const hands = new WeakMap();

/** The hand at a board; it stays when the tools are hidden and shown again. */
export function handOf(/** @type {import('./feed.js').BoardFeed} */ board) {
  let hand = hands.get(board);
  if (!hand) {
    hand = new Hand(board);
    hands.set(board, hand);
  }
  return hand;
}
