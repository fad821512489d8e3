// The board: one order for everybody, nothing that was acknowledged is lost, what is wrong is refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { blank, points, stroke } from './ink.mjs';
import { Server, until } from './server.mjs';
import { Socket } from './websocket.mjs';

let server;
let teacher;
let device;
let epoch;

before(async () => {
  server = await Server.start();
  teacher = await server.login('teacher');
  const lesson = await (await server.get('/api/v1/lessons/demo', { headers: { Cookie: teacher } })).json();
  device = await server.enrol(lesson.rooms[0].id);
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

async function page(cookie, hello) {
  const socket = await Socket.open(server.port + 2, { cookie });
  const welcome = await socket.ask({ type: 'hello', ...hello });
  assert.equal(welcome.type, 'welcome', JSON.stringify(welcome));
  epoch = welcome.board.epoch;
  return { socket, welcome };
}

const teach = async () => (await page(teacher, { page: 'teach', as: 'teacher', lesson: 'demo' })).socket;
const join = async () => (await page(device, { page: 'room', as: 'device' })).socket;
const add = (socket, ...entries) => socket.ask({ type: 'board.add', epoch, entries });

async function log(query = '', cookie = device) {
  const reply = await server.get(`/api/v1/lessons/demo/board${query}`, { headers: { Cookie: cookie } });
  assert.equal(reply.status, 200);
  return reply.json();
}

/** All entries that a page was told after number `from`, up to number `to`; throws where there is a gap. */
async function told(socket, from, to) {
  const all = [];
  while (from + all.length < to) {
    const m = await socket.next('board.entries');
    assert.equal(m.first, from + all.length + 1, 'a gap, or a number twice');
    all.push(...m.entries);
  }
  return all;
}

let made = 0;
const fresh = (letter) => `${letter}${made++}`;

/** A page of its own on the board. */
async function new_page(socket) {
  const id = fresh('p');
  const answer = await until('a page is taken', async () => {
    const a = await add(socket, blank(id));
    assert.ok(a.type === 'ok' || a.code === 'rate_limited', JSON.stringify(a));
    return a.type === 'ok' && a;
  });
  return { id, n: answer.n };
}

test('two devices of the teacher write at once: they, a room and the log have the same order', async () => {
  const [pc, tablet, room] = [await teach(), await teach(), await join()];
  const from = (await log()).n;
  const { id: p } = await new_page(pc);
  const writes = [];
  for (let i = 0; i < 20; i++) {
    writes.push(add(pc, stroke(fresh('a'), p)), add(tablet, stroke(fresh('b'), p), stroke(fresh('c'), p)));
  }
  for (const answer of await Promise.all(writes)) {
    assert.equal(answer.type, 'ok', JSON.stringify(answer));
  }
  const whole = await log(`?epoch=${epoch}&after=${from}`);
  assert.equal(whole.n, from + 61);
  for (const socket of [pc, tablet, room]) {
    assert.deepEqual(await told(socket, from, whole.n), whole.entries);
    socket.close();
  }
});

test('a room that was cut off reads the rest; a reader of another epoch reads all', async () => {
  const pc = await teach();
  const { id: p } = await new_page(pc);
  const room = await join();
  const before = await log();
  room.close();
  await add(pc, stroke(fresh('s'), p), { k: 'clear', p });
  const { welcome, socket } = await page(device, { page: 'room', as: 'device' });
  assert.deepEqual(welcome.board, { epoch, n: before.n + 2 });
  const rest = await log(`?epoch=${epoch}&after=${before.n}`);
  assert.deepEqual([...before.entries, ...rest.entries], (await log()).entries);
  assert.equal(rest.entries.length, 2);
  assert.equal((await log(`?epoch=${epoch}&after=${before.n + 2}`)).entries.length, 0);
  assert.equal((await log(`?epoch=${epoch + 1}&after=${before.n}`)).entries.length, before.n + 2);
  for (const one of [pc, socket]) {
    one.close();
  }
});

test('what is sent again is passed over, also the same message in a new connection', async () => {
  const pc = await teach();
  const { id: p } = await new_page(pc);
  const s = stroke(fresh('s'), p);
  const entries = [s, { k: 'erase', id: fresh('e'), ids: [s.id] }];
  const first = await add(pc, ...entries);
  pc.close();
  const again = await teach();
  assert.equal((await add(again, ...entries)).n, first.n);
  assert.equal((await add(again, ...entries, { k: 'goto', p })).n, first.n + 1);
  again.close();
});

test('what is wrong is refused with what and where, and nothing of it is kept', async () => {
  const pc = await teach();
  const { id: p } = await new_page(pc);
  const n = (await log()).n;
  const good = () => stroke(fresh('s'), p);
  const cases = [
    [{ ...good(), w: NaN }, /entries\[1\]\.w/],
    [{ ...good(), w: 0 }, /entries\[1\]\.w/],
    [{ ...good(), c: 8 }, /entries\[1\]\.c/],
    [{ ...good(), t: 'brush' }, /entries\[1\]\.t/],
    [{ ...good(), d: '' }, /entries\[1\]\.d/],
    [{ ...good(), d: '***' }, /entries\[1\]\.d is not base64/],
    [{ ...good(), d: points([[30000, 0, 0]]) }, /entries\[1\]\.d .*range/],
    [{ ...good(), d: `${points([[10, 10, 1]])}A` }, /entries\[1\]\.d/],
    [{ ...good(), id: 'no/way' }, /entries\[1\]\.id/],
    [{ ...good(), p: 'nowhere' }, /page 'nowhere' never was/],
    [{ k: 'goto', p: 'nowhere' }, /never was/],
    [{ k: 'erase', ids: ['nothing'] }, /stroke 'nothing' never was/],
    [{ k: 'show', what: 'cinema' }, /entries\[1\]\.what/],
    [{ k: 'page', id: fresh('p'), after: null, kind: 'slide', file: 'ab'.repeat(32), w: 10, h: 10 }, /no such picture/],
    [{ k: 'explode' }, /entries\[1\]\.k/],
    ['text', /entries\[1\]\.k/],
  ];
  for (const [entry, why] of cases) {
    const answer = await add(pc, good(), entry);
    assert.equal(answer.code, 'bad_field', JSON.stringify(answer));
    assert.match(answer.text, why);
  }
  for (const message of [{ epoch: epoch + 1, entries: [good()] }, { epoch, entries: [] }, { epoch, entries: 'x' }, { epoch: 'x', entries: [good()] }]) {
    const answer = await pc.ask({ type: 'board.add', ...message });
    assert.equal(answer.code, message.epoch === epoch + 1 ? 'conflict' : 'bad_field');
  }
  assert.equal((await log()).n, n);
  assert.equal((await add(pc, { k: 'drop', p })).n, n + 1);
  assert.equal((await add(pc, good())).code, 'conflict');
  assert.equal((await add(pc, { k: 'drop', p })).n, n + 1, 'dropped once');
  pc.close();
});

test('only the teacher writes: a room and somebody who watches are refused', async () => {
  const admin = await server.login('admin');
  const pages = [await join(), (await page(admin, { page: 'watch', as: 'admin', lesson: 'demo' })).socket];
  for (const socket of pages) {
    for (const type of ['board.add', 'board.ink', 'board.laser']) {
      const answer = await socket.ask({ type, epoch, entries: [blank(fresh('p'))] });
      assert.equal(answer.code, 'forbidden', JSON.stringify(answer));
    }
    socket.close();
  }
});

test('a stroke in the making and the laser reach the others at once, and only if they are right', async () => {
  const [pc, tablet, room] = [await teach(), await teach(), await join()];
  const first = { type: 'board.ink', s: 'x1', i: 0, p: 'any', t: 'pen', c: 2, w: 30, d: points([[100, 100, 90]]) };
  const next = { type: 'board.ink', s: 'x1', i: 1, d: points([[90, 120, 80]], [100, 100, 90]) };
  pc.send({ ...first, extra: 'not for you' });
  pc.send(next);
  pc.send({ type: 'board.laser', p: 'any', x: 5, y: 7, extra: 1 });
  for (const socket of [tablet, room]) {
    assert.deepEqual(await socket.next('board.ink'), first);
    assert.deepEqual(await socket.next('board.ink'), next);
    assert.deepEqual(await socket.next('board.laser'), { type: 'board.laser', p: 'any', x: 5, y: 7 });
  }
  for (const wrong of [{ ...first, d: 'A' }, { ...next, i: -1 }, { ...first, p: undefined }, { type: 'board.laser', p: 'any', x: 1e9, y: 0 }]) {
    assert.equal((await pc.ask(wrong)).code, 'bad_field');
  }
  assert.equal(pc.messages.filter((m) => m.type === 'board.ink').length, 0, 'not to whoever sent it');
  assert.equal(room.messages.filter((m) => m.type === 'board.ink').length, 0, 'nothing that is wrong');
  for (const socket of [pc, tablet, room]) {
    socket.close();
  }
});

test('after kill -9 everything that was acknowledged is there, in its order', async () => {
  const pc = await teach();
  const { id: p, n } = await new_page(pc);
  const acknowledged = [];
  for (let i = 0; i < 40; i++) {
    const s = stroke(fresh('k'), p, 20);
    add(pc, s).then((answer) => answer.type === 'ok' && acknowledged.push({ s, n: answer.n }), () => {});
  }
  await until('some are acknowledged', () => acknowledged.length >= 5);
  server.child.kill('SIGKILL');
  await server.exit;
  await server.launch();
  const whole = await log();
  assert.equal(whole.n, whole.entries.length);
  for (const { s, n: at } of acknowledged) {
    const found = whole.entries.findIndex((e) => e.id === s.id) + 1;
    assert.ok(found > n && found <= at, `${s.id} at ${found}, acknowledged up to ${at}`);
  }
  const strokes = whole.entries.filter((one) => one.k === 'stroke').map((one) => one.id);
  assert.equal(new Set(strokes).size, strokes.length, 'none twice');
  const again = await teach();
  assert.equal((await add(again, stroke(fresh('k'), p))).n, whole.n + 1);
  again.close();
});

test('ten thousand strokes at once are refused with a reason, and the lesson goes on', async () => {
  const [pc, tablet, room] = [await teach(), await teach(), await join()];
  const { id: p, n } = await new_page(tablet);
  for (let i = 0; i < 157; i++) {
    pc.send({ type: 'board.add', op: `f${i}`, epoch, entries: Array.from({ length: 64 }, () => stroke(fresh('f'), p, 4)) });
  }
  const refused = await pc.next((m) => m.code === 'rate_limited');
  assert.match(refused.text, /At most/);
  const whole = await log();
  assert.ok(whole.n - n <= 500 + 64, `${whole.n - n} were taken`);
  assert.equal((await told(room, n - 1, whole.n)).length, whole.n - n + 1);
  const answer = await until('the account may write again', async () => {
    const a = await add(tablet, stroke(fresh('s'), p));
    return a.type === 'ok' && a;
  });
  assert.ok(answer.n > whole.n);
  assert.equal((await tablet.ask({ type: 'hello' })).code, 'bad_request', 'the connection lives');
  for (const socket of [pc, tablet, room]) {
    socket.close();
  }
});

test('the log is for those who are in the lesson', async () => {
  const get = async (cookie) => (await server.get('/api/v1/lessons/demo/board', { headers: cookie ? { Cookie: cookie } : {} })).status;
  assert.equal(await get(), 401);
  for (const role of ['admin', 'auditor', 'coteacher']) {
    assert.equal(await get(await server.login(role)), 200, role);
  }
  assert.equal((await server.get('/api/v1/lessons/nowhere/board', { headers: { Cookie: teacher } })).status, 404);
  assert.equal((await server.get('/api/v1/lessons/demo/board?after=x', { headers: { Cookie: teacher } })).status, 400);
});

test('the timeline says which page was shown, and a room that moves to another lesson is told of its board', async () => {
  const admin = await server.login('admin');
  const [pc, room] = [await teach(), await join()];
  const { id: p } = await new_page(pc);
  await until('page and screen are shown', async () => (await add(pc, { k: 'goto', p }, { k: 'show', what: 'screen' })).type === 'ok');
  const events = await until('the timeline has both', async () => {
    const reply = await server.get('/api/v1/lessons/demo/timeline', { headers: { Cookie: admin } });
    const all = (await reply.json()).sittings.flatMap((sitting) => sitting.events);
    return all.some((e) => e.kind === 'board.show') && all;
  });
  const turned = events.filter((e) => e.kind === 'board.page' && JSON.stringify(e.data).includes(p));
  assert.deepEqual(turned.map((e) => e.data), [{ page: p }], 'once');
  assert.equal(events.findLast((e) => e.kind === 'board.show').by.role, 'teacher');
  const demo = await (await server.get('/api/v1/lessons/demo', { headers: { Cookie: admin } })).json();
  const now = Date.now();
  const made = await server.get('/api/v1/lessons', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: server.plain, Cookie: admin },
    body: JSON.stringify({ title: '美术', start_ms: now + 60e3, end_ms: now + 120e3, room_ids: [demo.rooms[0].id] }),
  });
  assert.equal(made.status, 201, await made.clone().text());
  const { id } = await made.json();
  const moved = await room.next((m) => m.type === 'lesson' && m.lesson?.id === id);
  assert.deepEqual(moved.board, { epoch: 1, n: 0 });
  pc.close();
  room.close();
});
