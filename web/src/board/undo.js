// What this device did and can take back: strokes, erasures, a cleared page. What others did stays theirs. No DOM here.
import { inParts } from './model.js';

const acts_max = 500;

/** @typedef {{ ids: string[], drawn: boolean }} Act `drawn`: the strokes came; else they vanished */

export class Undo {
  constructor() {
    /** @type {Act[]} */
    this.done = [];
    /** @type {Act[]} */
    this.undone = [];
  }

  did(/** @type {Act} */ act) {
    if (act.ids.length > 0) {
      this.done = [...this.done.slice(1 - acts_max), act];
      this.undone = [];
    }
  }

  /** The entries that take back the newest act that still shows; none: nothing is left. */
  undo(/** @type {import('./model.js').Board} */ board) {
    return this.turn(board, this.done, this.undone, false);
  }

  redo(/** @type {import('./model.js').Board} */ board) {
    return this.turn(board, this.undone, this.done, true);
  }

  /** @private */
  turn(
    /** @type {import('./model.js').Board} */ board,
    /** @type {Act[]} */ from,
    /** @type {Act[]} */ to,
    /** @type {boolean} */ again,
  ) {
    for (let act = from.pop(); act; act = from.pop()) {
      const restore = act.drawn === again;
      // somebody else may have erased it meanwhile: then there is nothing to see of this step
      const ids = act.ids.filter(
        (id) => board.erased.has(id) === restore && board.pages.has(board.strokes.get(id)?.p ?? ''),
      );
      if (ids.length > 0) {
        to.push(act);
        return inParts(restore ? 'restore' : 'erase', ids);
      }
    }
    return [];
  }
}
