// The messages of signaling/PROTOCOL.md as types, and the little logic that belongs to them. No DOM here.

/**
 * @typedef {{ id: number, name: string, name_en: string, school: string, school_en: string }} Room
 * @typedef {{ id: number, name: string, name_en: string, school?: string }} Person
 * @typedef {'scheduled' | 'open' | 'live' | 'interrupted' | 'ended' | 'cancelled'} LessonState
 * @typedef {{
 *   id: string, title: string, title_en: string, kind: 'lesson' | 'training', state: LessonState, subject: string,
 *   teacher: { id: number, name: string, name_en: string, account_id: number } | null,
 *   rooms: Room[], persons: Person[], start_ms: number, end_ms: number, join_from_ms: number,
 *   sitting: { id: number, number: number, opened_ms: number, live_ms: number | null, ended_ms: number | null } | null,
 *   reopens_ms: number | null, etag: string,
 * }} Lesson
 * @typedef {{
 *   room?: Room, person?: Person, state: 'absent' | 'joined' | 'playing' | 'trouble', since_ms: number, fps: number | null,
 *   loss_pct: number | null, rtt_ms: number | null, delay_ms: number | null, kbps: number | null,
 *   w: number | null, h: number | null,
 *   cause: 'none' | 'no_device' | 'page_closed' | 'connection_lost' | 'no_media' | 'sound_only' | 'sound_blocked',
 * }} RoomStatus
 * @typedef {{
 *   kind: string, state: 'none' | 'starting' | 'live' | 'failed', cause: string, restarts: number, passthrough: boolean,
 * }} SourceStatus
 * @typedef {{ name: string, name_en: string, live: boolean, cause?: string }} Publisher
 * @typedef {{
 *   id: number, here: boolean, video: boolean, audio: boolean, tile: number | null,
 *   roll_call: { expected: number, present: number, at_ms: number } | null,
 *   check: { verdict: 'green' | 'yellow' | 'red', at_ms: number } | null,
 * }} ClassRoom
 * @typedef {{
 *   id: number, asked_ms: number, choices: number, text: string, closed_ms: number | null,
 *   answers: { room: number, counts: Record<string, number> }[],
 * }} Question
 * @typedef {{
 *   id: number, at_ms: number, from: 'teacher' | 'room' | 'coteacher', room: number | null, name: string,
 *   name_en: string, text: string,
 * }} Message
 * @typedef {{
 *   mode: 'speech' | 'music' | 'choral', floor: { room: number, since_ms: number } | null,
 *   lost: { room: number, at_ms: number, reason: string } | null, hands: { room: number, at_ms: number }[],
 *   signals: { room: number, kind: 'cannot_hear' | 'too_fast' | 'clear', at_ms: number }[], messages: Message[],
 *   time_shown_ms: number | null, countdown: { started_ms: number, ends_ms: number } | null,
 *   question: Question | null, large: number | null, rooms: ClassRoom[],
 * }} Class
 * @typedef {{ role: string, name: string, name_en: string, room?: Room, device?: any }} You
 */

/** One key for a room or a person of a lesson. */
export const attendeeKey = (/** @type {any} */ status) =>
  status.room ? `room:${status.room.id}` : `person:${status.person?.id}`;

/** States in which a room joins and media may flow. */
export const joinable = (/** @type {Lesson | null} */ lesson) =>
  lesson !== null && ['open', 'live', 'interrupted'].includes(lesson.state);

/** When a lesson that is not open yet can be entered next. */
export const opensAt = (/** @type {any} */ lesson) => lesson.reopens_ms ?? lesson.start_ms;

/** Errors after which trying the same again by itself is no use. */
const final = new Set([
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'codec',
  'revoked',
]);

export const isFinal = (/** @type {string} */ code) => final.has(code);
