// What the room's strip tells, from the state alone: pure. `newsOf` is the row between picture and bar, there only while
// there is something to read or do; `linesOf` are the short lines in the bar.

/** A message of the teacher is shown so long. */
export const message_ms = 20_000;
/** After so long in a lesson without a roll call it is asked for. */
export const roll_reminder_ms = 10 * 60_000;
/** A countdown that is over is said for a moment. */
const over_ms = 5000;
const result_ms = 60_000;

/** @typedef {import('../core/reduce.js').State} State @typedef {{ kind: string, [more: string]: any }} News */

const newestMessage = (/** @type {State} */ state, /** @type {number} */ now) =>
  (state.class?.messages ?? [])
    .filter(({ from, at_ms }) => from === 'teacher' && now - at_ms < message_ms)
    .pop() ?? null;

/** @param {State} state @param {number} now @returns {News[]} the most important first */
export function newsOf(state, now) {
  const lesson = state.class;
  if (!lesson || !state.lesson) {
    return [];
  }
  /** @type {News[]} */
  const news = [];
  const { question, countdown } = lesson;
  if (question && (question.closed_ms === null || now - question.closed_ms < result_ms)) {
    news.push({ kind: question.closed_ms === null ? 'question' : 'result', question });
  }
  const message = newestMessage(state, now);
  if (message) {
    news.push({ kind: 'message', text: message.text });
  }
  if (countdown && now < countdown.ends_ms + over_ms) {
    news.push({ kind: 'countdown', left_ms: Math.max(0, countdown.ends_ms - now) });
  }
  if (lesson.time_shown_ms !== null && now < lesson.time_shown_ms) {
    news.push({ kind: 'time', left_ms: Math.max(0, state.lesson.end_ms - now) });
  }
  if (lesson.lost) {
    news.push({ kind: 'lost', room: lesson.lost.room });
  }
  return news;
}

/** What is wrong with a camera or microphone, as the key of a sentence; null: nothing. */
export function deviceWord(/** @type {string} */ camera, /** @type {string} */ microphone) {
  const either = (/** @type {string} */ state) => camera === state || microphone === state;
  if (either('asking')) {
    return 'room.device.asking';
  }
  if (either('denied')) {
    return 'room.device.denied';
  }
  if (either('insecure')) {
    return 'room.device.insecure';
  }
  if (microphone === 'missing') {
    return camera === 'missing' ? 'room.device.none' : 'room.device.no_microphone';
  }
  if (microphone === 'busy') {
    return 'room.device.microphone_busy';
  }
  return camera === 'busy' ? 'room.device.camera_busy' : null;
}

/**
 * Whether the class hears this room now, said truthfully.
 * @param {State} state @param {{ room: number | null, microphone: string, heard: boolean }} here
 * @returns {{ key: string, on: boolean }}
 */
export function microphoneWord(state, { room, microphone, heard }) {
  // the media goes on while only the WebSocket is away: then so does what is heard
  if (heard && state.media.state === 'up') {
    return { key: 'room.mic.heard', on: true };
  }
  if (state.class?.floor?.room === room && room !== null) {
    if (state.class.mode === 'choral') {
      return { key: 'room.mic.choral', on: false };
    }
    return {
      key: microphone === 'on' ? 'room.mic.opening' : 'room.mic.not_heard',
      on: false,
    };
  }
  return { key: 'room.mic.off', on: false };
}

/** Whether the strip should ask for the roll call now. */
export function rollReminder(
  /** @type {State} */ state,
  /** @type {number} */ now,
  /** @type {boolean} */ roll_due,
) {
  const live_ms = state.lesson?.sitting?.live_ms ?? null;
  return (
    roll_due &&
    state.lesson?.state === 'live' &&
    live_ms !== null &&
    now - live_ms >= roll_reminder_ms
  );
}

/** Rooms with their hand up, in order, and who has the floor: ids. */
export const handsOf = (/** @type {State} */ state) =>
  (state.class?.hands ?? []).map(({ room }) => room);
