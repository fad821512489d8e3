// What the room's screen says and what its one button does, as a table over the state: pure. No DOM here.
//
//   gesture needed 进入课堂, 打开声音 ─▶ before 等待上课 ─▶ live 举手 ⇄ raised 取消举手 ─▶ has the floor 结束发言
//   link down 正在重连 (the roll call goes on) · over 确认考勤 ─▶ next lesson
import { joinable } from '../core/protocol.js';

/**
 * @typedef {'gesture' | 'enrol' | 'raise' | 'lower' | 'leave' | 'roll'} Act
 * @typedef {{ key: string, act: Act | null, values?: Record<string, unknown>, hint?: string }} Button
 *   `act` null: it only tells; `hint`: a smaller line beneath
 * @typedef {{
 *   screen: 'message' | 'stage', title: string, text: string | null, chip: [import('../ui/chip.jsx').Tone, string],
 *   button: Button | null, lesson: any,
 * }} Face
 */

/**
 * @typedef {import('../core/reduce.js').State} State
 * @typedef {{
 *   gesture_needed: boolean, now_ms: number, room?: number | null, hand?: boolean, roll_due?: boolean,
 *   board?: boolean, watch?: boolean,
 * }} Here `board`: there is a board to be seen, also where the line is too thin for a picture; `room`: this room, none where a person watches (`watch`); `hand`: raised, as far as this page knows;
 *   `roll_due`: the roll call of this lesson is not kept yet
 */

const message = (/** @type {any} */ face) => ({
  screen: 'message',
  text: null,
  button: null,
  lesson: null,
  ...face,
});

/** Why a person who is signed in, or was, may not watch. */
function watchRefused(/** @type {State} */ state) {
  const code = state.refused ?? 'revoked';
  const words = { conflict: 'room.watch.closed', not_found: 'room.watch.missing' };
  const signed_out = code === 'unauthenticated' || code === 'revoked';
  return message({
    title: 'room.watch.refused',
    text: signed_out ? 'room.watch.login' : (words[code] ?? 'room.watch.forbidden'),
    chip: ['bad', 'room.chip.refused'],
    button: signed_out ? { key: 'room.button.login', act: 'enrol' } : null,
  });
}

/** The link to the server is not there. */
function linkFace(/** @type {State} */ state, /** @type {Here} */ here) {
  if (here.watch && (state.link === 'revoked' || state.link === 'refused')) {
    return watchRefused(state);
  }
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

/** Nothing goes out now; the roll call is kept here until it can. @returns {Button} */
const waitingForLink = (/** @type {Here} */ here) =>
  here.roll_due
    ? { key: 'room.button.reconnecting', act: 'roll', hint: 'room.button.reconnecting.roll' }
    : { key: 'room.button.reconnecting', act: null };

/** The place in the queue of hands; one that only this page knows of is the last. */
function place(/** @type {State} */ state, /** @type {Here} */ here) {
  const hands = state.class?.hands ?? [];
  const at = hands.findIndex(({ room }) => room === here.room);
  return at < 0 ? hands.length + 1 : at + 1;
}

/** What a room does in a lesson that is live. @returns {Button | null} */
function turnButton(/** @type {State} */ state, /** @type {Here} */ here) {
  if (!state.class || !here.room) {
    return null;
  }
  if (state.class.floor?.room === here.room) {
    return { key: 'room.button.leave', act: 'leave' };
  }
  return here.hand
    ? { key: 'room.button.lower', act: 'lower', values: { place: place(state, here) } }
    : { key: 'room.button.raise', act: 'raise' };
}

/** Which button a joinable lesson has. @returns {Button | null} */
function lessonButton(
  /** @type {State} */ state,
  /** @type {Here} */ here,
  /** @type {boolean} */ broken,
) {
  if (state.link === 'reconnecting' || (broken && !state.picture)) {
    return waitingForLink(here);
  }
  if (state.sound_blocked) {
    return { key: 'room.button.sound', act: 'gesture' };
  }
  if (here.gesture_needed && !state.picture) {
    return { key: 'room.button.enter', act: 'gesture' };
  }
  if (state.lesson?.state === 'live') {
    return turnButton(state, here);
  }
  const late = here.now_ms >= (state.lesson?.start_ms ?? 0);
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
    screen: state.picture || (here.board && lesson?.state === 'live') ? 'stage' : 'message',
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
  const ended = state.last_ended ?? (state.lesson?.state === 'ended' ? state.lesson : null);
  const over = ended !== null;
  const roll_due = over && here.roll_due === true;
  /** @type {[any, string]} */
  let chip = over ? ['still', 'room.chip.over'] : ['info', 'room.chip.waiting'];
  /** @type {Button | null} */
  let button = next ? { key: 'room.button.wait', act: null } : null;
  if (broken) {
    chip = ['warn', 'room.chip.reconnecting'];
    button = waitingForLink({ ...here, roll_due });
  } else if (roll_due) {
    button = { key: 'room.button.roll', act: 'roll' };
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
    linkFace(state, here) ??
    (joinable(state.lesson) ? lessonFace(state, here) : betweenFace(state, here))
  );
}
