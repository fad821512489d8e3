// Thousands of strokes at once: the sketch that is there first, and the true shapes that take its place.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { encodePoints } from '../src/board/codec.js';
import { Painter } from '../src/board/painter.js';
import { Sketch } from '../src/board/sketch.js';

/** 100 units of the page are a pixel here. */
const [width, height] = [100, 56];

const stroke = (id, points, more = {}) => ({
  k: 'stroke',
  id,
  p: 'p',
  t: 'marker',
  c: 1,
  w: 400,
  d: encodePoints(points),
  ...more,
});

const pixel = ({ bytes }, x, y) => [...bytes.slice(4 * (y * width + x), 4 * (y * width + x) + 4)];
const inked = ({ bytes }) => bytes.filter((value, i) => i % 4 === 3 && value > 0).length;

test('a line is as long and as wide as it says, whichever way it goes', () => {
  for (const [points, x, y] of [
    [
      [1000, 2000, 128, 5000, 2000, 128],
      [10, 50],
      [18, 22],
    ],
    [
      [5000, 2000, 128, 1000, 2000, 128],
      [10, 50],
      [18, 22],
    ],
    [
      [3000, 1000, 128, 3000, 4000, 128],
      [28, 32],
      [10, 40],
    ],
  ]) {
    const sketch = new Sketch(width, height);
    sketch.add(stroke('s', points, { t: 'pen', w: 400 }));
    const middle = [(x[0] + x[1]) >> 1, (y[0] + y[1]) >> 1];
    assert.deepEqual(pixel(sketch, ...middle), [220, 38, 38, 255]);
    const outside = [
      [x[0] - 2, middle[1]],
      [x[1] + 2, middle[1]],
      [middle[0], y[0] - 2],
      [middle[0], y[1] + 2],
    ];
    assert.deepEqual(
      outside.map((at) => pixel(sketch, ...at)[3]),
      [0, 0, 0, 0],
    );
    const area = (x[1] - x[0]) * (y[1] - y[0]);
    assert.ok(Math.abs(inked(sketch) - area) < area / 10, `${inked(sketch)} of ${area}`);
  }
});

test('a diagonal is not thicker than a level line, light pressure is thinner', () => {
  const area = (points, w = 800) => {
    const sketch = new Sketch(width, height);
    sketch.add(stroke('s', points, { t: 'pen', w }));
    return inked(sketch);
  };
  const level = area([1000, 2000, 128, 4000, 2000, 128]);
  const diagonal = area([1000, 1000, 128, 3121, 3121, 128]);
  assert.ok(Math.abs(level - diagonal) < level / 5, `${level} ${diagonal}`);
  assert.ok(area([1000, 2000, 1, 4000, 2000, 1]) < 0.7 * level);
});

test('a marker does not darken where it crosses itself, another one does', () => {
  const sketch = new Sketch(width, height);
  const back = [1000, 2000, 128, 5000, 2000, 128, 1000, 2000, 128];
  sketch.add(stroke('a', back));
  assert.deepEqual(pixel(sketch, 30, 20), [220, 38, 38, 89]);
  sketch.add(stroke('b', back));
  assert.equal(pixel(sketch, 30, 20)[3], 147);
});

test('dots are seen, what leaves the page and what has no points does no harm', () => {
  const sketch = new Sketch(width, height);
  sketch.add(stroke('dot', [2000, 2000, 128]));
  assert.ok(inked(sketch) >= 12);
  const dots = inked(sketch);
  sketch.add(stroke('out', [20000, 20000, 128, 19000, 20000, 128]));
  sketch.add(stroke('none', [], { d: 'no' }));
  assert.equal(inked(sketch), dots);
  sketch.add(stroke('edge', [0, 0, 128, 20000, 0, 128]));
  assert.ok(inked(sketch) > dots);
});

/** A context that keeps what was done to it. */
function canvas() {
  const done = [];
  const context = new Proxy(
    {},
    {
      get: (_, name) => (name === 'canvas' ? made : (...what) => done.push([name, ...what])),
      set: () => true,
    },
  );
  const made = { width, height, getContext: () => context };
  return { made, done, count: (name) => done.filter(([each]) => each === name).length };
}

before(() => {
  globalThis.Path2D = class {
    moveTo() {}
    quadraticCurveTo() {}
    closePath() {}
  };
  globalThis.ImageData = class {
    constructor(data) {
      this.data = data;
    }
  };
});

const many = (count, from = 0) =>
  Array.from({ length: count }, (_, i) =>
    stroke(`s${from + i}`, [
      100 * ((from + i) % 90),
      2000,
      128,
      100 * ((from + i) % 90) + 50,
      2000,
      128,
    ]),
  );

/** A painter whose frames come when the test says. */
function painter() {
  const [ink, live, fair] = [canvas(), canvas(), canvas()];
  globalThis.document = { createElement: () => fair.made };
  let asked = false;
  const it = new Painter(ink.made, live.made, () => {
    asked = true;
  });
  it.size(width, height);
  const settle = (strokes) => {
    for (asked = true; asked; ) {
      asked = false;
      it.show('p', strokes);
    }
  };
  return { it, ink, fair, settle };
}

test('few strokes are drawn as they are', () => {
  const { ink, settle } = painter();
  settle(many(300));
  assert.deepEqual([ink.count('fill'), ink.count('putImageData')], [300, 0]);
});

test('thousands are sketched, then their true shapes take the place; what comes later is drawn once more', () => {
  const { it, ink, fair, settle } = painter();
  const strokes = many(3000);
  it.show('p', strokes);
  assert.ok(ink.count('putImageData') > 0 && ink.count('fill') === 0);
  settle(strokes);
  assert.deepEqual([ink.count('fill'), fair.count('fill'), ink.count('drawImage')], [0, 3000, 1]);
  settle([...strokes, ...many(2, 3000)]);
  assert.deepEqual([ink.count('fill'), fair.count('fill'), ink.count('drawImage')], [2, 3000, 1]);
});

test('strokes that come and go while it is a sketch are in what takes its place', () => {
  const { it, fair, ink, settle } = painter();
  const strokes = many(2000);
  it.show('p', strokes);
  const more = [...strokes, ...many(5, 2000)];
  it.show('p', more);
  settle(more);
  assert.deepEqual([fair.count('fill'), ink.count('drawImage')], [2005, 1]);
});

test('strokes that vanish while it is a sketch are gone', () => {
  const { it, fair, ink, settle } = painter();
  const strokes = many(2000);
  it.show('p', strokes);
  settle(strokes.filter((_, i) => i % 200 !== 7));
  assert.deepEqual([fair.count('fill'), ink.count('drawImage')], [1990, 1]);
});
