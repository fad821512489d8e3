// Chromium sends a room's camera in three sizes, H.264, and Chromium as the teacher's page gets a small and the large one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, until } from '../integration/server.mjs';
import { Socket } from '../integration/websocket.mjs';
import { launch } from './browser.mjs';

let server;
let browser;

before(async () => {
  server = await Server.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal((await server.clean()).code, 0, server.tail());
});

/** A page of the server's, so that it may use the camera, with nothing in it. */
async function blank() {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.plain}/api/v1/openapi.json`);
  return page;
}

async function hello(cookie, message) {
  const socket = await Socket.open(server.port + 2, { cookie });
  const welcome = await socket.ask({ type: 'hello', joined_ms: Date.now(), ...message });
  assert.equal(welcome.type, 'welcome', welcome.text);
  return socket;
}

/** Offers what `make` makes of the page, over the WebSocket, and takes the answer. */
async function connect(page, socket, make, names) {
  const sdp = await page.evaluate(make);
  const answer = await socket.ask({ type: 'media.offer', sdp, slots: {}, tracks: {}, ...names });
  assert.equal(answer.type, 'media.answer', answer.text);
  await page.evaluate((text) => globalThis.pc.setRemoteDescription({ type: 'answer', sdp: text }), answer.sdp);
  return answer.sdp;
}

async function send_camera() {
  const camera = { width: 960, height: 540, frameRate: 15 };
  const [track] = (await navigator.mediaDevices.getUserMedia({ video: camera })).getVideoTracks();
  const pc = new RTCPeerConnection();
  globalThis.pc = pc;
  const sendEncodings = [
    { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 100000 },
    { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 300000 },
    { rid: 'f', maxBitrate: 800000 },
  ];
  const video = pc.addTransceiver(track, { direction: 'sendonly', sendEncodings });
  const { codecs } = RTCRtpSender.getCapabilities('video');
  video.setCodecPreferences(codecs.filter((c) => /H264|rtx/i.test(c.mimeType)));
  globalThis.sender = video.sender;
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}

async function receive_two() {
  const pc = new RTCPeerConnection();
  globalThis.pc = pc;
  for (let i = 0; i < 2; i++) {
    const video = pc.addTransceiver('video', { direction: 'recvonly' });
    const { codecs } = RTCRtpReceiver.getCapabilities('video');
    video.setCodecPreferences(codecs.filter((c) => /H264|rtx/i.test(c.mimeType)));
  }
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}

/** Its streams by rid (sent) or mid (received). */
const streams = (page) =>
  page.evaluate(async () => {
    const found = {};
    for (const s of (await globalThis.pc.getStats()).values()) {
      if (s.type === 'outbound-rtp') {
        found[s.rid] = { width: s.frameWidth, frames: s.framesSent };
      } else if (s.type === 'inbound-rtp') {
        found[s.mid] = { width: s.frameWidth, frames: s.framesDecoded, lost: s.packetsLost };
      }
    }
    return found;
  });

const set_active = (page, layer, active) =>
  page.evaluate(
    async ([i, on]) => {
      const parameters = globalThis.sender.getParameters();
      parameters.encodings[i].active = on;
      await globalThis.sender.setParameters(parameters);
    },
    [layer, active],
  );

test('each slot gets the layer that is right for it, and the next one when that falls silent', async (t) => {
  const cookie = await server.login('teacher');
  const lesson = await (await server.get('/api/v1/lessons/demo', { headers: { Cookie: cookie } })).json();
  const room = await hello(await server.enrol(lesson.rooms[0].id), { page: 'room', as: 'device' });
  const desk = await hello(cookie, { page: 'teach', as: 'teacher', lesson: 'demo' });
  t.after(() => [room, desk].forEach((socket) => socket.close()));
  const camera = await blank();
  const view = await blank();
  const answer = await connect(camera, room, send_camera, { tracks: { 0: 'room.video' } });
  assert.match(answer, /a=simulcast:recv q;h;f\r\n/);
  await connect(view, desk, receive_two, { slots: { 0: 'room1.video', 1: 'large.video' } });
  const sent = await until(
    'all three layers are sent',
    async () => {
      const now = await streams(camera);
      return ['q', 'h', 'f'].every((rid) => now[rid]?.frames > 10) && now;
    },
    60000,
  );
  assert.ok(sent.q.width < sent.h.width && sent.h.width < sent.f.width);

  /** Waits until the two slots play in these layers' widths. */
  const shows = async (small, large) => {
    const { frames } = (await streams(view))[1] ?? { frames: 0 };
    await until(
      `${small} as the small and ${large} as the large picture`,
      async () => {
        const now = await streams(view);
        return now[0]?.width === sent[small].width && now[1]?.width === sent[large].width && now[1].frames > frames + 5;
      },
      40000,
    );
  };
  await shows('q', 'f');
  await set_active(camera, 2, false);
  await shows('q', 'h');
  await set_active(camera, 2, true);
  await shows('q', 'f');
  await set_active(camera, 0, false);
  await shows('h', 'f'); // better too large than nothing
  const now = await streams(view);
  assert.deepEqual([now[0].lost, now[1].lost], [0, 0]);
});
