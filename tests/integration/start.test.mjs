// What cannot start says so in one line, with status 1, and damages nothing.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { free_port, tongke } from './server.mjs';

let folder;
let env;
let port;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tongke-start-'));
  port = await free_port();
  env = { ...process.env, TONGKE_DATA: folder, TONGKE_PORT: String(port) };
  assert.equal((await run(['init'])).status, 0);
});

after(() => rm(folder, { recursive: true, force: true }));

function run(words, { program = tongke, ...more } = {}) {
  return new Promise((done) =>
    execFile(program, words, { env, timeout: 20000, ...more }, (error, out, err) =>
      done({ status: error ? error.code : 0, out, err }),
    ),
  );
}

/** It ends with status 1 and one line that says this. */
async function assert_refused(because, { words = ['serve'], ...more } = {}) {
  const { status, err } = await run(words, more);
  const said = err.split('\n').filter((line) => line.startsWith('tongke: '));
  assert.equal(status, 1, err);
  assert.equal(said.length, 1, err);
  assert.match(said[0], because);
}

async function with_settings(text, because) {
  const file = join(folder, 'tongke.conf');
  await writeFile(file, text);
  await assert_refused(because);
  await rm(file);
}

test('settings are told with their line', async () => {
  await with_settings('# first\n\nporrt = 1\n', /tongke\.conf:3: unknown key 'porrt'/);
  await with_settings('peers = many\n', /tongke\.conf:1: peers: 'many' is not a whole number/);
  await with_settings('consent_s = 0\n', /tongke\.conf:1: consent_s: 0 is outside 5 to 120 s/);
  const { status, err } = await run(['check-config', join(folder, 'nothing.conf')]);
  assert.equal(status, 1);
  assert.match(err, /nothing\.conf: No such file/);
});

test('a certificate that cannot be used', async () => {
  const file = join(folder, 'bad.pem');
  await with_settings(`tls_certificate = ${file}\ntls_key = ${file}\n`, /bad\.pem.*No such file/);
  await writeFile(file, 'no certificate');
  await with_settings(`tls_certificate = ${file}\ntls_key = ${file}\n`, /bad\.pem/);
});

test('a port in use, TCP or UDP', async () => {
  const tcp = createServer();
  await new Promise((done) => tcp.listen(port, done));
  await assert_refused(new RegExp(`port ${port} \\(TCP, pages\\): in use`));
  await new Promise((done) => tcp.close(done));
  const udp = createSocket('udp4');
  await new Promise((done) => udp.bind(port, done));
  await assert_refused(new RegExp(`port ${port} \\(UDP, media\\): in use`));
  await new Promise((done) => udp.close(done));
});

test('a database of a newer version is left as it is', async () => {
  const file = join(folder, 'tongke.db');
  const whole = await readFile(file);
  await run([file, 'PRAGMA user_version = 99'], { program: 'sqlite3' });
  const newer = await readFile(file);
  await assert_refused(/made by a newer Tongke \(version 99/);
  assert.deepEqual(await readFile(file), newer);
  await writeFile(file, whole);
});

test('what is no database is left as it is', async () => {
  const file = join(folder, 'tongke.db');
  const whole = await readFile(file);
  await writeFile(file, 'something else that somebody put here');
  await assert_refused(/tongke\.db: not a database of Tongke/);
  assert.equal(await readFile(file, 'utf8'), 'something else that somebody put here');
  await writeFile(file, whole);
});

test('a full disk', async () => {
  const file = join(folder, 'tongke.db');
  // no file may grow beyond 1 KiB: SQLite is told of it as of a disk without room
  const script = 'trap "" XFSZ; ulimit -f 1; exec "$0" serve';
  await assert_refused(/tongke\.db: the disk is full/, {
    program: 'bash',
    words: ['-c', script, tongke],
  });
  const { out } = await run([file, 'PRAGMA integrity_check'], { program: 'sqlite3' });
  assert.equal(out.trim(), 'ok');
});
