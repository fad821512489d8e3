// A media session keeps itself alive: restart of the path, a new offer, an end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaSession } from '../src/media/session.js';
import { FakeTimers, fakePeerConnections, settle } from './fakes.mjs';

function setUp() {
  const timers = new FakeTimers();
  const { all, FakePeerConnection } = fakePeerConnections();
  const asked = [];
  const states = [];
  const socket = {
    state: 'online',
    answer: (type) =>
      type === 'media.close' ? { type: 'ok' } : { peer: `p${asked.length}`, sdp: 'v=0' },
    async request(type, fields) {
      asked.push({ type, ...fields });
      const answer = this.answer(type);
      if (answer.code) {
        throw Object.assign(new Error(answer.code), answer);
      }
      return answer;
    },
  };
  const session = new MediaSession({
    socket,
    gives_up_on: ['conflict'],
    prepare: () => () => ({ slots: { 0: 'lesson.video' } }),
    on_state: (state) => states.push(state),
    RTCPeerConnection: FakePeerConnection,
    timers,
    random: () => 0.5,
  });
  return { timers, all, asked, states, socket, session, types: () => asked.map((a) => a.type) };
}

async function up(t) {
  t.session.open();
  await settle();
  t.all.at(-1).becomes('connected');
  assert.equal(t.session.state, 'up');
}

test('offers, takes the answer, is up when connected', async () => {
  const t = setUp();
  await up(t);
  assert.deepEqual(t.asked[0], {
    type: 'media.offer',
    sdp: 'v=0\r\n',
    slots: { 0: 'lesson.video' },
  });
  assert.deepEqual(t.states, ['offering', 'connecting', 'up']);
});

test('a short interruption is waited for, a longer one restarts the path', async () => {
  const t = setUp();
  await up(t);
  t.all[0].becomes('disconnected');
  t.timers.advance(1000);
  t.all[0].becomes('connected');
  t.timers.advance(60_000);
  assert.deepEqual(t.types(), ['media.offer']);
  t.all[0].becomes('disconnected');
  t.timers.advance(1500);
  await settle();
  assert.deepEqual(t.types(), ['media.offer', 'media.restart']);
  assert.deepEqual(t.all[0].offers.at(-1), { iceRestart: true });
  assert.equal(t.asked[1].peer, 'p1');
});

test('a restart that does not help becomes a new offer', async () => {
  const t = setUp();
  await up(t);
  t.all[0].becomes('failed');
  await settle();
  assert.equal(t.session.state, 'restarting');
  t.timers.advance(6000 + 300);
  await settle();
  assert.deepEqual(t.types(), ['media.offer', 'media.restart', 'media.offer']);
  assert.equal(t.all.length, 2);
  assert.ok(t.all[0].closed);
});

test('a session that the server does not know any more is offered anew at once', async () => {
  const t = setUp();
  await up(t);
  t.socket.answer = (type) =>
    type === 'media.restart' ? { code: 'not_found' } : { peer: 'q', sdp: '' };
  t.session.online();
  await settle();
  assert.deepEqual(t.types(), ['media.offer', 'media.restart', 'media.offer']);
});

test('a session that the server says it kept, and that is connected, is left alone', async () => {
  const t = setUp();
  await up(t);
  t.session.online(['p1']);
  await settle();
  assert.deepEqual(t.types(), ['media.offer']);
  t.session.online([]);
  await settle();
  assert.deepEqual(t.types(), ['media.offer', 'media.offer']);
});

test('media.gone offers again, that of another session does nothing', async () => {
  const t = setUp();
  await up(t);
  t.session.gone('somebody');
  assert.equal(t.asked.length, 1);
  t.session.gone('p1');
  await settle();
  assert.deepEqual(t.types(), ['media.offer', 'media.offer']);
});

test('a session that a newer one replaced leaves that one alone', async () => {
  const t = setUp();
  await up(t);
  t.session.gone('p1', 'replaced');
  t.timers.advance(60_000);
  await settle();
  assert.deepEqual(t.types(), ['media.offer']);
  assert.equal(t.session.state, 'refused');
  t.session.open();
  await settle();
  assert.deepEqual(t.types(), ['media.offer', 'media.offer']);
});

test('while the streamer is away it goes on asking', async () => {
  const t = setUp();
  t.socket.answer = () => ({ code: 'unavailable' });
  t.session.open();
  await settle();
  t.timers.advance(300);
  await settle();
  t.timers.advance(600);
  await settle();
  assert.equal(t.asked.length, 3);
});

test('a refusal that stays is told and not repeated', async () => {
  const t = setUp();
  t.socket.answer = () => ({ code: 'conflict' });
  t.session.open();
  await settle();
  t.timers.advance(60_000);
  assert.equal(t.asked.length, 1);
  assert.equal(t.session.state, 'refused');
});

test('without a WebSocket it waits, and asks when that is back', async () => {
  const t = setUp();
  await up(t);
  t.socket.state = 'waiting';
  t.all[0].becomes('failed');
  await settle();
  assert.deepEqual(t.types(), ['media.offer']);
  t.socket.state = 'online';
  t.session.online();
  await settle();
  assert.deepEqual(t.types(), ['media.offer', 'media.restart']);
});

test('a closed session stays closed, whatever arrives late', async () => {
  const t = setUp();
  t.session.open();
  t.session.close();
  await settle();
  t.timers.advance(60_000);
  assert.equal(t.session.state, 'closed');
  assert.equal(t.session.pc, null);
});
