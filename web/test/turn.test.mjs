// What a room does in a lesson: its own hand before the server says so, its keys, what it reads, its roll call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initial } from '../src/core/reduce.js';
import { actOf, lines } from '../src/room/keys.js';
import { deviceWord, microphoneWord, newsOf, rollReminder } from '../src/room/news.js';
import { handUp, nothingOwn, reduceOwn } from '../src/room/own.js';
import { Roll, rollKey } from '../src/room/roll.js';
import { scaleOf } from '../src/room/screen.js';
import { clampSplit } from '../src/room/split.js';

const room = 7;
const up = { hands: [{ room }] };
const down = { hands: [] };
const run = (...events) => events.reduce(reduceOwn, nothingOwn);
const raise = { type: 'own.hand', raised: true, op: 1 };
const changed = { type: 'class' };
const ok = { type: 'own.settled', op: 1, ok: true };

test('a hand is up at once, whichever of answer and class comes first', () => {
  assert.equal(handUp(run(raise), down, room), true);
  for (const own of [run(raise, ok, changed), run(raise, changed, ok)]) {
    assert.equal(own.hand, null);
    assert.equal(handUp(own, up, room), true);
    assert.equal(handUp(own, down, room), false);
  }
});

test('a hand that was refused, or given the floor at once, is down again', () => {
  assert.equal(handUp(run(raise, { ...ok, ok: false }), down, room), false);
  assert.equal(handUp(run(raise, changed, ok), down, room), false);
});

test('the answer to an older wish does not end a newer one', () => {
  const own = run(raise, { type: 'own.hand', raised: false, op: 2 }, ok);
  assert.equal(handUp(own, up, room), false);
});

test('after a break the class alone counts', () => {
  assert.equal(handUp(run(raise, { type: 'welcome' }), down, room), false);
});

test('keys: what is sent needs a lesson, the help does not', () => {
  assert.equal(actOf({ key: '1' }, { live: true }), 'signal.cannot_hear');
  assert.equal(actOf({ key: '1' }, { live: false }), null);
  assert.equal(actOf({ key: 'PageDown' }, { live: true }), 'hand.raise');
  assert.equal(actOf({ key: 'PageUp' }, { live: true }), 'hand.lower');
  assert.equal(actOf({ key: '0' }, { live: false }), 'panel.help');
  assert.equal(actOf({ key: '1', repeat: true }, { live: true }), null);
  assert.equal(actOf({ key: '1', ctrlKey: true }, { live: true }), null);
  assert.equal(actOf({ key: 'x' }, { live: true }), null);
  const keys = lines.flatMap((line) => line.keys);
  assert.equal(new Set(keys).size, keys.length, 'a key does one thing');
});

const lesson = { id: 'a', state: 'live', end_ms: 2_000_000, sitting: { id: 4, live_ms: 0 } };
const empty = {
  ...{ mode: 'speech', floor: null, lost: null, hands: [], messages: [], time_shown_ms: null },
  ...{ countdown: null, question: null, rooms: [] },
};
const state = (more) => ({
  ...initial,
  link: 'online',
  media: { state: 'up' },
  lesson,
  class: { ...empty, ...more },
});
const kinds = (more, now) => newsOf(state(more), now).map(({ kind }) => kind);

test('the news: each for its time', () => {
  const from = (who, at_ms) => ({ from: who, at_ms, text: who });
  assert.deepEqual(kinds({}, 0), []);
  assert.deepEqual(kinds({ messages: [from('teacher', 0)] }, 19_999), ['message']);
  assert.deepEqual(kinds({ messages: [from('teacher', 0)] }, 20_000), []);
  assert.deepEqual(kinds({ messages: [from('room', 0)] }, 1), []);
  const two = newsOf(
    state({ messages: [from('teacher', 0), { ...from('teacher', 5), text: 'new' }] }),
    6,
  );
  assert.equal(two[0].text, 'new');
  const countdown = { started_ms: 0, ends_ms: 60_000 };
  assert.equal(newsOf(state({ countdown }), 15_000)[0].left_ms, 45_000);
  assert.equal(newsOf(state({ countdown }), 62_000)[0].left_ms, 0);
  assert.deepEqual(kinds({ countdown }, 66_000), []);
  assert.deepEqual(kinds({ time_shown_ms: 100 }, 99), ['time']);
  assert.deepEqual(kinds({ time_shown_ms: 100 }, 100), []);
  assert.deepEqual(kinds({ lost: { room: 3 } }, 0), ['lost']);
  const question = { id: 1, closed_ms: null, answers: [] };
  assert.deepEqual(kinds({ question }, 0), ['question']);
  assert.deepEqual(kinds({ question: { ...question, closed_ms: 10 } }, 59_000), ['result']);
  assert.deepEqual(kinds({ question: { ...question, closed_ms: 10 } }, 61_000), []);
});

test('nobody reads that he is heard who is not, or the other way round', () => {
  const here = { room, microphone: 'on', heard: true };
  const word = (more, what = {}, link = 'online') =>
    microphoneWord({ ...state(more), link }, { ...here, ...what });
  assert.deepEqual(word({ floor: { room } }), { key: 'room.mic.heard', on: true });
  assert.equal(word({ floor: { room } }, {}, 'reconnecting').on, true, 'it still goes out');
  const stalled = { ...state({ floor: { room } }), media: { state: 'stalled' } };
  assert.equal(microphoneWord(stalled, here).on, false);
  assert.equal(word({ floor: { room } }, { heard: false }).key, 'room.mic.opening');
  assert.equal(
    word({ floor: { room } }, { heard: false, microphone: 'missing' }).key,
    'room.mic.not_heard',
  );
  assert.equal(word({ floor: { room }, mode: 'choral' }, { heard: false }).key, 'room.mic.choral');
  assert.equal(word({ floor: { room: 3 } }, { heard: false }).key, 'room.mic.off');
});

test('a camera that waits for permission, or is missing, is said in words', () => {
  assert.equal(deviceWord('on', 'on'), null);
  assert.equal(deviceWord('asking', 'on'), 'room.device.asking');
  assert.equal(deviceWord('missing', 'on'), null, 'a room without a camera is as it is');
  assert.equal(deviceWord('missing', 'missing'), 'room.device.none');
  assert.equal(deviceWord('on', 'missing'), 'room.device.no_microphone');
  assert.equal(deviceWord('denied', 'on'), 'room.device.denied');
});

test('ten minutes into a lesson the roll call is asked for', () => {
  assert.equal(rollReminder(state({}), 599_999, true), false);
  assert.equal(rollReminder(state({}), 600_000, true), true);
  assert.equal(rollReminder(state({}), 600_000, false), false);
});

/** A Storage that lasts longer than a page, and a server that answers as told. */
function rollSetUp() {
  const kept = new Map();
  const store = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
  };
  const asked = [];
  const server = { answer: () => ({}) };
  let ops = 0;
  const open = () =>
    new Roll({
      store,
      op: () => {
        ops += 1;
        return `operation-${ops}`;
      },
      post: async (path, body) => {
        asked.push({ path, ...body });
        const answer = server.answer();
        if (answer.code) {
          throw Object.assign(new Error(answer.code), answer);
        }
        return answer;
      },
    });
  return { open, asked, server };
}

const all = { expected: 20, present: 20 };

test('a roll call is sent once', async () => {
  const { open, asked } = rollSetUp();
  const roll = open();
  assert.equal(roll.has(rollKey(lesson)), false);
  await roll.mark(lesson, room, all, 1234.5);
  await roll.send();
  await open().send();
  assert.deepEqual(asked, [
    {
      ...{ path: '/rollcalls', op: 'operation-1', lesson: 'a', room, ...all, absent: [] },
      marked_ms: 1235,
    },
  ]);
  assert.ok(roll.has('a/4'));
  assert.equal(open().expected(), 20, 'the next lesson begins with as many');
});

test('without a network it waits, over a reload of the page too, with the same op', async () => {
  const { open, asked, server } = rollSetUp();
  server.answer = () => ({ code: 'offline' });
  await open().mark(lesson, room, all, 0);
  const later = open();
  await later.send();
  assert.ok(later.has('a/4'), 'nobody is asked again');
  server.answer = () => ({});
  await later.send();
  await later.send();
  assert.deepEqual(
    asked.map(({ op }) => op),
    ['operation-1', 'operation-1', 'operation-1'],
  );
});

test('what is refused for good is said and does not hold up the next', async () => {
  const { open, asked, server } = rollSetUp();
  const roll = open();
  server.answer = () => ({ code: 'conflict' });
  await roll.mark(lesson, room, all, 0);
  assert.equal(roll.kept.peek()[0].refused, true);
  server.answer = () => ({});
  await roll.mark({ ...lesson, id: 'b' }, room, all, 0);
  assert.deepEqual(
    asked.map((one) => one.lesson),
    ['a', 'b'],
  );
});

test('what the telephone kept is not asked for again', () => {
  const roll = rollSetUp().open();
  roll.seen('a/4');
  assert.ok(roll.has('a/4'));
});

test('words grow with the distance, on a large television they stay', () => {
  assert.equal(scaleOf({ inches: 55, metres: 5 }), 1);
  const vh = 4.6 * scaleOf({ inches: 32, metres: 5 });
  assert.ok(Math.abs(vh - 7.28) < 0.05, `${vh} vh`);
  assert.equal(scaleOf({ inches: 20, metres: 12 }), 1.6);
});

test('the board is never so wide that the teacher goes', () => {
  assert.deepEqual([10, 75, 99, Number.NaN].map(clampSplit), [60, 75, 85, 75]);
});
