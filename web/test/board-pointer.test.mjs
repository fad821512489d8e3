// Mouse, finger and pen on the page: what draws, what is a palm, what the eraser touches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePoints } from '../src/board/codec.js';
import { Hand } from '../src/board/hand.js';
import { visible } from '../src/board/model.js';
import { FakeServer } from './board-server.mjs';

// node has no canvas; the shapes are not looked at here
globalThis.Path2D = class {
  moveTo() {}
  quadraticCurveTo() {}
  closePath() {}
};
const { hits, Pointer } = await import('../src/board/pointer.js');

/** A page that is 1000 pixels wide, so that a pixel is ten units. */
const place = {
  querySelector: () => ({ getBoundingClientRect: () => ({ left: 0, top: 0, width: 1000 }) }),
  setPointerCapture() {},
};

async function setUp() {
  const server = new FakeServer();
  const { board } = await server.open('d');
  const hand = new Hand(board);
  hand.addBlank();
  const pointer = new Pointer(hand, place);
  let time = 0;
  const event = (pointerType, pointerId, clientX, clientY, more = {}) => {
    time += 20;
    return {
      pointerType,
      pointerId,
      clientX,
      clientY,
      button: 0,
      buttons: 1,
      pressure: 0.5,
      timeStamp: time,
      preventDefault() {},
      ...more,
    };
  };
  const line = (type, id, from, to, more) => {
    pointer.down(event(type, id, ...from, more));
    for (let i = 1; i <= 10; i++) {
      const at = from.map((v, k) => v + ((to[k] - v) * i) / 10);
      pointer.move(event(type, id, ...at, more));
    }
    pointer.up(event(type, id, ...to, more));
  };
  const strokes = () => visible(hand.shown, hand.shown.pages.get(hand.shown.current));
  return { server, hand, pointer, event, line, strokes };
}

test('a mouse draws; its other buttons do not', async () => {
  const { line, strokes } = await setUp();
  line('mouse', 1, [100, 100], [200, 100]);
  line('mouse', 1, [100, 200], [200, 200], { button: 2 });
  assert.equal(strokes().length, 1);
});

test('a finger draws until a pen is seen: from then it is a palm', async () => {
  const { line, strokes } = await setUp();
  line('touch', 1, [100, 100], [200, 100]);
  assert.equal(strokes().length, 1);
  line('pen', 2, [100, 200], [200, 200]);
  line('touch', 3, [500, 500], [520, 510]);
  assert.equal(strokes().length, 2);
});

test('the palm lies first, then the pen comes: only the pen has drawn', async () => {
  const { hand, pointer, event, line, strokes } = await setUp();
  pointer.down(event('touch', 1, 500, 500));
  pointer.move(event('touch', 1, 505, 505));
  line('pen', 2, [100, 100], [200, 100]);
  pointer.up(event('touch', 1, 505, 505));
  assert.equal(strokes().length, 1);
  assert.equal(hand.board.live.strokes.size, 0);
});

test('two fingers draw nothing', async () => {
  const { pointer, event, strokes } = await setUp();
  pointer.down(event('touch', 1, 100, 100));
  pointer.move(event('touch', 1, 150, 100));
  pointer.down(event('touch', 2, 300, 100));
  pointer.move(event('touch', 1, 180, 100));
  pointer.up(event('touch', 1, 180, 100));
  pointer.up(event('touch', 2, 300, 100));
  assert.equal(strokes().length, 0);
});

test('a pen’s pressure is kept; a mouse has none', async () => {
  const { line, strokes } = await setUp();
  line('pen', 1, [100, 100], [200, 100], { pressure: 0.9 });
  line('mouse', 2, [100, 100], [200, 100], { pressure: 0.5 });
  const [pen, mouse] = strokes();
  assert.ok(pen.d.length > 0 && pen.d !== mouse.d);
});

test('the other end of the pen rubs out, whatever tool is chosen', async () => {
  const { line, strokes, hand } = await setUp();
  line('mouse', 1, [100, 100], [200, 100]);
  line('mouse', 1, [100, 300], [200, 300]);
  line('pen', 2, [150, 50], [150, 150], { button: 5, buttons: 32 });
  assert.equal(strokes().length, 1);
  hand.undo();
  assert.equal(strokes().length, 2);
});

test('the eraser takes what its way touches, however fast it is', () => {
  const stroke = {
    k: 'stroke',
    id: 'a',
    p: 'p',
    t: 'pen',
    c: 0,
    w: 30,
    d: encodePoints([1000, 1000, 128, 3000, 1000, 128]),
  };
  assert.ok(hits(stroke, [2000, 0], [2000, 4000]), 'across');
  assert.ok(hits(stroke, [2000, 1060], [2000, 1060]), 'beside it');
  assert.ok(!hits(stroke, [2000, 1300], [2000, 4000]), 'under it');
  assert.ok(!hits(stroke, [3500, 0], [3500, 4000]), 'past its end');
  const dot = { ...stroke, d: encodePoints([1000, 1000, 128]) };
  assert.ok(hits(dot, [980, 1010], [980, 1010]));
  assert.ok(!hits(dot, [1300, 1010], [1300, 1010]));
});
