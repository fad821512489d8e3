// What the teacher asks of the lesson: the floor, the hands, the mode, messages, countdown, questions. A press counts
// once: while its answer is awaited, and for half a second after it, the same control does nothing. No DOM here.
import { signal } from '@preact/signals';

/** Longer than a double click takes. */
const press_ms = 500;

/** What was refused is said for so long. */
const said_ms = 15_000;

/** Requests that are about one thing and of which one runs at a time. */
const groups = {
  'floor.give': 'floor',
  'floor.take': 'floor',
  'countdown.start': 'countdown',
  'countdown.stop': 'countdown',
  'question.ask': 'question',
  'question.close': 'question',
};
const groupOf = (/** @type {string} */ type) => groups[type] ?? type;

export class Acts {
  /**
   * @param {{ request: (type: string, fields?: object) => Promise<any> }} socket
   * @param {{ now: () => number, later: (f: () => void, ms: number) => any }} [time]
   */
  constructor(
    socket,
    time = { now: () => performance.now(), later: (f, ms) => setTimeout(f, ms) },
  ) {
    this.socket = socket;
    this.time = time;
    /** What is awaited: the request's type, and with a room `type:room`. */
    this.awaited = signal(/** @type {string[]} */ ([]));
    this.problem = signal(/** @type {any} */ (null));
    /** @type {Map<string, number>} */
    this.pressed = new Map();
  }

  /** Is something of this kind awaited? */
  busy(/** @type {string} */ type) {
    const group = groupOf(type);
    return this.awaited.value.some((name) => groupOf(name.split(':')[0]) === group);
  }

  awaits(/** @type {string} */ type, /** @type {number} */ room) {
    return this.awaited.value.includes(`${type}:${room}`);
  }

  /** Was this control pressed just now? Then this press is the second half of a double click. */
  twice(/** @type {string} */ control) {
    const now = this.time.now();
    const before = this.pressed.get(control) ?? Number.NEGATIVE_INFINITY;
    this.pressed.set(control, now);
    return now - before < press_ms;
  }

  /**
   * Asks once. `control` names the button, where it changes its meaning after the press.
   * @param {string} type @param {Record<string, any>} [fields] @param {string} [control]
   * @returns {Promise<boolean>} whether it was done
   */
  async ask(type, fields = {}, control = type) {
    if (this.twice(control) || this.busy(type)) {
      return false;
    }
    const name = fields.room ? `${type}:${fields.room}` : type;
    this.awaited.value = [...this.awaited.peek(), name];
    try {
      await this.socket.request(type, fields);
      this.problem.value = null;
      return true;
    } catch (error) {
      this.complain({ type, error });
      return false;
    } finally {
      this.awaited.value = this.awaited.peek().filter((other) => other !== name);
    }
  }

  /** @private */
  complain(/** @type {{ type: string, error: any }} */ problem) {
    this.problem.value = problem;
    this.time.later(() => {
      if (this.problem.peek() === problem) {
        this.problem.value = null;
      }
    }, said_ms);
  }

  give(/** @type {number} */ room, control = `floor:${room}`) {
    return this.ask('floor.give', { room }, control);
  }

  take(control = 'take') {
    return this.ask('floor.take', {}, control);
  }
}
