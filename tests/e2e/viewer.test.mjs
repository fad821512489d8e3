// Chromium as a plain WHEP viewer, with no page of ours: H.264, loss, late joiners, sound and picture in step.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Publisher, vanish_all } from '../integration/client.mjs';
import { Relay } from '../integration/relay.mjs';
import { Server, until } from '../integration/server.mjs';
import { Session } from '../integration/whip.mjs';
import { launch, livesUp, plays } from './browser.mjs';
import { make_flash } from './flash.mjs';

let server;
let browser;
let watch;

before(async () => {
  server = await Server.start({ media: true });
  browser = await launch();
  watch = await server.token('--lesson', 'demo', '--watch');
});

after(async () => {
  await browser?.close();
  assert.equal((await server.clean()).code, 0, server.tail());
});

afterEach(async () => {
  await vanish_all();
  await Promise.all(browser.contexts().map((context) => context.close()));
});

/** An empty page that offers to receive; the rest of it is up to `join`. */
async function prepare() {
  const page = await (await browser.newContext()).newPage();
  const offer = await page.evaluate(async () => {
    const pc = new RTCPeerConnection();
    globalThis.pc = pc;
    const video = document.createElement('video');
    video.autoplay = true;
    video.srcObject = new MediaStream();
    document.body.append(video);
    pc.ontrack = ({ streams: [stream] }) => {
      video.srcObject = stream;
    };
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  });
  return { page, offer };
}

async function join({ page, offer }, change = (answer) => answer) {
  const session = await Session.open(server, '/whep/demo', watch, offer);
  const sdp = await change(session.answer);
  await page.evaluate((answer) => globalThis.pc.setRemoteDescription({ type: 'answer', sdp: answer }), sdp);
  return page;
}

const view = async (change) => join(await prepare(), change);

/** The statistics of the picture that arrives. */
function stats(page) {
  return page.evaluate(async () =>
    [...(await globalThis.pc.getStats()).values()].find((s) => s.type === 'inbound-rtp' && s.kind === 'video'),
  );
}


test('the demo lesson: 1280×720, moving, with sound', async () => {
  const seen = await livesUp(await view(), 'the viewer');
  assert.deepEqual([seen.width, seen.height], [1280, 720]);
});

test('H.264 becomes VP8 while WHIP publishes, and H.264 again with DELETE, on the same stream', async () => {
  const page = await view();
  await plays(page, 'the viewer');
  const { ssrc } = await stats(page);
  const token = await server.token('--lesson', 'demo', '--publish');
  const publisher = await Publisher.connect(server, token, { luma: 180, tone: 880 });
  await until('the publisher shows', async () => (await stats(page)).frameWidth === 640);
  await plays(page, 'the viewer');
  assert.equal(await publisher.close(), 200);
  await until('the source shows again', async () => (await stats(page)).frameWidth === 1280);
  await plays(page, 'the viewer');
  assert.equal((await stats(page)).ssrc, ssrc);
});

test('behind 5 % of loss what was lost is sent again', async (t) => {
  const relay = new Relay(20);
  t.after(() => relay.close());
  const page = await view((answer) => relay.change(answer));
  await plays(page, 'the viewer', 25);
  const before = await stats(page);
  await until('50 lost packets', () => relay.lost >= 50);
  await plays(page, 'the viewer', 25);
  const s = await stats(page);
  t.diagnostic(
    `lost ${relay.lost} of ${relay.media}; sent again ${s.retransmittedPacketsReceived}, not from the first sending ${s.packetsLost}; ` +
      `frozen ${s.totalFreezesDuration} s in ${s.freezeCount}, keyframes ${s.keyFramesDecoded}, PLIs ${s.pliCount}`,
  );
  assert.ok(s.retransmittedPacketsReceived > 10);
  assert.ok(s.framesDecoded > before.framesDecoded + 25);
});

/** Joins just after a keyframe of `first`; what `first` has decoded when the joiner shows its first picture. */
async function join_between_keyframes(first, t) {
  const ready = await prepare();
  const had = (await stats(first)).keyFramesDecoded;
  await until('the next keyframe', async () => (await stats(first)).keyFramesDecoded > had);
  const before = await stats(first);
  const began = Date.now();
  const second = await join(ready);
  await until('a picture', async () => (await stats(second))?.framesDecoded > 0);
  const took_ms = Date.now() - began;
  t.diagnostic(`first picture ${took_ms} ms after the offer was sent`);
  return { before, now: await stats(first), second };
}

test('a second viewer does not wait for the next regular keyframe', async (t) => {
  const first = await view();
  await plays(first, 'the viewer');
  const { before, now, second } = await join_between_keyframes(first, t);
  await plays(second, 'the joiner');
  assert.ok(now.framesDecoded - before.framesDecoded < 45, 'before the next one of the source');
});

test('a file with its own keyframes: stored pictures for a joiner, flash and beep in step', async (t) => {
  await server.tongke('source', 'set', 'demo', 'file', await make_flash(server.data));
  const first = await view();
  await until('the file shows', async () => (await stats(first))?.frameWidth === 320);
  const { before, now, second } = await join_between_keyframes(first, t);
  assert.equal(now.keyFramesDecoded, before.keyFramesDecoded, 'from the store, not from a new keyframe');
  assert.match(server.log, /source plays lesson=demo kind=file passthrough=yes/);
  // a receiver takes up to ten seconds from its start until it has the two in step
  t.diagnostic(`sound after picture, joiner: ${await in_step(second)} ms; by its own reckoning ${await reckoned(second)} ms`);
  const offsets = await in_step(first);
  t.diagnostic(`sound after picture, first viewer: ${offsets} ms; by its own reckoning ${await reckoned(first)} ms`);
  for (const ms of offsets) {
    assert.ok(ms > -90 && ms < 185, `${ms} ms is beyond what ITU-R BT.1359 calls acceptable`);
  }
});

/** How much later the sound plays than its picture, from what the sender reports tell this browser. */
async function reckoned(page) {
  const inbound = await page.evaluate(async () =>
    [...(await globalThis.pc.getStats()).values()].filter((s) => s.type === 'inbound-rtp'),
  );
  const [video, audio] = ['video', 'audio'].map((kind) => inbound.find((s) => s.kind === kind).estimatedPlayoutTimestamp);
  return Math.round(video - audio);
}

/** How much later each of four beeps is heard than its flash is seen, in milliseconds (ITU-R BT.1359 has the other sign). */
function in_step(page) {
  return page.evaluate(async () => {
    const video = document.querySelector('video');
    const ear = new AudioContext({ latencyHint: 'interactive' });
    const tap = ear.createScriptProcessor(256, 1, 1);
    const pixels = new OffscreenCanvas(8, 8).getContext('2d', { willReadFrequently: true });
    const flashes = [];
    const beeps = [];
    const add = (list, at) => (list.length === 0 || at - list.at(-1) > 1000) && list.push(at);
    tap.onaudioprocess = ({ inputBuffer, playbackTime }) => {
      const at = inputBuffer.getChannelData(0).findIndex((v) => Math.abs(v) > 0.1);
      if (at >= 0) {
        // playbackTime is that of the tap's own output, two buffers later
        const { contextTime, performanceTime } = ear.getOutputTimestamp();
        add(beeps, performanceTime + (playbackTime + (at - 512) / ear.sampleRate - contextTime) * 1000);
      }
    };
    ear.createMediaStreamSource(video.srcObject).connect(tap).connect(ear.destination);
    const see = (_, { expectedDisplayTime }) => {
      pixels.drawImage(video, 0, 0, 8, 8);
      if (pixels.getImageData(4, 4, 1, 1).data[0] > 128) {
        add(flashes, expectedDisplayTime);
      }
      video.requestVideoFrameCallback(see);
    };
    video.requestVideoFrameCallback(see);
    while (flashes.length < 6 || beeps.length < 6) {
      await new Promise((done) => setTimeout(done, 50));
    }
    return flashes.slice(1, 5).map((flash) => {
      const offsets = beeps.map((beep) => beep - flash);
      return Math.round(offsets.reduce((best, ms) => (Math.abs(ms) < Math.abs(best) ? ms : best)));
    });
  });
}
