// Session descriptions, progress, level: what the pages compute about media.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf } from '../src/media/meter.js';
import { bufferTargetMs, nothing, progress, read } from '../src/media/progress.js';
import { preferH264, withAudioNack } from '../src/media/sdp.js';

const offer = [
  'v=0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=rtpmap:96 VP8/90000',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=rtpmap:63 red/48000/2',
  '',
].join('\r\n');

test('nack is added for Opus, once, and nowhere else', () => {
  const changed = withAudioNack(offer);
  assert.equal(changed.match(/a=rtcp-fb:111 nack\r\n/g).length, 1);
  assert.equal(changed.replace('a=rtcp-fb:111 nack\r\n', ''), offer);
  assert.equal(withAudioNack(changed), changed);
});

test('H.264 baseline with packetization-mode 1 comes first, nothing is lost', () => {
  const codec = (mimeType, sdpFmtpLine = '') => ({ mimeType, sdpFmtpLine });
  const list = [
    codec('video/VP8'),
    codec('video/H264', 'packetization-mode=0;profile-level-id=42e01f'),
    codec('video/H264', 'packetization-mode=1;profile-level-id=4d001f'),
    codec('video/rtx'),
    codec('video/H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'),
  ];
  assert.deepEqual(
    preferH264(list).map((c) => list.indexOf(c)),
    [4, 2, 0, 1, 3],
  );
});

const stats = (audio, video = {}) => [
  { type: 'inbound-rtp', kind: 'audio', packetsLost: 2, packetsReceived: 100, ...audio },
  {
    type: 'inbound-rtp',
    kind: 'video',
    packetsLost: 3,
    packetsReceived: 500,
    frameWidth: 1280,
    frameHeight: 720,
    ...video,
  },
  { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.0864 },
  { type: 'transport' },
];
const seen = { sounding: true, hidden: false };

test('progress is the difference of two readings', () => {
  const before = read(
    stats({ totalSamplesDuration: 10, totalSamplesReceived: 480_000, concealedSamples: 0 }),
    10_000,
    250,
  );
  const now = read(
    stats(
      {
        totalSamplesDuration: 15,
        totalSamplesReceived: 720_000,
        concealedSamples: 24_000,
        packetsLost: 6,
      },
      { totalFreezesDuration: 0.4 },
    ),
    15_000,
    370,
  );
  assert.deepEqual(progress(before, now, seen), {
    at_ms: 15_000,
    span_ms: 5000,
    frames: 120,
    audio_ms: 4500,
    video: { w: 1280, h: 720, fps: 24 },
    lost: 4,
    freeze_ms: 400,
    concealed_ms: 500,
    muted: false,
    hidden: false,
    link: { rtt_ms: 86 },
  });
});

test('sound that the browser does not let out was not played', () => {
  const now = read(stats({ totalSamplesDuration: 5, totalSamplesReceived: 240_000 }), 5000, 0);
  const told = progress(nothing, now, { sounding: false, hidden: true });
  assert.equal(told.audio_ms, 0);
  assert.equal(told.muted, true);
  assert.equal(told.hidden, true);
});

test('only concealment is not sound', () => {
  const now = read(
    stats({ totalSamplesDuration: 5, totalSamplesReceived: 240_000, concealedSamples: 240_000 }),
    5000,
    0,
  );
  assert.equal(progress(nothing, now, seen).audio_ms, 0);
});

test('a new session’s counters, which begin at zero, are not taken for less than nothing', () => {
  const before = read(
    stats({ totalSamplesDuration: 900, totalSamplesReceived: 43_200_000 }),
    10_000,
    900,
  );
  const now = read(stats({ totalSamplesDuration: 2, totalSamplesReceived: 96_000 }), 15_000, 950);
  const told = progress(before, now, seen);
  assert.equal(told.audio_ms, 2000);
  assert.equal(told.frames, 50);
});

test('more is never claimed than the time that has passed', () => {
  const now = read(stats({ totalSamplesDuration: 60, totalSamplesReceived: 2_880_000 }), 5000, 0);
  assert.equal(progress(nothing, now, seen).audio_ms, 5000);
});

test('a clean link keeps nothing ready, a lossy one room for a repair', () => {
  const before = { ...nothing, received: 0 };
  assert.equal(bufferTargetMs(before, { ...nothing, received: 1000, lost: 0, rtt_ms: 100 }), null);
  assert.equal(bufferTargetMs(before, { ...nothing, received: 950, lost: 50, rtt_ms: 100 }), 190);
  assert.equal(bufferTargetMs(before, { ...nothing, received: 950, lost: 50, rtt_ms: 4000 }), 400);
});

test('level is 0 for silence, 1 for full scale', () => {
  assert.equal(levelOf(new Float32Array(64)), 0);
  assert.equal(levelOf(new Float32Array(64).fill(1)), 1);
  const half = levelOf(new Float32Array(64).fill(10 ** (-30 / 20)));
  assert.ok(Math.abs(half - 0.5) < 0.01);
});
