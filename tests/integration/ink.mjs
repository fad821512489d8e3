// Strokes as pages write them (signaling/PROTOCOL.md, "The board").

/** One LEB128 varint of a signed number, zigzag. */
function varint(n) {
  const bytes = [];
  let rest = n < 0 ? -2 * n - 1 : 2 * n;
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | 0x80);
  }
  return [...bytes, rest];
}

/** `d` of a stroke through these [x, y, pressure]; `last`: of the piece before. */
export function points(list, last = [0, 0, 0]) {
  const bytes = [];
  let before = last;
  for (const point of list) {
    point.forEach((value, i) => {
      bytes.push(...varint(value - before[i]));
    });
    before = point;
  }
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

/** A stroke of `count` points as a hand makes them: 16 units or so from one to the next. */
export function stroke(id, p, count = 40) {
  const list = [];
  const [x, y] = [1000 + Math.floor(Math.random() * 8000), 1000 + Math.floor(Math.random() * 4000)];
  for (let i = 0; i < count; i++) {
    list.push([x + i * 16, y + Math.round(60 * Math.sin(i / 4)), 90 + Math.round(40 * Math.sin(i / 9))]);
  }
  return { k: 'stroke', id, p, t: 'pen', c: 1, w: 30, d: points(list) };
}

export const blank = (id, after = null) => ({ k: 'page', id, after, kind: 'blank', w: 1600, h: 900 });
