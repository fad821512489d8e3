// How long to wait before the next try: 0.3, 0.6, 1.2 … at most 5 s, ± 20 % so that forty rooms do not come at once.
const first_ms = 300;
const most_ms = 5000;

/** @param {number} tries how many failed already @param {() => number} [random] */
export function backoffMs(tries, random = Math.random) {
  const base = Math.min(first_ms * 2 ** Math.min(tries, 10), most_ms);
  return Math.min(Math.round(base * (0.8 + 0.4 * random())), most_ms);
}
