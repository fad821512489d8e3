// A WebRTC client that is not ours watches and publishes; loss and garbage on the way do not stop it.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { Publisher, vanish_all, Viewer } from './client.mjs';
import { Relay } from './relay.mjs';
import { Server, until } from './server.mjs';
import { candidates } from './whip.mjs';

const dark = { luma: 60, tone: 440 };
const bright = { luma: 180, tone: 880 };
let server;
let publish;
let watch;

before(async () => {
  server = await Server.start({ media: true });
  publish = await server.token('--lesson', 'demo', '--publish');
  watch = await server.token('--lesson', 'demo', '--watch');
});

afterEach(vanish_all);

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

test('a viewer hears the demo lesson', async () => {
  const viewer = await Viewer.connect(server, watch);
  await viewer.hears_speech();
  const { packetsReceived, packetsLost } = await viewer.stats('audio');
  assert.ok(packetsReceived > 0);
  assert.equal(packetsLost, 0);
  assert.equal(await viewer.close(), 200);
});

test('VP8 passes to a viewer, goes on in another publisher of the same token, ends with DELETE', async (t) => {
  const viewer = await Viewer.connect(server, watch);
  await viewer.hears_speech();
  const first = await Publisher.connect(server, publish, dark);
  await viewer.shows(dark);
  await viewer.plays();
  const { width, height } = await viewer.look();
  assert.deepEqual([width, height], [640, 360]);
  const { ssrc } = await viewer.stats('video');

  const second = await Publisher.connect(server, publish, bright);
  await viewer.shows(bright);
  await viewer.plays();
  first.vanish();
  await viewer.plays();
  const after_takeover = await viewer.stats('video');
  assert.equal(after_takeover.ssrc, ssrc, 'the same stream goes on');
  assert.equal(after_takeover.packetsLost, 0);
  assert.equal(after_takeover.framesDropped, 0);
  assert.equal((await viewer.ask('state')).signaling, 'stable');
  t.diagnostic(`keyframes decoded ${after_takeover.keyFramesDecoded}, frames ${after_takeover.framesDecoded}`);

  assert.equal(await second.close(), 200);
  await viewer.hears_speech(bright.tone);
  assert.equal(await viewer.close(), 200);
});

test('who joins later gets the stored pictures while they are few, then a keyframe that is asked for', async (t) => {
  const publisher = await Publisher.connect(server, publish, dark);
  const first = await Viewer.connect(server, watch);
  await first.plays();
  const keyframes = async () => (await first.stats('video')).keyFramesDecoded;
  const join = async () => {
    const began = Date.now();
    const viewer = await Viewer.connect(server, watch);
    await viewer.plays(1);
    t.diagnostic(`picture ${Date.now() - began} ms after the offer`);
    await first.plays();
    await viewer.close();
  };
  // the publisher makes no keyframe unless asked
  const had = await keyframes();
  await join();
  assert.equal(await keyframes(), had, 'none was needed');
  const { packetsReceived } = await first.stats('video');
  await until('a long group of pictures', async () => (await first.stats('video')).packetsReceived > packetsReceived + 110);
  await join();
  assert.equal(await keyframes(), had + 1, 'one was asked for');
  await first.close();
  await publisher.close();
});

test('a viewer behind loss gets what was lost once more', async (t) => {
  const publisher = await Publisher.connect(server, publish, dark);
  const relay = new Relay(20);
  t.after(() => relay.close());
  const viewer = await Viewer.connect(server, watch, { change: (answer) => relay.change(answer) });
  await viewer.shows(dark);
  await until('20 lost packets', () => relay.lost >= 20);
  const lost_here = relay.lost;
  const asked = await server.metric('tongke_streamer_nacks');
  const before = await viewer.stats('video');
  await viewer.plays(50);
  const { framesDecoded, keyFramesDecoded, nackCount, pliCount } = await viewer.stats('video');
  t.diagnostic(`lost ${lost_here} of ${relay.media}; NACKs ${nackCount}, PLIs ${pliCount}, keyframes ${keyFramesDecoded}`);
  assert.ok(nackCount > 0);
  assert.ok(framesDecoded > before.framesDecoded + 25);
  await until('resends in /metrics', async () => (await server.metric('tongke_streamer_resent')) > 0);
  assert.ok((await server.metric('tongke_streamer_nacks')) >= asked);
  await viewer.close();
  await publisher.close();
});

/** A STUN attribute, padded. */
function attribute(type, value) {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

/** CRC-32 as FINGERPRINT has it (RFC 8489 §14.7). */
function fingerprint(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  const value = Buffer.alloc(4);
  value.writeUInt32BE((~crc ^ 0x5354554e) >>> 0);
  return value;
}

/** A check for the selected pair with the right names, nominating, and a password that is not theirs. */
function forged_check(username) {
  const body = Buffer.concat([attribute(0x0006, Buffer.from(username)), attribute(0x0025, Buffer.alloc(0))]);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(0x0001, 0);
  head.writeUInt16BE(body.length + 24, 2);
  head.writeUInt32BE(0x2112a442, 4);
  randomBytes(12).copy(head, 8);
  const integrity = createHmac('sha1', 'not the password').update(Buffer.concat([head, body])).digest();
  head.writeUInt16BE(body.length + 32, 2);
  const signed = Buffer.concat([head, body, attribute(0x0008, integrity)]);
  return Buffer.concat([signed, attribute(0x8028, fingerprint(signed))]);
}

/** What a stranger may send to the port, by the counter that tells of it. */
function garbage({ offer, session }, ssrc) {
  const ufrag = (sdp) => /a=ice-ufrag:(\S+)/.exec(sdp)[1];
  const rtp = Buffer.concat([Buffer.from([0x80, 96, 0, 1, 0, 0, 0, 1]), ssrc, randomBytes(200)]);
  const rtcp = Buffer.concat([Buffer.from([0x81, 206, 0, 2]), ssrc, ssrc, randomBytes(14)]);
  return {
    unknown_kind: Buffer.concat([Buffer.from([0xff]), randomBytes(300)]),
    stun_malformed: Buffer.concat([Buffer.from([0, 1]), randomBytes(40)]),
    stun_unauthenticated: forged_check(`${ufrag(session.answer)}:${ufrag(offer)}`),
    unknown_address: Buffer.concat([Buffer.from([22, 254, 253]), randomBytes(60)]),
    rtp,
    rtcp,
  };
}

test('garbage and forgeries from elsewhere are counted and do not stop a viewer', async (t) => {
  const publisher = await Publisher.connect(server, publish, bright);
  const viewer = await Viewer.connect(server, watch);
  await viewer.shows(bright);
  const { address, port } = candidates(viewer.session.answer).find((c) => !isIPv6(c.address));
  const stranger = createSocket('udp4');
  let replied = 0;
  stranger.on('message', (packet) => {
    replied += packet.length;
  });
  const ssrc = Buffer.alloc(4);
  ssrc.writeUInt32BE((await viewer.stats('video')).ssrc);
  const names = ['unknown_kind', 'stun_malformed', 'stun_unauthenticated', 'unknown_address'];
  const count = () => Promise.all(names.map((name) => server.metric(`tongke_streamer_drop_${name}`)));
  await until('counters', async () => (await count()).every((n) => n >= 0));
  const before = await count();
  let sent = 0;
  const spray = setInterval(() => {
    for (const packet of [...Object.values(garbage(viewer, ssrc)), randomBytes(1 + (sent % 1400)), Buffer.alloc(0)]) {
      sent += packet.length;
      stranger.send(packet, port, address);
    }
  }, 5);
  t.after(() => {
    clearInterval(spray);
    stranger.close();
  });
  await viewer.plays(50);
  await until('every kind is counted', async () => (await count()).every((n, i) => n > before[i] + 20));
  clearInterval(spray);
  await viewer.plays();
  assert.equal((await viewer.stats('video')).packetsLost, 0);
  assert.ok(replied <= sent, `${replied} bytes came back for ${sent}`);
  assert.equal((await viewer.ask('state')).connection, 'connected');
  await viewer.close();
  await publisher.close();
});
