// The room's own roll call: kept here until the server has it, sent once, whatever happens in between. The store and the
// sending are handed in, so that a test can break both.
import { signal } from '@preact/signals';
import { newOp } from '../core/socket.js';

const store_key = 'tongke.room.roll';
/** Roll calls that wait; a room has a few lessons a day. */
const most_kept = 50;
/** Answers after which sending the same again changes nothing. */
const hopeless = new Set([
  'bad_field',
  'bad_request',
  'forbidden',
  'not_found',
  'conflict',
  'too_large',
]);

/** One roll call for each sitting of a lesson. */
export const rollKey = (/** @type {any} */ lesson) =>
  lesson ? `${lesson.id}/${lesson.sitting?.id ?? 0}` : null;

/**
 * @typedef {{ key: string, sent: boolean, refused: boolean, body: { op: string, lesson: string, room: number,
 *   expected: number, present: number, absent: string[], marked_ms: number } }} Kept
 */

export class Roll {
  /** @param {{ post: (path: string, body: any) => Promise<any>, store?: Storage | null, op?: () => string }} options */
  constructor({ post, store, op = newOp }) {
    this.post = post;
    this.store = store === undefined ? globalThis.localStorage : store;
    this.op = op;
    this.busy = false;
    /** @type {import('@preact/signals').Signal<Kept[]>} */
    this.kept = signal(this.read());
    /** Sittings whose roll call somebody else kept: the co-teacher's telephone. */
    this.elsewhere = signal(/** @type {string[]} */ ([]));
  }

  /** How many are expected, as it was said last. @returns {number | null} */
  expected() {
    return this.kept.peek().slice(-1)[0]?.body.expected ?? null;
  }

  has(/** @type {string | null} */ key) {
    return (
      this.kept.value.some((one) => one.key === key) || this.elsewhere.value.includes(key ?? '')
    );
  }

  /** The server says that it has one for this sitting. */
  seen(/** @type {string | null} */ key) {
    if (key && !this.elsewhere.peek().includes(key)) {
      this.elsewhere.value = [...this.elsewhere.peek(), key].slice(-most_kept);
    }
  }

  /** @param {any} lesson @param {number} room @param {{ expected: number, present: number }} counts @param {number} now_ms */
  mark(lesson, room, { expected, present }, now_ms) {
    const body = {
      op: this.op(),
      lesson: lesson.id,
      room,
      expected,
      present,
      absent: [],
      marked_ms: Math.round(now_ms),
    };
    const one = { key: rollKey(lesson) ?? '', sent: false, refused: false, body };
    this.write([...this.kept.peek(), one]);
    return this.send();
  }

  /** Sends what waits, the oldest first; what is refused for good is kept and not tried again. */
  async send() {
    if (this.busy) {
      return;
    }
    this.busy = true;
    try {
      for (;;) {
        const one = this.kept.peek().find(({ sent, refused }) => !sent && !refused);
        if (!one) {
          return;
        }
        const result = await this.sendOne(one);
        if (result === 'later') {
          return;
        }
        this.write(
          this.kept
            .peek()
            .map((other) => (other.body.op === one.body.op ? { ...other, [result]: true } : other)),
        );
      }
    } finally {
      this.busy = false;
    }
  }

  /** @private @returns {Promise<'sent' | 'refused' | 'later'>} */
  async sendOne(/** @type {Kept} */ one) {
    try {
      await this.post('/rollcalls', one.body);
      return 'sent';
    } catch (error) {
      return hopeless.has(error?.code) ? 'refused' : 'later';
    }
  }

  /** @private @returns {Kept[]} */
  read() {
    try {
      const kept = JSON.parse(this.store?.getItem(store_key) ?? '[]');
      return Array.isArray(kept) ? kept.filter((one) => one?.body?.op) : [];
    } catch {
      return [];
    }
  }

  /** @private */
  write(/** @type {Kept[]} */ kept) {
    const waiting = kept.filter(({ sent }) => !sent);
    const done = kept.filter(({ sent }) => sent).slice(-5);
    this.kept.value = [...done, ...waiting.slice(-most_kept)];
    try {
      this.store?.setItem(store_key, JSON.stringify(this.kept.peek()));
    } catch {
      // an open page still has it
    }
  }
}
