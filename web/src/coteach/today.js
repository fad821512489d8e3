// Which lesson is the current one, what is known of its roll call, whether to remind. Pure; no DOM here.

/** So long in a lesson without a roll call, it is asked for. */
export const reminder_ms = 10 * 60_000;

/**
 * @typedef {{ lesson: any, room: any, roll_call: any, expected: number | null, duty: any }} Item
 * @typedef {'before' | 'now' | 'after' | 'cancelled'} Phase
 * @typedef {{ expected: number, present: number, absent: string[], at_ms: number,
 *   state: 'kept' | 'waiting' | 'refused', op: string, refused?: any, by?: any }} Roll
 */

export const keyOf = (/** @type {Item} */ item) => `${item.lesson.id}/${item.room.id}`;

/** Where the list is old, because there is no network, the clock decides. @returns {Phase} */
export function phaseOf(/** @type {Item} */ { lesson }, /** @type {number} */ now) {
  const { state, start_ms, end_ms, reopens_ms } = lesson;
  if (state === 'cancelled') {
    return 'cancelled';
  }
  if (state === 'ended') {
    return reopens_ms ? 'before' : 'after';
  }
  if (now >= end_ms) {
    return 'after';
  }
  return state === 'live' || state === 'interrupted' || now >= start_ms ? 'now' : 'before';
}

const rank = { now: 0, before: 1, after: 2, cancelled: 3 };

/** The one to look after: it is on, else it is next, else it was last. @param {Item[]} items @param {number} now */
export function currentOf(items, now) {
  const order = (/** @type {Item} */ item) => {
    const phase = phaseOf(item, now);
    // of two that are on, the one that is live; a demo lesson is on all day
    const live = item.lesson.state === 'live' || item.lesson.state === 'interrupted' ? 0 : 1;
    const when = phase === 'before' ? item.lesson.start_ms : -item.lesson.start_ms;
    return [rank[phase], phase === 'now' ? live : 0, when];
  };
  const before = (/** @type {number[]} */ a, /** @type {number[]} */ b) => {
    const at = a.findIndex((value, i) => value !== b[i]);
    return at < 0 ? 0 : a[at] - b[at];
  };
  return [...items].sort((a, b) => before(order(a), order(b)))[0] ?? null;
}

/** Before the rooms may join, nobody is there to be counted: the time from which they are, else null. */
export function tooEarly(/** @type {Item} */ { lesson }, /** @type {number} */ now) {
  const { reopens, state, join_from_ms } = lesson;
  return !reopens && state === 'scheduled' && now < join_from_ms ? join_from_ms : null;
}

/** What is known of the roll call: what was marked last counts, whether it has arrived or not. @returns {Roll | null} */
export function rollOf(
  /** @type {Item} */ item,
  /** @type {import('./outbox.js').Mark[]} */ marks,
) {
  const own = marks
    .filter(
      ({ path, body }) =>
        path === '/rollcalls' && body.lesson === item.lesson.id && body.room === item.room.id,
    )
    .pop();
  const kept = item.roll_call;
  if (own && !(own.refused && kept && kept.received_ms > own.made_ms)) {
    const { expected, present, absent } = own.body;
    const state = own.refused ? 'refused' : 'waiting';
    return {
      expected,
      present,
      absent,
      at_ms: own.made_ms,
      state,
      op: own.op,
      refused: own.refused,
    };
  }
  return kept ? { ...kept, at_ms: kept.marked_ms, state: /** @type {const} */ ('kept') } : null;
}

/** Whether the lesson goes on for ten minutes and nobody has called the roll. */
export function remind(
  /** @type {Item | null} */ item,
  /** @type {import('./outbox.js').Mark[]} */ marks,
  /** @type {number} */ now,
) {
  if (!item || phaseOf(item, now) !== 'now') {
    return false;
  }
  const { sitting, reopens, start_ms } = item.lesson;
  const began = sitting?.live_ms ?? (reopens ? null : start_ms);
  const roll = rollOf(item, marks);
  return began !== null && now - began >= reminder_ms && (!roll || roll.state === 'refused');
}

/** @typedef {{ expected: number, missing: number, absent: number[] }} Draft `absent`: seats, at most as many as are missing */

/** @returns {Draft} */
export function setExpected(/** @type {Draft} */ draft, /** @type {number} */ value) {
  const expected = Math.min(200, Math.max(0, Math.round(value) || 0));
  const absent = draft.absent.filter((seat) => seat <= expected);
  return { expected, absent, missing: Math.min(expected, draft.missing) };
}

/** @returns {Draft} */
export function setPresent(/** @type {Draft} */ draft, /** @type {number} */ value) {
  const present = Math.min(draft.expected, Math.max(0, Math.round(value) || 0));
  const missing = draft.expected - present;
  return { ...draft, missing, absent: draft.absent.slice(0, missing) };
}

/** A seat is tapped: absent, or here again. @returns {Draft} */
export function toggleSeat(/** @type {Draft} */ draft, /** @type {number} */ seat) {
  const was = draft.absent.length;
  const absent = draft.absent.includes(seat)
    ? draft.absent.filter((other) => other !== seat)
    : [...draft.absent, seat].sort((a, b) => a - b);
  // who was counted as missing without a seat stays counted
  const missing = draft.missing === was ? absent.length : Math.max(draft.missing, absent.length);
  return { ...draft, absent, missing };
}

/** @param {Item} item @param {Draft} draft */
export const rollBody = (item, draft) => ({
  lesson: item.lesson.id,
  room: item.room.id,
  expected: draft.expected,
  present: draft.expected - draft.missing,
  absent: draft.absent.map(String),
});
