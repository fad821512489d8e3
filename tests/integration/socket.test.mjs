// The WebSocket: who may open it, what it refuses, what pages are told.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join as path_of } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { offer } from './offer.mjs';
import { Server, until } from './server.mjs';
import { Socket } from './websocket.mjs';

const run = promisify(execFile);

let server;
let port;
let teacher;
let admin;
let device;
let room;

before(async () => {
  server = await Server.start();
  port = server.port + 2;
  teacher = await server.login('teacher');
  admin = await server.login('admin');
  const lesson = await (await server.get('/api/v1/lessons/demo', { headers: { Cookie: admin } })).json();
  room = lesson.rooms[0];
  device = await server.enrol(room.id);
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

async function page(cookie, hello, options) {
  const socket = await Socket.open(port, { cookie, ...options });
  const welcome = await socket.ask({ type: 'hello', joined_ms: Date.now(), ...hello });
  return { socket, welcome };
}

const teach = () => page(teacher, { page: 'teach', as: 'teacher', lesson: 'demo' });
const join = (more) => page(device, { page: 'room', as: 'device', ...more });

const receive = { slots: { 0: 'lesson.video', 1: 'lesson.audio' } };
const send = { tracks: { 0: 'people.video', 1: 'people.audio' } };

/** As if it had not been used for long. */
async function expire_newest_login() {
  const update = 'UPDATE session SET expires_ms = 0 WHERE id = (SELECT max(id) FROM session)';
  await run('sqlite3', ['-cmd', '.timeout 5000', path_of(server.data, 'tongke.db'), update]);
}

/** A connection that had its answer and stays open. */
async function keep_alive(to) {
  const net = connect(to, '127.0.0.1');
  const over = new Promise((done) => net.on('close', done));
  net.on('error', () => {});
  net.write(`GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost:${to}\r\n\r\n`);
  const [head] = await once(net, 'data');
  assert.match(head.toString('latin1'), /^HTTP\/1.1 200/);
  net.resume();
  return { over };
}

test('only our own pages open it, with our subprotocol, at /ws', async () => {
  await assert.rejects(Socket.open(port, { origin: 'https://example.org' }), /403|closed/);
  await assert.rejects(Socket.open(port, { origin: null }), /403|closed/);
  await assert.rejects(Socket.open(port, { protocol: 'other.v1' }), /HTTP 4|closed/);
  await assert.rejects(Socket.open(port, { protocol: null }), /HTTP 4|closed/);
  await assert.rejects(Socket.open(port, { path: '/elsewhere' }), /404|closed/);
});

test('what is no message closes it with the code that says why', async () => {
  const cases = [
    [1002, (s) => s.raw('{"type":"bye"}', { masked: false })],
    [1002, (s) => s.raw('', { masked: false, opcode: 9 })],
    [1007, (s) => s.raw(Buffer.from([0x22, 0xff, 0xfe, 0x22]))],
    [1008, (s) => s.raw('[]')],
    [1008, (s) => s.raw('nonsense')],
    [1008, (s) => s.raw('{"a":1,"a":2}')],
    [1009, (s) => s.raw(JSON.stringify({ type: 'x'.repeat(65 * 1024) }))],
    [1003, (s) => s.raw('{}', { opcode: 2 })],
  ];
  for (const [code, act] of cases) {
    const socket = await Socket.open(port, { cookie: device });
    act(socket);
    assert.equal((await socket.closed).code, code, act.toString());
  }
});

test('over TLS it is the same: masked frames of any length pass, an unmasked one closes it', async () => {
  const tls = await Socket.open(server.port, { cookie: device, secure: true, origin: `https://localhost:${server.port}` });
  await tls.ask({ type: 'hello', page: 'room', as: 'device', pad: 'x'.repeat(60000) });
  await tls.ask({ type: 'no.such', pad: 'x'.repeat(300) });
  tls.raw('{}', { masked: false });
  assert.equal((await tls.closed).code, 1002);
});

test('a message may come in pieces, up to 64 KiB and not beyond', async () => {
  const socket = await Socket.open(port, { cookie: device });
  socket.raw('{"type":"no', { final: false });
  socket.raw('.such","op":"7"}', { opcode: 0 });
  assert.equal((await socket.next('error')).code, 'bad_request');
  for (let i = 0; i < 70; i++) {
    socket.raw('x'.repeat(1024), { opcode: i ? 0 : 1, final: false });
  }
  assert.equal((await socket.closed).code, 1009);
});

test('more than 50 messages a second are refused, far more close it', async () => {
  const { socket } = await join();
  for (let i = 0; i < 100; i++) {
    socket.send({ type: 'no.such', op: String(i) });
  }
  await socket.next((m) => m.code === 'rate_limited');
  for (let i = 0; i < 1000; i++) {
    socket.send({ type: 'no.such' });
  }
  // with so much unread, TCP may take the farewell with it
  assert.ok([1008, 1006].includes((await socket.closed).code));
});

test('hello is answered by who one is; without a login by an error', async () => {
  const nobody = await page(undefined, { page: 'teach', lesson: 'demo' });
  assert.equal(nobody.welcome.code, 'unauthenticated');
  assert.equal((await nobody.socket.closed).code, 1008);
  const foreign = await page(admin, { page: 'teach', lesson: 'demo' });
  assert.equal(foreign.welcome.code, 'forbidden');
  const missing = await page(teacher, { page: 'teach', lesson: 'nowhere' });
  assert.equal(missing.welcome.code, 'not_found');
  const wrong = await page(device, { page: 'room', as: 'device', device: 'no-such-key' });
  assert.equal(wrong.welcome.code, 'unauthenticated');
  const malformed = await join({ joined_ms: 'now' });
  assert.deepEqual([malformed.welcome.code, malformed.welcome.field], ['bad_field', 'joined_ms']);
  const { welcome, socket } = await join();
  assert.equal(welcome.type, 'welcome');
  assert.equal(welcome.you.room.id, room.id);
  assert.equal(welcome.lesson.id, 'demo');
  assert.deepEqual(welcome.peers, []);
  assert.ok(Number.isInteger(welcome.seq));
  socket.close();
});

test('a room may not do what a teacher may', async () => {
  const { socket } = await join();
  assert.equal((await socket.ask({ type: 'lesson.end' })).code, 'forbidden');
  const answer = await socket.ask({ type: 'media.offer', sdp: offer('sendonly'), ...send });
  assert.equal(answer.code, 'forbidden');
  socket.close();
});

test('a lesson that is given to another teacher is closed to the first one', async () => {
  const headers = { Cookie: admin, Origin: server.plain, 'Content-Type': 'application/json' };
  const demo = await (await server.get('/api/v1/lessons/demo', { headers })).json();
  const start_ms = Date.now() + 30 * 60000;
  const made = await server.get('/api/v1/lessons', {
    method: 'POST',
    headers,
    body: JSON.stringify({ title: '图画', start_ms, end_ms: start_ms + 60000, room_ids: [room.id], teacher_id: demo.teacher.id }),
  });
  const lesson = await made.json();
  assert.equal(made.status, 201, lesson.detail);
  const { socket, welcome } = await page(teacher, { page: 'teach', as: 'teacher', lesson: lesson.id });
  assert.equal(welcome.type, 'welcome');
  const given = await server.get(`/api/v1/lessons/${lesson.id}`, {
    method: 'PATCH',
    headers: { ...headers, 'If-Match': lesson.etag },
    body: JSON.stringify({ teacher_id: null }),
  });
  assert.equal(given.status, 200);
  assert.equal((await socket.closed).code, 1008);
  const again = await page(teacher, { page: 'teach', as: 'teacher', lesson: lesson.id });
  assert.equal(again.welcome.code, 'forbidden');
});

test('a room gets its media session, keeps it over a lost connection, and loses it with bye', async () => {
  const hello = { joined_ms: 1234567 };
  const first = await join(hello);
  const answer = await first.socket.ask({ type: 'media.offer', sdp: offer('recvonly'), ...receive });
  assert.equal(answer.type, 'media.answer');
  assert.match(answer.sdp, /a=ice-lite/);
  const bad = await first.socket.ask({ type: 'media.offer', sdp: 'v=0', ...receive });
  assert.equal(bad.code, 'bad_request');
  const slots = await first.socket.ask({ type: 'media.offer', sdp: 'v=0', slots: { 0: 'nonsense' } });
  assert.equal(slots.code, 'bad_field');
  first.socket.close();
  const second = await join({ ...hello, resume: first.welcome.seq });
  assert.deepEqual(second.welcome.peers, [answer.peer]);
  assert.equal(second.welcome.resumed, true);
  second.socket.send({ type: 'bye', reason: 'closed' });
  assert.equal((await second.socket.closed).code, 1000);
  const third = await join({ ...hello, resume: first.welcome.seq });
  assert.deepEqual(third.welcome.peers, []);
  third.socket.close();
});

test('an act with the same op is done once, also asked on another connection', async () => {
  const one = await teach();
  assert.equal((await one.socket.ask({ type: 'lesson.start', op: 'same' })).type, 'ok');
  const two = await teach();
  assert.equal((await two.socket.ask({ type: 'lesson.start', op: 'same' })).type, 'ok');
  assert.equal((await two.socket.ask({ type: 'lesson.release' })).type, 'ok');
  assert.equal((await one.socket.ask({ type: 'lesson.end', op: 'x'.repeat(37) }).catch(() => ({ code: 'none' }))).code, 'none');
  one.socket.close();
  two.socket.close();
});

test('a teacher that publishes is named to whoever would too, and takes over from itself', async () => {
  const { socket } = await teach();
  const first = await socket.ask({ type: 'media.offer', sdp: offer('sendonly'), ...send });
  assert.equal(first.type, 'media.answer');
  const token = await server.token('--lesson', 'demo', '--publish');
  const whip = await server.get('/whip/demo', {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/sdp' },
    body: offer('sendonly'),
  });
  assert.equal(whip.status, 409);
  const again = await teach();
  assert.equal(again.welcome.publisher.live, false);
  const second = await again.socket.ask({ type: 'media.offer', sdp: offer('sendonly'), ...send });
  assert.equal(second.type, 'media.answer');
  const gone = await socket.next('media.gone');
  assert.deepEqual([gone.peer, gone.reason], [first.peer, 'replaced']);
  assert.equal((await again.socket.ask({ type: 'media.close', peer: second.peer })).type, 'ok');
  await again.socket.next((m) => m.type === 'publisher' && m.publisher === null);
  socket.close();
  again.socket.close();
});

test('teacher and administrator are told when a room comes and goes', async () => {
  const watcher = await teach();
  const board = await page(admin, { page: 'admin', as: 'admin' });
  const { socket } = await join();
  const of = (m) => m.type === 'room.status' && m.rooms.find((r) => r.room.id === room.id);
  const joined = await watcher.socket.next((m) => of(m)?.state === 'joined');
  assert.ok(Number.isInteger(joined.seq));
  const on_board = await board.socket.next((m) => of(m)?.state === 'joined');
  assert.equal(on_board.lesson_id, 'demo');
  socket.send({ type: 'bye', reason: 'left' });
  await watcher.socket.next((m) => of(m)?.state === 'absent');
  watcher.socket.close();
  board.socket.close();
});

test('a progress report is acknowledged when it is in the database', async () => {
  const { socket } = await join();
  const report = { type: 'progress', n: 1, at_ms: Date.now(), span_ms: 5000, frames: 125, audio_ms: 5000 };
  assert.equal((await socket.ask(report)).type, 'ok');
  assert.equal((await socket.ask({ ...report, n: 'x' })).code, 'bad_field');
  socket.close();
});

test('a page that does not say when it was loaded counts as a new one each time', async () => {
  const cookie = await server.enrol(room.id);
  for (let i = 0; i < 2; i++) {
    const socket = await Socket.open(port, { cookie });
    await socket.ask({ type: 'hello', page: 'room' });
    await socket.ask({ type: 'progress', n: 1, span_ms: 5000, frames: 125, audio_ms: 5000 });
    socket.send({ type: 'bye', reason: 'closed' });
    await socket.closed;
  }
  const headers = { Cookie: admin };
  const { devices } = await (await server.get('/api/v1/devices', { headers })).json();
  const { stdout } = await promisify(execFile)('sqlite3', [
    path_of(server.data, 'tongke.db'),
    `SELECT count(*) FROM presence WHERE device_id = ${Math.max(...devices.map((d) => d.id))}`,
  ]);
  assert.equal(stdout.trim(), '2');
});

test('a revoked device is told at once and may not come back', async () => {
  const cookie = await server.enrol(room.id);
  const { socket, welcome } = await page(cookie, { page: 'room', as: 'device' });
  const reply = await server.get(`/api/v1/devices/${welcome.you.device.id}`, {
    method: 'DELETE',
    headers: { Cookie: admin, Origin: server.plain },
  });
  assert.ok(reply.ok, await reply.text());
  await socket.next('revoked');
  await socket.closed;
  const again = await page(cookie, { page: 'room', as: 'device' });
  assert.equal(again.welcome.code, 'revoked');
});

test('a page is closed by logging out, another login of the same account stays', async () => {
  const cookie = await server.login('teacher');
  const { socket } = await page(cookie, { page: 'teach', lesson: 'demo' });
  const silent = await Socket.open(port, { cookie });
  const other = await teach();
  const reply = await server.get('/api/v1/logout', { method: 'POST', headers: { Cookie: cookie, Origin: server.plain } });
  assert.equal(reply.status, 204);
  await socket.next('revoked');
  assert.equal((await socket.closed).code, 1008);
  assert.equal((await silent.closed).code, 1008);
  assert.equal((await other.socket.ask({ type: 'media.close', peer: 'none' })).type, 'ok');
  other.socket.close();
});

test('a page is closed when its login is over, though nothing is asked', async () => {
  const { socket } = await page(await server.login('teacher'), { page: 'teach', lesson: 'demo' });
  const other = await teach();
  await expire_newest_login();
  await socket.next('revoked', 60000);
  assert.equal((await socket.closed).code, 1008);
  assert.equal((await other.socket.ask({ type: 'media.close', peer: 'none' })).type, 'ok');
  other.socket.close();
});

test('SIGTERM with many idle connections, keep-alive and WebSocket, ends in time', async () => {
  const own = await Server.start();
  const cookie = await own.login('admin');
  const sockets = await Promise.all(Array.from({ length: 20 }, () => Socket.open(own.port + 2, { cookie })));
  await Promise.all(sockets.map((socket) => socket.ask({ type: 'hello', page: 'admin' })));
  const idle = await Promise.all(Array.from({ length: 50 }, () => keep_alive(own.port + 2)));
  const began = Date.now();
  const { code } = await own.clean();
  assert.equal(code, 0);
  assert.ok(Date.now() - began < 5000, `ended after ${Date.now() - began} ms`);
  await Promise.all(idle.map((one) => one.over));
});

test('the server says that it closes, and ends in time', async () => {
  const own = await Server.start();
  const cookie = await own.login('teacher');
  const socket = await Socket.open(own.port + 2, { cookie });
  await socket.ask({ type: 'hello', page: 'teach', lesson: 'demo' });
  const end = own.clean();
  assert.equal((await socket.next('server.closing')).reason, 'stop');
  assert.equal((await socket.closed).code, 1001);
  assert.equal((await end).code, 0);
});

test('one that never answers pings is closed, one that only listens stays', async () => {
  const listener = await join();
  const { socket } = await join();
  socket.frame = () => {};
  await until('closed', async () => socket.net.destroyed, 45000);
  assert.ok(listener.socket.pings >= 2); // the third is due at the very moment of the end
  assert.equal(listener.socket.net.destroyed, false);
  assert.equal((await listener.socket.ask({ type: 'media.close', peer: 'none' })).type, 'ok');
  listener.socket.close();
});
