// Where the spans of a sitting lie on a line of `width`: pure. No DOM here.

/** @typedef {{ x: number, width: number, kind: string }} Piece */

/** From when to when a sitting is drawn. */
export function extent(/** @type {any} */ sitting, /** @type {number} */ now_ms) {
  const ends = sitting.live.map((/** @type {number[]} */ s) => s[1] ?? now_ms);
  const from = Math.min(
    sitting.opened_ms,
    ...sitting.live.map((/** @type {number[]} */ s) => s[0]),
  );
  const to = sitting.ended_ms ?? Math.max(now_ms, ...ends);
  return { from, to: Math.max(to, from + 1000) };
}

/**
 * @param {any[]} spans [from_ms, to_ms, kind?] @param {{ from: number, to: number }} range @param {number} width
 * @param {string} [kind] for spans that name none
 * @returns {Piece[]}
 */
export function pieces(spans, range, width, kind = '') {
  const scale = width / (range.to - range.from);
  return spans.flatMap(([from_ms, to_ms, own]) => {
    const from = Math.max(range.from, from_ms);
    const to = Math.min(range.to, to_ms ?? range.to);
    if (to <= from) {
      return [];
    }
    const x = (from - range.from) * scale;
    return [{ x, width: Math.max(1, (to - from) * scale), kind: own ?? kind }];
  });
}
