// What this room tells the server in a lesson: its hand, its turn, how well it hears, an answer. Shown at once, taken back
// where the server refuses.
import { signal } from '@preact/signals';
import { nothingOwn, reduceOwn } from './own.js';

/** @type {import('@preact/signals').Signal<import('./own.js').Own>} */
export const own = signal(nothingOwn);

export const tellOwn = (/** @type {any} */ event) => {
  own.value = reduceOwn(own.peek(), event);
};

/** @param {{ socket: import('../core/socket.js').Socket }} options */
export function createActs({ socket }) {
  let ops = 0;
  const said = (/** @type {string} */ key, bad = false) =>
    tellOwn({ type: 'own.said', key, bad, now_ms: Date.now() });

  /** Says `key` at once, and that it did not arrive where it did not. @returns {Promise<boolean>} */
  async function tell(
    /** @type {string} */ type,
    /** @type {object} */ fields,
    /** @type {string | null} */ key,
  ) {
    if (key) {
      said(key);
    }
    try {
      await socket.request(type, fields);
      return true;
    } catch (error) {
      said(error.code === 'rate_limited' ? 'room.said.too_often' : 'room.said.not_sent', true);
      return false;
    }
  }

  async function hand(/** @type {boolean} */ raised) {
    ops += 1;
    const op = ops;
    tellOwn({ type: 'own.hand', raised, op });
    const ok = await tell(raised ? 'hand.raise' : 'hand.lower', {}, null);
    tellOwn({ type: 'own.settled', op, ok });
  }

  return {
    raise: () => hand(true),
    lower: () => hand(false),
    leave: () => tell('floor.leave', {}, null),
    signal: (/** @type {string} */ kind) => tell('signal.send', { kind }, `room.said.${kind}`),
    message: (/** @type {string} */ text) => tell('message.send', { text }, 'room.said.message'),
    answer: (/** @type {number} */ question, /** @type {Record<string, number>} */ counts) =>
      tell('question.answer', { question, counts }, 'room.said.answer'),
  };
}
