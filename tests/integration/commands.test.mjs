// The commands of tongke, in a running server and on the database alone.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Server, tongke, until } from './server.mjs';

let server;

before(async () => {
  server = await Server.start();
});

after(() => server.clean());

function run(...words) {
  return new Promise((done) =>
    execFile(tongke, words, { env: server.env, timeout: 30000 }, (error, out, err) =>
      done({ status: error ? error.code : 0, out, err }),
    ),
  );
}

const commands = [
  'serve', 'init', 'pages', 'check-config', 'user list', 'user add', 'user password', 'user disable',
  'room list', 'room add', 'room enrol', 'room devices', 'room revoke', 'room kiosk', 'lesson list',
  'lesson show', 'lesson create', 'lesson change', 'lesson end', 'lesson cancel', 'source set',
  'source show', 'report', 'token', 'backup', 'restore', 'verify-audit', 'version',
];

test('each command has its help, and a wrong use is status 2', async () => {
  for (const command of commands) {
    const { status, out } = await run(...command.split(' '), '--help');
    assert.equal(status, 0, command);
    assert.match(out, new RegExp(`^usage: tongke ${command}`));
    const wrong = await run(...command.split(' '), '--no-such-option');
    assert.equal(wrong.status, 2, command);
    assert.match(wrong.err, /--no-such-option/);
  }
  assert.equal((await run('no-such-command')).status, 2);
  assert.equal((await run()).status, 2);
  assert.equal((await run('user')).status, 2);
});

test('errors are status 1, also as JSON', async () => {
  const { status, out, err } = await run('lesson', 'show', 'nothing', '--json');
  assert.equal(status, 1);
  assert.equal(JSON.parse(out).error.code, 'not_found');
  assert.match(err, /there is no lesson 'nothing'/);
});

test('accounts: made, given a new password, disabled', async () => {
  const made = await server.tongke('user', 'add', 'zhou', '--role', 'teacher', '--name', '周敏');
  const log_in = (password) =>
    server.get('/api/v1/login', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: server.plain },
      body: JSON.stringify({ login: 'zhou', password }),
    });
  assert.equal((await log_in(made.password)).status, 200);
  assert.equal((await run('user', 'add', 'zhou', '--role', 'admin')).status, 1);
  assert.equal((await run('user', 'add', 'x', '--role', 'king')).status, 2);
  const fresh = await server.tongke('user', 'password', 'zhou');
  assert.notEqual(fresh.password, made.password);
  assert.equal((await log_in(made.password)).status, 401);
  assert.equal((await log_in(fresh.password)).status, 200);
  assert.equal((await run('user', 'disable', 'zhou')).status, 0);
  assert.equal((await log_in(fresh.password)).status, 401);
  const only = await run('user', 'disable', 'admin');
  assert.equal(only.status, 1);
  assert.match(only.err, /only administrator/);
});

test('rooms and their devices', async () => {
  const { id } = await server.tongke('room', 'add', '接官亭小学', '一年级教室', '--school-en', 'Jieguanting');
  const cookie = await server.enrol(id);
  assert.equal((await server.get('/api/v1/me', { headers: { cookie } })).status, 200);
  const [device] = (await server.tongke('room', 'devices')).filter((d) => d.room.id === id);
  assert.equal(device.revoked, false);
  assert.equal((await run('room', 'revoke', String(device.id))).status, 0);
  const me = await (await server.get('/api/v1/me', { headers: { cookie } })).json();
  assert.deepEqual(me.devices ?? [], []);
  assert.equal((await run('room', 'enrol', 'Jieguanting')).status, 0, 'a school with one room names it');
  assert.equal((await run('room', 'enrol', '没有')).status, 1);
});

test('lessons: planned, changed, cancelled; one teacher is in one place', async () => {
  const times = ['--start', '+1500', '--minutes', '30'];
  const lesson = await server.tongke(
    'lesson', 'create', '--title', '美术：剪纸', '--teacher', 'teacher', '--room', '麻柳铺小学', ...times,
  );
  assert.equal(lesson.state, 'scheduled');
  assert.equal(lesson.end_ms - lesson.start_ms, 30 * 60000);
  const second = await run(
    'lesson', 'create', '--title', '另一节', '--teacher', 'teacher', '--room', 'Xiantaiba Primary School', ...times,
  );
  assert.equal(second.status, 1);
  assert.match(second.err, /剪纸|陈雅琴/);
  const changed = await server.tongke('lesson', 'change', lesson.id, '--title', '美术：窗花');
  assert.equal(changed.title, '美术：窗花');
  assert.equal((await run('lesson', 'cancel', lesson.id)).status, 2, 'a reason is needed');
  assert.equal((await run('lesson', 'cancel', lesson.id, '--reason', '停电')).status, 0);
  assert.equal((await server.tongke('lesson', 'show', lesson.id)).state, 'cancelled');
});

test('a source is changed while the server runs', async () => {
  const file = await run('source', 'set', 'demo', 'file', 'nothing-there.mp4');
  assert.equal(file.status, 0, file.err);
  const { source } = await server.tongke('source', 'show', 'demo');
  assert.equal(source.path, join(process.cwd(), 'nothing-there.mp4'));
  await until('it says why it does not play', async () => {
    const { status } = await server.tongke('source', 'show', 'demo');
    return status.state === 'failed' && /nothing-there/.test(status.cause);
  });
  const set = await run('source', 'set', 'demo', 'rtsp', 'rtsp://wang:geheim@192.0.2.1/cam', '--json');
  assert.equal(set.status, 0);
  assert.equal(set.out.includes('geheim'), false);
  const shown = await server.tongke('source', 'show', 'demo');
  assert.equal(shown.source.url, 'rtsp://192.0.2.1/cam');
  assert.equal(JSON.stringify(shown).includes('geheim'), false);
  assert.equal((await run('source', 'set', 'demo', 'rtsp')).status, 2);
  assert.equal((await run('source', 'set', 'demo', 'magic')).status, 2);
  await server.tongke('source', 'set', 'demo', 'none');
  assert.equal(server.log.includes('geheim'), false, 'no secret in the log');
});

test('tokens', async () => {
  const { token } = await server.tongke('token', '--lesson', 'demo', '--watch', '--room', '2');
  assert.match(token, /^[a-z2-7]{40,}$/);
  assert.equal((await run('token', '--lesson', 'demo')).status, 2);
  assert.equal((await run('token', '--lesson', 'demo', '--publish', '--watch')).status, 2);
  assert.equal((await run('token', '--lesson', 'nothing', '--watch')).status, 1);
});

test('reports', async () => {
  const list = await server.tongke('report', '--list');
  assert.ok(list.some((report) => report.name === 'attendance'));
  const { out } = await run('report', 'attendance', '--format', 'csv');
  assert.ok(out.startsWith('\ufeff'));
  assert.ok(out.includes('\r\n'));
  const lines = await server.tongke('report', 'attendance', '--lesson', 'demo');
  assert.equal(lines.length, 2);
  assert.equal((await run('report', 'attendance', '--from', 'yesterday')).status, 2);
  assert.equal((await run('report', 'nothing')).status, 2);
});

test('the control socket is its owner’s', async () => {
  const { mode } = await stat(join(server.data, 'control.sock'));
  assert.equal(mode & 0o777, 0o600);
});

test('a backup is made while it runs, and put back when it does not', async () => {
  const { file } = await server.tongke('backup');
  const again = await run('backup', file);
  assert.equal(again.status, 1);
  assert.match(again.err, /is there already/);
  const running = await run('restore', file);
  assert.equal(running.status, 1);
  assert.match(running.err, /in use by another tongke/);
  await server.tongke('user', 'add', 'after', '--role', 'teacher');
  assert.equal((await server.stop()).code, 0);
  assert.equal((await run('pages')).status, 1, 'needs a server');
  assert.ok((await server.tongke('user', 'list')).some((user) => user.login === 'after'));
  const restored = await server.tongke('restore', file);
  assert.equal((await server.tongke('user', 'list')).some((user) => user.login === 'after'), false);
  assert.ok((await readFile(restored.before)).length > 0, 'what was there before is kept');
  await server.launch();
  assert.ok((await server.tongke('verify-audit')).entries > 5);
});
