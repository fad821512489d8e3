// WHIP and WHEP by the contract: errors in their order, takeover, conflict, sessions' life.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { offer } from './offer.mjs';
import { Server } from './server.mjs';

let server;
let publish;
let watch;

before(async () => {
  server = await Server.start();
  publish = await server.token('--lesson', 'demo', '--publish');
  watch = await server.token('--lesson', 'demo', '--watch');
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

function ask(method, path, { token, type = 'application/sdp', body, headers = {} } = {}) {
  return server.get(path, {
    method,
    headers: {
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'Content-Type': type }),
      ...headers,
    },
    body,
  });
}

async function problem(reply, status, code) {
  assert.equal(reply.status, status, await reply.clone().text());
  assert.match(reply.headers.get('content-type'), /^application\/problem\+json/);
  const body = await reply.json();
  assert.equal(body.status, status);
  assert.equal(body.code, code);
  return body;
}

async function made(reply) {
  assert.equal(reply.status, 201, await reply.clone().text());
  assert.match(reply.headers.get('content-type'), /^application\/sdp/);
  assert.match(await reply.text(), /^v=0/);
  return { location: reply.headers.get('location'), etag: reply.headers.get('etag') };
}

/** A chunked body, which fetch would not send. */
function chunked(path, token, body) {
  return new Promise((done, failed) => {
    const r = request(`${server.plain}${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/sdp', 'Transfer-Encoding': 'chunked' },
    });
    r.on('response', (reply) => {
      reply.resume();
      done(reply.statusCode);
    });
    r.on('error', failed);
    r.end(body);
  });
}

test('errors come in the order of the contract, each with one thing more right', async () => {
  const wrong = { body: 'x'.repeat(300 * 1024), type: 'text/plain' };
  await problem(await ask('POST', '/whip/nowhere', wrong), 401, 'unauthenticated');
  await problem(await ask('POST', '/whip/nowhere', { ...wrong, token: 'nonsense' }), 401, 'unauthenticated');
  await problem(await ask('POST', '/whip/nowhere', { ...wrong, token: watch }), 404, 'not_found');
  await problem(await ask('POST', '/whip/demo', { ...wrong, token: watch }), 403, 'forbidden');
  assert.equal(await chunked('/whip/demo', watch, 'x'), 403);
  assert.equal(await chunked('/whip/demo', publish, 'x'), 411);
  await problem(await ask('POST', '/whip/demo', { ...wrong, token: publish }), 413, 'too_large');
  await problem(await ask('POST', '/whip/demo', { token: publish, body: 'x', type: 'text/plain' }), 415, 'unsupported_type');
  await problem(await ask('POST', '/whip/demo', { token: publish, body: 'hello' }), 400, 'bad_request');
});

/** All that comes back for these pieces, each sent a moment after the other. */
function raw(...pieces) {
  return new Promise((done) => {
    const net = connect(server.port + 2, '127.0.0.1');
    let text = '';
    net.on('data', (data) => {
      text += data;
      net.write(pieces.shift() ?? '');
    });
    net.on('error', () => {});
    net.on('close', () => done(text.match(/HTTP\/1.1 \d+/g)?.map((line) => Number(line.slice(9))) ?? []));
    net.write(pieces.shift());
    net.setTimeout(1000, () => net.destroy());
  });
}

test('a connection takes one request with a body after another, but not both at once', async () => {
  const host = `Host: localhost:${server.port + 2}\r\n`;
  const post = `POST /whip/demo HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nhi`;
  const get = `GET /healthz HTTP/1.1\r\n${host}\r\n`;
  assert.deepEqual(await raw(get, get, get), [200, 200, 200]);
  assert.deepEqual(await raw(get + get), [200, 200]);
  // libwebsockets 4.1 would read the second one's body for ever
  assert.deepEqual(await raw(get + post), [200]);
  assert.equal((await server.get('/healthz')).status, 200);
});

test('a token for one lesson opens no other', async () => {
  const { lessons } = await server.tongke('lesson', 'list');
  const other = lessons.find((l) => l.id !== 'demo').id;
  await problem(await ask('POST', `/whep/${other}`, { token: watch, body: offer('recvonly') }), 403, 'forbidden');
});

test('a broken offer is 400 with what is broken, one without our codecs 406 with which we have', async () => {
  const broken = await problem(
    await ask('POST', '/whep/demo', { token: watch, body: offer('recvonly').replace(/a=fingerprint.*\r\n/g, '') }),
    400,
    'bad_request',
  );
  assert.match(broken.detail, /fingerprint/i);
  for (const body of ['v=0\0', Buffer.from([0x76, 0x3d, 0x30, 0xff, 0xfe]), 'v=0\r\n', '\r\n'.repeat(20000)]) {
    await problem(await ask('POST', '/whep/demo', { token: watch, body }), 400, 'bad_request');
  }
  const codec = await problem(
    await ask('POST', '/whip/demo', { token: publish, body: offer('sendonly', { video_codec: 'AV1', audio_codec: 'PCMU' }) }),
    406,
    'codec',
  );
  assert.match(codec.detail, /H264/i);
  const sound = await problem(
    await ask('POST', '/whip/demo', { token: publish, body: offer('sendonly', { audio_codec: 'PCMU' }) }),
    406,
    'codec',
  );
  assert.match(sound.detail, /opus/i);
});

test('a viewer gets an answer, a Location that cannot be guessed and an ETag; DELETE ends it', async () => {
  const one = await made(await ask('POST', '/whep/demo', { token: watch, body: offer('recvonly') }));
  const two = await made(await ask('POST', '/whep/demo', { token: watch, body: offer('recvonly') }));
  assert.match(one.location, /^\/whep\/demo\/[a-z2-7]{26}$/);
  assert.notEqual(one.location, two.location);
  assert.ok(one.etag);
  const other = await server.token('--lesson', 'demo', '--watch');
  await problem(await ask('DELETE', one.location), 401, 'unauthenticated');
  await problem(await ask('DELETE', one.location, { token: other }), 403, 'forbidden');
  await problem(await ask('DELETE', one.location, { token: publish }), 403, 'forbidden');
  assert.equal((await ask('DELETE', one.location, { token: watch })).status, 200);
  await problem(await ask('DELETE', one.location, { token: watch }), 404, 'not_found');
  assert.equal((await ask('DELETE', two.location, { token: watch })).status, 200);
});

test('PATCH takes candidates without If-Match, refuses a wrong one, restarts ICE', async () => {
  const type = 'application/trickle-ice-sdpfrag';
  const candidate = [
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=mid:0',
    'a=candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host',
    '',
  ].join('\r\n');
  const restart = candidate.replace('abcd', 'efgh').replace('abcdefghijklmnopqrstuvwx', 'xwvutsrqponmlkjihgfedcba');
  const { location, etag } = await made(await ask('POST', '/whep/demo', { token: watch, body: offer('recvonly') }));
  const patch = (body, headers) => ask('PATCH', location, { token: watch, type, body, headers });
  assert.equal((await patch(candidate)).status, 204);
  assert.equal((await patch(candidate, { 'If-Match': etag })).status, 204);
  assert.equal((await patch(candidate, { 'If-Match': '*' })).status, 204);
  await problem(await patch(candidate, { 'If-Match': '"other"' }), 412, 'precondition_failed');
  await problem(await ask('PATCH', location, { token: watch, type: 'text/plain', body: candidate }), 415, 'unsupported_type');
  const again = await patch(restart, { 'If-Match': '*' });
  assert.equal(again.status, 200);
  assert.match(await again.text(), /a=ice-ufrag:/);
  assert.notEqual(again.headers.get('etag'), etag);
  await ask('DELETE', location, { token: watch });
});

test('OPTIONS answers without a token and with one, for pages of other sites', async () => {
  for (const token of [undefined, publish]) {
    const reply = await ask('OPTIONS', '/whip/demo', { token });
    assert.equal(reply.status, 204);
    assert.equal(reply.headers.get('access-control-allow-origin'), '*');
    assert.match(reply.headers.get('access-control-allow-headers'), /authorization/i);
    assert.match(reply.headers.get('access-control-allow-methods'), /POST/);
    assert.equal(reply.headers.get('accept-post'), 'application/sdp');
  }
});

test('the same token takes over, another is told who publishes, DELETE makes room', async () => {
  const stranger = await server.token('--lesson', 'demo', '--publish');
  const body = offer('sendonly');
  const first = await made(await ask('POST', '/whip/demo', { token: publish, body }));
  const conflict = await problem(await ask('POST', '/whip/demo', { token: stranger, body }), 409, 'conflict');
  assert.match(conflict.detail, /WHIP #\d+ publishes/);
  await problem(await ask('POST', '/whip/demo', { token: stranger, body: 'v=0' }), 400, 'bad_request');
  const second = await made(await ask('POST', '/whip/demo', { token: publish, body }));
  await problem(await ask('DELETE', first.location, { token: publish }), 404, 'not_found');
  const board = await made(await ask('POST', '/whip/demo?track=board', { token: stranger, body }));
  assert.equal((await ask('DELETE', second.location, { token: publish })).status, 200);
  const third = await made(await ask('POST', '/whip/demo', { token: stranger, body }));
  await problem(await ask('POST', '/whip/demo?track=nonsense', { token: stranger, body }), 400, 'bad_field');
  await ask('DELETE', board.location, { token: stranger });
  await ask('DELETE', third.location, { token: stranger });
});
