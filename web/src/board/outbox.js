// Entries of this page on their way into the log: sent in batches, one at a time, kept until the log has them, sent again
// after a lost connection: each has an id, and the log passes over what it has. No DOM here.
//
//   waiting ─ send ─▶ flying ─ ok n, and the log has come so far ─▶ gone
//      ▲                 ├─ refused ─▶ gone, and said
//      └── connection lost, later ┘

const batch_max = 64;
const batch_chars = 40_000;
const waiting_max = 5000;
/** Errors of a batch that may pass: tried again after so long. */
const retry_ms = { rate_limited: 1000, unavailable: 1000, internal: 3000 };

export class Outbox {
  /**
   * @param {{
   *   socket: { state: string, request: (type: string, fields: object) => Promise<any> },
   *   timers: { set: Function, clear: Function }, epoch: () => number, ready: () => boolean,
   *   on_sent: (n: number) => void, on_refused: (error: any, other_board: boolean) => void,
   * }} options
   */
  constructor(options) {
    this.options = options;
    /** @type {any[]} */
    this.waiting = [];
    /** @type {any[]} */
    this.flying = [];
    /** The log's number from which on it has what flies; null: not answered yet. @type {number | null} */
    this.answered = null;
    this.singly = 0;
    /** @type {any} */
    this.timer = null;
  }

  get size() {
    return this.flying.length + this.waiting.length;
  }

  entries() {
    return [...this.flying, ...this.waiting];
  }

  /** @returns {boolean} false: too many wait already */
  add(/** @type {any[]} */ entries) {
    if (this.waiting.length + entries.length > waiting_max) {
      return false;
    }
    this.waiting.push(...entries);
    return true;
  }

  /** Forgets everything: the board is another one. */
  clear() {
    this.waiting = [];
    this.land();
  }

  /** Sends what waits, if it may now. */
  pump() {
    const { socket, ready, epoch, timers } = this.options;
    const may = socket.state === 'online' && ready() && this.timer === null;
    if (!may || this.flying.length > 0 || this.waiting.length === 0) {
      return;
    }
    const entries = this.next();
    this.flying = entries;
    socket.request('board.add', { epoch: epoch(), entries }).then(
      ({ n }) => this.flying === entries && this.onAnswer(n),
      (error) => this.flying === entries && this.onError(error, timers),
    );
  }

  /** The log has come to `n` with these new entries; what flew and is in it is gone. @returns {boolean} it was all ours */
  seen(/** @type {number} */ n, /** @type {any[]} */ entries) {
    const there = new Set(entries.map(({ id }) => id));
    this.waiting = this.waiting.filter(({ id }) => !there.has(id)); // sent before the connection was lost
    const ids = new Set(this.flying.map(({ id }) => id));
    const mine = entries.filter(({ id }) => ids.has(id)).length;
    if (this.flying.length > 0 && (mine === ids.size || (this.answered ?? n + 1) <= n)) {
      this.land();
    }
    return mine > 0 && mine === entries.length && mine === ids.size;
  }

  /** @private */
  land() {
    this.singly = Math.max(0, this.singly - this.flying.length);
    this.flying = [];
    this.answered = null;
  }

  /** @private */
  next() {
    const most = this.singly > 0 ? 1 : batch_max;
    let chars = 0;
    let count = 0;
    while (count < most && count < this.waiting.length) {
      chars += JSON.stringify(this.waiting[count]).length;
      if (count > 0 && chars > batch_chars) {
        break;
      }
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  /** @private */
  onAnswer(/** @type {number} */ n) {
    this.answered = n;
    this.options.on_sent(n);
  }

  /** @private */
  onError(/** @type {any} */ error, /** @type {any} */ timers) {
    if (error.code === 'offline') {
      this.waiting.unshift(...this.flying); // whether they arrived or not
      this.land();
      return;
    }
    const other_board = error.code === 'conflict' && error.rest?.field === 'epoch';
    const wait_ms = retry_ms[/** @type {keyof typeof retry_ms} */ (error.code)];
    if (wait_ms !== undefined) {
      this.waiting.unshift(...this.flying);
      this.land();
      this.timer = timers.set(() => {
        this.timer = null;
        this.pump();
      }, wait_ms);
    } else if (this.flying.length > 1 && !other_board) {
      // all or none: one by one, so that one bad entry does not take the others with it
      this.singly = this.flying.length;
      this.waiting.unshift(...this.flying);
      this.flying = [];
      this.pump();
    } else {
      if (other_board) {
        this.waiting = [];
      }
      this.land();
      this.options.on_refused(error, other_board);
      this.pump();
    }
  }
}
