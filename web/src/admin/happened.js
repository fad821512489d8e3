// What happened in a sitting, in words and in figures: pure. No DOM here.
import { named, t } from '../core/i18n.js';
import { span } from '../core/time.js';
import { whoOf } from '../ui/who.js';

/** Which kinds of events belong together; the order is that of the filter. @type {[string, string[]][]} */
const grouped = [
  ['rooms', ['join', 'leave', 'live', 'interrupted']],
  ['floor', ['hand.raise', 'hand.lower', 'floor.give', 'floor.take', 'floor.lost']],
  ['signals', ['signal']],
  ['messages', ['message']],
  ['questions', ['question', 'answer', 'question.close', 'countdown']],
  ['board', ['board.page', 'board.show', 'mode']],
  ['care', ['roll_call', 'check', 'handover']],
];
const group_of = new Map(grouped.flatMap(([group, kinds]) => kinds.map((kind) => [kind, group])));

/** `other`: a kind that this page does not know. */
export const groups = [...grouped.map(([group]) => group), 'other'];
export const groupOf = (/** @type {string} */ kind) => group_of.get(kind) ?? 'other';

/** How rooms are called here: by the school, and by the room too where a school has several. */
export function roomNames(/** @type {any[]} */ rooms) {
  const known = new Map(rooms.filter(Boolean).map((room) => [room.id, room]));
  const of_school = new Map();
  for (const room of known.values()) {
    of_school.set(room.school, (of_school.get(room.school) ?? 0) + 1);
  }
  return (/** @type {any} */ room_or_id) => {
    const room = known.get(room_or_id?.id ?? room_or_id) ?? room_or_id;
    if (typeof room !== 'object' || room === null) {
      return t('timeline.room', { id: room ?? '' });
    }
    const [first, second] = whoOf({ room });
    return second && of_school.get(room.school) > 1 ? `${first} · ${second}` : first;
  };
}

/** Words of a value that the server may know more of than this page: those, or the value as it came. */
function wordsOf(/** @type {string} */ key, /** @type {unknown} */ value) {
  const said = t(key);
  return said === key ? String(value ?? '') : said;
}

export const roleOf = (/** @type {string} */ role) => wordsOf(`role.${role}`, role);
export const signalOf = (/** @type {string} */ kind) => wordsOf(`timeline.signal.${kind}`, kind);

/** {A:5,B:3} → "A 5 · B 3" */
const countsOf = (/** @type {Record<string, number>} */ counts) =>
  Object.entries(counts ?? {})
    .map(([choice, count]) => `${choice} ${count}`)
    .join(' · ');

/** Which sentence a kind has where the data decide. @type {Record<string, (event: any) => string>} */
const variants = {
  'hand.lower': ({ data, by }) => {
    if (data.all) {
      return 'timeline.event.hand.lower.all';
    }
    return by?.role === 'teacher'
      ? 'timeline.event.hand.lower.teacher'
      : 'timeline.event.hand.lower';
  },
  'floor.take': ({ by }) =>
    by?.role === 'teacher' ? 'timeline.event.floor.take' : 'timeline.event.floor.leave',
  message: ({ data }) => {
    const from = { teacher: 'teacher', coteacher: 'coteacher' }[data.from] ?? 'room';
    return `timeline.event.message.${from}`;
  },
  question: ({ data }) => (data.text ? 'timeline.event.question.text' : 'timeline.event.question'),
  countdown: ({ data }) =>
    data.seconds ? 'timeline.event.countdown' : 'timeline.event.countdown.stop',
  'board.show': ({ data }) => `timeline.event.board.show.${data.what}`,
};

/**
 * An event as a sentence.
 * @param {any} event of PROTOCOL.md @param {(room: any) => string} nameOf
 */
export function eventSaid(event, nameOf) {
  const { kind, data, by, room } = event;
  const key = variants[kind]?.(event) ?? `timeline.event.${kind}`;
  const said = t(key, {
    room: nameOf(room),
    by: by ? roleOf(by.role) : t('timeline.server'),
    reason: wordsOf(`timeline.reason.${data.reason}`, data.reason),
    mode: wordsOf(`timeline.mode.${data.mode}`, data.mode),
    signal: signalOf(data.kind),
    verdict: wordsOf(`timeline.verdict.${data.verdict}`, data.verdict),
    name: named(data),
    text: data.text,
    last: String.fromCharCode(64 + (data.choices ?? 0)),
    counts: countsOf(data.counts),
    time: span((data.seconds ?? 0) * 1000),
    present: data.present,
    expected: data.expected,
  });
  return groupOf(kind) !== 'other' && said !== key ? said : t('timeline.event.unknown', { kind });
}

/**
 * @param {any[]} events @param {{ room: string, chosen: Set<string> }} filter `room`: an id, '' for all; `chosen` groups, none for all
 */
export const filtered = (events, { room, chosen }) =>
  events.filter(
    (event) =>
      (room === '' || String(event.room?.id ?? '') === room) &&
      (chosen.size === 0 || chosen.has(groupOf(event.kind))),
  );

/** How many events of each group. @returns {Map<string, number>} */
export function counted(/** @type {any[]} */ events) {
  const counts = new Map();
  for (const { kind } of events) {
    counts.set(groupOf(kind), (counts.get(groupOf(kind)) ?? 0) + 1);
  }
  return counts;
}

/** Signals by room and kind: the kinds that there are, and for each room how many of each. */
export function signalCounts(/** @type {any[]} */ events) {
  const kinds = ['cannot_hear', 'too_fast', 'clear'];
  /** @type {Map<number, { room: any, counts: Record<string, number>, all: number }>} */
  const rooms = new Map();
  for (const { kind, room, data } of events) {
    if (kind === 'signal' && room) {
      if (!kinds.includes(data.kind)) {
        kinds.push(data.kind);
      }
      const row = rooms.get(room.id) ?? { room, counts: {}, all: 0 };
      row.counts[data.kind] = (row.counts[data.kind] ?? 0) + 1;
      row.all += 1;
      rooms.set(room.id, row);
    }
  }
  return { kinds, rows: [...rooms.values()].sort((a, b) => a.room.id - b.room.id) };
}

/**
 * The roll calls of a sitting, each room's newest first, and the rooms that have none.
 * @param {any[]} roll_calls @param {any} sitting @param {any[]} rooms of the lesson
 */
export function rollsOf(roll_calls, sitting, rooms) {
  // one that was marked before the lesson first opened belongs to its first sitting
  const mine = roll_calls.filter(
    (roll) => roll.sitting === sitting.id || (roll.sitting === null && sitting.number === 1),
  );
  const newest = new Map();
  const sorted = [...mine].sort((a, b) => b.marked_ms - a.marked_ms || b.id - a.id);
  for (const roll of sorted) {
    if (!newest.has(roll.room)) {
      newest.set(roll.room, roll.id);
    }
  }
  return {
    rolls: sorted.map((roll) => ({ ...roll, counts: newest.get(roll.room) === roll.id })),
    missing: rooms.filter((room) => !newest.has(room.id)),
  };
}

/** All speech of a sitting: what the shares are shares of; null where some of it was not measured. */
export const allSpeech = (/** @type {any[]} */ speaking) =>
  speaking.some((row) => row.spoke_ms === null)
    ? null
    : speaking.reduce((sum, row) => sum + row.spoke_ms, 0);
