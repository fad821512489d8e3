// Pictures of slides: kept once, given to whoever sees the board, refused where they are none.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { Server, until } from './server.mjs';

let server;
let teacher;
let device;

before(async () => {
  server = await Server.start();
  teacher = await server.login('teacher');
  const lesson = await (await server.get('/api/v1/lessons/demo', { headers: { Cookie: teacher } })).json();
  device = await server.enrol(lesson.rooms[0].id);
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

/** CRC-32 of PNG: node 18 has none. */
function crc(bytes) {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) {
      c = (c >>> 1) ^ (0xedb88320 & -(c & 1));
    }
  }
  return ~c >>> 0;
}

function chunk(type, data) {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)]);
  bytes.writeUInt32BE(data.length);
  bytes.writeUInt32BE(crc(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}

/** A grey PNG; `pad`: so many bytes more, in a chunk that nobody reads. */
function png(w, h, { grey = 128, pad = 0 } = {}) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(w, 0);
  head.writeUInt32BE(h, 4);
  head[8] = 8;
  const rows = Buffer.alloc(Math.min(h, 64) * (w + 1), grey);
  const chunks = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  if (pad) {
    chunks.splice(2, 0, chunk('paDd', Buffer.alloc(pad)));
  }
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

function send(body, { type = 'image/png', cookie = teacher, lesson = 'demo' } = {}) {
  const headers = { 'Content-Type': type, Origin: server.plain, Cookie: cookie };
  return server.get(`/api/v1/lessons/${lesson}/files`, { method: 'POST', headers, body });
}

const get = (id, { cookie = device, ...headers } = {}) => server.get(`/api/v1/lessons/demo/files/${id}`, { headers: { Cookie: cookie, ...headers } });

test('a picture is kept once, by what it is, and a room reads it for ever', async () => {
  const picture = png(320, 180);
  const reply = await send(picture);
  assert.equal(reply.status, 201);
  const file = await reply.json();
  const hash = createHash('sha256').update(picture).digest('hex');
  assert.deepEqual(file, { id: hash, w: 320, h: 180, bytes: picture.length });
  assert.equal((await send(picture)).status, 200);
  assert.deepEqual(await readdir(join(server.data, 'files')), [hash]);
  const read = await get(file.id);
  assert.deepEqual(Buffer.from(await read.arrayBuffer()), picture);
  assert.equal(read.headers.get('content-type'), 'image/png');
  assert.match(read.headers.get('cache-control'), /immutable/);
  assert.equal(read.headers.get('x-content-type-options'), 'nosniff');
  assert.equal((await get(file.id, { 'If-None-Match': read.headers.get('etag') })).status, 304);
});

test('what is no picture, too large or of another type is refused with a reason', async () => {
  const good = png(10, 10);
  const cases = [
    [Buffer.from('%PDF-1.7 …'), {}, 422],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), {}, 422],
    [good.subarray(0, good.length - 5), {}, 422],
    [Buffer.concat([good, Buffer.from('more')]), {}, 422],
    [png(8193, 10), {}, 422],
    [png(8192, 8192), {}, 422],
    [png(0, 10), {}, 422],
    [good, { type: 'image/jpeg' }, 422],
    [good, { type: 'image/gif' }, 415],
    [good, { type: 'application/pdf' }, 415],
    [png(10, 10, { pad: 7e6 }), {}, 413],
    [good, { cookie: device }, 403],
    [good, { lesson: 'nowhere' }, 404],
  ];
  for (const [body, options, status] of cases) {
    const reply = await send(body, options);
    assert.equal(reply.status, status, JSON.stringify(options));
    assert.ok((await reply.json()).detail.length > 10);
  }
  assert.equal((await send(Buffer.alloc(0))).status, 422);
});

test('6 MiB pass, in small pieces as well', async () => {
  const picture = png(10, 10, { pad: 6 * 1024 * 1024 - 200, grey: 7 });
  assert.equal((await send(picture)).status, 201);
  const other = png(10, 10, { pad: 2e6, grey: 8 });
  const reply = await new Promise((done, failed) => {
    const net = connect(server.port + 2, '127.0.0.1');
    net.on('error', failed);
    net.once('data', (data) => {
      done(data.toString('latin1'));
      net.destroy();
    });
    net.write(`POST /api/v1/lessons/demo/files HTTP/1.1\r\nHost: localhost:${server.port + 2}\r\nOrigin: ${server.plain}\r\nCookie: ${teacher}\r\nContent-Type: image/png\r\nContent-Length: ${other.length}\r\n\r\n`);
    for (let at = 0; at < other.length; at += 5000) {
      net.write(other.subarray(at, at + 5000));
    }
  });
  assert.match(reply, /^HTTP\/1.1 201/);
});

test('few large bodies are held at a time; those that are given up make room', async () => {
  const body = png(10, 10, { pad: 3e6, grey: 9 });
  const half = Array.from({ length: 8 }, () => {
    const net = connect(server.port + 2, '127.0.0.1');
    const answer = new Promise((done) => net.once('data', (data) => done(data.toString('latin1'))));
    net.on('error', () => {});
    net.write(`POST /api/v1/lessons/demo/files HTTP/1.1\r\nHost: localhost:${server.port + 2}\r\nOrigin: ${server.plain}\r\nCookie: ${teacher}\r\nContent-Type: image/png\r\nContent-Length: ${body.length}\r\n\r\n`);
    net.write(body.subarray(0, 1000));
    return { net, answer };
  });
  assert.match(await Promise.race(half.map(({ answer }) => answer)), /^HTTP\/1.1 503[^]*Retry-After/);
  for (const { net } of half) {
    net.destroy();
  }
  await until('there is room again', async () => (await send(body)).status === 201);
});

test('who does not see the board does not see its pictures; one that is gone is 404', async () => {
  const { id } = await (await send(png(20, 20, { grey: 3 }))).json();
  assert.equal((await server.get(`/api/v1/lessons/demo/files/${id}`)).status, 401);
  for (const role of ['admin', 'auditor', 'coteacher', 'teacher']) {
    assert.equal((await get(id, { cookie: await server.login(role) })).status, 200, role);
  }
  for (const wrong of ['..', 'ab'.repeat(32), '%2e%2e%2ftongke.db', `${id}x`]) {
    assert.equal((await get(wrong)).status, 404, wrong);
  }
  await rm(join(server.data, 'files', id));
  const gone = await get(id);
  assert.equal(gone.status, 404);
  assert.doesNotMatch(gone.headers.get('cache-control'), /immutable/);
  assert.equal((await send(png(20, 20, { grey: 3 }))).status, 200);
  assert.equal((await readFile(join(server.data, 'files', id))).length, png(20, 20, { grey: 3 }).length);
});

test('a backup has the pictures, and brings them back', async () => {
  const picture = png(30, 30, { grey: 4 });
  const { id } = await (await send(picture)).json();
  const { file } = await server.tongke('backup');
  assert.ok((await readdir(join(file, '..', 'files'))).includes(id));
  await server.stop();
  await rm(join(server.data, 'files'), { recursive: true });
  await server.tongke('restore', file);
  await server.launch();
  assert.deepEqual(Buffer.from(await (await get(id)).arrayBuffer()), picture);
});
