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
    null,
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
    null,
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
