// The lesson as a conversation: one teacher on two devices, three rooms, a co-teacher.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join as path_of } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Server, until } from './server.mjs';
import { Socket } from './websocket.mjs';

const run = promisify(execFile);

let server;
let port;
let teacher;
let coteacher;
let auditor;
let devices;
let rooms;
let op = 0;

const rows = (sql) => server.sql(sql);

const events = (kind) =>
  rows(`SELECT e.* FROM event e WHERE kind = '${kind}' AND sitting_id = (SELECT max(id) FROM sitting WHERE lesson_id = 'demo') ORDER BY id`);

before(async () => {
  server = await Server.start();
  port = server.port + 2;
  const admin = await server.login('admin');
  teacher = await server.login('teacher');
  coteacher = await server.login('coteacher');
  auditor = await server.login('auditor');
  // a third room beside the two of the demo: the teacher's own
  const all = (await (await server.get('/api/v1/rooms', { headers: { Cookie: admin } })).json()).rooms;
  const lesson = await (await server.get('/api/v1/lessons/demo', { headers: { Cookie: admin } })).json();
  const third = all.find((r) => !lesson.rooms.some((l) => l.id === r.id));
  assert.ok(third);
  await server.stop();
  await run('sqlite3', [path_of(server.data, 'tongke.db'), `INSERT INTO lesson_room (lesson_id, room_id) VALUES ('demo', ${third.id})`]);
  await server.launch();
  rooms = [...lesson.rooms, third].map((r) => r.id);
  devices = [];
  for (const id of rooms) {
    devices.push(await server.enrol(id));
  }
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

async function page(cookie, hello) {
  const socket = await Socket.open(port, { cookie });
  const welcome = await socket.ask({ type: 'hello', joined_ms: Date.now(), ...hello });
  assert.equal(welcome.type, 'welcome', JSON.stringify(welcome));
  return { socket, welcome };
}

const teach = async () => (await page(teacher, { page: 'teach', as: 'teacher', lesson: 'demo' })).socket;
const join = (i) => page(devices[i], { page: 'room', as: 'device' });

/** Sends it and gives what was answered. */
const say = (socket, type, fields = {}) => socket.ask({ type, op: `op-${++op}`, ...fields });

async function done(socket, type, fields) {
  const answer = await say(socket, type, fields);
  assert.equal(answer.type, 'ok', JSON.stringify(answer));
}

async function refused(code, socket, type, fields) {
  const answer = await say(socket, type, fields);
  assert.equal(answer.code, code, `${type}: ${JSON.stringify(answer)}`);
  assert.ok(answer.text);
}

/** Class as this page was last told, once `is` likes it. */
const told = async (socket, is) => (await socket.next((m) => m.type === 'class' && m.class !== null && is(m.class))).class;

async function everybody() {
  const people = { teacher: await teach(), tablet: await teach(), rooms: [] };
  for (let i = 0; i < rooms.length; i++) {
    const { socket, welcome } = await join(i);
    assert.ok(welcome.class.rooms.find((r) => r.id === rooms[i]).here);
    people.rooms.push(socket);
  }
  return people;
}

async function leave(people) {
  await done(people.teacher, 'floor.take');
  await done(people.teacher, 'hand.lower', { all: true });
  for (const s of [people.teacher, people.tablet, ...people.rooms]) {
    s.send({ type: 'bye', reason: 'closed' });
    await s.closed;
  }
}

test('hands queue in order, the floor moves, everybody is told', async () => {
  const p = await everybody();
  await done(p.rooms[1], 'hand.raise');
  await done(p.rooms[0], 'hand.raise');
  await done(p.rooms[1], 'hand.raise');
  const queue = await told(p.teacher, (c) => c.hands.length === 2);
  assert.deepEqual(queue.hands.map((h) => h.room), [rooms[1], rooms[0]]);
  await done(p.teacher, 'floor.give', { room: rooms[1] });
  const given = await told(p.rooms[2], (c) => c.floor?.room === rooms[1]);
  assert.deepEqual(given.hands.map((h) => h.room), [rooms[0]], 'the hand falls');
  await done(p.rooms[1], 'floor.leave');
  await told(p.teacher, (c) => c.floor === null);
  await done(p.rooms[1], 'floor.leave');
  assert.equal((await rows('SELECT * FROM floor_turn WHERE ended_ms IS NULL')).length, 0);
  await leave(p);
});

test('one floor at a time, whoever clicks', async () => {
  const p = await everybody();
  const before_ = (await events('floor.give')).length;
  await Promise.all([
    done(p.teacher, 'floor.give', { room: rooms[0] }),
    done(p.tablet, 'floor.give', { room: rooms[1] }),
    done(p.teacher, 'floor.give', { room: rooms[2] }),
  ]);
  const open = await rows('SELECT room_id FROM floor_turn WHERE ended_ms IS NULL');
  assert.equal(open.length, 1);
  const given = await events('floor.give');
  assert.equal(given.length - before_, 3);
  await told(p.rooms[0], (c) => c.floor?.room === given.at(-1).room_id);
  assert.equal(open[0].room_id, given.at(-1).room_id);
  const [overlap] = await rows(
    'SELECT count(*) AS n FROM floor_turn a JOIN floor_turn b ON a.id < b.id AND a.sitting_id = b.sitting_id AND a.last_ms > b.started_ms',
  );
  assert.equal(overlap.n, 0);
  await leave(p);
});

test('what was done is answered again, not done again', async () => {
  const p = await everybody();
  const ask = { type: 'floor.give', op: 'again', room: rooms[0] };
  assert.equal((await p.teacher.ask(ask)).type, 'ok');
  await done(p.teacher, 'floor.take');
  assert.equal((await p.tablet.ask(ask)).type, 'ok');
  const [event] = (await events('floor.give')).slice(-1);
  assert.equal((await rows(`SELECT * FROM event WHERE id > ${event.id} AND kind LIKE 'floor.give'`)).length, 0);
  assert.equal((await rows('SELECT * FROM floor_turn WHERE ended_ms IS NULL')).length, 0);
  const talk = { type: 'message.send', op: 'once', text: '请大家翻到第 7 页' };
  await p.teacher.ask(talk);
  await p.teacher.ask(talk);
  assert.equal((await events('message')).filter((e) => e.data.includes('第 7 页')).length, 1);
  await leave(p);
});

test('a room that drops out loses the floor and its hand, and is not there', async () => {
  const p = await everybody();
  await done(p.rooms[0], 'hand.raise');
  await done(p.teacher, 'floor.give', { room: rooms[2] });
  p.rooms[2].net.destroy();
  const lost = await told(p.teacher, (c) => c.lost !== null);
  assert.deepEqual([lost.lost.room, lost.lost.reason, lost.floor], [rooms[2], 'connection_lost', null]);
  p.rooms[0].send({ type: 'bye', reason: 'closed' });
  await told(p.teacher, (c) => c.hands.length === 0 && !c.rooms.find((r) => r.id === rooms[0]).here);
  await refused('conflict', p.teacher, 'floor.give', { room: rooms[0] });
  await leave({ ...p, rooms: [p.rooms[1]] });
});

test('who may not is told so, and nothing happens', async () => {
  const p = await everybody();
  const { socket: watch } = await page(auditor, { page: 'watch', as: 'auditor', lesson: 'demo' });
  const acts = 'SELECT count(*) AS n FROM event WHERE account_id IS NOT NULL OR device_id IS NOT NULL';
  const [{ n }] = await rows(acts);
  for (const socket of [p.rooms[0], watch]) {
    await refused('forbidden', socket, 'floor.give', { room: rooms[0] });
    await refused('forbidden', socket, 'floor.take');
    await refused('forbidden', socket, 'mode.set', { mode: 'choral' });
    await refused('forbidden', socket, 'question.ask', { choices: 2 });
    await refused('forbidden', socket, 'countdown.start', { seconds: 30 });
  }
  for (const type of ['hand.raise', 'hand.lower', 'floor.leave', 'message.send', 'signal.send']) {
    await refused('forbidden', watch, type, { text: 'x', kind: 'clear' });
  }
  await refused('forbidden', p.teacher, 'hand.raise');
  await refused('bad_field', p.teacher, 'floor.give', { room: 9999 });
  await refused('bad_field', p.teacher, 'floor.give', { room: '1' });
  await refused('bad_field', p.teacher, 'mode.set', { mode: 'loud' });
  await refused('bad_field', p.teacher, 'message.send', { text: 'x'.repeat(201) });
  await refused('bad_field', p.teacher, 'message.send', { text: 'a\nb' });
  await refused('bad_field', p.teacher, 'message.send', { text: '   ' });
  await refused('bad_field', p.teacher, 'countdown.start', { seconds: 4 });
  await refused('bad_field', p.teacher, 'countdown.start', { seconds: 5.5 });
  await refused('bad_field', p.teacher, 'question.ask', { choices: 5 });
  p.teacher.send({ type: 'floor.take' });
  assert.equal((await p.teacher.next((m) => m.type === 'error' && !m.op)).code, 'bad_field', 'it needs an op');
  const [after_] = await rows(acts);
  assert.equal(after_.n, n);
  watch.send({ type: 'bye' });
  await leave(p);
});

test('a co-teacher speaks for the room of their school, and for no other', async () => {
  const p = await everybody();
  const hello = { page: 'coteach', as: 'coteacher', lesson: 'demo' };
  let own;
  let foreign;
  for (const room of rooms) {
    const socket = await Socket.open(port, { cookie: coteacher });
    const answer = await socket.ask({ type: 'hello', ...hello, room });
    if (answer.type === 'welcome') {
      own = { socket, welcome: answer, room };
    } else {
      assert.equal(answer.code, 'forbidden');
      foreign = room;
      assert.equal((await socket.closed).code, 1008);
    }
  }
  assert.ok(own && foreign);
  assert.equal(own.welcome.you.room.id, own.room);
  const stranger = await Socket.open(port, { cookie: teacher });
  assert.equal((await stranger.ask({ type: 'hello', ...hello, as: undefined, room: own.room })).code, 'forbidden');
  const unnamed = await Socket.open(port, { cookie: coteacher });
  assert.equal((await unnamed.ask({ type: 'hello', ...hello })).code, 'bad_field');

  await done(own.socket, 'hand.raise');
  await told(p.teacher, (c) => c.hands.length === 1 && c.hands[0].room === own.room);
  await done(own.socket, 'signal.send', { kind: 'cannot_hear' });
  await done(own.socket, 'signal.send', { kind: 'cannot_hear' });
  await told(p.teacher, (c) => c.signals.length === 1 && c.signals[0].kind === 'cannot_hear');
  assert.equal((await events('signal')).length, 1, 'shown longer, counted once');
  await done(own.socket, 'message.send', { text: '投影仪坏了' });
  const seen = await told(p.teacher, (c) => c.messages.at(-1)?.text === '投影仪坏了');
  assert.equal(seen.messages.at(-1).from, 'coteacher');
  const other = p.rooms[rooms.indexOf(foreign)];
  await done(p.teacher, 'message.send', { text: '收到' });
  const there = await told(other, (c) => c.messages.at(-1)?.text === '收到');
  assert.ok(there.messages.every((m) => m.from === 'teacher'), 'a room reads no other room');

  await done(own.socket, 'check.start', { room: own.room });
  const asked = await p.rooms[rooms.indexOf(own.room)].next('check.run');
  assert.ok(asked.by.name);
  await refused('forbidden', own.socket, 'check.start', { room: foreign });
  await done(p.teacher, 'check.start', { room: foreign });
  await other.next('check.run');
  own.socket.send({ type: 'bye' });
  await leave(p);
});

test('a question is answered by each room, and shown to all once it is closed', async () => {
  const p = await everybody();
  await done(p.teacher, 'question.ask', { choices: 3, text: '哪一个是圆?' });
  const { question } = await told(p.rooms[0], (c) => c.question !== null);
  await done(p.rooms[0], 'question.answer', { question: question.id, counts: { A: 3, B: 10 } });
  await done(p.rooms[0], 'question.answer', { question: question.id, counts: { A: 4, B: 9, C: 1 } });
  await done(p.rooms[1], 'question.answer', { question: question.id, counts: { B: 20 } });
  await refused('bad_field', p.rooms[1], 'question.answer', { question: question.id, counts: { D: 1 } });
  await refused('bad_field', p.rooms[1], 'question.answer', { question: question.id, counts: { A: 100 } });
  await told(p.teacher, (c) => c.question?.answers.length === 2);
  for (const [cookie, as, seen] of [[coteacher, 'coteacher', 0], [teacher, 'teacher', 2], [auditor, 'auditor', 2]]) {
    const watch = await page(cookie, { page: 'watch', as, lesson: 'demo' });
    assert.equal(watch.welcome.class.question.answers.length, seen, `${as} who looks on`);
    watch.socket.send({ type: 'bye' });
    await watch.socket.closed;
  }
  const own = await told(p.rooms[1], (c) => c.question?.answers.length === 1);
  assert.equal(own.question.answers[0].room, rooms[1]);
  await done(p.teacher, 'question.close');
  const closed = await told(p.rooms[2], (c) => c.question?.closed_ms);
  assert.deepEqual(closed.question.answers, [
    { room: rooms[0], counts: { A: 4, B: 9, C: 1 } },
    { room: rooms[1], counts: { A: 0, B: 20, C: 0 } },
  ]);
  await refused('conflict', p.rooms[2], 'question.answer', { question: question.id, counts: { A: 1 } });
  await leave(p);
});

test('modes, countdown, the time and the large picture are everybody’s', async () => {
  const p = await everybody();
  await done(p.teacher, 'mode.set', { mode: 'choral' });
  await told(p.rooms[0], (c) => c.mode === 'choral');
  await done(p.teacher, 'mode.set', { mode: 'choral' });
  assert.equal((await events('mode')).length, 1);
  await done(p.teacher, 'mode.set', { mode: 'speech' });
  await done(p.teacher, 'countdown.start', { seconds: 60 });
  const { countdown } = await told(p.rooms[0], (c) => c.countdown !== null);
  assert.equal(countdown.ends_ms - countdown.started_ms, 60000);
  await done(p.teacher, 'countdown.stop');
  await told(p.rooms[0], (c) => c.countdown === null);
  await done(p.teacher, 'time.show');
  await told(p.rooms[0], (c) => c.time_shown_ms > 0);
  await done(p.teacher, 'large.set', { room: rooms[1] });
  await told(p.tablet, (c) => c.large === rooms[1]);
  await done(p.teacher, 'large.set', { room: null });
  await told(p.tablet, (c) => c.large === null);
  await leave(p);
});

test('the timeline has the page that everybody sees and who did it', async () => {
  const p = await everybody();
  const { epoch } = (await page(teacher, { page: 'teach', as: 'teacher', lesson: 'demo' })).welcome.board;
  const entries = [
    { k: 'page', id: 'p1', after: null, kind: 'blank', w: 1600, h: 900 },
    { k: 'goto', id: 'g1', p: 'p1' },
    { k: 'show', id: 's1', what: 'board' },
  ];
  await done(p.teacher, 'board.add', { epoch, entries });
  const [turned] = await until('board.page', async () => {
    const found = await events('board.page');
    return found.length ? found : null;
  });
  assert.deepEqual(JSON.parse(turned.data), { page: 'p1' });
  assert.ok(turned.account_id);
  assert.deepEqual(JSON.parse((await events('board.show'))[0].data), { what: 'board' });
  await leave(p);
});

test('who talks without end is held back', async () => {
  const p = await everybody();
  const answers = await Promise.all([...Array(21).keys()].map((i) => say(p.rooms[0], 'message.send', { text: `${i}` })));
  assert.ok(answers.some((a) => a.code === 'rate_limited'));
  assert.ok(answers.filter((a) => a.type === 'ok').length <= 20);
  await leave(p);
});

test('a kill in the middle loses nothing that was answered, and the lesson goes on', async () => {
  const p = await everybody();
  await done(p.teacher, 'mode.set', { mode: 'music' });
  await done(p.rooms[1], 'hand.raise');
  await done(p.rooms[2], 'hand.raise');
  await done(p.teacher, 'floor.give', { room: rooms[0] });
  await done(p.teacher, 'message.send', { text: '最后一句' });
  await done(p.teacher, 'question.ask', { choices: 2 });
  await done(p.teacher, 'countdown.start', { seconds: 3000 });
  server.child.kill('SIGKILL');
  await server.exit;
  const kinds = (await rows('SELECT kind FROM event ORDER BY id DESC LIMIT 7')).map((e) => e.kind).reverse();
  assert.deepEqual(kinds, ['mode', 'hand.raise', 'hand.raise', 'floor.give', 'message', 'question', 'countdown']);
  const [turn] = await rows('SELECT * FROM floor_turn WHERE ended_ms IS NULL');
  assert.equal(turn.room_id, rooms[0]);

  await server.launch();
  const [closed] = await rows(`SELECT * FROM floor_turn WHERE id = ${turn.id}`);
  assert.equal(closed.ended_ms, closed.last_ms);
  assert.equal(closed.end_reason, 'server_down');
  const { socket, welcome } = await page(teacher, { page: 'teach', as: 'teacher', lesson: 'demo' });
  const c = welcome.class;
  assert.equal(c.mode, 'music');
  assert.equal(c.floor.room, rooms[0]);
  assert.deepEqual(c.hands.map((h) => h.room), [rooms[1], rooms[2]]);
  assert.equal(c.messages.at(-1).text, '最后一句');
  assert.ok(c.question && c.countdown);
  const { socket: back } = await join(0);
  await told(socket, (k) => k.rooms.find((r) => r.id === rooms[0]).here);
  // the other two do not come back
  const after_ = await socket.next((m) => m.type === 'class' && m.class.hands.length === 0, 40000);
  assert.equal(after_.class.floor.room, rooms[0]);
  await done(socket, 'mode.set', { mode: 'speech' });
  await leave({ teacher: socket, tablet: await teach(), rooms: [back] });
});
