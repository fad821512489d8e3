// The lesson as a conversation: a teacher and three rooms, each in a browser of its own with a picture and a sound that no
// other has, so that it is known whose arrives where.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { blank, stroke } from '../integration/ink.mjs';
import { Socket } from '../integration/websocket.mjs';
import { Product, until } from './product.mjs';
import { classOf, offers, open, Seats } from './seats.mjs';
import { arrives, hear, hears, hushes, sends, shows, silence, voice } from './senses.mjs';

/** What each camera sees and each microphone hears. */
const teaches = { colour: 'yellow', tones: [440, 1200] };
const villages = [
  { colour: 'red', tones: [620] },
  { colour: 'green', tones: [830] },
  { colour: 'blue', tones: [1030] },
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

let product;
let seats;
let teacher;
let rooms;

const tile = (i, desk = teacher) => desk.page.locator('.tile').nth(i);
const button = (i) => tile(i).locator('.tile-foot .button');
const tile_video = (i) => `.tile:nth-child(${i + 1}) video`;
const big = (i, act) => rooms[i].page.locator(`button.big[data-act=${act}]`);
const others = (i) => [0, 1, 2].filter((other) => other !== i);

/** The floor is this room's at every place: heard and seen there, and not at the room itself. */
async function assertFloor(i) {
  const { colour, tones } = villages[i];
  await Promise.all([
    hears(teacher.page, 'the teacher', 'floor', tones[0]),
    ...others(i).map((other) => hears(rooms[other].page, `room ${other}`, 'floor', tones[0])),
  ]);
  await shows(teacher.page, 'the large picture', '.large video', colour);
  for (const other of others(i)) {
    await shows(rooms[other].page, `room ${other}`, '.pane.floor video', colour);
  }
  await hushes(rooms[i].page, `room ${i} itself`, 'floor');
  assert.equal(await rooms[i].page.locator('.pane.floor').isVisible(), false, 'nor does it see itself as another');
}

async function assertNobody() {
  await Promise.all([teacher, ...rooms].map((seat) => hushes(seat.page, seat.name, 'floor')));
}

/** What of `slot` arrived at each of these pages while `act` went on: packets and kbit/s. */
async function arrived(pages, slot, act) {
  const earlier = await Promise.all(pages.map((seat) => arrives(seat, slot)));
  await act();
  const later = await Promise.all(pages.map((seat) => arrives(seat, slot)));
  return later.map((now, i) => ({
    packets: now.packets - earlier[i].packets,
    kbps: ((now.bytes - earlier[i].bytes) * 8) / (now.at_ms - earlier[i].at_ms),
  }));
}

/** Runs before a page whose microphone nobody in it can switch off. */
function tamper() {
  Object.defineProperty(MediaStreamTrack.prototype, 'enabled', { get: () => true, set: () => {} });
}

/** Nothing of the floor's sound is sent to these pages and nothing of it is heard, while room `i` sends sound. */
async function assertClosed(i, pages) {
  const sent = await sends(rooms[i].page);
  let heard;
  const came = await arrived(pages, 'floor.audio', async () => {
    heard = await Promise.all(pages.map((seat) => hear(seat.page, 'floor', 2500)));
  });
  const now = await sends(rooms[i].page);
  assert.ok(now.packets - sent.packets > 60 && now.energy > sent.energy, 'it does send sound');
  assert.ok(heard.every(({ plays }) => plays), 'sound of the floor would be heard');
  assert.deepEqual(heard.map(({ rms }) => rms < silence), pages.map(() => true), JSON.stringify(heard));
  assert.deepEqual(came.map(({ packets }) => packets), pages.map(() => 0));
}

before(async () => {
  product = await Product.start({ port: Number(process.env.TONGKE_TEST_PORT) || undefined });
  seats = await Seats.at(product);
});

after(async () => {
  await seats?.close();
  await product?.clean();
});

test('the teacher sees three rooms that differ, and is seen and heard in each', async () => {
  teacher = await seats.teacher(teaches);
  rooms = [];
  for (const [i, village] of villages.entries()) {
    rooms.push(await seats.room(i, village));
  }
  await teacher.page.locator('button.start:enabled').click();
  await teacher.page.locator('.air.good').waitFor();
  for (const [i, { colour }] of villages.entries()) {
    await shows(teacher.page, `picture ${i}`, tile_video(i), colour, 40000);
  }
  for (const room of rooms) {
    await shows(room.page, room.name, '.pane.teacher video', teaches.colour, 40000);
    await hears(room.page, room.name, 'lesson', teaches.tones[0]);
  }
  await assertNobody();
});

test('hands queue in their order; one click gives the floor, a second elsewhere moves it', async () => {
  await big(2, 'raise').click();
  await tile(2).locator('.raised').waitFor();
  await big(0, 'raise').click();
  await tile(0).locator('.raised').waitFor();
  assert.deepEqual(
    classOf(teacher).hands.map(({ room }) => room),
    [rooms[2].id, rooms[0].id],
  );
  assert.match(await teacher.page.locator('.hands li').first().textContent(), new RegExp(`^1.*${seats.rooms[2].school}`));
  await button(2).click();
  await assertFloor(2);
  assert.deepEqual(
    classOf(teacher).hands.map(({ room }) => room),
    [rooms[0].id],
  );
  await button(0).click();
  await assertFloor(0);
  assert.deepEqual(classOf(teacher).hands, []);
  await button(0).click();
  await assertNobody();
  await button(1).click();
  await assertFloor(1);
  await teacher.page.keyboard.press('Escape');
  await assertNobody();
});

test('one floor at a time, though two pages of the teacher’s click at once', async () => {
  const tablet = await open(teacher, `${product.plain}/teach/demo?board`);
  for (const i of [0, 1]) {
    await big(i, 'raise').click();
    await tile(i).locator('.raised').waitFor();
  }
  const given = async () => (await product.sql("SELECT count(*) AS n FROM event WHERE kind = 'floor.give'"))[0].n;
  const before_it = await given();
  await tablet.page.locator('.hands li').first().waitFor({ state: 'attached' });
  await Promise.all([button(2).click(), tablet.page.keyboard.press('h')]);
  await until('both are carried out', async () => (await given()) === before_it + 2);
  const open_turns = await product.sql('SELECT room_id AS room FROM floor_turn WHERE ended_ms IS NULL');
  assert.equal(open_turns.length, 1);
  const [{ room }] = open_turns;
  for (const seat of [teacher, tablet, ...rooms]) {
    await until(`${seat.name} is told`, () => classOf(seat).floor?.room === room);
  }
  await assertFloor(rooms.findIndex(({ id }) => id === room));
  const [{ n }] = await product.sql(
    'SELECT count(*) AS n FROM floor_turn a JOIN floor_turn b ON a.id < b.id AND a.sitting_id = b.sitting_id AND a.last_ms > b.started_ms',
  );
  assert.equal(n, 0, 'no two turns at one time');
  await teacher.page.keyboard.press('Escape');
  await assertNobody();
  await teacher.page.locator('.hands .all .button, .hands li .button').last().click();
  await teacher.page.locator('.raised').first().waitFor({ state: 'detached' });
  await tablet.page.close();
});

test('a microphone without the floor is silent on the server, whatever its page does', async () => {
  const room = rooms[1];
  await room.context.addInitScript(tamper);
  await room.page.reload();
  await big(1, 'raise').waitFor();
  await until('its microphone is open', async () => {
    const { packets, energy } = await sends(room.page);
    return packets > 20 && energy > 0;
  });
  const elsewhere = [teacher, rooms[0], rooms[2]];
  await assertClosed(1, elsewhere);
  await button(1).click();
  await assertFloor(1);
  const came = await arrived(elsewhere, 'floor.audio', () => hear(rooms[0].page, 'floor', 1000));
  assert.ok(came.every(({ packets }) => packets > 30), JSON.stringify(came));
  await button(1).click();
  await assertNobody();
  await assertClosed(1, elsewhere);
});

test('music is in stereo with its bits, and nobody negotiates for it', async () => {
  const [left, right] = teaches.tones;
  const listen = async () => {
    let heard;
    const [{ kbps }] = await arrived([rooms[0]], 'lesson.audio', async () => {
      heard = await hear(rooms[0].page, 'lesson', 1500, [left, right]);
    });
    const [l, r] = heard.levels ?? [];
    return { kbps, apart: l ? Math.min(l[0] - r[0], r[1] - l[1]) : 0, rms: heard.rms };
  };
  const everybody = [teacher, ...rooms];
  const sessions = () => Promise.all(everybody.map(({ page }) => page.evaluate(() => globalThis.connections.length)));
  const before_it = [everybody.map(offers), await sessions()];
  const speech = await listen();
  assert.ok(speech.rms > voice && speech.apart < 6 && speech.kbps < 64, JSON.stringify(speech));
  await teacher.page.keyboard.press('m');
  let last;
  await until('music at its bit rate, each instrument at its side', async () => {
    last = await listen();
    return last.kbps >= 96 && last.apart > 20;
  }).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(last)}`));
  await teacher.page.locator('.controls .option').nth(0).click();
  await until('speech again', async () => {
    last = await listen();
    return last.rms > voice && last.kbps < 64 && last.apart < 6;
  }).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(last)}`));
  assert.deepEqual([everybody.map(offers), await sessions()], before_it);
});

test('in a choir the room on the floor is seen and not heard', async () => {
  await teacher.page.locator('.controls .option').nth(2).click();
  await until('choral', () => classOf(rooms[1]).mode === 'choral');
  await button(1).click();
  await until('the floor is given', () => classOf(rooms[0]).floor?.room === rooms[1].id);
  await shows(rooms[0].page, 'room 0', '.pane.floor video', villages[1].colour);
  await assertClosed(1, [teacher, rooms[0], rooms[2]]);
  await teacher.page.locator('.controls .option').nth(0).click();
  await assertFloor(1);
});

test('the floor moves while the teacher writes and ten more watch', async () => {
  await run('ninja', ['-C', `${root}/build`, '--quiet', 'tests/bench/viewers']);
  const { token } = await product.tongke('token', '--lesson', 'demo', '--watch');
  const peers = await product.metric('tongke_media_peers');
  const pid = await product.pid('tongke-streamer');
  const words = ['-n', 10, '-t', 12, '-p', pid, '-b', token, 'whep', `http://127.0.0.1:${product.port + 2}/whep/demo`];
  const watching = run(`${root}/build/tests/bench/viewers`, words.map(String));
  await until('ten more watch', async () => (await product.metric('tongke_media_peers')) >= peers + 10);
  const pen = await Socket.open(product.port + 2, { cookie: await product.login('teacher') });
  const { board } = await pen.ask({ type: 'hello', page: 'teach', as: 'teacher', lesson: 'demo', joined_ms: Date.now() });
  const write = async (...entries) =>
    assert.equal((await pen.ask({ type: 'board.add', epoch: board.epoch, entries })).type, 'ok');
  await write(blank('load'));
  const ids = Array.from({ length: 50 }, (_, i) => `load${i}`);
  for (let move = 0; move < 10; move++) {
    const i = move % 3;
    const writing = (async () => {
      for (const id of ids.slice(move * 5, move * 5 + 5)) {
        await write(stroke(id, 'load', 40));
      }
    })();
    await button(i).click();
    const tone = villages[i].tones[0];
    await Promise.all([
      hears(teacher.page, 'the teacher', 'floor', tone),
      ...others(i).map((other) => hears(rooms[other].page, `room ${other}`, 'floor', tone)),
      writing,
    ]);
  }
  for (const room of rooms) {
    const has = () =>
      new Set(room.told.filter(({ type }) => type === 'board.entries').flatMap(({ entries }) => entries.map(({ id }) => id)));
    await until(`${room.name} has every stroke`, () => ids.every((id) => has().has(id)));
  }
  const watched = JSON.parse((await watching).stdout);
  assert.equal(watched.viewers, 10);
  assert.equal(watched.lost, 0, JSON.stringify(watched));
  pen.close();
  await teacher.page.keyboard.press('Escape');
  await assertNobody();
});

test('signals, messages, a countdown and a question go both ways, and the timeline has them in their order', async () => {
  const { page } = teacher;
  const tab = (i) => page.locator('.tools .tab').nth(i).click();
  const began_ms = Date.now();
  await rooms[0].page.keyboard.press('1');
  await tile(0).locator('.marks').getByText('听不清').waitFor();
  await rooms[2].page.keyboard.press('2');
  await tile(2).locator('.marks').getByText('慢一点').waitFor();
  await rooms[1].page.keyboard.press('9');
  await rooms[1].page.locator('.choose-one', { hasText: '回声' }).click();
  await tab(2);
  await page.locator('.messages').getByText('回声').waitFor();
  await page.locator('.say input').fill('请翻到第九页');
  await page.keyboard.press('Enter');
  for (const room of rooms) {
    await room.page.locator('.from-teacher', { hasText: '请翻到第九页' }).waitFor();
  }
  await tab(1);
  await page.locator('fieldset.row .button').first().click();
  for (const room of rooms) {
    await room.page.locator('.big-number', { hasText: /0?:\d\d/ }).waitFor();
  }
  await page.locator('.counting .button').click();

  await tab(0);
  await page.locator('.panel .row .button').nth(1).click(); // A B C
  for (const i of [0, 1]) {
    await rooms[i].page.locator('.question .spin').first().waitFor();
  }
  const press = async (i, keys) => {
    for (const key of keys) {
      await rooms[i].page.keyboard.press(key);
    }
  };
  await press(0, ['1', '2', 'Enter', '7', 'Enter', 'Enter', 'Enter']);
  await press(1, ['ArrowUp', 'ArrowUp', 'ArrowUp', 'Enter', 'Enter', '4', 'Enter', 'Enter']);
  await page.locator('.by-room').getByText('A 12 · B 7 · C 0').waitFor();
  await page.locator('.by-room').getByText('A 3 · B 0 · C 4').waitFor();
  await page.locator('.result-of .button').click();
  await page.locator('.result-of .button').waitFor({ state: 'detached' });
  assert.deepEqual(await page.locator('.bars .numbers').allTextContents(), ['15', '7', '4']);
  for (const room of rooms) {
    await until('the result', async () => (await room.page.locator('.question strong.numbers').allTextContents()).join() === '15,7,4');
  }

  const expected = [
    ['signal', rooms[0].id, { kind: 'cannot_hear' }],
    ['signal', rooms[2].id, { kind: 'too_fast' }],
    ['message', rooms[1].id, null],
    ['message', null, null],
    ['countdown', null, { seconds: 60 }],
    ['countdown', null, { seconds: null }],
    ['question', null, null],
    ['answer', rooms[0].id, null],
    ['answer', rooms[1].id, null],
    ['question.close', null, null],
  ];
  const kinds = [...new Set(expected.map(([kind]) => kind))].map((kind) => `'${kind}'`);
  const events = await product.sql(`SELECT * FROM event WHERE kind IN (${kinds}) AND at_ms >= ${began_ms - 1000} ORDER BY id`);
  assert.deepEqual(
    events.map(({ kind, room_id, data }, i) => [kind, room_id, expected[i]?.[2] ? JSON.parse(data) : null]),
    expected,
  );
  const clock = events.map(({ at_ms }) => at_ms);
  assert.deepEqual(clock, [...clock].sort((a, b) => a - b));
  assert.ok(clock.at(-1) <= Date.now() + 1000);
  const reply = await product.get('/api/v1/lessons/demo/timeline', { headers: { Cookie: await product.login('auditor') } });
  const [{ speaking, events: told }] = (await reply.json()).sittings;
  const share = (id) => speaking.find(({ room }) => (room?.id ?? null) === id);
  for (const { id, school } of seats.rooms) {
    assert.equal(share(id).room.school, school);
    assert.ok(share(id).turns > 0 && share(id).spoke_ms > 0 && share(id).spoke_ms <= share(id).floor_ms, JSON.stringify(share(id)));
  }
  assert.ok(share(null).spoke_ms > 0, 'the teacher has spoken');
  assert.ok(Math.abs(speaking.reduce((sum, each) => sum + each.share, 0) - 1) < 0.01, JSON.stringify(speaking));
  assert.ok(told.some(({ kind, by }) => kind === 'floor.give' && by.role === 'teacher'));
});

test('a silent visit sees and hears the lesson, and nobody sees it', async () => {
  const auditor = await product.login('auditor');
  const get = async (path) => (await product.get(`/api/v1${path}`, { headers: { Cookie: auditor } })).json();
  const events = async () => (await product.sql('SELECT count(*) AS n FROM event'))[0].n;
  const [known, noted] = [classOf(teacher).rooms, await events()];
  const visitor = await seats.auditor(rooms[0].browser);
  await shows(visitor.page, 'the visitor', '.pane.teacher video', teaches.colour);
  await hears(visitor.page, 'the visitor', 'lesson', teaches.tones[0]);
  const [visit] = (await get('/visits')).visits;
  assert.deepEqual([visit.lesson.id, visit.account.role, visit.ended_ms], ['demo', 'auditor', null]);
  assert.equal(await visitor.page.locator('button.big[data-act=raise]').count(), 0);
  assert.equal(await teacher.page.locator('.tile').count(), 3);
  assert.deepEqual(classOf(teacher).rooms, known);
  assert.equal(await events(), noted);
  await visitor.context.close();
  await until('the visit is over', async () => (await get('/visits')).visits[0].ended_ms !== null);
  const statuses = teacher.told.filter(({ type }) => type === 'room.status').flatMap((message) => message.rooms);
  assert.ok(statuses.every(({ room }) => seats.rooms.some(({ id }) => id === room?.id)));
  const { entries } = await get('/audit');
  assert.deepEqual(entries.slice(0, 2).map(({ action, object }) => [action, object]), [
    ['visit.end', 'lesson demo'],
    ['visit.begin', 'lesson demo'],
  ]);
});

test('a room without a camera is said so, and its voice is heard', async () => {
  await rooms[2].kill();
  await tile(2).locator('.instead').waitFor();
  rooms[2] = await seats.room(2, { ...villages[2], colour: null });
  await tile(2).locator('.instead.sound_only').waitFor();
  await big(2, 'raise').waitFor();
  await button(2).click();
  const [tone] = villages[2].tones;
  for (const seat of [teacher, rooms[0], rooms[1]]) {
    await hears(seat.page, seat.name, 'floor', tone);
  }
  await teacher.page.locator('.large .instead.sound_only').waitFor();
  await rooms[0].page.locator('.pane.floor.no-picture').waitFor();
});

test('a room that breaks off loses the floor, and everybody is told in words', async () => {
  await button(0).click();
  await assertFloor(0);
  await rooms[0].kill();
  await teacher.page.locator('.notice', { hasText: seats.rooms[0].school }).waitFor();
  await teacher.page.locator('.tile.has-floor').waitFor({ state: 'detached' });
  await tile(0).locator('video + .instead.lost.over').waitFor();
  for (const i of [1, 2]) {
    await rooms[i].page.locator('.tidings', { hasText: seats.rooms[0].school }).waitFor();
    await hushes(rooms[i].page, rooms[i].name, 'floor');
  }
  const [turn] = await product.sql('SELECT * FROM floor_turn ORDER BY id DESC LIMIT 1');
  assert.deepEqual([turn.room_id, turn.end_reason], [rooms[0].id, 'connection_lost']);
  await button(1).click();
  await hears(teacher.page, 'the teacher', 'floor', villages[1].tones[0]);
  for (const seat of [teacher, ...rooms]) {
    assert.deepEqual(seat.errors, []);
  }
});
