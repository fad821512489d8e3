// A village in a lesson: by a remote control alone it raises its hand, speaks, answers, calls the roll, checks its devices;
// in Chinese and in English, readable from five metres. The teacher is a WebSocket here: what counts is the room.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Socket } from '../integration/websocket.mjs';
import { launch, plays } from './browser.mjs';
import { assertAccessible, assertClean, focus, overflow, smallTexts, tabTo, visit } from './page.mjs';
import { Product, until } from './product.mjs';

const sizes = [
  [1920, 1080],
  [1366, 768],
  [1280, 720],
];
const [zh, en] = [0, 1];

let product;
let browser;
let site;
/** One shows Chinese, the other English; both have a camera and a microphone. */
let rooms;
let teacher;
let admin;

const signedIn = async (index, how) => {
  const links = await product.links();
  const seen = await visit(browser, links[index].link, how);
  await seen.page.waitForURL(`**${links[index].path}*`);
  return seen;
};

/** What the page tells and is told, since it last connected. */
function listen(seen) {
  seen.told = [];
  seen.page.on('websocket', (socket) => {
    seen.told.length = 0;
    const keep = (sent) => (frame) => seen.told.push({ sent, ...JSON.parse(frame.payload) });
    socket.on('framesent', keep(true));
    socket.on('framereceived', keep(false));
  });
  return seen.page.reload();
}

const newest = (seen, type) => seen.told.filter((message) => message.type === type).at(-1);
const ask = async (type, fields = {}) => {
  const answer = await teacher.ask({ type, ...fields });
  assert.notEqual(answer.type, 'error', JSON.stringify(answer));
  return answer;
};
const press = async (seen, ...keys) => {
  for (const key of keys) {
    await seen.page.keyboard.press(key);
  }
};
const button = (seen, act) => seen.page.locator(`button.big[data-act=${act}]`);

/** Accessible, large enough, nothing cut off, the focus somewhere: in all sizes. */
async function assertWell(seen, what) {
  await assertAccessible(seen.page, `room ${what}, ${seen.lang}`);
  for (const [width, height] of sizes) {
    await seen.page.setViewportSize({ width, height });
    assert.deepEqual(await smallTexts(seen.page), [], `${what}, ${seen.lang}, ${width}×${height}`);
    assert.deepEqual(await overflow(seen.page), [], `${what}, ${seen.lang}, ${width}×${height}`);
  }
  await focus(seen.page);
}

/** Boxes of what must not be covered, and of all else that is drawn: they may not meet. */
function covered(page) {
  return page.evaluate(() => {
    const seen = (element) => element.getClientRects().length > 0;
    const stage = document.querySelector('.pictures').getBoundingClientRect();
    const others = [...document.querySelectorAll('.news, .bar')].filter(seen);
    const panes = [...document.querySelectorAll('.pictures .pane')].filter(seen);
    const meet = (a, b) =>
      a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const found = others.filter((other) => meet(stage, other.getBoundingClientRect()));
    for (const [i, pane] of panes.entries()) {
      for (const other of panes.slice(i + 1)) {
        if (meet(pane.getBoundingClientRect(), other.getBoundingClientRect())) {
          found.push(pane);
        }
      }
    }
    return found.map((element) => element.className);
  });
}

before(async () => {
  product = await Product.start({ port: Number(process.env.TONGKE_TEST_PORT) || undefined });
  site = `http://localhost:${product.port + 2}`;
  browser = await launch();
  rooms = [await signedIn(1, { lang: 'zh' }), await signedIn(2, { lang: 'en' })];
  await Promise.all(rooms.map(listen));
  admin = await signedIn(3);
  const seen = await signedIn(0);
  const cookies = await seen.context.cookies(site);
  await seen.context.close();
  teacher = await Socket.open(product.port + 2, {
    cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
  });
  await ask('hello', { page: 'teach', as: 'teacher', lesson: 'demo', joined_ms: Date.now() });
});

after(async () => {
  teacher?.close();
  await browser?.close();
  await product?.clean();
});

test('a room offers once all that it receives and sends', async () => {
  await Promise.all(rooms.map(({ page }, i) => plays(page, `room ${i}`)));
  for (const seen of rooms) {
    const offers = seen.told.filter(({ type }) => type === 'media.offer');
    assert.equal(offers.length, 1);
    const [{ sdp, slots, tracks }] = offers;
    assert.deepEqual(Object.values(slots).sort(), [
      'board.video',
      'floor.audio',
      'floor.video',
      'lesson.audio',
      'lesson.video',
    ]);
    assert.deepEqual(Object.values(tracks).sort(), ['room.audio', 'room.video']);
    assert.ok(sdp.length < 32 * 1024, `${sdp.length} bytes`);
    assert.match(sdp, /^a=simulcast:send ~?q;~?h;~?f\r$/m);
    assert.match(sdp, /^a=fmtp:\d+ .*stereo=1/m);
    assert.doesNotMatch(sdp, /AV1|VP9/);
  }
});

test('by OK a hand goes up and down; the presenter does it too', async () => {
  const [room] = rooms;
  await button(room, 'raise').waitFor();
  await press(room, 'Enter');
  await button(room, 'lower').waitFor();
  const raised = (id) => ({ type, class: it }) => type === 'class' && it.hands.some((hand) => hand.room === id);
  const { you } = newest(room, 'welcome');
  await teacher.next(raised(you.room.id));
  await press(rooms[en], 'PageDown');
  await button(rooms[en], 'lower').filter({ hasText: '2' }).waitFor();
  await assertWell(room, 'hand raised');
  await assertWell(rooms[en], 'hand raised');
  await press(rooms[en], 'PageUp');
  await button(rooms[en], 'raise').waitFor();
});

test('who has the floor sees itself and that it is heard, the others see and hear it', async () => {
  const { you } = newest(rooms[zh], 'welcome');
  await ask('floor.give', { room: you.room.id });
  await button(rooms[zh], 'leave').waitFor();
  await rooms[zh].page.locator('.mic.on').waitFor();
  await rooms[zh].page.locator('.pane.own video').waitFor();
  const other = rooms[en].page;
  await other.locator('.pane.floor video').waitFor();
  await until('the other room sees who speaks', () =>
    other.evaluate(() => document.querySelector('.pane.floor video').getVideoPlaybackQuality().totalVideoFrames > 10),
  );
  await assertWell(rooms[zh], 'has the floor');
  await assertWell(rooms[en], 'another has the floor');
  for (const seen of rooms) {
    assert.deepEqual(await covered(seen.page), []);
    assert.equal(seen.told.filter(({ type }) => type === 'media.offer').length, 1, 'nothing was negotiated again');
  }
});

test('what is told of the lesson does not count the picture of who speaks', async () => {
  const seen = rooms[en];
  const before = await until('a report', () => newest(seen, 'progress')?.n);
  const report = await until('two more reports', () => {
    const last = newest(seen, 'progress');
    return last.n >= before + 2 ? last : null;
  });
  // the lesson has 25 frames a second, the other room's camera 15 beside it
  assert.ok(report.frames <= (report.span_ms * 30) / 1000, JSON.stringify(report));
  assert.ok(report.audio_ms <= report.span_ms, JSON.stringify(report));
});

test('a turn ends by the one button, and the microphone with it', async () => {
  await press(rooms[zh], 'Enter');
  await button(rooms[zh], 'raise').waitFor();
  await rooms[zh].page.locator('.mic:not(.on)').waitFor();
  await rooms[zh].page.locator('.pane.own').waitFor({ state: 'detached' });
  await rooms[en].page.locator('.pane.floor').waitFor({ state: 'hidden' });
});

test('the board is beside the teacher and whoever speaks, never under or over', async () => {
  const { epoch } = newest(rooms[zh], 'welcome').board;
  const entries = [
    { k: 'page', id: 'first', after: null, kind: 'blank', w: 1600, h: 900 },
    { k: 'goto', id: 'go', p: 'first' },
    { k: 'show', id: 'show', what: 'board' },
  ];
  await ask('board.add', { epoch, entries });
  await ask('floor.give', { room: newest(rooms[zh], 'welcome').you.room.id });
  for (const seen of rooms) {
    await seen.page.locator('.pane.board canvas').first().waitFor();
    await seen.page.locator(seen === rooms[zh] ? '.pane.own' : '.pane.floor').waitFor();
    await assertWell(seen, 'board');
    assert.deepEqual(await covered(seen.page), []);
  }
  const width = () => rooms[zh].page.evaluate(() => document.querySelector('.pane.board').clientWidth / innerWidth);
  assert.ok(Math.abs((await width()) - 0.75) < 0.02, `${await width()}`);
  await press(rooms[zh], '6');
  await until('the board is wider', async () => (await width()) > 0.78);
  await press(rooms[zh], '4');
  await ask('board.add', { epoch, entries: [{ k: 'show', id: 'people', what: 'people' }] });
  await ask('floor.take');
  await rooms[zh].page.locator('.pane.board').waitFor({ state: 'hidden' });
});

test('the teacher’s words and a countdown have a row of their own', async () => {
  await ask('message.send', { text: '请看第十二页。' });
  await ask('countdown.start', { seconds: 60 });
  for (const seen of rooms) {
    await seen.page.locator('.from-teacher').waitFor();
    await seen.page.locator('.big-number').waitFor();
    await assertWell(seen, 'told');
    assert.deepEqual(await covered(seen.page), []);
  }
  await ask('countdown.stop');
});

test('a question is answered with keys, its result is shown', async () => {
  await ask('question.ask', { choices: 3, text: 'river?' });
  for (const seen of rooms) {
    await seen.page.locator('.spin:focus').waitFor();
    await assertWell(seen, 'asked');
  }
  await press(rooms[zh], '1', '2', 'Enter', 'ArrowUp', 'Enter', '0', 'Enter', 'Enter');
  await press(rooms[en], '3', 'ArrowUp', 'Tab', '7', 'Tab', 'Tab', 'Enter');
  const answers = await until('both have answered', async () => {
    const { class: it } = await teacher.next('class');
    return it.question?.answers.length === 2 ? it.question.answers : null;
  });
  assert.deepEqual(answers.map(({ counts }) => counts), [{ A: 12, B: 1, C: 0 }, { A: 4, B: 7, C: 0 }]);
  for (const seen of rooms) {
    await seen.page.locator('.bar :focus').waitFor();
  }
  await ask('question.close');
  for (const seen of rooms) {
    const result = seen.page.locator('.news.question');
    await result.getByText('16').first().waitFor();
    await assertWell(seen, 'result');
  }
});

test('one key says that they cannot hear, another opens the help, Back only closes it', async () => {
  for (const seen of rooms) {
    await press(seen, '1');
    await seen.page.locator('.strip .title.good').waitFor();
    await press(seen, '0');
    await seen.page.locator('.help').waitFor();
    await assertWell(seen, 'help');
    await press(seen, 'Escape');
    await seen.page.locator('.help').waitFor({ state: 'detached' });
    await press(seen, 'Backspace', 'Escape');
    assert.equal(await seen.page.locator('main.stage').count(), 1);
    await focus(seen.page);
  }
  const { class: it } = await teacher.next((m) => m.type === 'class' && m.class.signals.length === 2);
  assert.deepEqual(it.signals.map(({ kind }) => kind), ['cannot_hear', 'cannot_hear']);
});

test('a problem is reported by the second button and arrows', async () => {
  for (const seen of rooms) {
    await tabTo(seen.page, '.second[data-act="panel.report"]');
    await press(seen, 'Enter');
    await seen.page.locator('.panel button:focus').waitFor();
    await assertWell(seen, 'report');
    await press(seen, 'Tab', 'Enter');
    await seen.page.locator('.panel').waitFor({ state: 'detached' });
    await focus(seen.page);
  }
  const said = await until('the teacher reads it', async () => {
    const { class: it } = await teacher.next('class');
    const texts = it.messages.filter(({ from }) => from === 'room').map(({ text }) => text);
    return texts.length === 2 ? texts : null;
  });
  assert.deepEqual(said, ['画面看不清、卡住', 'Picture unclear or stuck']);
});

test('a roll call marked without the network is sent once when it is back', async () => {
  const seen = rooms[zh];
  const rows = () => product.sql('SELECT expected, present FROM roll_call');
  await seen.context.setOffline(true);
  await seen.page.route('**/api/v1/rollcalls', (route) => route.abort());
  await press(seen, '5');
  await seen.page.locator('.spin:focus').waitFor();
  await press(seen, '2', '3', 'Enter');
  await assertWell(seen, 'roll call');
  await press(seen, 'Enter');
  await seen.page.locator('.panel').waitFor({ state: 'detached' });
  assert.deepEqual(await rows(), []);
  await seen.page.unroute('**/api/v1/rollcalls');
  await seen.context.setOffline(false);
  await seen.page.reload();
  await until('the server has it', async () => (await rows()).length > 0);
  await seen.page.reload();
  await button(seen, 'raise').waitFor();
  assert.deepEqual(await rows(), [{ expected: 23, present: 23 }]);
});

test('after the lesson: the roll call in two taps, as many as last time', async () => {
  const headers = { origin: site };
  const ended = await admin.page.request.post(`${site}/api/v1/lessons/demo/end`, { headers, data: {} });
  assert.ok(ended.ok());
  await button(rooms[en], 'roll').waitFor();
  await assertWell(rooms[en], 'over');
  assert.equal(await button(rooms[zh], 'roll').count(), 0, 'this room has kept it');
  await press(rooms[en], 'Enter');
  await rooms[en].page.locator('.spin:focus').waitFor();
  await press(rooms[en], '1', '9', 'Enter', 'Enter');
  await until('it is kept', async () => (await product.sql('SELECT id FROM roll_call')).length === 2);
  await rooms[en].page.locator('button.big[data-act=roll]').waitFor({ state: 'detached' });
  await focus(rooms[en].page);
});

test('the devices are checked by one button, the result is kept and said in words', async () => {
  for (const seen of rooms) {
    await tabTo(seen.page, '.second[data-act=check]');
    await press(seen, 'Enter');
    await seen.page.locator('main.setup').waitFor();
    await seen.page.locator('.setup .big:focus').waitFor();
    await assertWell(seen, 'setup');
  }
  await press(rooms[en], 'Enter');
  await rooms[en].page.locator('.findings ol').waitFor();
  await assertWell(rooms[en], 'checking');
  await rooms[en].page.locator('.findings ul').waitFor({ timeout: 60000 });
  await assertWell(rooms[en], 'checked');
  const { room } = newest(rooms[en], 'welcome').you;
  const kept = await admin.page.request.get(`${site}/api/v1/rooms/${room.id}/checks`);
  const { checks } = await kept.json();
  assert.equal(checks.length, 1);
  const { camera, mic, speaker, link } = checks[0].result;
  // the browser's own camera and microphone: one beeps, and no television stands before it
  assert.deepEqual([camera.verdict, camera.w, camera.h], ['green', 1280, 720]);
  assert.notEqual(mic.cause, 'mic_missing');
  assert.deepEqual([speaker.found, speaker.cause], [false, 'speaker_off']);
  assert.ok(link.down_kbps > 1000 && link.up_kbps > 1000, JSON.stringify(link));
});

test('no page made an error or asked for what is elsewhere', async () => {
  for (const seen of rooms) {
    await assertClean(seen);
  }
});
