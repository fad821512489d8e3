// Entries of this page on their way into the log: sent in batches, one at a time, kept until the log has them, sent again
// after a lost connection unless the log shows that they arrived. No DOM here.
//
//   waiting ─ send ─▶ flying ─ ok n, and the log has come so far ─▶ gone
//      ▲                 ├─ refused ─▶ gone, and said
//      └── retry ────────┴─ connection lost: found in the log ─▶ gone
import { stands } from './model.js';

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
   *   on_sent: (n: number) => void, on_refused: (error: any) => void,
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
    /** Nobody knows whether what flies has arrived. */
    this.lost = false;
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
    const ours =
      this.flying.length > 0 &&
      entries.length === this.flying.length &&
      stands(entries, this.flying);
    const there = this.answered !== null && n >= this.answered;
    if (there || (this.flying.length > 0 && stands(entries, this.flying))) {
      this.land();
    }
    return ours;
  }

  /** The log is whole again after a connection was lost: what flew and is not in it waits again. */
  again() {
    if (this.lost) {
      this.waiting.unshift(...this.flying);
      this.land();
    }
  }

  /** @private */
  land() {
    this.singly = Math.max(0, this.singly - this.flying.length);
    this.flying = [];
    this.answered = null;
    this.lost = false;
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
      this.lost = true;
      return;
    }
    const wait_ms = retry_ms[/** @type {keyof typeof retry_ms} */ (error.code)];
    if (wait_ms !== undefined) {
      this.waiting.unshift(...this.flying);
      this.land();
      this.timer = timers.set(() => {
        this.timer = null;
        this.pump();
      }, wait_ms);
    } else if (this.flying.length > 1 && error.code !== 'conflict') {
      // all or none: one by one, so that one bad entry does not take the others with it
      this.singly = this.flying.length;
      this.waiting.unshift(...this.flying);
      this.flying = [];
      this.pump();
    } else {
      this.land();
      this.options.on_refused(error);
      this.pump();
    }
  }
}
