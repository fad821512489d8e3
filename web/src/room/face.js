// What the room's screen says and what its one button does, as a table over the state: pure. No DOM here.
import { joinable } from '../core/protocol.js';

/**
 * @typedef {{ key: string, act: 'gesture' | 'enrol' | null }} Button `act` null: it only tells
 * @typedef {{
 *   screen: 'message' | 'stage', title: string, text: string | null, chip: [import('../ui/chip.jsx').Tone, string],
 *   button: Button | null, lesson: any,
 * }} Face
 */

/** @typedef {import('../core/reduce.js').State} State @typedef {{ gesture_needed: boolean, now_ms: number }} Here */

const message = (/** @type {any} */ face) => ({
  screen: 'message',
  text: null,
  button: null,
  lesson: null,
  ...face,
});

/** The link to the server is not there. */
function linkFace(/** @type {State} */ state) {
  if (state.link === 'revoked' || state.link === 'refused') {
    const gone = ['unauthenticated', 'revoked', 'forbidden'].includes(state.refused ?? 'revoked');
    return message({
      title: gone ? 'room.revoked' : 'room.refused',
      text: 'room.ask_admin',
      chip: ['bad', 'room.chip.revoked'],
      button: { key: 'room.button.enrol', act: 'enrol' },
    });
  }
  if (state.link === 'connecting') {
    return message({ title: 'room.connecting', chip: ['info', 'room.chip.connecting'] });
  }
  return null;
}

/** Which button a joinable lesson has. @returns {Button | null} */
function lessonButton(
  /** @type {State} */ state,
  /** @type {Here} */ here,
  /** @type {boolean} */ broken,
) {
  if (broken && !state.picture) {
    return { key: 'room.button.reconnecting', act: null };
  }
  if (state.sound_blocked) {
    return { key: 'room.button.sound', act: 'gesture' };
  }
  if (here.gesture_needed && !state.picture) {
    return { key: 'room.button.enter', act: 'gesture' };
  }
  if (state.picture) {
    return null;
  }
  if (state.lesson?.state !== 'open') {
    return null;
  }
  const late = here.now_ms >= state.lesson.start_ms;
  return { key: late ? 'room.button.teacher' : 'room.button.wait', act: null };
}

/** @returns {[import('../ui/chip.jsx').Tone, string]} */
function lessonChip(/** @type {State} */ state, /** @type {boolean} */ broken) {
  if (broken) {
    return ['warn', 'room.chip.reconnecting'];
  }
  if (state.lesson?.state === 'interrupted') {
    return ['warn', 'room.chip.interrupted'];
  }
  if (state.lesson?.state === 'open') {
    return ['info', 'room.chip.waiting'];
  }
  return state.picture ? ['good', 'room.chip.live'] : ['info', 'room.chip.joining'];
}

/** A lesson that may be joined now. */
function lessonFace(/** @type {State} */ state, /** @type {Here} */ here) {
  const lesson = state.lesson;
  const broken = state.link === 'reconnecting' || state.media.state === 'stalled';
  const titles = { open: 'room.soon', interrupted: 'room.interrupted', live: 'room.joining' };
  const why = state.closing ? `room.closing.${state.closing}` : 'room.reconnecting';
  const text = state.closing ? 'room.closing.text' : 'room.reconnecting.text';
  return {
    screen: state.picture ? 'stage' : 'message',
    title: broken ? why : titles[lesson?.state ?? 'live'],
    text: broken ? text : null,
    chip: lessonChip(state, broken),
    button: lessonButton(state, here, broken),
    lesson,
  };
}

/** No lesson now: what was, and what comes. */
function betweenFace(/** @type {State} */ state, /** @type {Here} */ here) {
  const broken = state.link === 'reconnecting';
  const next = state.lesson?.state === 'scheduled' ? state.lesson : state.next;
  const over = state.last_ended !== null || state.lesson?.state === 'ended';
  /** @type {[any, string]} */
  let chip = over ? ['still', 'room.chip.over'] : ['info', 'room.chip.waiting'];
  /** @type {Button | null} */
  let button = next ? { key: 'room.button.wait', act: null } : null;
  if (broken) {
    chip = ['warn', 'room.chip.reconnecting'];
    button = { key: 'room.button.reconnecting', act: null };
  } else if (here.gesture_needed) {
    button = { key: 'room.button.ready', act: 'gesture' };
  }
  let title = next ? 'room.next' : 'room.none';
  if (over) {
    title = 'room.over';
  }
  return message({ title, text: over && next ? 'room.then' : null, chip, button, lesson: next });
}

/** @returns {Face} */
export function face(/** @type {State} */ state, /** @type {Here} */ here) {
  return (
    linkFace(state) ?? (joinable(state.lesson) ? lessonFace(state, here) : betweenFace(state, here))
  );
}
