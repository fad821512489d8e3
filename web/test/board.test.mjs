// The board: points as text, the log applied, what can be taken back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePoints, encodePoints, point, points_max } from '../src/board/codec.js';
import { apply, copyBoard, emptyBoard, inParts, pageOf, visible } from '../src/board/model.js';
import { Undo } from '../src/board/undo.js';

/** Numbers that look random and are the same each time. */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

test('points: known bytes', () => {
  // +1 → 2, −1 → 1, 64 → 128 → 0x80 0x01; pressure 128 → 256 → 0x80 0x02
  assert.equal(encodePoints([1, 64, 128]), 'AoABgAI');
  assert.equal(encodePoints([0, 63, 128], [1, 64, 128]), btoa('\x01\x01\x00'));
});

test('points: what goes in comes out, whole and in pieces', () => {
  const roll = dice(7);
  for (let round = 0; round < 200; round++) {
    const points = [];
    const count = 1 + roll(round === 0 ? 1 : 400);
    for (let i = 0; i < count; i++) {
      points.push(roll(20_001), roll(20_001), roll(256));
    }
    const text = encodePoints(points);
    assert.match(text, /^[A-Za-z0-9+/]+$/);
    assert.deepEqual(decodePoints(text), points);
    const cut = 3 * (1 + roll(count));
    const head = points.slice(0, cut);
    const tail = points.slice(cut);
    if (tail.length > 0) {
      const piece = encodePoints(tail, head.slice(-3));
      assert.deepEqual(decodePoints(piece, head.slice(-3)), tail);
    }
  }
});

test('points: as many as a stroke may have, not one more', () => {
  const points = Array.from({ length: 3 * points_max }, (_, i) => i % 200);
  assert.deepEqual(decodePoints(encodePoints(points)), points);
  assert.equal(decodePoints(encodePoints([...points, 1, 1, 1])), null);
});

test('points: anything else is refused', () => {
  const bytes = (...list) => Buffer.from(list).toString('base64').replace(/=+$/, '');
  const bad = {
    nothing: '',
    'not base64': 'a*b?',
    padding: 'AgICAg==',
    'white space': 'AgI C',
    'one character over': 'AgICA',
    'half a point': bytes(2, 2),
    'a number that does not end': bytes(2, 2, 0x80),
    'a number of four bytes': bytes(0x80, 0x80, 0x80, 1, 2, 2),
    'a negative coordinate': bytes(1, 2, 2),
    'beyond the page': encodePoints([20_001, 0, 0]),
    'too much pressure': encodePoints([0, 0, 256]),
  };
  for (const [what, text] of Object.entries(bad)) {
    assert.equal(decodePoints(text), null, what);
  }
});

test('points are brought into their ranges', () => {
  assert.deepEqual(point(-3.2, 20_000.4, 300), [0, 20_000, 255]);
  assert.deepEqual(point(Number.NaN, Number.POSITIVE_INFINITY, undefined), [0, 20_000, 0]);
});

const page = (id, after = null) => ({ k: 'page', id, after, kind: 'blank', w: 16, h: 9 });
const stroke = (id, p) => ({ k: 'stroke', id, p, t: 'pen', c: 0, w: 30, d: 'AgIC' });
function boardOf(...log) {
  const board = emptyBoard();
  for (const entry of log) {
    apply(board, entry);
  }
  return board;
}
const seen = (board, p) => visible(board, board.pages.get(p)).map(({ id }) => id);

test('pages stand where they were put; the first is shown', () => {
  const board = boardOf(page('a'), page('b', 'a'), page('c', 'a'), page('d'), page('e', 'gone'));
  assert.deepEqual(board.order, ['d', 'a', 'c', 'b', 'e']);
  assert.equal(pageOf(board).id, 'a');
  apply(board, { k: 'goto', p: 'c' });
  apply(board, { k: 'goto', p: 'nowhere' });
  assert.equal(board.current, 'c');
});

test('a dropped page shows its neighbour and does not come back', () => {
  const board = boardOf(page('a'), page('b', 'a'), { k: 'goto', p: 'b' }, { k: 'drop', p: 'b' });
  assert.deepEqual([board.current, board.order], ['a', ['a']]);
  apply(board, page('b', 'a'));
  apply(board, { k: 'drop', p: 'a' });
  assert.deepEqual([pageOf(board), board.order], [null, []]);
});

test('strokes vanish and come back, alone or with their page', () => {
  const board = boardOf(page('a'), stroke('1', 'a'), stroke('2', 'a'), stroke('3', 'a'));
  apply(board, { k: 'erase', ids: ['2'] });
  assert.deepEqual(seen(board, 'a'), ['1', '3']);
  apply(board, { k: 'clear', p: 'a' });
  apply(board, stroke('4', 'a'));
  assert.deepEqual(seen(board, 'a'), ['4']);
  apply(board, { k: 'restore', ids: ['3', '1'] });
  assert.deepEqual(seen(board, 'a'), ['1', '3', '4'], 'in their old order');
});

/** A log as three devices at once might write it. */
function anyLog(roll, length) {
  const log = [];
  const id = (most) => String(roll(most));
  const ids = () => Array.from({ length: 1 + roll(4) }, () => id(60));
  const makers = [
    () => page(`p${roll(9)}`, roll(2) ? `p${roll(9)}` : null),
    () => ({ k: 'goto', p: `p${roll(9)}` }),
    () => ({ k: 'drop', p: `p${roll(9)}` }),
    () => ({ k: 'show', what: ['people', 'board', 'screen'][roll(3)] }),
    () => ({ k: 'erase', ids: ids() }),
    () => ({ k: 'restore', ids: ids() }),
    () => ({ k: 'clear', p: `p${roll(9)}` }),
    () => ({ k: 'later', x: 1 }),
  ];
  for (let i = 0; i < length; i++) {
    log.push(roll(2) ? stroke(id(60), `p${roll(9)}`) : makers[roll(makers.length)]());
  }
  return log;
}

test('two replicas of one log are equal, also where it came in parts or an entry twice', () => {
  const roll = dice(42);
  for (let round = 0; round < 100; round++) {
    const log = anyLog(roll, 150);
    const one = boardOf(...log);
    const cut = roll(log.length);
    const other = copyBoard(boardOf(...log.slice(0, cut)));
    for (const entry of log.slice(cut)) {
      apply(other, entry);
      apply(other, entry);
    }
    assert.deepEqual(other, one);
    assert.equal(new Set(one.order).size, one.pages.size);
    assert.ok(one.current === null || one.pages.has(one.current));
  }
});

test('a copy lives by itself', () => {
  const board = boardOf(page('a'), stroke('1', 'a'));
  const kept = copyBoard(board);
  for (const entry of [stroke('2', 'a'), page('b'), { k: 'erase', ids: ['1'] }]) {
    apply(board, entry);
  }
  assert.deepEqual(kept, boardOf(page('a'), stroke('1', 'a')));
});

test('many strokes vanish in entries that are short enough', () => {
  const ids = Array.from({ length: 1201 }, (_, i) => String(i));
  const parts = inParts('erase', ids);
  assert.deepEqual(
    parts.map((part) => part.ids.length),
    [500, 500, 201],
  );
  assert.deepEqual(
    parts.flatMap((part) => part.ids),
    ids,
  );
});

function undoes(board, undo, log, how = 'undo') {
  const entries = undo[how](board);
  for (const entry of entries) {
    apply(board, entry);
    log?.push(entry);
  }
  return entries;
}

test('undo and redo: a stroke, an erasure, a cleared page', () => {
  const board = boardOf(page('a'), stroke('1', 'a'), stroke('2', 'a'));
  const undo = new Undo();
  undo.did({ ids: ['1'], drawn: true });
  undo.did({ ids: ['2'], drawn: true });
  apply(board, { k: 'clear', p: 'a' });
  undo.did({ ids: ['1', '2'], drawn: false });
  assert.deepEqual(undoes(board, undo), [{ k: 'restore', ids: ['1', '2'] }]);
  assert.deepEqual(undoes(board, undo), [{ k: 'erase', ids: ['2'] }]);
  assert.deepEqual(undoes(board, undo, null, 'redo'), [{ k: 'restore', ids: ['2'] }]);
  assert.deepEqual(undoes(board, undo, null, 'redo'), [{ k: 'erase', ids: ['1', '2'] }]);
  assert.deepEqual(undoes(board, undo, null, 'redo'), []);
});

test('undo passes over what another device has already erased, and what it drew', () => {
  const board = boardOf(page('a'), stroke('1', 'a'), stroke('2', 'a'), stroke('theirs', 'a'));
  const undo = new Undo();
  undo.did({ ids: ['1'], drawn: true });
  undo.did({ ids: ['2'], drawn: true });
  apply(board, { k: 'erase', ids: ['2'] });
  assert.deepEqual(undoes(board, undo), [{ k: 'erase', ids: ['1'] }]);
  assert.deepEqual(undoes(board, undo), []);
  assert.deepEqual(seen(board, 'a'), ['theirs']);
});

test('a new act ends what could be redone', () => {
  const board = boardOf(page('a'), stroke('1', 'a'), stroke('2', 'a'));
  const undo = new Undo();
  undo.did({ ids: ['1'], drawn: true });
  undoes(board, undo);
  undo.did({ ids: ['2'], drawn: true });
  assert.deepEqual(undo.redo(board), []);
});
