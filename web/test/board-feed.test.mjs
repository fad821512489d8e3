// A page's board against a server: in order, shown at once, nothing lost and nothing twice over lost connections.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePoints } from '../src/board/codec.js';
import { apply, emptyBoard, pageOf, visible } from '../src/board/model.js';
import { Pen } from '../src/board/pen.js';
import { FakeServer } from './board-server.mjs';
import { settle } from './fakes.mjs';

const page = (id, after = null) => ({ k: 'page', id, after, kind: 'blank', w: 16, h: 9 });
const stroke = (id, p = 'a') => ({ k: 'stroke', id, p, t: 'pen', c: 0, w: 30, d: 'AgIC' });
const shown = ({ board }) => board.state.peek().board;
const ids = (it, p = 'a') => visible(shown(it), shown(it).pages.get(p)).map(({ id }) => id);

/** What the log alone makes. */
function whole(server) {
  const board = emptyBoard(server.epoch);
  for (const entry of server.log) {
    apply(board, entry);
  }
  board.n = server.log.length;
  return board;
}

function allEqual(server) {
  for (const each of server.pages) {
    assert.deepEqual(shown(each), whole(server));
    assert.equal(each.board.state.peek().unsent, 0);
  }
}

test('an entry is shown at once here, and there after the log has it', async () => {
  const server = new FakeServer();
  const desk = await server.open('d');
  const room = await server.open('r');
  desk.board.add([page('a'), stroke('1')]);
  assert.deepEqual(ids(desk), ['1']);
  assert.equal(pageOf(shown(room)), null);
  await server.quiet();
  assert.deepEqual(ids(room), ['1']);
  allEqual(server);
  assert.equal(server.reads, 0, 'an empty board is not asked for');
});

test('who comes late reads the log; who misses a number reads what is missing', async () => {
  const server = new FakeServer();
  server.append([page('a'), stroke('1'), stroke('2')]);
  const room = await server.open('r');
  assert.deepEqual(ids(room), ['1', '2']);
  server.append([stroke('3')]);
  room.inbox = [];
  server.append([stroke('4')]);
  await server.quiet();
  assert.deepEqual(ids(room), ['1', '2', '3', '4']);
  assert.equal(server.reads, 2);
  allEqual(server);
});

test('what comes while the log is read is not lost, however long it takes', async () => {
  const server = new FakeServer();
  server.append([page('a'), stroke('1')]);
  const room = await server.open('r');
  await room.cut();
  server.append([stroke('2')]);
  let release;
  room.held = new Promise((resolve) => {
    release = resolve;
  });
  await room.connect();
  for (const id of ['3', '4', '5']) {
    server.append([stroke(id)]);
    room.deliver();
  }
  assert.deepEqual(ids(room), ['1']);
  release();
  await server.quiet();
  assert.deepEqual(ids(room), ['1', '2', '3', '4', '5']);
  assert.equal(server.reads, 2);
});

test('entries that come twice or late change nothing', async () => {
  const server = new FakeServer();
  const room = await server.open('r');
  server.append([page('a'), stroke('1'), stroke('2')]);
  await server.quiet();
  const again = { type: 'board.entries', epoch: 1, first: 2, entries: [stroke('1'), stroke('2')] };
  room.board.on_event(again);
  room.board.on_event({ ...again, epoch: 0, first: 1 });
  assert.deepEqual(shown(room), whole(server));
  assert.equal(server.reads, 0);
});

test('two devices write at once: the order is the server’s on both', async () => {
  const server = new FakeServer();
  const tablet = await server.open('t');
  const desk = await server.open('d');
  tablet.board.add([page('a')]);
  await server.quiet();
  tablet.board.add([stroke('t1'), { k: 'show', what: 'board' }]);
  desk.board.add([
    page('b', 'a'),
    { k: 'goto', p: 'b' },
    stroke('d1'),
    { k: 'show', what: 'screen' },
  ]);
  assert.deepEqual([ids(tablet), ids(desk)], [['t1'], ['d1']]);
  await server.quiet();
  allEqual(server);
  assert.equal(server.log.length, 7);
  assert.ok(
    server.log.every(({ id }) => /^[\w-]{1,16}$/.test(id)),
    'so that sending again does no harm',
  );
});

test('what others write is shown at once, also while what is written here is on its way', async () => {
  const server = new FakeServer();
  const desk = await server.open('d');
  desk.board.add([page('a')]);
  await server.quiet();
  desk.board.add([stroke('mine')]);
  await settle();
  server.append([stroke('theirs')]);
  for (const event of desk.inbox.splice(0)) {
    desk.board.on_event(event);
  }
  assert.deepEqual(ids(desk), ['theirs', 'mine']);
  await server.quiet();
  allEqual(server);
});

test('what was drawn without a connection is kept and sent once it is back', async () => {
  const server = new FakeServer();
  const desk = await server.open('d');
  const room = await server.open('r');
  desk.board.add([page('a')]);
  await server.quiet();
  await desk.cut();
  for (let i = 0; i < 150; i++) {
    desk.board.add([stroke(`s${i}`)]);
  }
  assert.equal(desk.board.state.peek().unsent, 150);
  assert.equal(ids(desk).length, 150);
  await desk.connect();
  await server.quiet();
  assert.equal(ids(room).length, 150);
  allEqual(server);
});

for (const arrived of [false, true]) {
  test(`a batch ${arrived ? 'arrived' : 'was lost'} and its answer is missing: it counts once`, async () => {
    const server = new FakeServer();
    const desk = await server.open('d');
    const other = await server.open('o');
    desk.board.add([page('a'), page('b', 'a'), stroke('1')]);
    await server.quiet();
    desk.board.add([
      { k: 'goto', p: 'b' },
      { k: 'erase', ids: ['1'] },
    ]);
    await settle();
    await desk.cut({ arrived });
    if (arrived) {
      await server.quiet();
      other.board.add([
        { k: 'restore', ids: ['1'] },
        { k: 'goto', p: 'a' },
      ]);
      await server.quiet();
    }
    await desk.connect();
    await server.quiet();
    allEqual(server);
    assert.deepEqual(ids(other), arrived ? ['1'] : []);
    assert.equal(shown(desk).current, arrived ? 'a' : 'b');
  });
}

test('the log has it before the answer comes', async () => {
  const server = new FakeServer();
  const desk = await server.open('d');
  desk.board.add([page('a')]);
  const [{ message, resolve }] = desk.outbox.splice(0);
  const n = server.append(message.entries);
  desk.deliver();
  assert.equal(desk.board.state.peek().unsent, 0);
  resolve({ type: 'ok', n });
  await server.quiet();
  allEqual(server);
});

test('an answer whose entries do not come: the log is read', async () => {
  const server = new FakeServer();
  const desk = await server.open('d');
  desk.board.add([page('a')]);
  const [{ message, resolve }] = desk.outbox.splice(0);
  const n = server.append(message.entries);
  desk.inbox = [];
  resolve({ type: 'ok', n });
  await settle();
  assert.equal(desk.board.state.peek().unsent, 1);
  server.timers.advance(2000);
  await server.quiet();
  allEqual(server);
});

test('the board begins anew: what is not sent belongs to the old one', async () => {
  const server = new FakeServer();
  const desk = await server.open('d');
  const room = await server.open('r');
  desk.board.add([page('a'), stroke('1')]);
  await server.quiet();
  desk.board.add([stroke('2')]);
  desk.outbox = [];
  server.reopen();
  await server.quiet();
  allEqual(server);
  await room.cut();
  server.reopen();
  server.append([page('b')]);
  await room.connect();
  await server.quiet();
  allEqual(server);
});

test('a bad entry is refused and said; the others of its batch arrive', async () => {
  const server = new FakeServer();
  server.refuse = ({ entries }) => (entries.some(({ id }) => id === 'bad') ? 'bad_field' : null);
  const desk = await server.open('d');
  desk.board.add([page('a')]);
  desk.board.add([stroke('1'), stroke('bad'), stroke('2')]);
  await server.quiet();
  assert.deepEqual(ids(desk), ['1', '2']);
  assert.equal(desk.board.state.peek().problem.code, 'bad_field');
  desk.board.dismiss();
  desk.board.add(Array.from({ length: 10 }, (_, i) => stroke(`m${i}`)));
  assert.equal(desk.outbox.length, 1, 'in one batch again');
  await server.quiet();
  allEqual(server);
});

test('too many a second: it waits and sends them all', async () => {
  const server = new FakeServer();
  let refusals = 3;
  server.refuse = () => (refusals-- > 0 ? 'rate_limited' : null);
  const desk = await server.open('d');
  desk.board.add([page('a'), stroke('1')]);
  for (let i = 0; i < 4; i++) {
    await server.quiet();
    server.timers.advance(1000);
  }
  await server.quiet();
  assert.equal(desk.board.state.peek().problem, null);
  allEqual(server);
});

test('not allowed to write: what was shown is taken back', async () => {
  const server = new FakeServer();
  server.refuse = () => 'forbidden';
  const desk = await server.open('d');
  desk.board.add([page('a')]);
  assert.equal(shown(desk).order.length, 1);
  await server.quiet();
  assert.equal(shown(desk).order.length, 0);
  assert.equal(desk.board.state.peek().problem.code, 'forbidden');
});

test('another board by now: the page reads it and sends nothing of the old one', async () => {
  const server = new FakeServer();
  const desk = await server.open('d');
  desk.board.add([page('a')]);
  await server.quiet();
  server.refuse = ({ epoch }) => (epoch === server.epoch ? null : 'conflict');
  server.epoch += 1;
  server.log = [page('z')];
  desk.board.add([stroke('1')]);
  desk.board.add([stroke('2')]);
  await server.quiet();
  allEqual(server);
  assert.deepEqual(shown(desk).order, ['z']);
});

test('the server knows less than the page, after its disk was put back: the page follows', async () => {
  const server = new FakeServer();
  server.append([page('a'), stroke('1'), stroke('2')]);
  const room = await server.open('r');
  await room.cut();
  server.log.pop();
  await room.connect();
  await server.quiet();
  server.timers.advance(5000);
  await server.quiet();
  allEqual(server);
});

test('rooms cut off at any time, devices that write at any time: all equal in the end', async () => {
  let state = 5;
  const roll = (sides) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
  for (let round = 0; round < 60; round++) {
    const server = new FakeServer();
    const pages = [];
    for (const device of ['t', 'd', 'r1', 'r2']) {
      pages.push(await server.open(device));
    }
    pages[0].board.add([page('a'), page('b', 'a')]);
    for (let step = 0; step < 120; step++) {
      const one = pages[roll(4)];
      const writer = pages[roll(2)];
      const old = server.log.filter(({ k }) => k === 'stroke').map(({ id }) => id);
      const some = old[roll(Math.max(old.length, 1))];
      const acts = [
        () => writer.board.add([stroke(writer.board.newId(), 'ab'[roll(2)])]),
        () => some && writer.board.add([{ k: 'erase', ids: [some] }]),
        () => some && writer.board.add([{ k: 'restore', ids: [some] }]),
        () => writer.board.add([{ k: 'goto', p: 'ab'[roll(2)] }]),
        () => writer.board.add([{ k: 'clear', p: 'ab'[roll(2)] }]),
        () => writer.board.add([page(writer.board.newId(), 'a')]),
        () => one.deliver(),
        () => one.deliver(),
        () => (one.socket.state === 'online' ? one.cut({ arrived: roll(2) === 1 }) : one.connect()),
        () => settle(),
      ];
      await acts[roll(acts.length)]();
    }
    for (const each of pages) {
      if (each.socket.state !== 'online') {
        await each.connect();
      }
    }
    for (let i = 0; i < 5; i++) {
      await server.quiet();
      server.timers.advance(6000);
    }
    allEqual(server);
  }
});

test('a stroke grows at the others in pieces, and its whole takes their place', async () => {
  const server = new FakeServer();
  const desk = await server.open('d');
  const room = await server.open('r');
  desk.board.add([page('a')]);
  await server.quiet();
  const pen = new Pen(desk.board);
  pen.begin({ p: 'a', t: 'pen', c: 1, w: 30 }, [100, 100, 128], 0);
  for (let at = 16; at <= 480; at += 16) {
    server.timers.advance(16);
    pen.move([100 + at, 100, 128], at);
  }
  server.timers.advance(50);
  await server.quiet();
  const [growing] = room.board.live.strokes.values();
  assert.deepEqual(growing.points, [...desk.board.live.strokes.values()][0].points);
  assert.equal(growing.points.length, 3 * 31);
  assert.deepEqual([growing.p, growing.t, growing.c, growing.w], ['a', 'pen', 1, 30]);
  assert.ok(desk.told.length >= 9 && desk.told.length <= 12, `${desk.told.length} pieces`);
  const id = pen.finish();
  assert.deepEqual([...desk.board.live.strokes.keys()], []);
  await server.quiet();
  assert.deepEqual([...room.board.live.strokes.keys()], []);
  assert.deepEqual(ids(room), [id]);
  allEqual(server);
});

test('a piece that is missing: the reader waits for the whole stroke', async () => {
  const server = new FakeServer();
  const room = await server.open('r');
  const piece = (i, points, before) => ({
    type: 'board.ink',
    s: 'q',
    i,
    ...(i === 0 ? { p: 'a', t: 'pen', c: 0, w: 30 } : {}),
    d: encodePoints(points, before),
  });
  room.board.on_event(piece(0, [1, 1, 1]));
  room.board.on_event(piece(1, [2, 2, 2], [1, 1, 1]));
  assert.deepEqual(room.board.live.strokes.get('q').points, [1, 1, 1, 2, 2, 2]);
  room.board.on_event(piece(3, [4, 4, 4], [3, 3, 3]));
  room.board.on_event(piece(4, [5, 5, 5], [4, 4, 4]));
  assert.equal(room.board.live.strokes.size, 0);
});

test('strokes that were given up and a laser that rests fade away', async () => {
  const server = new FakeServer();
  const room = await server.open('r');
  room.board.on_event({
    type: 'board.ink',
    s: 'q',
    i: 0,
    p: 'a',
    t: 'pen',
    c: 0,
    w: 30,
    d: 'AgIC',
  });
  room.board.on_event({ type: 'board.laser', p: 'a', x: 5, y: 6 });
  assert.equal(room.board.live.laser.x, 5);
  server.timers.advance(2000);
  assert.equal(room.board.live.laser, null);
  assert.equal(room.board.live.strokes.size, 1);
  server.timers.advance(2000);
  assert.equal(room.board.live.strokes.size, 0);
  room.board.on_event({ type: 'board.laser', p: 'a', x: Number.NaN, y: 6 });
  assert.equal(room.board.live.laser, null);
});

test('writing costs less than 15 kbit/s', async () => {
  const server = new FakeServer();
  const desk = await server.open('d');
  await server.open('r');
  desk.board.add([page('a')]);
  await server.quiet();
  const pen = new Pen(desk.board);
  let bytes = 0;
  const count = (message) => {
    bytes += JSON.stringify(message).length;
  };
  // somebody who writes without a pause but between strokes: 0.6 s of pen, 0.2 s of air, loops of 400 units
  for (let ms = 0; ms < 16_000; ms += 8) {
    const at = ms % 800;
    const x = 500 + ms / 4 + 200 * Math.cos(ms / 60);
    const y = 2000 + 200 * Math.sin(ms / 60);
    const spot = [Math.round(x), Math.round(y), 90 + Math.round(60 * Math.sin(ms / 90))];
    if (at === 0) {
      pen.begin({ p: 'a', t: 'pen', c: 0, w: 30 }, spot, ms);
    } else if (at < 600) {
      pen.move(spot, ms);
    } else if (at === 600) {
      pen.finish();
      for (const { message } of desk.outbox) {
        count(message);
      }
      await server.quiet();
    }
    server.timers.advance(8);
  }
  desk.told.forEach(count);
  const kbps = (bytes * 8) / 16_000;
  assert.ok(kbps > 2 && kbps < 15, `${kbps.toFixed(1)} kbit/s`);
});
