// What a page knows after each message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initial, reduce } from '../src/core/reduce.js';

const room = (id, state = 'absent') => ({ room: { id, name: `r${id}` }, state });
const lesson = (state, ids = [1, 2]) => ({
  id: 'demo',
  state,
  rooms: ids.map((id) => ({ id })),
  persons: [],
});
const play = (...events) => events.reduce(reduce, initial);
const welcome = (fields = {}) => ({
  type: 'welcome',
  seq: 5,
  server_ms: 2000,
  at_ms: 1500,
  build: 'a',
  lesson: lesson('live'),
  rooms: [room(1), room(2)],
  ...fields,
});

test('a welcome is a snapshot with the clock of the server', () => {
  const state = play(welcome());
  assert.equal(state.link, 'online');
  assert.equal(state.clock_offset_ms, 500);
  assert.equal(state.seq, 5);
  assert.equal(state.lesson.state, 'live');
});

test('a welcome after a resume keeps what it does not name', () => {
  const state = play(welcome(), { type: 'welcome', seq: 7, server_ms: 0, at_ms: 0 });
  assert.equal(state.lesson.id, 'demo');
  assert.equal(state.rooms.length, 2);
});

test('a welcome of another build marks the page as stale', () => {
  assert.equal(play(welcome()).stale, false);
  assert.equal(play(welcome(), welcome({ build: 'b' })).stale, true);
});

test('changed rooms take the place of the old ones and keep the order', () => {
  const state = play(welcome(), { type: 'room.status', seq: 6, rooms: [room(1, 'playing')] });
  assert.deepEqual(
    state.rooms.map((r) => [r.room.id, r.state]),
    [
      [1, 'playing'],
      [2, 'absent'],
    ],
  );
  assert.equal(state.seq, 6);
});

test('a room that is taken out of the lesson goes', () => {
  const state = play(welcome(), {
    type: 'lesson',
    seq: 6,
    lesson: lesson('live', [2]),
    next: null,
  });
  assert.deepEqual(
    state.rooms.map((r) => r.room.id),
    [2],
  );
});

test('an ended lesson is remembered until the next begins', () => {
  const over = play(welcome(), { type: 'lesson', seq: 6, lesson: null, next: null });
  assert.equal(over.last_ended.id, 'demo');
  assert.equal(reduce(over, { type: 'lesson', seq: 7, lesson: lesson('open') }).last_ended, null);
});

test('the source of one lesson of the board is not another one’s', () => {
  const state = play(
    { type: 'board.loaded', lessons: [{ lesson: lesson('live'), rooms: [room(1)] }] },
    { type: 'source.status', seq: 9, lesson_id: 'demo', kind: 'file', state: 'failed' },
    { type: 'room.status', seq: 10, lesson_id: 'other', rooms: [room(3)] },
  );
  assert.equal(state.board.demo.source.state, 'failed');
  assert.equal(state.board.demo.rooms.length, 1);
  assert.equal(state.board.other.rooms[0].room.id, 3);
  assert.equal(state.source, null);
});

test('the state is not changed in place, and an unknown message changes nothing', () => {
  const before = Object.freeze(play(welcome()));
  reduce(before, { type: 'room.status', seq: 6, rooms: [room(1, 'playing')] });
  assert.equal(before.rooms[0].state, 'absent');
  assert.equal(reduce(before, { type: 'toString' }), before);
});

test('server.closing is said until the next welcome', () => {
  const closing = play(welcome(), { type: 'server.closing', reason: 'restart' });
  assert.equal(closing.closing, 'restart');
  assert.equal(reduce(closing, welcome()).closing, null);
});
