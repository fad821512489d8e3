// The points of a stroke as text (signaling/PROTOCOL.md, "The board"): base64 without padding of LEB128 varints, each
// the zigzag difference to the point before. Points are flat: x, y, pressure, x, y, pressure … No DOM here.

export const page_units = 10_000;
export const units_max = 20_000;
export const points_max = 4096;
const pressure_max = 255;
/** A difference of ±20,000 takes three bytes; more would be a number that cannot be. */
const varint_bytes = 3;

const clamp = (/** @type {number} */ value, /** @type {number} */ most) =>
  Math.max(0, Math.min(most, Math.round(value) || 0));

/** A point as it may be sent. */
export const point = (
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ pressure,
) => [clamp(x, units_max), clamp(y, units_max), clamp(pressure, pressure_max)];

/**
 * @param {ArrayLike<number>} points flat, integers within their ranges
 * @param {ArrayLike<number>} [before] the last point of the piece before
 */
export function encodePoints(points, before = [0, 0, 0]) {
  let bytes = '';
  for (let i = 0; i < points.length; i++) {
    const difference = points[i] - (i < 3 ? before[i] : points[i - 3]);
    let rest = difference < 0 ? -2 * difference - 1 : 2 * difference;
    while (rest > 127) {
      bytes += String.fromCharCode((rest & 127) | 128);
      rest >>= 7;
    }
    bytes += String.fromCharCode(rest);
  }
  return btoa(bytes).replace(/=+$/, '');
}

/**
 * @param {string} text @param {ArrayLike<number>} [before]
 * @returns {number[] | null} flat points; null for what is none
 */
export function decodePoints(text, before = [0, 0, 0]) {
  if (!/^[A-Za-z0-9+/]+$/.test(text) || text.length % 4 === 1) {
    return null;
  }
  const bytes = atob(text);
  /** @type {number[]} */
  const points = [];
  let value = 0;
  let shift = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i);
    value |= (byte & 127) << shift;
    shift += 7;
    if (byte & 128) {
      if (shift === 7 * varint_bytes) {
        return null;
      }
      continue;
    }
    const at = points.length;
    const coordinate =
      (at < 3 ? before[at] : points[at - 3]) + (value & 1 ? -(value + 1) / 2 : value / 2);
    if (coordinate < 0 || coordinate > (at % 3 === 2 ? pressure_max : units_max)) {
      return null;
    }
    points.push(coordinate);
    value = 0;
    shift = 0;
  }
  const whole = shift === 0 && points.length % 3 === 0 && points.length > 0;
  return whole && points.length <= 3 * points_max ? points : null;
}
