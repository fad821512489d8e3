// The streamer dies: it is back with its state, owners of sessions are told, nothing else stops.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { offer } from './offer.mjs';
import { runs, Server, until } from './server.mjs';
import { Socket } from './websocket.mjs';

let server;
let admin;

before(async () => {
  server = await Server.start({ media: true });
  admin = await server.login('admin');
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

async function source() {
  const { lessons } = await (await server.get('/api/v1/live', { headers: { Cookie: admin } })).json();
  return lessons.find((l) => l.lesson.id === 'demo')?.source;
}

test('the demo lesson is live at once', async () => {
  await until('the source is live', async () => (await source())?.state === 'live');
});

test('a room in a live lesson is not checked for the one after it', async () => {
  const get = async (path, more) => (await server.get(`/api/v1${path}`, { headers: { Cookie: admin }, ...more })).json();
  const demo = await until('the lesson is live', async () => {
    const lesson = await get('/lessons/demo');
    return lesson.state === 'live' && lesson;
  });
  const start_ms = Date.now() + 86400000;
  const next = await get('/lessons', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: server.plain, Cookie: admin },
    body: JSON.stringify({ title: 'x', teacher_id: demo.teacher.id, room_ids: [demo.rooms[0].id], start_ms, end_ms: start_ms + 2400000 }),
  });
  const open = async (cookie, hello) => {
    const socket = await Socket.open(server.port + 2, { cookie });
    assert.equal((await socket.ask({ type: 'hello', ...hello })).type, 'welcome');
    return socket;
  };
  const room = await open(await server.enrol(demo.rooms[0].id), { page: 'room', as: 'device' });
  const teacher = await open(await server.login('teacher'), { page: 'teach', as: 'teacher', lesson: next.id });
  const answer = await teacher.ask({ type: 'check.start', room: demo.rooms[0].id });
  assert.equal(answer.code, 'conflict', JSON.stringify(answer));
  room.close();
  teacher.close();
});

for (const [signal, limit_ms] of [['SIGKILL', 5000], ['SIGSTOP', 12000]]) {
  test(`${signal} of the streamer: a new one plays again, sessions are offered anew`, async () => {
    const { id } = (await (await server.get('/api/v1/lessons/demo', { headers: { Cookie: admin } })).json()).rooms[0];
    const socket = await Socket.open(server.port + 2, { cookie: await server.enrol(id) });
    await socket.ask({ type: 'hello', page: 'room', as: 'device' });
    const ask = () =>
      socket.ask({ type: 'media.offer', sdp: offer('recvonly'), slots: { 0: 'lesson.video', 1: 'lesson.audio' } });
    const { peer } = await ask();
    const before = await server.streamer();
    const began = Date.now();
    process.kill(before, signal);
    const gone = await socket.next('media.gone');
    assert.deepEqual([gone.peer, gone.reason], [peer, 'streamer']);
    assert.equal((await ask()).type, 'media.answer');
    await until('the source is live', async () => (await source())?.state === 'live', limit_ms);
    assert.ok(Date.now() - began < limit_ms);
    assert.notEqual(await server.streamer(), before);
    assert.equal((await server.get('/healthz')).status, 200);
    socket.close();
  });
}

test('the server is killed: the streamer ends with it and the next one takes the same ports', async () => {
  const old = await server.streamer();
  server.child.kill('SIGKILL');
  await server.exit;
  await server.launch();
  assert.equal(await runs(old), false);
  await until('the source is live', async () => (await source())?.state === 'live');
});
