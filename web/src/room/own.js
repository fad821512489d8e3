// What this room did a moment ago and the server has not confirmed yet: its own hand, and what it just told the teacher.
// Pure: `reduceOwn(own, event)`.

/** How long a room reads that something was sent, or was not. */
export const said_ms = 6000;

/**
 * @typedef {{ raised: boolean, op: number, settled: boolean, seen: boolean }} Wish `seen`: the class changed since
 * @typedef {{ hand: Wish | null, said: { key: string, bad: boolean, until_ms: number } | null }} Own
 */

/** @type {Own} */
export const nothingOwn = { hand: null, said: null };

/** @type {Record<string, (own: Own, event: any) => Own>} */
const handlers = {
  'own.hand': (own, { raised, op }) => ({
    ...own,
    hand: { raised, op, settled: false, seen: false },
  }),
  // the answer and the changed class come in either order: the wish ends when both are there
  'own.settled': (own, { op, ok }) => {
    const { hand } = own;
    if (hand === null || hand.op !== op) {
      return own; // a newer wish of the same hand
    }
    return { ...own, hand: ok && !hand.seen ? { ...hand, settled: true } : null };
  },
  class: (own) => {
    if (!own.hand) {
      return own;
    }
    return { ...own, hand: own.hand.settled ? null : { ...own.hand, seen: true } };
  },
  welcome: (own) => ({ ...own, hand: null }),
  'own.said': (own, { key, bad = false, now_ms }) => ({
    ...own,
    said: { key, bad, until_ms: now_ms + said_ms },
  }),
};

const byType = new Map(Object.entries(handlers));

/** @type {(own: Own, event: any) => Own} */
export const reduceOwn = (own, event) => byType.get(event.type)?.(own, event) ?? own;

/** Whether this room's hand is up: as wished, else as the class says. */
export const handUp = (
  /** @type {Own} */ own,
  /** @type {any} */ lessonClass,
  /** @type {number | null} */ room,
) =>
  own.hand?.raised ??
  (lessonClass?.hands ?? []).some((/** @type {any} */ hand) => hand.room === room);
