// The WebSocket: hello, resume, coming back, requests that are carried out once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../src/core/backoff.js';
import { Socket } from '../src/core/socket.js';
import { FakeTimers, fakeWebSockets } from './fakes.mjs';

function setUp() {
  const timers = new FakeTimers();
  const { all, FakeWebSocket } = fakeWebSockets();
  const events = [];
  let op = 0;
  const socket = new Socket({
    url: 'ws://x/ws',
    hello: () => ({ page: 'room' }),
    resume: () => 42,
    on_event: (event) => events.push(event),
    WebSocket: FakeWebSocket,
    timers,
    random: () => 0.5,
    op: () => `op${++op}`,
  });
  socket.connect();
  return { timers, all, events, socket, types: () => events.map((e) => e.type) };
}

test('waits 0.3, 0.6, 1.2 … at most 5 s', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 50].map((tries) => backoffMs(tries, () => 0.5)),
    [300, 600, 1200, 2400, 4800, 5000, 5000],
  );
  assert.ok(backoffMs(9, () => 1) <= 5000);
  assert.equal(
    backoffMs(0, () => 0),
    240,
  );
});

test('says hello at first without resume, later with the last number', () => {
  const { all, timers } = setUp();
  all[0].accepts();
  assert.deepEqual(all[0].sent[0], { type: 'hello', page: 'room' });
  assert.equal(all[0].protocol, 'tongke.v1');
  all[0].onclose();
  timers.advance(300);
  all[1].accepts();
  assert.equal(all[1].sent[0].resume, 42);
});

test('goes on trying, more and more slowly, and at once when poked', () => {
  const { all, timers, socket, types } = setUp();
  all[0].onclose();
  timers.advance(299);
  assert.equal(all.length, 1);
  timers.advance(1);
  assert.equal(all.length, 2);
  all[1].onclose();
  timers.advance(599);
  assert.equal(all.length, 2);
  socket.poke();
  assert.equal(all.length, 3);
  assert.deepEqual(types(), ['socket.reconnecting', 'socket.reconnecting']);
});

test('a second welcome says that it is one', () => {
  const { all, timers, events } = setUp();
  all[0].accepts();
  assert.equal(events[0].again, false);
  all[0].onclose();
  timers.advance(300);
  all[1].accepts();
  assert.equal(events.at(-1).again, true);
});

test('answers go to who asked, errors as errors', async () => {
  const { all, socket } = setUp();
  all[0].accepts();
  const good = socket.request('lesson.start');
  const bad = socket.request('lesson.end');
  all[0].says({ type: 'error', op: 'op2', code: 'forbidden', text: 'x' });
  all[0].says({ type: 'ok', op: 'op1' });
  assert.equal((await good).type, 'ok');
  await assert.rejects(bad, { code: 'forbidden' });
});

test('a request to be sent again keeps its op over a loss; another fails', async () => {
  const { all, socket, timers } = setUp();
  all[0].accepts();
  const kept = socket.request('progress', { n: 1 }, { resend: true });
  const lost = socket.request('media.offer');
  all[0].onclose();
  await assert.rejects(lost, { code: 'offline' });
  timers.advance(300);
  all[1].accepts();
  assert.deepEqual(all[1].sent[1], { type: 'progress', op: 'op1', n: 1 });
  all[1].says({ type: 'ok', op: 'op1' });
  await kept;
});

test('what has no answer is said now or never', () => {
  const { all, socket, timers } = setUp();
  socket.tell('board.laser', { off: true });
  all[0].accepts();
  socket.tell('board.laser', { p: 'a', x: 1, y: 2 });
  assert.deepEqual(all[0].sent.slice(1), [{ type: 'board.laser', p: 'a', x: 1, y: 2 }]);
  all[0].onclose();
  socket.tell('board.laser', { off: true });
  timers.advance(300);
  all[1].accepts();
  assert.equal(all[1].sent.length, 1);
});

test('an answer that does not come means that the connection is dead', () => {
  const { all, socket, timers, types } = setUp();
  all[0].accepts();
  socket.request('progress', {}, { resend: true });
  timers.advance(10_000);
  assert.ok(all[0].closed);
  assert.equal(types().at(-1), 'socket.reconnecting');
  timers.advance(300);
  assert.equal(all.length, 2);
});

test('a connection that never opens is given up and tried again', () => {
  const { all, timers } = setUp();
  timers.advance(10_300);
  assert.equal(all.length, 2);
  assert.ok(all[0].closed);
});

test('a refusal that stays ends it, one that passes does not', () => {
  const refused = setUp();
  refused.all[0].onopen();
  refused.all[0].says({ type: 'error', code: 'not_found' });
  refused.timers.advance(60_000);
  assert.equal(refused.all.length, 1);
  assert.deepEqual(refused.events, [{ type: 'socket.refused', code: 'not_found' }]);
  const busy = setUp();
  busy.all[0].onopen();
  busy.all[0].says({ type: 'error', code: 'unavailable' });
  busy.timers.advance(300);
  assert.equal(busy.all.length, 2);
});

test('revoked and closed: no more tries; close says bye', () => {
  const { all, timers, socket } = setUp();
  all[0].accepts();
  socket.close('closed');
  assert.deepEqual(all[0].sent.at(-1), { type: 'bye', reason: 'closed' });
  timers.advance(60_000);
  assert.equal(all.length, 1);
  const revoked = setUp();
  revoked.all[0].accepts();
  revoked.all[0].says({ type: 'revoked' });
  revoked.timers.advance(60_000);
  assert.equal(revoked.all.length, 1);
});

test('what an old connection still says is not heard', () => {
  const { all, timers, events } = setUp();
  all[0].accepts();
  all[0].onclose();
  timers.advance(300);
  all[1].accepts();
  const heard = events.length;
  all[0].says({ type: 'lesson', lesson: null });
  all[0].onclose();
  assert.equal(events.length, heard);
});
