// The room's one button, its words, and which room this is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initial } from '../src/core/reduce.js';
import { pickDevice, roomAddress } from '../src/room/device.js';
import { face } from '../src/room/face.js';

const lesson = (state) => ({ id: 'demo', state, start_ms: 1000 });
const online = { ...initial, link: 'online', media: { state: 'up', code: null } };
const free = { gesture_needed: false, now_ms: 0 };
const late = { gesture_needed: false, now_ms: 1000 };
const shy = { gesture_needed: true, now_ms: 0 };

const table = [
  // what is so, what is here, screen, title, chip, button
  [{ ...initial }, free, 'message', 'room.connecting', 'room.chip.connecting', null],
  [{ ...online }, free, 'message', 'room.none', 'room.chip.waiting', null],
  [
    { ...online, next: lesson('scheduled') },
    free,
    'message',
    'room.next',
    'room.chip.waiting',
    'room.button.wait',
  ],
  [
    { ...online, next: lesson('scheduled') },
    shy,
    'message',
    'room.next',
    'room.chip.waiting',
    'room.button.ready',
  ],
  [
    { ...online, lesson: lesson('open') },
    free,
    'message',
    'room.soon',
    'room.chip.waiting',
    'room.button.wait',
  ],
  [
    { ...online, lesson: lesson('live') },
    free,
    'message',
    'room.joining',
    'room.chip.joining',
    null,
  ],
  [
    { ...online, lesson: lesson('live'), picture: true },
    free,
    'stage',
    'room.joining',
    'room.chip.live',
    null,
  ],
  [
    { ...online, lesson: lesson('live'), picture: true, sound_blocked: true },
    shy,
    'stage',
    'room.joining',
    'room.chip.live',
    'room.button.sound',
  ],
  [
    { ...online, lesson: lesson('interrupted') },
    free,
    'message',
    'room.interrupted',
    'room.chip.interrupted',
    'room.button.wait',
  ],
  [
    { ...online, link: 'reconnecting', lesson: lesson('live') },
    free,
    'message',
    'room.reconnecting',
    'room.chip.reconnecting',
    'room.button.reconnecting',
  ],
  [
    { ...online, link: 'reconnecting', lesson: lesson('live'), picture: true },
    free,
    'stage',
    'room.reconnecting',
    'room.chip.reconnecting',
    'room.button.reconnecting',
  ],
  [
    { ...online, last_ended: lesson('ended') },
    free,
    'message',
    'room.over',
    'room.chip.over',
    null,
  ],
  [
    { ...online, last_ended: lesson('ended'), next: lesson('scheduled') },
    free,
    'message',
    'room.over',
    'room.chip.over',
    'room.button.wait',
  ],
  [
    { ...online, link: 'revoked' },
    free,
    'message',
    'room.revoked',
    'room.chip.revoked',
    'room.button.enrol',
  ],
  [
    { ...online, lesson: lesson('open') },
    late,
    'message',
    'room.soon',
    'room.chip.waiting',
    'room.button.teacher',
  ],
];

const inClass = (more) => ({
  ...online,
  lesson: lesson('live'),
  picture: true,
  class: { hands: [], floor: null, rooms: [], ...more },
});
const own = { ...free, room: 7 };
const raised = { ...own, hand: true };
const rollDue = { ...own, roll_due: true };
const over = { ...online, last_ended: lesson('ended') };

/** What the one button does and says, step by step through a lesson. */
const steps = [
  ['live', inClass(), own, 'raise', 'room.button.raise'],
  [
    'raised, not confirmed',
    inClass({ hands: [{ room: 3 }] }),
    raised,
    'lower',
    'room.button.lower',
    2,
  ],
  [
    'raised',
    inClass({ hands: [{ room: 3 }, { room: 7 }, { room: 9 }] }),
    raised,
    'lower',
    'room.button.lower',
    2,
  ],
  ['lowered, not confirmed', inClass({ hands: [{ room: 7 }] }), own, 'raise', 'room.button.raise'],
  ['has the floor', inClass({ floor: { room: 7 } }), raised, 'leave', 'room.button.leave'],
  ['another has the floor', inClass({ floor: { room: 3 } }), own, 'raise', 'room.button.raise'],
  ['no sound', { ...inClass(), sound_blocked: true }, own, 'gesture', 'room.button.sound'],
  ['link down', { ...inClass(), link: 'reconnecting' }, own, null, 'room.button.reconnecting'],
  [
    'link down, no roll call',
    { ...inClass(), link: 'reconnecting' },
    rollDue,
    'roll',
    'room.button.reconnecting',
  ],
  ['no picture yet', { ...inClass(), picture: false }, own, 'raise', 'room.button.raise'],
  [
    'teacher cut off',
    { ...inClass(), lesson: lesson('interrupted') },
    late,
    null,
    'room.button.teacher',
  ],
  ['over', over, rollDue, 'roll', 'room.button.roll'],
  [
    'over, link down',
    { ...over, link: 'reconnecting' },
    rollDue,
    'roll',
    'room.button.reconnecting',
  ],
  ['over, kept', { ...over, next: lesson('scheduled') }, own, null, 'room.button.wait'],
];

for (const [what, state, here, act, key, place] of steps) {
  test(`the one button, ${what}: ${act ?? 'only tells'}`, () => {
    const { button } = face(state, here);
    assert.deepEqual([button.act, button.key], [act, key]);
    assert.equal(button.values?.place, place);
  });
}

test('where the line is too thin for a picture, the board stays', () => {
  const thin = { ...inClass(), picture: false };
  assert.equal(face(thin, { ...own, board: true }).screen, 'stage');
  assert.equal(face(thin, own).screen, 'message');
});

test('a person who watches has no hand to raise', () => {
  assert.equal(face(inClass(), free).button, null);
});

test('a person who may not watch is told why, and never to enrol', () => {
  const refused = (code) =>
    face({ ...initial, link: 'refused', refused: code }, { ...free, watch: true });
  assert.equal(refused('conflict').text, 'room.watch.closed');
  assert.equal(refused('not_found').text, 'room.watch.missing');
  assert.equal(refused('forbidden').text, 'room.watch.forbidden');
  assert.equal(refused('forbidden').button, null);
  assert.equal(refused('unauthenticated').button.key, 'room.button.login');
  const revoked = face({ ...initial, link: 'revoked' }, { ...free, watch: true });
  assert.deepEqual([revoked.text, revoked.button.key], ['room.watch.login', 'room.button.login']);
});

for (const [state, here, screen, title, chip, button] of table) {
  test(`${title}, ${state.lesson?.state ?? 'no lesson'}, ${state.link}: ${button ?? 'no button'}`, () => {
    const shown = face(state, here);
    assert.equal(shown.screen, screen);
    assert.equal(shown.title, title);
    assert.equal(shown.chip[1], chip);
    assert.equal(shown.button?.key ?? null, button);
  });
}

test('the device of the address, else the only one, else a question', () => {
  const [a, b] = [{ key: 'a' }, { key: 'b' }];
  assert.deepEqual(pickDevice([a, b], 'b'), { is: 'device', device: b });
  assert.deepEqual(pickDevice([a], 'gone'), { is: 'enrol' });
  assert.deepEqual(pickDevice([a], null), { is: 'device', device: a });
  assert.equal(pickDevice([a, b], null).is, 'choose');
  assert.equal(pickDevice([], null).is, 'enrol');
  assert.equal(roomAddress('?lang=en', 'k 1'), '/room?lang=en&device=k+1');
});
