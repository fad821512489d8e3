// What a room sends: layers as wanted, a microphone that is off without the floor, devices that come and go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Capture } from '../src/media/capture.js';
import { forReceiving, withStereo } from '../src/media/sdp.js';
import { layers, RoomSender, setActive } from '../src/media/send.js';
import { FakeTimers, settle } from './fakes.mjs';

test('the smallest layers first, and none is changed for nothing', () => {
  const parameters = { encodings: layers.map(({ rid }) => ({ rid, active: false })) };
  const active = () => parameters.encodings.map((encoding) => encoding.active);
  assert.equal(setActive(parameters, 0), false);
  assert.equal(setActive(parameters, 2), true);
  assert.deepEqual(active(), [true, true, false]);
  assert.equal(setActive(parameters, 2), false);
  setActive(parameters, 3);
  assert.deepEqual(active(), [true, true, true]);
  parameters.encodings.reverse();
  setActive(parameters, 1);
  assert.deepEqual(active(), [false, false, true], 'by name, in whatever order a browser has them');
});

test('a microphone is off until it is wanted, also one that comes later', () => {
  const sender = new RoomSender();
  const microphone = () => ({ enabled: true, readyState: 'live' });
  const first = microphone();
  sender.use('audio', first);
  assert.equal(first.enabled, false);
  assert.equal(sender.heard(), false);
  sender.want({ layers: 0, audio: true });
  assert.deepEqual([first.enabled, sender.heard()], [true, true]);
  const second = microphone();
  sender.use('audio', second);
  assert.equal(second.enabled, true);
  sender.want({ layers: 3, audio: false });
  assert.deepEqual([second.enabled, sender.heard()], [false, false]);
  sender.want({ layers: 0, audio: true });
  second.readyState = 'ended';
  assert.equal(sender.heard(), false);
});

/** Devices that answer as told. */
function setUp() {
  const listeners = [];
  const asked = [];
  const states = [];
  const devices = {
    addEventListener: (_, listener) => listeners.push(listener),
    getUserMedia: (wish) => {
      asked.push(wish);
      return devices.answer();
    },
    answer: async () => devices.give(),
    give: () => {
      const track = { stop: () => (track.stopped = true) };
      devices.track = track;
      return { getTracks: () => [track] };
    },
  };
  globalThis.isSecureContext = true;
  const timers = new FakeTimers();
  const capture = new Capture({
    kind: 'audio',
    wish: () => ({ echoCancellation: true }),
    on_change: (state) => states.push(state),
    devices,
    permissions: { query: async () => ({}) },
    timers,
  });
  const fails = (name) => () => Promise.reject(Object.assign(new Error(name), { name }));
  return {
    capture,
    devices,
    states,
    asked,
    timers,
    fails,
    plug: () => {
      for (const listener of listeners) {
        listener();
      }
    },
  };
}

test('a device is opened, and opened again when it was pulled out', async () => {
  const t = setUp();
  t.capture.open();
  await settle();
  assert.deepEqual(t.states, ['opening', 'on']);
  assert.deepEqual(t.asked, [{ audio: { echoCancellation: true } }]);
  t.devices.answer = t.fails('NotFoundError');
  const first = t.devices.track;
  first.onended();
  await settle();
  assert.ok(first.stopped);
  assert.equal(t.capture.state, 'missing');
  assert.equal(t.capture.track, null);
  t.devices.answer = async () => t.devices.give();
  t.plug();
  await settle();
  assert.equal(t.capture.state, 'on');
});

test('a question that nobody answers is told, and the answer still counts', async () => {
  const t = setUp();
  let allow;
  t.devices.answer = () => new Promise((done) => (allow = () => done(t.devices.give())));
  t.capture.open();
  t.timers.advance(400);
  assert.equal(t.capture.state, 'asking');
  allow();
  await settle();
  assert.equal(t.capture.state, 'on');
});

test('a device that another program has is tried again', async () => {
  const t = setUp();
  t.devices.answer = t.fails('NotReadableError');
  t.capture.open();
  await settle();
  assert.equal(t.capture.state, 'busy');
  t.devices.answer = async () => t.devices.give();
  t.timers.advance(5000);
  await settle();
  assert.equal(t.capture.state, 'on');
});

test('what comes after it was closed is let go', async () => {
  const t = setUp();
  t.capture.open();
  t.capture.close();
  await settle();
  assert.equal(t.capture.state, 'off');
  assert.ok(t.devices.track.stopped);
  t.plug();
  assert.equal(t.asked.length, 1);
});

test('an offer asks for two channels, once', () => {
  const opus = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n';
  const fmtp = `${opus}a=fmtp:111 minptime=10;useinbandfec=1\r\n`;
  assert.ok(withStereo(fmtp).endsWith('useinbandfec=1;stereo=1\r\n'));
  assert.ok(withStereo(opus).endsWith('a=fmtp:111 stereo=1\r\n'));
  assert.equal(withStereo(withStereo(fmtp)), withStereo(fmtp));
  assert.equal(
    withStereo('m=video 9 X 96\r\na=rtpmap:96 VP8/90000\r\n'),
    'm=video 9 X 96\r\na=rtpmap:96 VP8/90000\r\n',
  );
  assert.match(forReceiving(fmtp), /a=rtcp-fb:111 nack\r\n/);
});
