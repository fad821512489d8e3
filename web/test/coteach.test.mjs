// The co-teacher's page: marks that wait are sent once and never lost; which lesson is on; the numbers of a roll call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../src/core/api.js';
import { most_kept, Outbox } from '../src/coteach/outbox.js';
import {
  currentOf,
  phaseOf,
  remind,
  rollBody,
  rollOf,
  setExpected,
  setPresent,
  toggleSeat,
  tooEarly,
} from '../src/coteach/today.js';
import './fakes.mjs';

/** A browser's store: what is in it survives a crash of the page. */
function fakeStore() {
  const kept = new Map();
  return {
    kept,
    lasting: true,
    all: async () => structuredClone([...kept.values()]),
    put: async (mark) => void kept.set(mark.op, structuredClone(mark)),
    remove: async (op) => void kept.delete(op),
  };
}

/** A server that takes an op once; `fails` says how the next requests end: before or after they were taken. */
function fakeServer() {
  const rows = new Map();
  const server = { rows, asked: [], fails: [], post: null };
  server.post = async (path, body) => {
    server.asked.push({ path, ...body });
    const fail = server.fails.shift();
    if (fail?.before) {
      throw fail.before;
    }
    const again = rows.get(body.op);
    if (again && JSON.stringify(again) !== JSON.stringify(body)) {
      throw new ApiError({ status: 409, code: 'conflict' });
    }
    rows.set(body.op, body);
    if (fail?.after) {
      throw fail.after;
    }
    return { ...body, received_ms: 1 };
  };
  return server;
}

const offline = new ApiError({ code: 'offline' });
const roll = { lesson: 'l', room: 1, expected: 3, present: 3, absent: [] };

function makeBox(store, server, more = {}) {
  const timers = [];
  const box = new Outbox({
    store,
    post: server.post,
    account: () => 7,
    lock: (run) => run(),
    now: () => 1000,
    set: (f, ms) => timers.push({ f, ms }),
    clear: () => {},
    ...more,
  });
  return { box, timers };
}

/** Until what was begun is done. */
const settled = async (box) => {
  while (box.sending) {
    await box.sending;
  }
};

test('a mark without a network is kept, sent when it is back, and then gone', async () => {
  const store = fakeStore();
  const server = fakeServer();
  server.fails = [
    { before: offline },
    { before: new ApiError({ status: 503, code: 'unavailable' }) },
  ];
  const sent = [];
  const { box, timers } = makeBox(store, server, { on_sent: (mark) => sent.push(mark.op) });
  assert.equal(await box.add('/rollcalls', roll), true);
  await settled(box);
  assert.equal(store.kept.size, 1);
  assert.equal(timers.length, 1);
  timers[0].f();
  await settled(box);
  assert.equal(store.kept.size, 1);
  assert.ok(timers[1].ms > timers[0].ms, 'it waits longer each time');
  await box.flush();
  assert.equal(store.kept.size, 0);
  assert.equal(server.rows.size, 1);
  assert.deepEqual(sent, [...server.rows.keys()]);
  assert.deepEqual(box.marks.value, []);
});

test('an answer that was lost with the page: the same op with the same words again', async () => {
  const store = fakeStore();
  const server = fakeServer();
  server.fails = [{ after: offline }];
  const first = makeBox(store, server, { offset_ms: () => 50 });
  await first.box.add('/rollcalls', roll);
  await settled(first.box);
  assert.equal(server.rows.size, 1);
  // the page is closed; the next one finds it, and knows another offset of the clock
  const second = makeBox(store, server, { offset_ms: () => 90 });
  await second.box.flush();
  assert.equal(server.rows.size, 1);
  assert.equal(server.asked.length, 2);
  assert.deepEqual(server.asked[0], server.asked[1]);
  assert.equal(store.kept.size, 0);
});

test('a wrong clock is put right by what the server said, before it is first sent', async () => {
  const store = fakeStore();
  const server = fakeServer();
  let account = null;
  const { box } = makeBox(store, server, { account: () => account, offset_ms: () => 3_600_000 });
  assert.equal(await box.add('/rollcalls', roll), false, 'nobody to keep it for');
  account = 7;
  await box.add('/rollcalls', roll);
  await settled(box);
  assert.equal(server.asked[0].marked_ms, 3_601_000);
});

test('two tabs send one mark once', async () => {
  const store = fakeStore();
  const server = fakeServer();
  let turn = Promise.resolve();
  const lock = (run) => {
    turn = turn.then(run, run);
    return turn;
  };
  server.fails = [{ before: offline }];
  const one = makeBox(store, server, { lock });
  const two = makeBox(store, server, { lock });
  await one.box.add('/rollcalls', roll);
  await settled(one.box);
  await Promise.all([one.box.flush(), two.box.flush()]);
  assert.equal(server.asked.length, 2, 'one that failed, one that did not');
  assert.equal(server.rows.size, 1);
});

test('without locks the op is the last guard', async () => {
  const store = fakeStore();
  const server = fakeServer();
  server.fails = [{ before: offline }];
  const one = makeBox(store, server);
  const two = makeBox(store, server);
  await one.box.add('/rollcalls', roll);
  await settled(one.box);
  await Promise.all([one.box.flush(), two.box.flush()]);
  assert.equal(server.rows.size, 1);
  assert.equal(store.kept.size, 0);
});

test('what is refused stays and says why; the next is sent', async () => {
  const store = fakeStore();
  const server = fakeServer();
  const refused = { status: 422, code: 'bad_field', field: 'marked_ms', detail: 'the clock' };
  server.fails = [{ before: new ApiError(refused) }];
  const { box } = makeBox(store, server);
  await box.add('/rollcalls', roll);
  await box.add('/handovers', { lesson: 'l', room: 1, name: 'x' });
  await settled(box);
  const [mark, ...rest] = box.marks.value;
  assert.deepEqual(rest, []);
  assert.deepEqual(mark.refused, { code: 'bad_field', field: 'marked_ms', detail: 'the clock' });
  assert.equal(server.rows.size, 1);
  await box.flush();
  assert.equal(server.asked.length, 2, 'not tried again');
  await box.drop(mark.op);
  assert.equal(store.kept.size, 0);
});

test('a login that expired keeps all, and says so until somebody signs in', async () => {
  const store = fakeStore();
  const server = fakeServer();
  server.fails = [{ before: new ApiError({ status: 401, code: 'unauthenticated' }) }];
  const { box } = makeBox(store, server);
  await box.add('/rollcalls', roll);
  await settled(box);
  assert.equal(box.login.value, true);
  assert.equal(store.kept.size, 1);
  await box.flush();
  assert.equal(box.login.value, false);
  assert.equal(server.rows.size, 1);
});

test("another co-teacher's marks wait for them", async () => {
  const store = fakeStore();
  const server = fakeServer();
  server.fails = [{ before: offline }];
  const mine = makeBox(store, server);
  await mine.box.add('/rollcalls', roll);
  await settled(mine.box);
  const theirs = makeBox(store, server, { account: () => 8 });
  await theirs.box.flush();
  assert.equal(server.asked.length, 1);
  assert.equal(store.kept.size, 1);
});

test('too often: as long as the server says', async () => {
  const server = fakeServer();
  const often = new ApiError({ status: 429, code: 'rate_limited', retry_after_s: 30 });
  server.fails = [{ before: often }];
  const { box, timers } = makeBox(fakeStore(), server);
  await box.add('/rollcalls', roll);
  await settled(box);
  assert.equal(timers[0].ms, 30_000);
});

test('a store that fails or is full does not say that a mark is kept', async () => {
  const store = fakeStore();
  const full = makeBox(store, fakeServer());
  full.box.marks.value = Array.from({ length: most_kept }, () => ({ op: 'x' }));
  assert.equal(await full.box.add('/rollcalls', roll), false);
  store.put = async () => {
    throw new Error('quota');
  };
  const { box } = makeBox(store, fakeServer());
  assert.equal(await box.add('/rollcalls', roll), false);
});

const minute = 60_000;
const at = (start, state = 'scheduled', more = {}) => ({
  lesson: {
    id: `l${start}`,
    state,
    start_ms: start,
    end_ms: start + 40 * minute,
    sitting: null,
    ...more,
  },
  room: { id: 1 },
  roll_call: null,
  expected: 3,
  duty: null,
});

test('the current lesson is the live one, else what is on by the clock, the next, the last', () => {
  const day = [at(0), at(100 * minute), at(200 * minute)];
  const current = (now, items = day) => currentOf(items, now)?.lesson.start_ms ?? null;
  assert.equal(current(-minute), 0);
  assert.equal(current(10 * minute), 0);
  assert.equal(current(50 * minute), 100 * minute);
  assert.equal(current(300 * minute), 200 * minute);
  assert.equal(current(0, []), null);
  const demo = at(0, 'open', { end_ms: 1440 * minute });
  assert.equal(current(110 * minute, [demo, at(100 * minute, 'live')]), 100 * minute);
  assert.equal(phaseOf(at(0, 'cancelled'), minute), 'cancelled');
  assert.equal(phaseOf(at(0, 'ended'), minute), 'after');
});

test('before the rooms may join there is nobody to count', () => {
  const soon = at(60 * minute, 'scheduled', { join_from_ms: 50 * minute });
  assert.equal(tooEarly(soon, 49 * minute), 50 * minute);
  assert.equal(tooEarly(soon, 50 * minute), null);
  assert.equal(tooEarly({ lesson: { ...soon.lesson, state: 'open' } }, 40 * minute), null);
});

test('ten minutes into a lesson without a roll call it is asked for', () => {
  assert.equal(remind(at(0), [], 9 * minute), false);
  assert.equal(remind(at(0), [], 10 * minute), true);
  const late = at(0, 'live', { sitting: { live_ms: 5 * minute } });
  assert.equal(remind(late, [], 12 * minute), false);
  assert.equal(remind(late, [], 15 * minute), true);
  const mark = {
    op: 'o',
    path: '/rollcalls',
    made_ms: 1,
    refused: null,
    body: { ...roll, lesson: 'l0' },
  };
  assert.equal(remind(at(0), [mark], 20 * minute), false, 'one that waits is one');
  const refused = { ...mark, refused: { code: 'forbidden' } };
  assert.equal(remind(at(0), [refused], 20 * minute), true);
  const kept = { ...at(0), roll_call: { ...roll, marked_ms: 5, received_ms: 6 } };
  assert.equal(remind(kept, [], 20 * minute), false);
  assert.equal(rollOf(kept, [mark]).state, 'waiting');
  assert.equal(rollOf(kept, [refused]).state, 'kept', 'a newer one has arrived');
});

test('who is present, who is missing, whose seats are empty agree', () => {
  let draft = { expected: 5, missing: 0, absent: [] };
  draft = toggleSeat(draft, 5);
  draft = toggleSeat(draft, 2);
  assert.deepEqual(draft, { expected: 5, missing: 2, absent: [2, 5] });
  assert.deepEqual(setExpected(draft, 4), { expected: 4, missing: 2, absent: [2] });
  assert.deepEqual(setPresent(draft, 4), { expected: 5, missing: 1, absent: [2] });
  draft = toggleSeat(setPresent(draft, 2), 2);
  assert.deepEqual(draft, { expected: 5, missing: 3, absent: [5] }, 'counted without a seat');
  assert.deepEqual(rollBody(at(0), draft), {
    lesson: 'l0',
    room: 1,
    expected: 5,
    present: 2,
    absent: ['5'],
  });
  assert.equal(setExpected(draft, 1000).expected, 200);
  assert.equal(setPresent(draft, Number.NaN).missing, 5);
});
