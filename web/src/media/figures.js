// What a room's check measured, as the figures that `POST /checks` takes (signaling/PROTOCOL.md, Check): the server judges
// them. No DOM here.

/** @typedef {import('./chirp.js').Found} Found */

const problems = { denied: 'denied', insecure: 'denied', missing: 'missing' };
/** Why a device did not open, in the server's words. */
const problemOf = (/** @type {string} */ state) => problems[state] ?? 'busy';

const between = (/** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ x) =>
  Math.min(high, Math.max(low, Math.round(x * 10) / 10));
const level = (/** @type {number} */ x) => between(-200, 20, x);

/** The loudest tenth of a second, in dBFS. */
export function loudestDb(/** @type {ArrayLike<number>} */ samples, /** @type {number} */ rate) {
  const n = Math.round(rate / 10);
  let most = 0;
  for (let start = 0; start + n <= samples.length; start += n) {
    let sum = 0;
    for (let i = start; i < start + n; i += 1) {
      sum += samples[i] * samples[i];
    }
    most = Math.max(most, sum / n);
  }
  return Math.max(-100, 10 * Math.log10(Math.max(most, 1e-12)));
}

/**
 * What is left of the television's sound. Where the sweep is not found any more, noise covers it: then it is no louder
 * than that, and no louder than the canceller's worst would be.
 * @param {Found | null} raw without echo cancellation @param {Found | null} clean with it
 */
export function echoOf(raw, clean) {
  if (!raw?.found || !clean) {
    return null;
  }
  const residual = clean.found ? clean.level_db : Math.min(clean.level_db, clean.noise_db);
  return {
    residual_db: level(residual),
    reduction_db: between(-100, 200, raw.level_db - residual),
  };
}

/**
 * @param {{
 *   camera: { state: string, w: number, h: number, fps: number }, mic_state: string, loudest_db: number,
 *   raw: Found | null, clean: Found | null, played: boolean,
 *   link: { down_kbps: number, up_kbps: number, rtt_ms: number } | null,
 * }} measured `played`: the browser let the sweep out
 */
export function figuresOf({ camera, mic_state, loudest_db, raw, clean, played, link }) {
  const found = played && raw?.found === true;
  return {
    camera:
      camera.state === 'on'
        ? { w: camera.w, h: camera.h, fps: between(0, 1000, camera.fps) }
        : { problem: problemOf(camera.state) },
    mic: raw ? { level_db: level(loudest_db) } : { problem: problemOf(mic_state) },
    speaker: found
      ? { found, level_db: level(raw.level_db), delay_ms: between(0, 10_000, raw.delay_ms ?? 0) }
      : { found },
    echo: found ? echoOf(raw, clean) : null,
    link: link && {
      down_kbps: between(0, 1e8, link.down_kbps),
      up_kbps: between(0, 1e8, link.up_kbps),
      rtt_ms: between(0, 60_000, link.rtt_ms),
    },
  };
}

const mean = (/** @type {number[]} */ x) => x.reduce((sum, y) => sum + y, 0) / x.length;
const middle = (/** @type {number[]} */ x) => [...x].sort((a, b) => a - b)[x.length >> 1];

/**
 * From requests that were timed. The round trip is taken out of each transfer: it is not the line's width.
 * @param {number[]} rtts ms @param {{ bytes: number, ms: number }[]} down @param {{ bytes: number, ms: number }[]} up
 */
export function linkOf(rtts, down, up) {
  if (rtts.length === 0 || down.length === 0 || up.length === 0) {
    return null;
  }
  const rtt_ms = middle(rtts);
  const kbps = (/** @type {{ bytes: number, ms: number }} */ { bytes, ms }) =>
    (bytes * 8) / Math.max(1, ms - Math.min(rtt_ms, ms / 2));
  return { rtt_ms, down_kbps: mean(down.map(kbps)), up_kbps: mean(up.map(kbps)) };
}
