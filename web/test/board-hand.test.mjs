// What a teacher does with the board: writes, rubs out, takes back, turns pages, puts up slides.
import assert from 'node:assert/strict';
import { File } from 'node:buffer';
import { test } from 'node:test';
import { fit } from '../src/board/encode.js';
import { Hand, pages_max, widths } from '../src/board/hand.js';
import { visible } from '../src/board/model.js';
import { sharp } from '../src/board/screen.js';
import { kindOf, Slides } from '../src/board/slides.js';
import { FakeServer } from './board-server.mjs';
import { settle } from './fakes.mjs';

async function setUp() {
  const server = new FakeServer();
  const page = await server.open('d');
  return { server, page, hand: new Hand(page.board) };
}

const seen = (hand) =>
  visible(hand.shown, hand.shown.pages.get(hand.shown.current)).map(({ id }) => id);

function write(hand, x = 100) {
  hand.draw([x, 100, 128], 0);
  hand.pen.move([x + 50, 120, 128], 20);
  hand.lift();
}

test('the first stroke makes the first page, a television wide', async () => {
  const { server, hand } = await setUp();
  write(hand);
  await server.quiet();
  assert.deepEqual(
    server.log.map(({ k }) => k),
    ['page', 'stroke'],
  );
  assert.equal(server.log[0].w / server.log[0].h, 16 / 9);
  assert.equal(server.log[1].w, widths.pen[1]);
});

test('the marker is broader than the pen', async () => {
  const { server, hand } = await setUp();
  hand.tool.value = 'marker';
  hand.colour.value = 6;
  write(hand);
  await server.quiet();
  const { t, c, w } = server.log[1];
  assert.deepEqual([t, c, w], ['marker', 6, widths.marker[1]]);
});

test('what is rubbed out in one go comes back in one go', async () => {
  const { server, hand } = await setUp();
  for (const x of [100, 300, 500]) {
    write(hand, x);
  }
  const [one, two, three] = seen(hand);
  hand.rub([one]);
  hand.rub([one, two]);
  hand.rubbedOut();
  assert.deepEqual(seen(hand), [three]);
  hand.undo();
  assert.deepEqual(seen(hand), [one, two, three]);
  hand.redo();
  await server.quiet();
  assert.deepEqual(seen(hand), [three]);
  assert.equal(server.log.filter(({ k }) => k === 'erase').length, 3, 'nothing is erased twice');
});

test('a cleared page comes back; undo on another page turns to it first', async () => {
  const { server, hand } = await setUp();
  write(hand);
  const first = hand.shown.current;
  hand.clear();
  hand.clear();
  assert.deepEqual(seen(hand), []);
  const second = hand.addBlank();
  assert.equal(hand.shown.current, second);
  hand.undo();
  assert.equal(hand.shown.current, first);
  assert.equal(seen(hand).length, 1);
  await server.quiet();
  assert.equal(server.log.filter(({ k }) => k === 'clear').length, 1);
});

test('pages are turned within what there is', async () => {
  const { server, hand } = await setUp();
  const [a, b] = [hand.addBlank(), hand.addBlank()];
  hand.step(1);
  assert.equal(hand.shown.current, b);
  hand.step(-1);
  hand.step(-1);
  hand.goTo('nowhere');
  assert.equal(hand.shown.current, a);
  await server.quiet();
  assert.equal(server.log.filter(({ k }) => k === 'goto').length, 2);
});

test('a long stroke is two strokes, without a gap', async () => {
  const { server, hand } = await setUp();
  hand.draw([0, 0, 128], 0);
  for (let i = 1; i < 5000; i++) {
    hand.pen.move([(i * 7) % 9000, i, 128], i * 20);
  }
  hand.lift();
  await server.quiet();
  assert.equal(server.log.filter(({ k }) => k === 'stroke').length, 2);
});

test('a second finger: what was begun is no stroke', async () => {
  const { server, page, hand } = await setUp();
  hand.addBlank();
  hand.draw([0, 0, 128], 0);
  hand.pen.cancel();
  hand.lift();
  await server.quiet();
  assert.equal(server.log.length, 1);
  assert.equal(page.board.live.strokes.size, 0);
});

test('the laser is told at most twenty times a second, and when it goes', async () => {
  const { server, page, hand } = await setUp();
  hand.addBlank();
  for (let i = 0; i < 100; i++) {
    hand.point([i, i, 0]);
    server.timers.advance(10);
  }
  hand.point();
  const told = page.told.filter(({ type }) => type === 'board.laser');
  assert.ok(told.length >= 18 && told.length <= 22, `${told.length}`);
  assert.deepEqual(told.at(-1), { type: 'board.laser', off: true });
});

const source = (total, draw = async () => ({ blob: 'x', w: 1920, h: 1080 })) => ({
  total,
  draw,
  closed: 0,
  close() {
    this.closed += 1;
  },
});

function slidesOf(hand, it, post) {
  const api = { post };
  return new Slides({ hand, api, open: async () => it, timers: hand.board.timers });
}

const file = (name, text = '', type = '') => new File([text], name, { type });
const slides_of = (hand) => hand.shown.order.map((id) => hand.shown.pages.get(id).title);

test('each page becomes a slide in its place, and the first is shown', async () => {
  const { server, hand } = await setUp();
  hand.addBlank();
  const it = source(3);
  let n = 0;
  const slides = slidesOf(hand, it, async () => ({ id: `f${n++}` }));
  await slides.begin([file('lesson 3.pdf')]);
  assert.deepEqual(slides_of(hand), ['', 'lesson 3 1', 'lesson 3 2', 'lesson 3 3']);
  assert.equal(hand.shown.current, hand.shown.order[1]);
  assert.deepEqual([slides.progress.value.state, slides.progress.value.done], ['done', 3]);
  assert.equal(it.closed, 1);
  await server.quiet();
  assert.equal(server.log.filter(({ kind }) => kind === 'slide').length, 3);
});

test('a lost connection: the upload goes on by itself', async () => {
  const { server, hand } = await setUp();
  let tries = 0;
  const slides = slidesOf(hand, source(2), async () => {
    tries += 1;
    if (tries === 2 || tries === 3) {
      throw Object.assign(new Error('offline'), { code: 'offline' });
    }
    return { id: `f${tries}` };
  });
  const over = slides.begin([file('a.pdf')]);
  for (let i = 0; i < 4; i++) {
    await settle();
    server.timers.advance(5000);
  }
  await over;
  assert.equal(slides.progress.value.state, 'done');
  assert.equal(hand.shown.order.length, 2);
});

test('a refused upload stops it with the reason; it goes on where it was', async () => {
  const { hand } = await setUp();
  let full = true;
  let n = 0;
  const slides = slidesOf(hand, source(4), async () => {
    if (n === 2 && full) {
      throw Object.assign(new Error('too large'), { code: 'too_large' });
    }
    return { id: `f${n++}` };
  });
  await slides.begin([file('a.pdf')]);
  assert.deepEqual(
    [slides.progress.value.state, slides.progress.value.error.code, hand.shown.order.length],
    ['stopped', 'too_large', 2],
  );
  full = false;
  await slides.resume();
  assert.equal(slides.progress.value.state, 'done');
  assert.deepEqual(slides_of(hand), ['a 1', 'a 2', 'a 3', 'a 4']);
});

test('a page that cannot be drawn is left out and said', async () => {
  const { hand } = await setUp();
  const it = source(3, async (i) => {
    if (i === 1) {
      throw new Error('bad page');
    }
    return { blob: 'x', w: 10, h: 10 };
  });
  const slides = slidesOf(hand, it, async () => ({ id: 'f' }));
  await slides.begin([file('a.pdf')]);
  assert.deepEqual(slides_of(hand), ['a 1', 'a 3']);
  assert.deepEqual([slides.progress.value.why, slides.progress.value.skipped], ['skipped', [2]]);
});

test('one picture that cannot be opened: its own reason is said', async () => {
  const { hand } = await setUp();
  const it = source(1, async () => {
    throw Object.assign(new Error('bad'), { why: 'picture' });
  });
  const slides = slidesOf(hand, it, async () => ({ id: 'f' }));
  await slides.begin([file('a.png')]);
  assert.deepEqual([slides.progress.value.state, slides.progress.value.why], ['done', 'picture']);
  assert.equal(hand.shown.order.length, 0);
});

test('stopped by the teacher: what is there stays, nothing more comes', async () => {
  const { hand } = await setUp();
  let release;
  const it = source(5);
  let n = 0;
  const slides = slidesOf(hand, it, async () => {
    n += 1;
    if (n === 3) {
      await new Promise((go) => {
        release = go;
      });
    }
    return { id: `f${n}` };
  });
  const over = slides.begin([file('a.pdf')]);
  while (!release) {
    await settle();
  }
  slides.cancel();
  release();
  await over;
  assert.equal(hand.shown.order.length, 2);
  assert.equal(slides.progress.value.state, 'idle');
  assert.equal(it.closed, 1);
});

test('no more pages than a board may have', async () => {
  const { hand } = await setUp();
  for (let i = 0; i < pages_max; i++) {
    hand.addBlank();
  }
  const slides = slidesOf(hand, source(1), async () => ({ id: 'f' }));
  await slides.begin([file('a.pdf')]);
  assert.deepEqual([slides.progress.value.state, slides.progress.value.why], ['stopped', 'full']);
  assert.equal(hand.shown.order.length, pages_max);
});

test('what a file is, its first bytes say', async () => {
  assert.equal(await kindOf([file('a.pdf', '%PDF-1.4 …')]), 'pdf');
  assert.equal(await kindOf([file('a.dat', `\n\n%PDF-1.4 …`)]), 'pdf');
  assert.equal(
    await kindOf([file('a.png', 'x', 'image/png'), file('b.jpg', 'x', 'image/jpeg')]),
    'pictures',
  );
  await assert.rejects(kindOf([file('a.pdf', 'hello')]), { why: 'not_pdf' });
  await assert.rejects(kindOf([file('a.pdf', '%PDF-'), file('b.pdf', '%PDF-')]), {
    why: 'one_pdf',
  });
  const huge = { name: 'a.pdf', size: 300e6, slice: () => assert.fail('it is not read') };
  await assert.rejects(kindOf([huge]), { why: 'large' });
});

test('pictures fit a page: not wider than a television, between a tenth and twice as high', () => {
  for (const [w, h] of [
    [960, 540],
    [595, 842],
    [10, 4000],
    [4000, 10],
    [8000, 6000],
    [1, 1],
  ]) {
    const { width, height, left, top, inner } = fit(w, h);
    assert.ok(width <= 1920 && height <= 1620, `${w}×${h}`);
    assert.ok(height * 10 >= width && height <= 2 * width, `${w}×${h} → ${width}×${height}`);
    assert.ok(left >= 0 && top >= 0 && left + inner.width <= width && top + inner.height <= height);
  }
  assert.deepEqual([fit(960, 540).width, fit(960, 540).height], [1920, 1080]);
});

test('a shared screen is never made smaller, rather slower', () => {
  const told = sharp({ encodings: [{ scaleResolutionDownBy: 2 }], transactionId: 't' });
  assert.equal(told.degradationPreference, 'maintain-resolution');
  assert.deepEqual(told.encodings, [
    { maxBitrate: 2_000_000, maxFramerate: 5, scaleResolutionDownBy: 1 },
  ]);
  assert.equal(told.transactionId, 't');
});
