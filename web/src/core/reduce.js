// What a page knows, and how each event changes it: `reduce(state, event)` is pure. Events are the server's messages
// and those that the page makes itself (names that begin with `socket.`, `media.state`, `board.loaded`). No DOM here.
import { attendeeKey } from './protocol.js';

/**
 * @typedef {'connecting' | 'online' | 'reconnecting' | 'refused' | 'revoked'} LinkState
 * @typedef {'none' | 'connecting' | 'up' | 'stalled' | 'refused'} MediaState
 * @typedef {{ lesson: any, rooms: import('./protocol.js').RoomStatus[], source: any, publisher: any }} BoardLesson
 * @typedef {{
 *   link: LinkState, closing: 'restart' | 'stop' | null, refused: string | null, seq: number, build: string | null,
 *   stale: boolean, clock_offset_ms: number, you: import('./protocol.js').You | null,
 *   lesson: import('./protocol.js').Lesson | null, next: import('./protocol.js').Lesson | null,
 *   rooms: import('./protocol.js').RoomStatus[], source: import('./protocol.js').SourceStatus | null,
 *   publisher: import('./protocol.js').Publisher | null, ice_servers: any[],
 *   class: import('./protocol.js').Class | null, board_head: { epoch: number, n: number } | null,
 *   send: { layers: number, audio: boolean }, media: { state: MediaState, code: string | null, publisher: string | null }, sound_blocked: boolean,
 *   picture: boolean, last_ended: import('./protocol.js').Lesson | null, board: Record<string, BoardLesson>,
 * }} State
 */

/** @type {State} */
export const initial = {
  link: 'connecting',
  closing: null,
  refused: null,
  seq: 0,
  build: null,
  stale: false,
  clock_offset_ms: 0,
  you: null,
  lesson: null,
  next: null,
  rooms: [],
  source: null,
  publisher: null,
  ice_servers: [],
  class: null,
  board_head: null,
  send: { layers: 0, audio: false },
  media: { state: 'none', code: null, publisher: null },
  sound_blocked: false,
  picture: false,
  last_ended: null,
  board: {},
};

/** Changed statuses take the place of the old ones; the order stays. */
function mergeRooms(/** @type {any[]} */ old, /** @type {any[]} */ changed) {
  const byKey = new Map(old.map((status) => [attendeeKey(status), status]));
  for (const status of changed) {
    byKey.set(attendeeKey(status), status);
  }
  return [...byKey.values()];
}

/** Only those who are expected now: a room that was taken out of the lesson goes. */
function expected(/** @type {any[]} */ rooms, /** @type {any} */ lesson) {
  if (!lesson) {
    return [];
  }
  const keys = new Set([
    ...(lesson.rooms ?? []).map((/** @type {any} */ room) => `room:${room.id}`),
    ...(lesson.persons ?? []).map((/** @type {any} */ person) => `person:${person.id}`),
  ]);
  return keys.size === 0 ? rooms : rooms.filter((status) => keys.has(attendeeKey(status)));
}

/** Applies `change` to one lesson of the board, or to the page's only lesson. */
function onLesson(/** @type {State} */ state, /** @type {any} */ event, /** @type {any} */ change) {
  const id = event.lesson_id;
  if (id === undefined) {
    return { ...state, ...change(state) };
  }
  const old = state.board[id] ?? { lesson: null, rooms: [], source: null, publisher: null };
  return { ...state, board: { ...state.board, [id]: { ...old, ...change(old) } } };
}

/** @type {Record<string, (state: State, event: any) => State>} */
const handlers = {
  'socket.reconnecting': (state) => ({ ...state, link: 'reconnecting' }),
  'socket.refused': (state, { code }) => ({ ...state, link: 'refused', refused: code }),
  welcome: (state, event) => ({
    ...state,
    link: 'online',
    closing: null,
    refused: null,
    seq: event.seq ?? 0,
    build: state.build ?? event.build ?? null,
    stale: state.build !== null && event.build !== undefined && event.build !== state.build,
    clock_offset_ms: event.server_ms - event.at_ms,
    ...snapshot(event),
    board_head: event.board ?? null,
    ice_servers: event.ice?.servers ?? [],
  }),
  lesson: (state, event) =>
    event.lesson_id === undefined
      ? {
          ...state,
          lesson: event.lesson,
          next: event.next ?? null,
          rooms: expected(state.rooms, event.lesson),
          last_ended: ended(state, event),
          board_head: event.board === undefined ? state.board_head : event.board,
        }
      : onLesson(state, event, (/** @type {any} */ old) => ({
          lesson: event.lesson ?? old.lesson,
          rooms: expected(old.rooms, event.lesson ?? old.lesson),
        })),
  'room.status': (state, event) =>
    onLesson(state, event, (/** @type {any} */ old) => ({
      rooms: mergeRooms(old.rooms, event.rooms),
    })),
  'source.status': (state, event) => onLesson(state, event, () => ({ source: sourceOf(event) })),
  publisher: (state, event) => onLesson(state, event, () => ({ publisher: event.publisher })),
  class: (state, event) => ({ ...state, class: event.class }),
  send: (state, { layers, audio }) => ({ ...state, send: { layers, audio } }),
  'server.closing': (state, { reason }) => ({ ...state, closing: reason }),
  revoked: (state) => ({ ...state, link: 'revoked' }),
  'media.state': (state, { state: media, code = null, publisher = null }) => ({
    ...state,
    media: { state: media, code, publisher },
    picture: media === 'none' || media === 'refused' ? false : state.picture,
  }),
  'media.picture': (state, { shown }) => ({ ...state, picture: shown }),
  'media.sound': (state, { blocked }) => ({ ...state, sound_blocked: blocked }),
  'board.loaded': (state, { lessons }) => ({
    ...state,
    board: Object.fromEntries(
      lessons.map((/** @type {any} */ entry) => [
        entry.lesson.id,
        {
          lesson: entry.lesson,
          rooms: entry.rooms ?? [],
          source: entry.source ?? null,
          publisher: entry.publisher ?? null,
        },
      ]),
    ),
  }),
};

const byType = new Map(Object.entries(handlers));

/** What a welcome tells; after a resume it may leave out what did not change. */
function snapshot(/** @type {any} */ event) {
  const fields = ['you', 'lesson', 'next', 'rooms', 'source', 'publisher', 'class'];
  return Object.fromEntries(
    fields.filter((name) => event[name] !== undefined).map((name) => [name, event[name]]),
  );
}

/** The lesson that has just ended here, for what the room says afterwards. */
function ended(/** @type {State} */ state, /** @type {any} */ event) {
  if (event.lesson === null || event.lesson.state === 'ended') {
    return event.lesson ?? state.lesson ?? state.last_ended;
  }
  return null;
}

function sourceOf(/** @type {any} */ event) {
  const { type, seq, lesson_id, ...status } = event;
  return status.source ?? status;
}

/** @type {(state: State, event: any) => State} */
export function reduce(state, event) {
  const handler = byType.get(event.type);
  const next = handler ? handler(state, event) : state;
  return typeof event.seq === 'number' && event.seq > next.seq ? { ...next, seq: event.seq } : next;
}
