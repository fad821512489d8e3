// Roll calls and handovers: kept once, checked, and still there after a kill.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Server } from './server.mjs';

let server;
let coteacher; // of Maliupu
let device; // of Maliupu's room
let mine;
let other;

const ask = (...what) => server.api(...what);

const sql = (query) => server.sql(query);

const rollcall = (more) => ({
  op: randomUUID(),
  lesson: 'demo',
  room: mine.id,
  expected: 20,
  present: 18,
  absent: ['7', 'A12'],
  marked_ms: Date.now(),
  ...more,
});

const call = (more, cookie = coteacher) => ask('POST', '/rollcalls', cookie, rollcall(more));
const hand = (more, cookie = coteacher) =>
  ask('POST', '/handovers', cookie, { op: randomUUID(), lesson: 'demo', room: mine.id, ...more });

async function today() {
  const { status, body } = await ask('GET', '/coteach', coteacher);
  assert.equal(status, 200);
  return body;
}
const demo = async () => (await today()).lessons.find((l) => l.lesson.id === 'demo');

before(async () => {
  server = await Server.start();
  [mine, other] = (await server.tongke('lesson', 'show', 'demo')).rooms;
  coteacher = await server.login('coteacher');
  device = await server.enrol(mine.id);
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

test('GET /coteach: the lessons of the own school, nothing known yet', async () => {
  const { school, persons, lessons } = await today();
  assert.equal(school.name, mine.school);
  assert.ok(persons.length > 0 && persons.every((p) => p.id && p.name));
  assert.ok(lessons.length > 0 && lessons.every((l) => l.room.id === mine.id));
  const { roll_call, expected, duty } = lessons.find((l) => l.lesson.id === 'demo');
  assert.deepEqual({ roll_call, expected, duty }, { roll_call: null, expected: null, duty: null });
  for (const role of ['teacher', 'admin', 'auditor']) {
    assert.equal((await ask('GET', '/coteach', await server.login(role))).status, 403, role);
  }
  assert.equal((await ask('GET', '/coteach')).status, 401);
});

test('a roll call is kept once, whoever sends it how often', async () => {
  const first = rollcall();
  const [a, b] = await Promise.all([
    ask('POST', '/rollcalls', coteacher, first),
    ask('POST', '/rollcalls', coteacher, first),
  ]);
  assert.deepEqual([a.status, b.status].sort(), [200, 201]);
  assert.deepEqual(a.body, b.body);
  assert.deepEqual(a.body.absent, ['7', 'A12']);
  assert.equal(a.body.by.role, 'coteacher');
  const changed = await ask('POST', '/rollcalls', coteacher, { ...first, present: 17 });
  assert.equal(changed.status, 409);
  assert.equal(changed.body.code, 'conflict');
  assert.deepEqual((await demo()).roll_call, a.body);
  assert.equal((await demo()).expected, 20);
  assert.equal((await sql(`SELECT count(*) AS n FROM roll_call WHERE op = '${first.op}'`))[0].n, 1);
  const audit = await sql("SELECT object, after FROM audit WHERE action = 'rollcall.add'");
  assert.equal(audit.length, 1);
  assert.equal(audit[0].object, 'lesson demo');
});

test('the one that was marked last counts, also when it comes in first', async () => {
  const now = Date.now();
  const newer = await call({ present: 20, absent: [], marked_ms: now });
  const older = await call({ present: 10, absent: [], marked_ms: now - 60000, expected: 25 });
  assert.deepEqual([newer.status, older.status], [201, 201]);
  assert.equal((await demo()).roll_call.id, newer.body.id);
  assert.equal((await demo()).expected, 20);
});

test('the device of the room may, another room may not', async () => {
  const kept = await call({ marked_ms: Date.now() }, device);
  assert.equal(kept.status, 201);
  assert.equal(kept.body.by.role, 'device');
  const foreign = await server.enrol(other.id);
  for (const cookie of [coteacher, device]) {
    assert.equal((await call({ room: other.id }, cookie)).status, 403);
  }
  assert.equal((await call({}, foreign)).status, 403);
  assert.equal((await call({ room: other.id }, foreign)).status, 201);
  for (const role of ['teacher', 'admin', 'auditor']) {
    assert.equal((await call({}, await server.login(role))).status, 403, role);
  }
  assert.equal((await call({}, null)).status, 401);
});

test('what makes no sense is refused, with the field at fault', async () => {
  const now = Date.now();
  const wrong = [
    ['op', { op: 'short' }],
    ['op', { op: 'x'.repeat(37) }],
    ['op', { op: 'with space and "' }],
    ['op', { op: 7 }],
    ['lesson', { lesson: 7 }],
    ['room', { room: 'one' }],
    ['room', { room: 99999 }],
    ['expected', { expected: 201 }],
    ['expected', { expected: -1 }],
    ['expected', { expected: 20.5 }],
    ['expected', { expected: null }],
    ['present', { present: 21 }],
    ['present', { present: '18' }],
    ['absent', { absent: ['1', '2', '3'] }],
    ['absent', { absent: ['7', '7'] }],
    ['absent', { absent: ['王小明'] }],
    ['absent', { absent: ['Xiaoming'] }],
    ['absent', { absent: ['123456789'] }],
    ['absent', { absent: [''] }],
    ['absent', { absent: [7] }],
    ['absent', { absent: '7' }],
    ['absent', { absent: { 0: '7' } }],
    ['marked_ms', { marked_ms: now + 6 * 60000 }],
    ['marked_ms', { marked_ms: now - 15 * 86400000 }],
    ['marked_ms', { marked_ms: 'now' }],
    ['marked_ms', { marked_ms: 1e300 }],
  ];
  for (const [field, more] of wrong) {
    const { status, body } = await call(more);
    assert.deepEqual([status, body.code, body.field], [400, 'bad_field', field], JSON.stringify(more));
  }
  assert.equal((await call({ lesson: 'nothing' })).status, 404);
  assert.equal((await ask('POST', '/rollcalls', coteacher, [1])).status, 400);
  assert.equal((await call({ padding: 'x'.repeat(20000) })).status, 413);
  for (const path of ['/rollcalls', '/handovers']) {
    const reply = await server.get(`/api/v1${path}`, { method: 'POST', headers: { Cookie: coteacher }, body: '{}' });
    assert.equal(reply.status, 403, 'a write without an Origin');
  }
});

test('a lesson of another day', async () => {
  const start = Date.now() + 3 * 86400000;
  const admin = await server.login('admin');
  const made = await ask('POST', '/lessons', admin, {
    title: 'later',
    start_ms: start,
    end_ms: start + 2400000,
    room_ids: [mine.id],
  });
  assert.equal(made.status, 201);
  const early = await call({ lesson: made.body.id });
  assert.deepEqual([early.status, early.body.field], [400, 'marked_ms']);
  assert.equal((await ask('POST', `/lessons/${made.body.id}/cancel`, admin, { reason: 'test' })).status, 200);
  assert.equal((await call({ lesson: made.body.id })).status, 409);
  assert.equal((await hand({ lesson: made.body.id, name: '张老师' })).status, 409);
});

test('a handover: to a person of the school or to a name, kept once', async () => {
  const { persons } = await today();
  const to = persons.at(-1);
  const body = { op: randomUUID(), lesson: 'demo', room: mine.id, person_id: to.id };
  const first = await ask('POST', '/handovers', coteacher, body);
  assert.equal(first.status, 201);
  assert.deepEqual(first.body.person, to);
  assert.deepEqual(await ask('POST', '/handovers', coteacher, body), { ...first, status: 200 });
  assert.equal((await ask('POST', '/handovers', coteacher, { ...body, person_id: undefined, name: 'x' })).status, 409);
  assert.deepEqual((await demo()).duty, first.body);
  const named = await hand({ name: ' 张老师 ' });
  assert.equal(named.status, 201);
  assert.deepEqual([named.body.person, named.body.name], [null, '张老师']);
  assert.deepEqual((await demo()).duty, named.body);
  assert.equal((await sql("SELECT * FROM audit WHERE action = 'duty.set'")).length, 2);
});

test('a handover that makes no sense is refused', async () => {
  const [stranger] = await sql(`SELECT p.id FROM person p JOIN school s ON s.id = p.school_id WHERE s.name <> '${mine.school}'`);
  const wrong = [
    ['person_id', {}],
    ['person_id', { person_id: 1, name: 'both' }],
    ['person_id', { person_id: 'one' }],
    ['person_id', { person_id: 99999 }],
    ['person_id', { person_id: stranger.id }],
    ['name', { name: '' }],
    ['name', { name: '  ' }],
    ['name', { name: 'two\nlines' }],
    ['name', { name: '长'.repeat(40) }],
    ['op', { op: '', name: 'x' }],
  ];
  for (const [field, more] of wrong) {
    const { status, body } = await hand(more);
    assert.deepEqual([status, body.code, body.field], [400, 'bad_field', field], JSON.stringify(more));
  }
  assert.equal((await hand({ room: other.id, name: 'x' })).status, 403);
  assert.equal((await hand({ name: 'x' }, device)).status, 403, 'a device hands nothing over');
});

test('kill -9 after the answer: it is still there, and sent again it is answered', async () => {
  const body = rollcall({ present: 19, absent: ['3'], marked_ms: Date.now() });
  const kept = await ask('POST', '/rollcalls', coteacher, body);
  assert.equal(kept.status, 201);
  server.child.kill('SIGKILL');
  await server.exit;
  await server.launch();
  assert.deepEqual(await ask('POST', '/rollcalls', coteacher, body), { ...kept, status: 200 });
  assert.equal((await sql(`SELECT count(*) AS n FROM roll_call WHERE op = '${body.op}'`))[0].n, 1);
});

test('marked during the lesson, sent after it: kept', async () => {
  const marked_ms = Date.now();
  await server.tongke('lesson', 'end', 'demo');
  const late = await call({ marked_ms, present: 16, absent: [] });
  assert.equal(late.status, 201);
});

test('a room cannot fill the book', async () => {
  const replies = await Promise.all(Array.from({ length: 70 }, () => call({})));
  const refused = replies.filter((r) => r.status === 429);
  assert.ok(refused.length >= 10 && replies.some((r) => r.status === 201));
});
