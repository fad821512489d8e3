// What the teacher asks of the lesson: the floor, the hands, the mode, messages, countdown, questions. A press counts
// once: while its answer is awaited, and for half a second after it, the same control does nothing. No DOM here.
import { signal } from '@preact/signals';

/** Longer than a double click takes. */
const press_ms = 500;

/** What was refused is said for so long. */
const said_ms = 15_000;

/** Requests that are about one thing and of which one runs at a time. @type {Record<string, string>} */
const groups = {
  'floor.give': 'floor',
  'floor.take': 'floor',
  'countdown.start': 'countdown',
  'countdown.stop': 'countdown',
  'question.ask': 'question',
  'question.close': 'question',
};

/** These wait for nothing but the same: the floor is taken back also while it is being given, each hand is its own. */
const alone = new Set(['floor.take', 'hand.lower', 'check.start']);

/**
 * Has `other` to be answered before `name` is asked? Both are a type, or `type:room`.
 * @param {string} other @param {string} name
 */
function before(other, name) {
  const [theirs, own] = [other, name].map((one) => one.split(':')[0]);
  return alone.has(own) ? other === name : (groups[theirs] ?? theirs) === (groups[own] ?? own);
}

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

  /** Is something awaited that has to be answered before this is asked? `type`, or `type:room`. */
  busy(/** @type {string} */ name) {
    return this.awaited.value.some((other) => before(other, name));
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
    const name = fields.room ? `${type}:${fields.room}` : type;
    if (this.twice(control) || this.busy(name)) {
      return false;
    }
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
