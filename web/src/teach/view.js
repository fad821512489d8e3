// What the teacher sees of the lesson, computed from what is known: rooms with their hands and signals, the queue, who
// has the floor, the answers to a question. Pure. No DOM here.

/** @typedef {import('../core/protocol.js').Class} Class */
/** @typedef {import('../core/protocol.js').RoomStatus} RoomStatus */
/** @typedef {import('../core/protocol.js').ClassRoom} ClassRoom */
/** @typedef {import('../ui/chip.jsx').Tone} Tone */

/** Signals and lost floors are shown for so long. */
const shown_ms = 20_000;
const most_tiles = 8;

/**
 * @typedef {{
 *   id: number, room: any, status: RoomStatus | null, slot: string | null, place: number, floor: boolean, open: boolean,
 *   large: boolean, signals: string[], video: boolean, audio: boolean, here: boolean,
 *   roll_call: ClassRoom['roll_call'], check: ClassRoom['check'],
 * }} RoomView `place`: in the queue of hands, 0: no hand; `open`: its microphone is heard
 */

const recent = (/** @type {{ at_ms: number }} */ thing, /** @type {number} */ now_ms) =>
  now_ms - thing.at_ms < shown_ms;

/**
 * Every room of the lesson, in its order.
 * @param {{ lesson: any, rooms: RoomStatus[], class: Class | null }} state @param {number} now_ms
 * @returns {RoomView[]}
 */
export function roomsOf(state, now_ms) {
  const now = state.class;
  const statuses = new Map(state.rooms.map((status) => [status.room?.id, status]));
  const known = new Map((now?.rooms ?? []).map((room) => [room.id, room]));
  const places = new Map((now?.hands ?? []).map(({ room }, i) => [room, i + 1]));
  return (state.lesson?.rooms ?? []).map((/** @type {any} */ room) => {
    const { id } = room;
    const seen = known.get(id);
    const floor = now?.floor?.room === id;
    return {
      id,
      room,
      status: statuses.get(id) ?? null,
      slot: seen?.tile ? `room${seen.tile}.video` : null,
      place: places.get(id) ?? 0,
      floor,
      open: floor && now?.mode !== 'choral',
      large: largeOf(now) === id,
      signals: (now?.signals ?? [])
        .filter((signal) => signal.room === id && recent(signal, now_ms))
        .map(({ kind }) => kind),
      video: seen?.video ?? false,
      audio: seen?.audio ?? false,
      here: seen?.here ?? false,
      roll_call: seen?.roll_call ?? null,
      check: seen?.check ?? null,
    };
  });
}

/** The rooms that have a picture of their own, and the others. @param {RoomView[]} rooms */
export function tilesOf(rooms) {
  if (rooms.length <= most_tiles) {
    return { tiles: rooms, others: [] };
  }
  const chosen = rooms.filter(({ slot }) => slot !== null).slice(0, most_tiles);
  const rest = rooms.filter((room) => !chosen.includes(room));
  const free = most_tiles - chosen.length;
  const tiles = new Set([...chosen, ...rest.slice(0, free)]);
  return {
    tiles: rooms.filter((room) => tiles.has(room)),
    others: rooms.filter((room) => !tiles.has(room)),
  };
}

/** How the tiles stand: columns by their number. */
export const columnsOf = (/** @type {number} */ count) => (count <= 2 ? 1 : 2);

/** Whose picture is the large one: the one chosen, else who has the floor; null: nobody's. */
export const largeOf = (/** @type {Class | null} */ now) => now?.large ?? now?.floor?.room ?? null;

/** The raised hands in order. @param {RoomView[]} rooms @param {Class | null} now */
export function queueOf(rooms, now) {
  const byId = new Map(rooms.map((view) => [view.id, view]));
  return (now?.hands ?? []).flatMap(({ room }) => byId.get(room) ?? []);
}

/** The room that has just lost the floor, and why; null: none. */
export function lostOf(
  /** @type {RoomView[]} */ rooms,
  /** @type {Class | null} */ now,
  /** @type {number} */ now_ms,
) {
  const lost = now?.lost;
  const view = lost && recent(lost, now_ms) ? rooms.find(({ id }) => id === lost.room) : null;
  return lost && view ? { view, reason: lost.reason } : null;
}

/** What there is instead of a room's picture; null: it has one. @param {RoomView} view */
export function insteadOf(view) {
  // before the picture: of a room that has just dropped out the last one still stands there
  if (!view.here && view.status?.state === 'trouble') {
    return 'lost';
  }
  if (view.video && view.slot) {
    return null;
  }
  if (!view.here) {
    return 'absent';
  }
  if (view.video) {
    return 'no_slot';
  }
  return view.audio ? 'sound_only' : 'nothing';
}

/** @type {Record<string, Tone>} */
export const signalTone = { cannot_hear: 'bad', too_fast: 'warn', clear: 'good' };

/** Was everybody there at the roll call? */
export const rollTone = (/** @type {{ expected: number, present: number }} */ call) =>
  call.present >= call.expected ? 'good' : 'warn';

/** A, B, C, D: as many as there are choices. */
export const lettersOf = (/** @type {number} */ choices) => [...'ABCD'].slice(0, choices);

/**
 * The answers of all rooms together, and of each.
 * @param {import('../core/protocol.js').Question} question @param {RoomView[]} rooms
 */
export function resultOf(question, rooms) {
  const letters = lettersOf(question.choices);
  const answered = new Map(question.answers.map(({ room, counts }) => [room, counts]));
  const bars = letters.map((letter) => ({
    letter,
    count: question.answers.reduce((sum, { counts }) => sum + (counts[letter] ?? 0), 0),
  }));
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  return {
    total,
    bars: bars.map((bar) => ({ ...bar, share: total > 0 ? bar.count / total : 0 })),
    rooms: rooms.map((view) => ({
      view,
      counts: answered.has(view.id)
        ? letters.map((letter) => answered.get(view.id)?.[letter] ?? 0)
        : null,
    })),
    answered: answered.size,
  };
}

/** What is left of the countdown; null: none runs. */
export const leftMs = (
  /** @type {Class['countdown'] | undefined} */ countdown,
  /** @type {number} */ now_ms,
) => (countdown && countdown.ends_ms > now_ms ? countdown.ends_ms - now_ms : null);

/** Messages to the teacher that came after `seen_id`. */
export const unreadOf = (/** @type {Class | null} */ now, /** @type {number} */ seen_id) =>
  (now?.messages ?? []).filter(({ id, from }) => from !== 'teacher' && id > seen_id);

/**
 * What an ear must be told when one state follows another: hands, lost floors, bad signals, messages.
 * @param {Class | null} before @param {Class | null} now
 * @returns {{ key: string, room: number | null, text?: string }[]}
 */
export function newsOf(before, now) {
  if (!before || !now) {
    return [];
  }
  const had = new Set(before.hands.map(({ room }) => room));
  const heard = new Set(before.signals.map(({ room, kind, at_ms }) => `${room} ${kind} ${at_ms}`));
  const read = Math.max(0, ...before.messages.map(({ id }) => id));
  const lost = now.lost && now.lost.at_ms !== before.lost?.at_ms ? [now.lost] : [];
  return [
    ...lost.map(({ room, reason }) => ({ key: `teach.news.lost.${reason}`, room })),
    ...now.hands
      .filter(({ room }) => !had.has(room))
      .map(({ room }) => ({ key: 'teach.news.hand', room })),
    ...now.signals
      .filter(({ room, kind, at_ms }) => !heard.has(`${room} ${kind} ${at_ms}`))
      .map(({ room, kind }) => ({ key: `teach.news.signal.${kind}`, room })),
    ...now.messages
      .filter(({ id, from }) => from !== 'teacher' && id > read)
      .map(({ room, text }) => ({ key: 'teach.news.message', room, text })),
  ];
}
