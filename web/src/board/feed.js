// A page's board: what the server has said (the truth), with this page's own entries laid over it until they are in the
// log too. Reads the log where it is behind, takes new entries in order, keeps what is not sent yet. No DOM here.
import { signal } from '@preact/signals';
import { backoffMs } from '../core/backoff.js';
import { isFinal } from '../core/protocol.js';
import { Live } from './live.js';
import { apply, copyBoard, emptyBoard } from './model.js';
import { Outbox } from './outbox.js';

/** What came while the log was read; more than this is read again. */
const early_max = 500;
/** An answer says that the log has grown and the growth does not come: it is read. */
const late_ms = 2000;

/**
 * @typedef {{
 *   board: import('./model.js').Board, changes: number, reading: boolean, unsent: number, online: boolean,
 *   problem: any,
 * }} BoardState `board` changes in place: `changes` counts up
 * @typedef {Feed} BoardFeed
 */

const realTimers = {
  now: () => Date.now(),
  set: (/** @type {() => void} */ f, /** @type {number} */ ms) => setTimeout(f, ms),
  clear: (/** @type {any} */ id) => clearTimeout(id),
};

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_';
const newDevice = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(6)), (b) => letters[b & 63]).join('');

class Feed {
  /**
   * @param {{
   *   socket: any, api: { get: (path: string) => Promise<any> }, lesson_id: string, device?: string, timers?: any,
   * }} options `device`: begins every id that is made here, 1 to 8 letters, another one for each load of a page
   */
  constructor({ socket, api, lesson_id, device = newDevice(), timers = realTimers }) {
    this.socket = socket;
    this.api = api;
    this.lesson_id = lesson_id;
    this.device = device;
    this.timers = timers;
    this.made = 0;
    this.truth = emptyBoard();
    this.shown = this.truth;
    this.live = new Live(timers);
    /** @type {any[]} */
    this.ice_servers = [];
    /** @type {Set<(event: any) => void>} */
    this.listeners = new Set();
    /** @type {any[]} */
    this.early = [];
    this.reading = false;
    this.tries = 0;
    /** @type {any} */
    this.timer = null;
    /** @type {any} */
    this.late = null;
    this.outbox = new Outbox({
      socket,
      timers,
      epoch: () => this.truth.epoch,
      ready: () => this.truth.epoch > 0 && !this.reading,
      on_sent: (n) => this.onSent(n),
      on_refused: (error, other_board) => this.onRefused(error, other_board),
    });
    /** @type {import('@preact/signals').Signal<BoardState>} */
    this.state = signal({
      board: this.shown,
      changes: 0,
      reading: false,
      unsent: 0,
      online: false,
      problem: null,
    });
  }

  /** An id that nobody else makes. */
  newId() {
    this.made += 1;
    return `${this.device}${this.made.toString(36)}`;
  }

  /** The lesson that this board is of; another one begins with an empty board. */
  of(/** @type {string} */ lesson_id) {
    if (lesson_id !== this.lesson_id) {
      this.lesson_id = lesson_id;
      this.begin(0);
    }
  }

  /** The server greets: `head` is `welcome.board`. */
  welcome(/** @type {{ epoch: number, n: number } | null} */ head) {
    this.tell({ online: true });
    if (!head) {
      return;
    }
    if (head.epoch !== this.truth.epoch && head.n === 0) {
      this.begin(head.epoch);
    }
    if (head.epoch !== this.truth.epoch || head.n !== this.truth.n) {
      this.read();
    } else if (!this.reading) {
      this.overlay(false);
    }
  }

  /** `f` hears every event that `on_event` is given. */
  listen(/** @type {(event: any) => void} */ f) {
    this.listeners.add(f);
  }

  /** Takes what concerns the board; anything else is passed over. */
  on_event(/** @type {any} */ event) {
    for (const f of this.listeners) {
      f(event);
    }
    switch (event.type) {
      case 'welcome':
        this.ice_servers = event.ice?.servers ?? [];
        break;
      case 'board.entries':
        this.hear(event);
        break;
      case 'lesson': // a room's lesson is another one now
        if (event.lesson && event.board) {
          this.of(event.lesson.id);
          this.welcome(event.board);
        }
        break;
      case 'board.epoch':
        if (event.epoch !== this.truth.epoch) {
          this.begin(event.epoch);
        }
        break;
      case 'board.ink':
        // one's own is here already, and so is what became whole before its first piece came
        if (!String(event.s).startsWith(this.device) && !this.shown.strokes.has(event.s)) {
          this.live.ink(event);
        }
        break;
      case 'board.laser':
        this.live.point(event);
        break;
      case 'socket.reconnecting':
        this.tell({ online: false });
        break;
    }
  }

  /** For editors: shown at once, sent as soon as may be. @param {import('./model.js').Entry[]} bare */
  add(bare) {
    const entries = bare.map((entry) => ({ id: this.newId(), ...entry }));
    if (!this.outbox.add(entries)) {
      this.tell({ problem: { code: 'offline' } });
      return false;
    }
    if (this.shown === this.truth) {
      this.shown = copyBoard(this.truth);
    }
    this.carryOut(this.shown, entries);
    this.outbox.pump();
    this.tell();
    return true;
  }

  dismiss() {
    this.tell({ problem: null });
  }

  /** @private */
  carryOut(/** @type {import('./model.js').Board} */ board, /** @type {any[]} */ entries) {
    for (const entry of entries) {
      apply(board, entry);
      if (entry.k === 'stroke') {
        this.live.drop(entry.id);
      }
    }
  }

  /** @private */
  hear(/** @type {any} */ event) {
    const { epoch, first, entries } = event;
    if (epoch < this.truth.epoch) {
      return;
    }
    if (this.reading || epoch !== this.truth.epoch || first > this.truth.n + 1) {
      this.early = [...this.early.slice(-early_max), event];
      this.read();
      return;
    }
    this.take(entries.slice(this.truth.n + 1 - first));
  }

  /** New entries of the log, in order. @private */
  take(/** @type {any[]} */ entries) {
    this.carryOut(this.truth, entries);
    this.truth.n += entries.length;
    const ours = this.outbox.seen(this.truth.n, entries);
    this.overlay(ours);
  }

  /** What is shown: the truth, and over it what is not in the log yet. @private */
  overlay(/** @type {boolean} */ ours) {
    if (this.outbox.size === 0) {
      this.shown = this.truth;
    } else if (!ours) {
      this.shown = copyBoard(this.truth);
      this.carryOut(this.shown, this.outbox.entries());
    }
    this.outbox.pump();
    this.tell();
  }

  /** Another board: empty, and nothing of the old one is worth sending. @private */
  begin(/** @type {number} */ epoch) {
    this.truth = emptyBoard(epoch);
    this.early = this.early.filter((event) => event.epoch === epoch);
    this.outbox.clear();
    this.live.clear();
    this.overlay(false);
  }

  /** Reads what is missing, until nothing is. @private */
  async read() {
    if (this.reading) {
      return;
    }
    this.reading = true;
    this.timers.clear(this.timer);
    this.timer = null;
    this.tell();
    const { lesson_id } = this;
    const { epoch, n } = this.truth;
    const where = `/lessons/${encodeURIComponent(lesson_id)}/board?epoch=${epoch}&after=${n}`;
    let answer = null;
    try {
      answer = await this.api.get(where);
    } catch (error) {
      this.reading = false;
      this.failed(error);
      return;
    }
    this.reading = false;
    if (lesson_id === this.lesson_id) {
      this.tries = 0;
      this.join(answer);
    }
  }

  /** The answer continues the truth, or is the whole log. @private */
  join(/** @type {any} */ { epoch, n, entries }) {
    const before = n - entries.length;
    if (epoch < this.truth.epoch) {
      this.read(); // it began anew while the answer was on its way
      return;
    }
    if (epoch === this.truth.epoch && before <= this.truth.n && n >= this.truth.n) {
      this.take(entries.slice(this.truth.n - before));
    } else if (before === 0) {
      if (epoch !== this.truth.epoch) {
        this.begin(epoch);
      }
      this.truth = emptyBoard(epoch);
      this.take(entries);
    } else {
      this.truth = emptyBoard(); // the server knows less than this page: from the beginning
      this.failed({ code: 'internal' });
      return;
    }
    this.catchUp();
  }

  /** What came meanwhile fits on, or something is missing still. @private */
  catchUp() {
    const early = this.early;
    this.early = [];
    for (const event of early) {
      this.hear(event);
    }
    if (!this.reading) {
      this.overlay(false);
    }
  }

  /** @private */
  failed(/** @type {any} */ error) {
    if (isFinal(error.code)) {
      this.tell({ problem: error });
      return;
    }
    this.timer = this.timers.set(() => this.read(), backoffMs(this.tries));
    this.tries += 1;
    this.tell();
  }

  /** @private */
  onSent(/** @type {number} */ n) {
    this.timers.clear(this.late);
    if (this.truth.n >= n) {
      this.outbox.seen(this.truth.n, []);
      this.overlay(this.outbox.size > 0);
      return;
    }
    this.late = this.timers.set(() => {
      if (this.truth.n < n) {
        this.read();
      }
    }, late_ms);
  }

  /** @private */
  onRefused(/** @type {any} */ error, /** @type {boolean} */ other_board) {
    if (other_board) {
      this.read();
    }
    this.overlay(false);
    this.tell({ problem: error });
  }

  /** @private */
  tell(/** @type {Partial<BoardState>} */ more = {}) {
    const old = this.state.peek();
    this.state.value = {
      ...old,
      board: this.shown,
      changes: old.changes + 1,
      reading: this.reading,
      unsent: this.outbox.size,
      ...more,
    };
  }
}

/** @param {ConstructorParameters<typeof Feed>[0]} options */
export const createBoard = (options) => new Feed(options);
