// Silent visits: nobody in the lesson sees a trace, and each is on record.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, until } from './server.mjs';
import { Socket } from './websocket.mjs';

let server;
let rooms;
let auditor;
let admin;

async function hello(cookie, more) {
  const socket = await Socket.open(server.port + 2, { cookie });
  return { socket, welcome: await socket.ask({ type: 'hello', joined_ms: Date.now(), ...more }) };
}
const watch = (cookie, as, lesson = 'demo', more = {}) => hello(cookie, { page: 'watch', as, lesson, ...more });

async function get(path, cookie = auditor) {
  const reply = await server.get(`/api/v1${path}`, { headers: { Cookie: cookie } });
  return { status: reply.status, body: await reply.json() };
}
const visits = async () => (await get('/visits')).body.visits;

before(async () => {
  server = await Server.start();
  ({ rooms } = await server.tongke('lesson', 'show', 'demo'));
  auditor = await server.login('auditor');
  admin = await server.login('admin');
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

test('a visit leaves no trace in the lesson, and is on record', async () => {
  const teacher = await hello(await server.login('teacher'), { page: 'teach', as: 'teacher', lesson: 'demo' });
  const room = await hello(await server.enrol(rooms[0].id), { page: 'room', as: 'device' });
  const board = await hello(admin, { page: 'admin', as: 'admin' });
  const pages = [teacher, room, board].map((page) => page.socket);
  // a question and its answer: what was on its way before has arrived
  const settle = () => Promise.all(pages.map((s) => s.ask({ type: 'media.close', peer: 'none' })));
  const class_of = async () => {
    const again = await hello(admin, { page: 'admin', as: 'admin', lesson: 'demo' });
    again.socket.close();
    return { class: again.welcome.class, rooms: again.welcome.rooms.map((r) => [r.room?.id, r.state]), seq: again.welcome.seq };
  };
  await settle();
  const events = async () => (await get('/lessons/demo/timeline')).body.sittings[0].events;
  await until('the room is noted', async () => (await events()).some((e) => e.kind === 'join'));
  await settle();
  for (const socket of pages) {
    socket.messages.length = 0;
  }
  const before_visit = { ...(await class_of()), events: await events() };

  const visitor = await watch(auditor, 'auditor');
  assert.equal(visitor.welcome.type, 'welcome');
  assert.equal(visitor.welcome.lesson.id, 'demo');
  assert.deepEqual(visitor.welcome.rooms, []);
  const [visit] = await visits();
  assert.deepEqual([visit.lesson.id, visit.account.role, visit.ended_ms], ['demo', 'auditor', null]);
  assert.equal((await visitor.socket.ask({ type: 'hand.raise' })).type, 'error');
  assert.equal((await visitor.socket.ask({ type: 'signal.send', kind: 'clear' })).type, 'error');
  assert.equal((await visitor.socket.ask({ type: 'lesson.end' })).type, 'error');
  const offer = await visitor.socket.ask({ type: 'media.offer', sdp: 'v=0\r\n', slots: {}, tracks: { 0: 'room.video' } });
  assert.deepEqual([offer.type, offer.code], ['error', 'forbidden']);
  visitor.socket.send({ type: 'bye', reason: 'left' });
  await visitor.socket.closed;
  await until('the visit has ended', async () => (await visits())[0].ended_ms !== null);

  await settle();
  assert.deepEqual(pages.map((s) => s.messages.filter((m) => m.type !== 'source.status')), [[], [], []]);
  const { seq, ...then } = { ...(await class_of()), events: await events() };
  const { seq: seq_before, ...was } = before_visit;
  assert.deepEqual(then, was);
  const { entries } = (await get('/audit')).body;
  assert.deepEqual(
    entries.filter((e) => e.action.startsWith('visit.')).map((e) => [e.action, e.actor, e.object]),
    [
      ['visit.end', 'auditor', 'lesson demo'],
      ['visit.begin', 'auditor', 'lesson demo'],
    ],
  );
  for (const socket of pages) {
    socket.close();
  }
});

test('who may watch what', async () => {
  const refused = async (cookie, as, lesson) => (await watch(cookie, as, lesson)).welcome.code;
  const others = await server.tongke('lesson', 'create', '--title', 'x', '--room', rooms[1].school, '--start', '+5', '--minutes', '30');
  assert.equal(await refused(await server.login('teacher'), 'teacher', others.id), 'forbidden');
  assert.equal(await refused(await server.login('coteacher'), 'coteacher', others.id), 'forbidden');
  assert.equal(await refused(auditor, 'auditor', 'nothing'), 'not_found');
  const later = await server.tongke('lesson', 'create', '--title', 'y', '--room', rooms[0].school, '--start', '+600', '--minutes', '30');
  assert.equal(await refused(auditor, 'auditor', later.id), 'conflict');
  const count = (await visits()).length;
  const own = await watch(await server.login('coteacher'), 'coteacher');
  assert.equal(own.welcome.type, 'welcome');
  own.socket.close();
  assert.equal((await visits()).length, count, 'a co-teacher of a room is no visitor');
  assert.equal((await get('/visits', await server.login('teacher'))).status, 403);
  const board = await hello(admin, { page: 'admin', as: 'admin', lesson: 'demo' });
  const media = await board.socket.ask({ type: 'media.offer', sdp: 'v=0\r\n', slots: { 0: 'lesson.video' } });
  assert.deepEqual([media.type, media.code], ['error', 'forbidden'], 'no look in beside the record');
  board.socket.close();
});

test('kill -9 during a visit: it ended at its last sign', async () => {
  const visitor = await watch(admin, 'admin');
  assert.equal(visitor.welcome.type, 'welcome');
  const [{ id, started_ms }] = await visits();
  server.child.kill('SIGKILL');
  const killed_ms = Date.now();
  await server.exit;
  await server.launch();
  const kept = (await visits()).find((v) => v.id === id);
  assert.equal(kept.account.role, 'admin');
  assert.ok(kept.ended_ms >= started_ms && kept.ended_ms <= killed_ms && kept.ended_ms === kept.last_ms);
});
