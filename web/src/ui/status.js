// How the states of PROTOCOL.md are shown on the desk: which tone goes with which word. No DOM here.

/** @typedef {import('./chip.jsx').Tone} Tone */

/** @type {Record<string, Tone>} */
export const lessonTone = {
  scheduled: 'info',
  open: 'info',
  live: 'good',
  interrupted: 'warn',
  ended: 'still',
  cancelled: 'bad',
};

/** The state as it is said: a lesson that is past and was never live was not held. */
export const stateOf = (/** @type {any} */ lesson) =>
  lesson.state === 'ended' && !lesson.sitting?.live_ms ? 'not_held' : lesson.state;

/** @type {Record<string, Tone>} */
export const attendeeTone = { absent: 'still', joined: 'info', playing: 'good', trouble: 'bad' };

/** @type {Record<string, Tone>} */
export const sourceTone = { none: 'still', starting: 'info', live: 'good', failed: 'bad' };

/** Of a check before the lesson. @type {Record<string, Tone>} */
export const checkTone = { green: 'good', yellow: 'warn', red: 'bad', none: 'still' };

/** @type {Record<string, Tone>} */
export const resultTone = {
  attended: 'good',
  partial: 'warn',
  technical: 'warn',
  insufficient: 'bad',
  to_verify: 'info',
  absent: 'bad',
};

const dash = '–';

/** A measured number with its unit, or a dash where nothing was measured. */
export const measured = (/** @type {number | null | undefined} */ value, unit = '', digits = 0) =>
  value === null || value === undefined ? dash : `${value.toFixed(digits)}${unit}`;

/** 0.873 → 87.3 %. */
export const share = (/** @type {number | null | undefined} */ value) =>
  value === null || value === undefined ? dash : `${(value * 100).toFixed(1)} %`;

/** The delay that was computed, else half of the round trip. */
export const delayOf = (/** @type {any} */ status) =>
  status.delay_ms ??
  (status.rtt_ms === null || status.rtt_ms === undefined ? null : status.rtt_ms / 2);
