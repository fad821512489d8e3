// Times as people of the county read them: Asia/Shanghai, whatever the machine says. No DOM here.

const zone = 'Asia/Shanghai';
const zoneOffsetMs = 8 * 3600 * 1000;
const dayMs = 24 * 3600 * 1000;

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  hour: '2-digit',
  minute: '2-digit',
});
const secondsFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const dateFormat = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });

/** 09:05 */
export const clock = (/** @type {number} */ ms) => clockFormat.format(ms);

/** 09:05:07 */
export const clockSeconds = (/** @type {number} */ ms) => secondsFormat.format(ms);

/** 2026-03-02 */
export const date = (/** @type {number} */ ms) => dateFormat.format(ms);

/** Midnight in Shanghai of the day of `ms`. */
export const dayStart = (/** @type {number} */ ms) =>
  Math.floor((ms + zoneOffsetMs) / dayMs) * dayMs - zoneOffsetMs;

/** Midnight in Shanghai of the day after. */
export const dayEnd = (/** @type {number} */ ms) => dayStart(ms) + dayMs;

/** `2026-03-02` and `09:05` in Shanghai to milliseconds UTC; NaN when they are none. */
export const fromDateAndClock = (/** @type {string} */ day, /** @type {string} */ hourMinute) =>
  Date.parse(`${day}T${hourMinute}:00+08:00`);

/** A lesson over midnight is no longer than this; an end before the start is a slip otherwise. */
const overMidnightMs = 6 * 3600 * 1000;

/** When a lesson from `start_ms` ends whose end is given by the clock alone: it may be after midnight. */
export function endAfter(/** @type {number} */ start_ms, /** @type {string} */ hourMinute) {
  const at = fromDateAndClock(date(start_ms), hourMinute);
  const next = at + dayMs;
  return at <= start_ms && next - start_ms <= overMidnightMs ? next : at;
}

/** 125 s → 2:05 */
export function span(/** @type {number} */ ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const rest = String(seconds % 60).padStart(2, '0');
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)}:${rest}`;
  }
  return `${Math.floor(seconds / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}:${rest}`;
}
