// The check before the lesson: judged by the server, kept, shown; and what a link is measured with.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Server } from './server.mjs';
import { Socket } from './websocket.mjs';

let server;
let mine;
let other;
let device;
let coteacher;

const good = {
  camera: { w: 1280, h: 720, fps: 25 },
  mic: { level_db: -30 },
  speaker: { found: true, level_db: -28.04, delay_ms: 90 },
  echo: { residual_db: -58, reduction_db: 30 },
  link: { down_kbps: 4000, up_kbps: 1500, rtt_ms: 40 },
};

const ask = (...what) => server.api(...what);

const check = (result, more, cookie = device) =>
  ask('POST', '/checks', cookie, { op: randomUUID(), result, ...more });

before(async () => {
  server = await Server.start();
  [mine, other] = (await server.tongke('lesson', 'show', 'demo')).rooms;
  device = await server.enrol(mine.id);
  coteacher = await server.login('coteacher');
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

test('a check is judged, kept once, and shown to whom it concerns', async () => {
  const body = { op: randomUUID(), lesson: 'demo', result: { ...good, link: { ...good.link, up_kbps: 400 } } };
  const first = await ask('POST', '/checks', device, body);
  assert.equal(first.status, 201);
  assert.equal(first.body.verdict, 'yellow');
  assert.deepEqual(first.body.result.link, { verdict: 'yellow', cause: 'link_up', down_kbps: 4000, up_kbps: 400, rtt_ms: 40 });
  assert.deepEqual(first.body.result.speaker, { verdict: 'green', cause: '', found: true, level_db: -28, delay_ms: 90 });
  assert.deepEqual(await ask('POST', '/checks', device, body), { ...first, status: 200 });
  assert.equal((await ask('POST', '/checks', device, { ...body, result: good })).status, 409);
  for (const cookie of [device, coteacher, await server.login('teacher'), await server.login('admin'), await server.login('auditor')]) {
    const { status, body: seen } = await ask('GET', `/rooms/${mine.id}/checks`, cookie);
    assert.equal(status, 200);
    assert.deepEqual(seen.checks.map((c) => [c.id, c.verdict, c.lesson, c.asked_by]), [[first.body.id, 'yellow', 'demo', null]]);
    assert.deepEqual(seen.checks[0].result, first.body.result);
  }
  assert.equal((await ask('GET', `/rooms/${other.id}/checks`, device)).status, 403);
  assert.equal((await ask('GET', `/rooms/${other.id}/checks`, coteacher)).status, 403);
  assert.equal((await ask('GET', `/rooms/${mine.id}/checks`)).status, 401);
  assert.equal((await ask('GET', '/rooms/99999/checks', coteacher)).status, 404);
});

test('asked for from afar: who asked is kept; the newest comes first', async () => {
  const { accounts } = (await ask('GET', '/accounts', await server.login('admin'))).body;
  const teacher = accounts.find((a) => a.role === 'teacher');
  const hello = async (cookie, more) => {
    const socket = await Socket.open(server.port + 2, { cookie });
    assert.equal((await socket.ask({ type: 'hello', ...more })).type, 'welcome');
    return socket;
  };
  const room = await hello(device, { page: 'room', as: 'device' });
  const desk = await hello(await server.login('teacher'), { page: 'teach', as: 'teacher', lesson: 'demo' });
  assert.equal((await check(good, { asked_by: teacher.id })).body.field, 'asked_by', 'nobody asked yet');
  assert.equal((await desk.ask({ type: 'check.start', op: 'look', room: mine.id })).type, 'ok');
  const { by } = await room.next('check.run');
  room.close();
  desk.close();
  const { status, body } = await check({ ...good, camera: null }, { asked_by: by.account });
  assert.deepEqual([status, body.verdict, body.result.camera.verdict], [201, 'green', 'none']);
  const { checks } = (await ask('GET', `/rooms/${mine.id}/checks`, coteacher)).body;
  assert.equal(checks[0].id, body.id);
  assert.deepEqual(checks[0].asked_by, { role: 'teacher', name: teacher.name, name_en: teacher.name_en });
  assert.ok(checks[0].at_ms >= checks[1].at_ms);
});

test('the newest check of each room, for who looks after all of them', async () => {
  const second = await server.enrol(other.id);
  const { id } = (await check(good, {}, second)).body;
  for (const role of ['admin', 'auditor']) {
    const { status, body } = await ask('GET', '/checks', await server.login(role));
    assert.equal(status, 200);
    const { checks: of_mine } = (await ask('GET', `/rooms/${mine.id}/checks`, coteacher)).body;
    assert.ok(of_mine.length > 1);
    assert.deepEqual(body.checks.map((c) => [c.room, c.id]), [[mine.id, of_mine[0].id], [other.id, id]]);
    assert.deepEqual(body.checks[0], of_mine[0]);
  }
  assert.equal((await ask('GET', '/checks', coteacher)).status, 403);
  assert.equal((await ask('GET', '/checks', device)).status, 403);
  assert.equal((await ask('GET', '/checks')).status, 401);
});

test('verdicts that a page makes up count for nothing', async () => {
  const lies = { ...good, verdict: 'green', link: { ...good.link, down_kbps: 10, verdict: 'green', cause: '' } };
  const { body } = await check(lies);
  assert.deepEqual([body.verdict, body.result.link.verdict], ['red', 'red']);
});

test('what makes no sense is refused, with the field at fault', async () => {
  const wrong = [
    ['op', good, { op: 'x' }],
    ['result', undefined, {}],
    ['result', [], {}],
    ['mic', { ...good, mic: { level_db: 'loud' } }, {}],
    ['link', { ...good, link: { ...good.link, rtt_ms: -1 } }, {}],
    ['lesson', good, { lesson: 'nothing' }],
    ['lesson', good, { lesson: 7 }],
    ['asked_by', good, { asked_by: 99999 }],
    ['asked_by', good, { asked_by: 'me' }],
  ];
  for (const [field, result, more] of wrong) {
    const { status, body } = await check(result, more);
    assert.deepEqual([status, body.code, body.field], [400, 'bad_field', field]);
  }
  assert.equal((await check(good, {}, coteacher)).status, 403);
  assert.equal((await check(good, {}, null)).status, 401);
});

test('a browser with several devices says which', async () => {
  const second = await server.enrol(other.id);
  const both = `${device}; ${second}`;
  assert.equal((await check(good, {}, both)).status, 403);
  const key = second.split('=')[0].replace('tongke_device_', '');
  assert.equal((await check(good, { device: key }, both)).status, 201);
  assert.equal((await ask('GET', `/rooms/${other.id}/checks`, second)).body.checks.length, 2);
});

test('the probe: so many bytes that do not compress, never kept', async () => {
  const reply = await server.get('/api/v1/probe?bytes=300000', { headers: { Cookie: device, 'Accept-Encoding': 'gzip' } });
  const bytes = Buffer.from(await reply.arrayBuffer());
  assert.equal(reply.status, 200);
  assert.equal(bytes.length, 300000);
  assert.ok(gzipSync(bytes).length > 299000);
  assert.equal(reply.headers.get('cache-control'), 'no-store');
  assert.equal(reply.headers.get('content-encoding'), null);
  for (const query of ['bytes=0', 'bytes=1000001', 'bytes=-1', 'bytes=x', 'bytes=1e3']) {
    assert.equal((await ask('GET', `/probe?${query}`, device)).status, 400, query);
  }
  assert.equal((await ask('GET', '/probe')).status, 401);
  assert.equal((await ask('GET', '/probe', await server.login('admin'))).status, 403);
});

const upload = (size, cookie = device, type = 'application/octet-stream') =>
  server.get('/api/v1/probe', {
    method: 'POST',
    headers: { Cookie: cookie, Origin: server.plain, 'Content-Type': type },
    body: randomBytes(size),
  });

test('the probe takes bytes', async () => {
  assert.equal((await upload(262144)).status, 204);
  assert.equal((await upload(1)).status, 204);
  assert.equal((await upload(262145)).status, 413);
  assert.equal((await upload(10, device, 'text/plain')).status, 415);
});

test('measuring without end is refused, another room is not concerned', async () => {
  const fresh = await server.enrol(mine.id);
  let passed = 0;
  for (;;) {
    const reply = await server.get('/api/v1/probe?bytes=1000000', { headers: { Cookie: fresh } });
    await reply.arrayBuffer();
    if (reply.status !== 200) {
      assert.equal(reply.status, 429);
      assert.equal(reply.headers.get('retry-after'), '60');
      break;
    }
    passed++;
    assert.ok(passed < 60, 'a limit');
  }
  assert.ok(passed >= 10, `a whole check passes: ${passed}`);
  assert.equal((await upload(1000, await server.enrol(other.id))).status, 204);
});
