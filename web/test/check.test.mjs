// The check of a room: a sweep is looked for in what a microphone heard; the figures that the server judges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chirp, findChirp, period_s } from '../src/media/chirp.js';
import { echoOf, figuresOf, linkOf, loudestDb } from '../src/media/figures.js';

const rate = 48000;
const repeats = 3;
const starts = Array.from({ length: repeats }, (_, i) => Math.round(rate * (0.2 + i * period_s)));
const length = Math.round(rate * (0.4 + repeats * period_s));

/** The same noise each time, gaussian enough. */
function noise(amplitude, seed = 1) {
  let state = seed;
  const next = () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length }, () => amplitude * (next() + next() + next() + next() - 2));
}

/** What a microphone hears: the sweep at each start, late and with echoes [ms, gain], in noise. */
function heard({ echoes = [], amplitude = 0.001, seed = 1 }) {
  const sound = noise(amplitude, seed);
  const sweep = chirp(rate);
  for (const start of starts) {
    for (const [ms, gain] of echoes) {
      const at = start + Math.round((ms * rate) / 1000);
      sweep.forEach((value, i) => {
        if (at + i < length) {
          sound[at + i] += value * gain;
        }
      });
    }
  }
  return sound;
}

const close = (value, wanted, by) =>
  assert.ok(Math.abs(value - wanted) <= by, `${value}, not ${wanted} ± ${by}`);
const sweep_db =
  10 * Math.log10(chirp(rate).reduce((sum, x) => sum + x * x, 0) / chirp(rate).length);

for (const [delay, gain] of [
  [3, 1],
  [87, 0.1],
  [240, 0.02],
  [430, 0.01],
]) {
  test(`a sweep that comes ${delay} ms late at ${gain} is found, and measured`, () => {
    const found = findChirp(heard({ echoes: [[delay, gain]] }), starts, rate);
    assert.ok(found.found);
    close(found.delay_ms, delay, 0.2);
    close(found.level_db, sweep_db + 20 * Math.log10(gain), 1.5);
  });
}

test('ten decibels under the noise it is still found', () => {
  const found = findChirp(heard({ echoes: [[60, 0.02]], amplitude: 0.012 }), starts, rate);
  assert.ok(found.found);
  close(found.delay_ms, 60, 0.5);
});

test('a room that rings is measured from the first arrival', () => {
  const echoes = [
    [70, 0.1],
    [78, 0.05],
    [95, 0.04],
    [130, 0.02],
  ];
  const found = findChirp(heard({ echoes }), starts, rate);
  assert.ok(found.found);
  close(found.delay_ms, 70, 0.5);
  assert.ok(found.level_db > sweep_db - 20, 'with its echoes it is louder than alone');
});

test('noise alone is never taken for the sweep', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const found = findChirp(heard({ amplitude: 0.05, seed }), starts, rate);
    assert.equal(found.found, false, `seed ${seed}`);
    assert.equal(found.delay_ms, null);
  }
});

test('a tone, a click, a sweep played once by accident are not the sweep', () => {
  const tone = noise(0.001).map((x, i) => x + 0.3 * Math.sin((2 * Math.PI * 1000 * i) / rate));
  const click = noise(0.001);
  click[starts[0] + 5000] = 1;
  const once = noise(0.001);
  chirp(rate).forEach((x, i) => {
    once[starts[1] + 9000 + i] += x;
  });
  assert.equal(findChirp(tone, starts, rate).found, false, 'tone');
  assert.equal(findChirp(click, starts, rate).found, false, 'click');
  assert.equal(findChirp(once, starts, rate).found, false, 'once');
});

test('a microphone that is off hears nothing at all', () => {
  const found = findChirp(new Float32Array(length), starts, rate);
  assert.deepEqual([found.found, found.peak, found.level_db], [false, 0, -100]);
  assert.equal(findChirp(new Float32Array(0), starts, rate).found, false);
});

test('what is left of an echo is measured', () => {
  const raw = findChirp(heard({ echoes: [[80, 0.2]] }), starts, rate);
  const some = findChirp(heard({ echoes: [[80, 0.04]] }), starts, rate);
  const none = findChirp(heard({}), starts, rate);
  close(echoOf(raw, some).reduction_db, 14, 2);
  close(echoOf(raw, raw).reduction_db, 0, 0.1);
  assert.ok(echoOf(raw, none).reduction_db > 30);
  assert.ok(echoOf(raw, none).residual_db < -60);
  assert.equal(echoOf(none, none), null, 'without a sweep there is no echo of it');
  assert.equal(echoOf(raw, null), null);
});

test('the loudest tenth of a second counts', () => {
  const samples = new Float32Array(rate);
  assert.equal(loudestDb(samples, rate), -100);
  samples.fill(0.1, rate / 2, rate / 2 + rate / 10);
  close(loudestDb(samples, rate), -20, 0.1);
});

const raw = findChirp(heard({ echoes: [[80, 0.2]] }), starts, rate);
const link = { down_kbps: 4000.44, up_kbps: 900, rtt_ms: 41 };
const measured = {
  camera: { state: 'on', w: 1280, h: 720, fps: 15 },
  mic_state: 'on',
  loudest_db: -31.26,
  raw,
  clean: raw,
  played: true,
  link,
};

test('the figures are what the server takes', () => {
  const figures = figuresOf(measured);
  assert.deepEqual(figures.camera, { w: 1280, h: 720, fps: 15 });
  assert.deepEqual(figures.mic, { level_db: -31.3 });
  assert.equal(figures.speaker.found, true);
  close(figures.speaker.delay_ms, 80, 0.2);
  assert.deepEqual(figures.echo, { residual_db: figures.speaker.level_db, reduction_db: 0 });
  assert.deepEqual(figures.link, { down_kbps: 4000.4, up_kbps: 900, rtt_ms: 41 });
});

test('what could not be looked at says why, and nothing is made up', () => {
  const figures = figuresOf({
    ...measured,
    camera: { state: 'missing', w: 0, h: 0, fps: 0 },
    mic_state: 'insecure',
    raw: null,
    clean: null,
    link: null,
  });
  assert.deepEqual(figures, {
    camera: { problem: 'missing' },
    mic: { problem: 'denied' },
    speaker: { found: false },
    echo: null,
    link: null,
  });
  assert.deepEqual(figuresOf({ ...measured, played: false }).speaker, { found: false });
});

test('the link without the time of the question itself', () => {
  const measured_link = linkOf(
    [40, 38, 300],
    [{ bytes: 500_000, ms: 1040 }],
    [{ bytes: 62_500, ms: 540 }],
  );
  assert.deepEqual(measured_link, { rtt_ms: 40, down_kbps: 4000, up_kbps: 1000 });
  assert.equal(linkOf([], [{ bytes: 1, ms: 1 }], [{ bytes: 1, ms: 1 }]), null);
});
