// The check of a room's television and microphone: a sweep that is played, and how it is found again in what the
// microphone heard: whether, how loud, how late. Numbers in, numbers out: no DOM, no clock.
//
// The recording is cut at each time the sweep was played and averaged, which halves foreign noise with each fourfold
// repeat; the average is correlated with the sweep (matched filter). A sweep of duration T over a band B gains
// 10·log10(2·B·T) over noise: 36 dB for half a second over 3.5 kHz.

export const sweep = { from_hz: 500, to_hz: 4000, seconds: 0.5, gap_s: 0.7, level: 0.25 };
/** One repeat: the sweep and the silence after it, in which its echo dies away. */
export const period_s = sweep.seconds + sweep.gap_s;

/** A peak this far over the middle of all others is no accident: noise reaches six or seven. */
const found_over = 12;
/** How far the repeats may be apart: a television's delay does not wander. */
const same_ms = 4;
/** A room's echo: so long after the first arrival it belongs to it. */
const tail_s = 0.2;
/** What a microphone that hears nothing at all is said to have heard. */
export const floor_db = -100;

const db = (/** @type {number} */ power) =>
  Math.max(floor_db, 10 * Math.log10(Math.max(power, 1e-12)));

/** The sweep, logarithmic, with soft ends so that it does not click. */
export function chirp(/** @type {number} */ rate) {
  const n = Math.round(rate * sweep.seconds);
  const k = Math.log(sweep.to_hz / sweep.from_hz);
  const fade = Math.round(rate * 0.03);
  return Float32Array.from({ length: n }, (_, i) => {
    const phase = ((2 * Math.PI * sweep.from_hz * sweep.seconds) / k) * (Math.exp((i / n) * k) - 1);
    const edge = Math.min(1, i / fade, (n - 1 - i) / fade);
    return sweep.level * Math.sin(phase) * Math.sin((edge * Math.PI) / 2) ** 2;
  });
}

/** In place, length a power of two. */
function fft(/** @type {Float64Array} */ re, /** @type {Float64Array} */ im) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) {
      j ^= bit;
    }
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const cos = Float64Array.from({ length: half }, (_, k) => Math.cos((-2 * Math.PI * k) / size));
    const sin = Float64Array.from({ length: half }, (_, k) => Math.sin((-2 * Math.PI * k) / size));
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k += 1) {
        const a = start + k;
        const b = a + half;
        const x = re[b] * cos[k] - im[b] * sin[k];
        const y = re[b] * sin[k] + im[b] * cos[k];
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
    }
  }
}

/** How much of `template` is in `signal` from each sample on. */
function correlate(
  /** @type {ArrayLike<number>} */ signal,
  /** @type {ArrayLike<number>} */ template,
) {
  let n = 1;
  while (n < signal.length + template.length) {
    n *= 2;
  }
  const [ar, ai, br, bi] = [0, 1, 2, 3].map(() => new Float64Array(n));
  ar.set(signal);
  br.set(template);
  fft(ar, ai);
  fft(br, bi);
  for (let i = 0; i < n; i += 1) {
    const re = ar[i] * br[i] + ai[i] * bi[i];
    // conjugated once more, so that the transform forward is the one back
    ai[i] = -(ai[i] * br[i] - ar[i] * bi[i]);
    ar[i] = re;
  }
  fft(ar, ai);
  return Float64Array.from({ length: signal.length }, (_, i) => ar[i] / n);
}

const powerOf = (/** @type {ArrayLike<number>} */ x, from = 0, to = x.length) => {
  let sum = 0;
  for (let i = from; i < to; i += 1) {
    sum += x[i] * x[i];
  }
  return to > from ? sum / (to - from) : 0;
};

function peakOf(/** @type {Float64Array} */ x, from = 0, to = x.length) {
  let best = from;
  for (let i = from; i < to; i += 1) {
    best = Math.abs(x[i]) > Math.abs(x[best]) ? i : best;
  }
  return best;
}

function median(/** @type {Float64Array} */ x) {
  const sorted = x.map(Math.abs).sort();
  return sorted[sorted.length >> 1];
}

/** The recording from each of `starts` on, one period long; what it does not have is left out. */
function cut(
  /** @type {Float32Array} */ heard,
  /** @type {number[]} */ starts,
  /** @type {number} */ n,
) {
  return starts
    .filter((start) => start >= 0 && start + n <= heard.length)
    .map((start) => heard.subarray(start, start + n));
}

function average(/** @type {Float32Array[]} */ pieces) {
  return Float32Array.from(
    { length: pieces[0].length },
    (_, i) => pieces.reduce((sum, piece) => sum + piece[i], 0) / pieces.length,
  );
}

/**
 * @typedef {{ found: boolean, delay_ms: number | null, level_db: number, noise_db: number, heard_db: number, peak: number }} Found
 * `level_db`: of the sweep as the microphone hears it; where it is not found, the most that it can be. `noise_db`:
 * between the repeats. `heard_db`: of everything. `peak`: the largest sample.
 */

/**
 * Looks for the sweep in what a microphone heard.
 * @param {Float32Array} heard @param {number[]} starts samples at which the sweep was played @param {number} rate
 * @returns {Found}
 */
export function findChirp(heard, starts, rate) {
  const template = chirp(rate);
  const n = Math.round(rate * period_s);
  const pieces = cut(heard, starts, n);
  let largest = 0;
  for (const sample of heard) {
    largest = Math.max(largest, Math.abs(sample));
  }
  const all = { heard_db: db(powerOf(heard)), peak: largest };
  const nothing = { found: false, delay_ms: null, level_db: floor_db, noise_db: floor_db, ...all };
  if (pieces.length === 0 || largest === 0) {
    return nothing;
  }
  const mean = average(pieces);
  const match = correlate(mean, template);
  const at = peakOf(match);
  const middle = median(match);
  const apart = (same_ms * rate) / 1000;
  const same = pieces.filter((piece) => Math.abs(peakOf(correlate(piece, template)) - at) <= apart);
  const clear = Math.abs(match[at]) > found_over * middle;
  const found = clear && same.length * 2 > pieces.length;
  // quiet is the last fifth of a period, or the first where the sweep comes late
  const late = at > n * 0.4;
  const quiet = late ? [0, Math.floor(n / 5)] : [n - Math.floor(n / 5), n];
  const noise_db = db(powerOf(pieces[0], quiet[0], quiet[1]));
  const level = levelOf(match, template, at, rate);
  return { found, delay_ms: found ? (at * 1000) / rate : null, level_db: level, noise_db, ...all };
}

/** The sweep's power: of its first arrival and of the echoes of the room right after it. */
function levelOf(
  /** @type {Float64Array} */ match,
  /** @type {Float32Array} */ template,
  /** @type {number} */ at,
  /** @type {number} */ rate,
) {
  const before = Math.round(rate * 0.01);
  const after = Math.round(rate * tail_s);
  const own = correlate(
    new Float32Array(template.length + after).map((_, i) => template[i - before] ?? 0),
    template,
  );
  const energy = (/** @type {Float64Array} */ x, /** @type {number} */ middle) =>
    powerOf(x, Math.max(0, middle - before), Math.min(x.length, middle + after)) * (before + after);
  const gain = energy(match, at) / energy(own, before);
  return db(powerOf(template) * gain);
}
