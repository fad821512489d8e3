// Marks that wait for the server: kept first, sent when there is a way, removed once the server has them. An `op` is made
// once, so that a mark whose answer was lost is the same mark when it is sent again. The store, the sending and the lock
// are handed in: a test can break each.
//
//   waiting ─ 200, 201 ─▶ removed
//      │ no answer, 401, 408, 425, 429, 5xx: stays, later again
//      └ any other 4xx ─▶ refused: stays, said in words, until a person takes it away
import { signal } from '@preact/signals';
import { newOp } from '../core/socket.js';

const first_ms = 2000;
const most_ms = 60_000;
/** A school has some lessons a day; weeks without a network fit. */
export const most_kept = 500;

/**
 * @typedef {{
 *   op: string, path: string, account: number, body: any, made_ms: number, tried: boolean,
 *   refused: { code: string, field?: string, detail: string } | null,
 * }} Mark `made_ms` is by this machine's clock
 */

const later = (/** @type {any} */ error) =>
  !(error.status >= 400 && error.status < 500) || [408, 425, 429].includes(error.status);

/** One tab at a time, where the browser can; elsewhere the server takes an `op` once. */
function withLock(/** @type {() => Promise<void>} */ run) {
  const { locks } = globalThis.navigator ?? {};
  return locks ? locks.request('tongke.coteach.outbox', run) : run();
}

export class Outbox {
  /**
   * @param {{
   *   store: import('./keep.js').Keep, post: (path: string, body: any) => Promise<any>, account: () => number | null,
   *   offset_ms?: () => number, on_sent?: (mark: Mark, answer: any) => void, lock?: (run: () => Promise<void>) => any,
   *   now?: () => number, op?: () => string, set?: (f: () => void, ms: number) => any, clear?: (timer: any) => void,
   * }} options `offset_ms`: how much the server's clock is ahead of this one
   */
  constructor(options) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.set = options.set ?? ((f, ms) => setTimeout(f, ms));
    this.clear = options.clear ?? ((timer) => clearTimeout(timer));
    /** @type {import('@preact/signals').Signal<Mark[]>} */
    this.marks = signal([]);
    /** The server says that nobody is signed in. */
    this.login = signal(false);
    /** @type {Promise<void> | null} */
    this.sending = null;
    this.again = false;
    this.tries = 0;
    /** @type {any} */
    this.timer = null;
  }

  /** Reads what is kept: another tab may have added or sent some. */
  async read() {
    const marks = await this.options.store.all();
    this.marks.value = marks.sort((a, b) => a.made_ms - b.made_ms);
  }

  /**
   * Keeps it, then tries to send it. @param {string} path @param {any} body
   * @returns {Promise<boolean>} whether it is kept
   */
  async add(path, body) {
    const account = this.options.account();
    if (account === null || this.marks.peek().length >= most_kept) {
      return false;
    }
    const op = (this.options.op ?? newOp)();
    const mark = { op, path, account, body, made_ms: this.now(), tried: false, refused: null };
    try {
      await this.options.store.put(mark);
    } catch {
      return false;
    }
    this.marks.value = [...this.marks.peek(), mark];
    this.flush();
    return true;
  }

  /** A person read why it was refused, or replaced it. */
  async drop(/** @type {string} */ op) {
    await this.options.store.remove(op);
    await this.read();
  }

  /** Sends what waits, the oldest first. Any number of calls at once are one. */
  flush() {
    if (this.sending) {
      this.again = true;
      return this.sending;
    }
    this.clear(this.timer);
    this.sending = (async () => {
      try {
        do {
          this.again = false;
          await (this.options.lock ?? withLock)(() => this.sendAll());
        } while (this.again);
      } catch {
        this.wait({}); // the browser's store or lock failed: what is shown stays
      } finally {
        this.sending = null;
      }
    })();
    return this.sending;
  }

  /** @private */
  async sendAll() {
    await this.read();
    for (const mark of this.marks.peek()) {
      if (!mark.refused && mark.account === this.options.account() && !(await this.send(mark))) {
        return;
      }
    }
    this.tries = 0;
  }

  /** @private @param {Mark} mark @returns {Promise<boolean>} whether the next may be sent */
  async send(mark) {
    const ready = mark.tried ? mark : this.freeze(mark);
    if (!mark.tried) {
      await this.options.store.put(ready);
    }
    let answer;
    try {
      answer = await this.options.post(ready.path, { ...ready.body, op: ready.op });
    } catch (error) {
      return this.failed(ready, error);
    }
    await this.options.store.remove(ready.op);
    this.options.on_sent?.(ready, answer);
    this.login.value = false;
    await this.read();
    return true;
  }

  /** From its first sending on it is never changed: the server compares. @private @param {Mark} mark @returns {Mark} */
  freeze(mark) {
    const marked_ms = Math.round(mark.made_ms + (this.options.offset_ms?.() ?? 0));
    const body = mark.path === '/rollcalls' ? { ...mark.body, marked_ms } : mark.body;
    return { ...mark, body, tried: true };
  }

  /** @private @param {Mark} mark @param {any} error */
  async failed(mark, error) {
    if (error.status === 401) {
      this.login.value = true;
      return false;
    }
    if (later(error)) {
      this.wait(error);
      return false;
    }
    const { code, field, detail } = error;
    await this.options.store.put({ ...mark, refused: { code, field, detail: detail ?? '' } });
    await this.read();
    return true;
  }

  /** @private @param {{ retry_after_s?: number }} error */
  wait({ retry_after_s = 0 }) {
    const pause_ms = Math.min(most_ms, first_ms * 2 ** Math.min(this.tries, 10));
    this.tries += 1;
    this.clear(this.timer);
    this.timer = this.set(() => this.flush(), Math.max(pause_ms, retry_after_s * 1000));
  }
}
