// What the administrator and the auditor see of a lesson that was held: who spoke, who signalled, who was there, each
// event; how the rooms were found; who looked in silently. And the silent visit itself.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { blank } from '../integration/ink.mjs';
import { Socket } from '../integration/websocket.mjs';
import { launch, plays } from './browser.mjs';
import { assertAccessible, assertAccessibleInBoth, assertClean, focus, overflow, requests, speak, tabTo, visit } from './page.mjs';
import { Product, until } from './product.mjs';

const run = promisify(execFile);
const sizes = [
  [1920, 1080],
  [1366, 768],
];

let product;
let browser;
let site;
let rooms;
let teacher;
let devices;
const all = [];

/** Signed in by this cookie, in a context of its own. */
async function open(cookie, path, how) {
  const seen = await visit(browser, `${site}/login`, how);
  const [name, value] = cookie.split('=');
  await seen.context.addCookies([{ name, value, url: site }]);
  await seen.page.goto(site + path);
  all.push(seen);
  return seen;
}

async function hello(cookie, more) {
  const socket = await Socket.open(product.port + 2, { cookie });
  const welcome = await socket.ask({ type: 'hello', joined_ms: Date.now(), ...more });
  assert.equal(welcome.type, 'welcome', JSON.stringify(welcome));
  return socket;
}

async function say(socket, type, fields = {}) {
  const answer = await socket.ask({ type, op: randomUUID(), ...fields });
  assert.equal(answer.type, 'ok', `${type}: ${JSON.stringify(answer)}`);
}

async function post(cookie, path, body) {
  const reply = await product.get(`/api/v1${path}`, {
    method: 'POST',
    headers: { Cookie: cookie, Origin: site, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(reply.ok, `${path}: ${reply.status} ${await reply.text()}`);
}

/** Writes beside the server, as it would itself. */
const write = (sql) => run('sqlite3', ['-cmd', '.timeout 10000', join(product.data, 'tongke.db'), sql]);

/** Nothing wider than the page; long pages may be long. */
async function assertFits(page, what) {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    const wide = (await overflow(page)).filter((found) => !/^page (\d+)×/.test(found) || Number(/^page (\d+)/.exec(found)[1]) > width);
    const cut = await page.evaluate(() => document.scrollingElement.scrollWidth > innerWidth);
    assert.equal(cut, false, `${what} at ${width}×${height}: ${wide.join(', ')}`);
  }
}

const rows = (page, selector) =>
  page.locator(`${selector} tbody tr`).evaluateAll((found) =>
    found.map((row) => [...row.children].map((cell) => cell.textContent.trim())),
  );

before(async () => {
  product = await Product.start({ port: Number(process.env.TONGKE_TEST_PORT) || undefined });
  site = product.plain;
  ({ rooms } = await product.tongke('lesson', 'show', 'demo'));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await product?.clean();
});

test('a lesson that nothing happened in yet says so', async () => {
  const { page } = await open(await product.login('admin'), '/admin#/visits');
  await page.locator('.panel.muted').waitFor();
  await assertAccessibleInBoth(page, 'admin no visits');
  await page.goto(`${site}/admin#/rooms`);
  await page.locator('.lessons li p.muted').first().waitFor();
  await assertAccessibleInBoth(page, 'admin no checks');
  await page.goto(`${site}/admin#/lesson/demo`);
  await page.locator('.speaking tbody tr').first().waitFor();
  await page.locator('.happened').scrollIntoViewIfNeeded();
  await assertAccessibleInBoth(page, 'admin lesson begins');
});

test('a lesson is held: hands, floor, signals, a question, the board, roll calls', async () => {
  teacher = await hello(await product.login('teacher'), { page: 'teach', as: 'teacher', lesson: 'demo' });
  const cookies = [];
  devices = [];
  for (const room of rooms) {
    cookies.push(await product.enrol(room.id));
    devices.push(await hello(cookies.at(-1), { page: 'room', as: 'device' }));
  }
  const coteacher = await product.login('coteacher');
  await say(devices[0], 'hand.raise');
  await say(teacher, 'floor.give', { room: rooms[0].id });
  await say(devices[0], 'floor.leave');
  await say(devices[1], 'hand.raise');
  await say(teacher, 'floor.give', { room: rooms[1].id });
  await say(teacher, 'floor.take');
  await say(devices[0], 'hand.raise');
  await say(teacher, 'hand.lower', { all: true });
  await say(devices[0], 'signal.send', { kind: 'cannot_hear' });
  await say(devices[1], 'signal.send', { kind: 'too_fast' });
  await say(devices[0], 'signal.send', { kind: 'clear' });
  await say(teacher, 'message.send', { text: '请打开课本第 12 页' });
  await say(devices[1], 'message.send', { text: '<b>没有课本</b> & 请等一下' });
  await say(teacher, 'mode.set', { mode: 'choral' });
  await say(teacher, 'mode.set', { mode: 'speech' });
  await say(teacher, 'countdown.start', { seconds: 90 });
  await say(teacher, 'countdown.stop');
  await say(teacher, 'question.ask', { choices: 3, text: '天空是什么颜色？' });
  const { question } = (await devices[0].next((m) => m.type === 'class' && m.class?.question)).class;
  await say(devices[0], 'question.answer', { question: question.id, counts: { A: 12, B: 5, C: 1 } });
  await say(teacher, 'question.close');
  const board = await product.get('/api/v1/lessons/demo/board', { headers: { Cookie: await product.login('teacher') } });
  const { epoch } = await board.json();
  await say(teacher, 'board.add', { epoch, entries: [blank('p1'), { k: 'goto', p: 'p1' }, { k: 'show', what: 'board' }] });
  const mine = (await product.tongke('lesson', 'show', 'demo')).rooms[0].id;
  const marked_ms = Date.now();
  const roll = { lesson: 'demo', room: mine, expected: 20, marked_ms };
  await post(coteacher, '/rollcalls', { ...roll, op: randomUUID(), present: 20, absent: [], marked_ms: marked_ms - 1000 });
  await post(coteacher, '/rollcalls', { ...roll, op: randomUUID(), present: 18, absent: ['7', '12'] });
  const good = {
    camera: { w: 1280, h: 720, fps: 25 },
    mic: { level_db: -30 },
    speaker: { found: true, level_db: -28, delay_ms: 90 },
    echo: { residual_db: -58, reduction_db: 30 },
    link: { down_kbps: 4000, up_kbps: 1500, rtt_ms: 40 },
  };
  await post(cookies[0], '/checks', { op: randomUUID(), result: { ...good, mic: null, speaker: null, echo: null, camera: { problem: 'denied' } } });
  await post(cookies[0], '/checks', { op: randomUUID(), result: { ...good, link: { ...good.link, up_kbps: 400 } } });
  await post(cookies[1], '/checks', { op: randomUUID(), result: { ...good, link: { down_kbps: 10, up_kbps: 5, rtt_ms: 900 } } });
  await until('all of it is on disk', async () => {
    const kinds = new Set((await product.sql('SELECT DISTINCT kind FROM event')).map(({ kind }) => kind));
    return ['floor.take', 'answer', 'board.show', 'roll_call', 'check'].every((kind) => kinds.has(kind));
  });
  // how long each spoke, as if it had been heard
  await write(`UPDATE floor_turn SET spoke_ms = 30000, started_ms = ended_ms - 40000 WHERE room_id = ${rooms[0].id}`);
});

test('the administrator reads who spoke, who signalled, who was there', async () => {
  const { page } = await open(await product.login('admin'), '/admin#/lesson/demo');
  await page.locator('.speaking tbody tr').nth(2).waitFor();
  await speak(page, 'zh');
  const unknown = await rows(page, '.speaking');
  assert.equal(unknown.length, rooms.length + 1);
  assert.deepEqual([unknown[0][0], unknown[0][3]], ['主课堂', '未测量'], 'the sound of a source has no levels');
  const of_village = (all) => all.find(([name]) => name === rooms[0].school).slice(2);
  assert.deepEqual(of_village(unknown), ['–', '0:30', '1', '0:40']);
  await write("INSERT INTO main_speech (sitting_id, spoke_ms, last_ms) SELECT max(id), 90000, 0 FROM sitting WHERE lesson_id = 'demo'");
  await page.reload();
  await page.locator('.speaking tbody tr').nth(2).waitFor();
  assert.deepEqual(of_village(await rows(page, '.speaking')), ['25.0 %', '0:30 ÷ 2:00', '1', '0:40']);
  const signals = await rows(page, '.signals');
  assert.deepEqual(signals, [
    [rooms[0].school, '1', '0', '1', '2'],
    [rooms[1].school, '0', '1', '0', '1'],
  ]);
  const rolls = await rows(page, '.rolls');
  assert.deepEqual(rolls.map((row) => row.slice(0, 3)), [
    [rooms[0].school, '实到 18 / 应到 20', '7, 12'],
    [rooms[0].school, '实到 20 / 应到 20', '–'],
  ]);
  await page.locator('.happened').first().evaluate((part) => scrollTo(0, part.offsetTop - 80));
  await assertAccessibleInBoth(page, 'admin lesson held');
  await assertFits(page, 'admin lesson held');
});

test('each event is a sentence; rooms and kinds are chosen by keys alone', async () => {
  const { page } = all.at(-1);
  await speak(page, 'zh');
  const said = async () => (await rows(page, '.timeline')).map((row) => row[2]);
  const sentences = await said();
  const first = rooms[0].school;
  for (const sentence of [
    `${first} 进入课堂`,
    `${first} 举手`,
    `主讲教师 请 ${first} 发言`,
    `${first} 结束发言`,
    `主讲教师 结束 ${rooms[1].school} 的发言`,
    '主讲教师 放下所有的手',
    `${first}：听不清`,
    `${rooms[1].school} 对老师说：<b>没有课本</b> & 请等一下`,
    '模式改为 齐读',
    '倒计时 1:30（分:秒）',
    '提问“天空是什么颜色？”，选项 A–C',
    `${first} 回答：A 12 · B 5 · C 1（人）`,
    '翻到另一页',
    '教室看板书',
    `${first} 点名：实到 18 / 应到 20`,
    `${rooms[1].school} 检查了设备：有问题`,
  ]) {
    assert.ok(sentences.includes(sentence), `${sentence} in ${sentences.join('\n')}`);
  }
  assert.equal(sentences.filter((sentence) => sentence === '翻到另一页').length, 1);
  await tabTo(page, '.toggles button[data-group=signals]', 80);
  await page.keyboard.press('Enter');
  assert.equal((await said()).length, 3);
  await focus(page);
  await page.locator('.filter select').selectOption(String(rooms[1].id));
  assert.deepEqual(await said(), [`${rooms[1].school}：慢一点`]);
  await page.keyboard.press('Enter');
  await page.locator('.toggles button').first().click();
  assert.ok((await rows(page, '.timeline')).every((row) => row[3] === rooms[1].school));
  await page.locator('.filter').scrollIntoViewIfNeeded();
  await assertAccessibleInBoth(page, 'admin timeline');
});

test('five thousand events: the newest, a page at a time, and what is left out is said', async () => {
  await write(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO event (sitting_id, at_ms, kind, room_id, data) SELECT (SELECT max(id) FROM sitting),
    (SELECT max(opened_ms) FROM sitting) + i, CASE i % 4 WHEN 0 THEN 'spin.wheel' ELSE 'hand.raise' END, ${rooms[0].id}, '{}' FROM n`);
  const { page } = all.at(-1);
  await page.reload();
  await page.locator('.timeline tbody tr').nth(99).waitFor();
  assert.equal(await page.locator('.timeline tbody tr').count(), 100);
  await page.locator('.part .note').waitFor();
  await speak(page, 'zh');
  assert.match(await page.locator('.part .pager span').textContent(), /^1 \/ 30$/);
  await page.locator('.pager button').nth(1).focus();
  await page.keyboard.press('Enter');
  await page.getByText('2 / 30').waitFor();
  await focus(page);
  await page.locator('.toggles button[data-group=other]').click();
  assert.ok((await rows(page, '.timeline')).every((row) => row[2] === '其他事情（spin.wheel）'));
  await page.locator('.filter').scrollIntoViewIfNeeded();
  await assertAccessibleInBoth(page, 'admin timeline full');
  await assertFits(page, 'admin timeline full');
});

test('how each room was found, what to do, and the checks before', async () => {
  const { page } = all.at(-1);
  await page.goto(`${site}/admin#/rooms`);
  await page.locator('.checked').nth(1).waitFor();
  await speak(page, 'zh');
  const first = page.locator('.checked').filter({ hasText: '上行慢' });
  assert.match(await first.textContent(), /能上课，有地方要注意/);
  await first.locator('summary').focus();
  await page.keyboard.press('Enter');
  await first.locator('.history li > .parts').nth(1).waitFor();
  assert.match(await first.locator('.history').textContent(), /请在浏览器里允许摄像头/);
  await focus(page);
  await assertAccessibleInBoth(page, 'admin checks');
  await assertFits(page, 'admin checks');
});

test('an auditor looks in silently: sees all of it, is told what is so, sends nothing', async () => {
  const board = await open(await product.login('auditor'), '/admin#/');
  await board.page.locator('.lesson-card a.look-in').waitFor();
  await assertAccessibleInBoth(board.page, 'auditor board');
  await speak(board.page, 'zh');
  await tabTo(board.page, 'a.look-in');
  const opened = board.context.waitForEvent('page');
  await board.page.keyboard.press('Enter');
  const page = await opened;
  const sent = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(JSON.parse(payload))));
  await plays(page, 'the visitor');
  await page.getByText('巡课中，不会出现在课堂里，本次巡课已记录').waitFor();
  await page.locator('.pane.board canvas').first().waitFor();
  await say(devices[1], 'hand.raise');
  await say(teacher, 'floor.give', { room: rooms[1].id });
  await page.locator('.pane.floor').getByText(rooms[1].school).waitFor();
  assert.equal(await page.locator('button.big').count(), 0, 'no hand to raise');
  await page.keyboard.press('5');
  await page.keyboard.press('1');
  assert.equal(await page.locator('.panel').count(), 0, 'no roll call');
  for (const lang of ['zh', 'en']) {
    await page.goto(`${site}/room?watch=demo&as=auditor&lang=${lang}`);
    await plays(page, 'the visitor again');
    await page.getByText(lang === 'zh' ? '本次巡课已记录' : 'it is on record').waitFor();
    await page.locator('.pane.floor').getByText(lang === 'zh' ? '正在发言' : 'has the floor').first().waitFor();
    await assertAccessible(page, `visit, ${lang}`);
  }
  assert.ok(sent.every(({ type }) => ['hello', 'media.offer', 'media.close', 'progress', 'bye'].includes(type)), JSON.stringify(sent.map(({ type }) => type)));
  assert.ok(sent.filter(({ type }) => type === 'media.offer').every(({ tracks }) => Object.keys(tracks ?? {}).length === 0));
  await page.close();
  await board.page.goto(`${site}/admin#/visits`);
  await board.page.locator('table.visits tbody tr').first().waitFor();
  await until('the visits have ended', async () => {
    await board.page.locator('.heading button').first().click();
    return (await board.page.locator('table.visits .chip').count()) === 0;
  }, 60000);
  await assertAccessibleInBoth(board.page, 'auditor visits');
  await assertFits(board.page, 'auditor visits');
  await board.page.goto(`${site}/admin#/audit`);
  await speak(board.page, 'zh');
  await board.page.getByText('巡课结束').first().waitFor();
});

test('a visit is refused in words: a lesson that is not there, a person who is signed out', async () => {
  const auditor = await open(await product.login('auditor'), '/room?watch=nothing&as=auditor');
  await auditor.page.getByText('现在不能看这节课').waitFor();
  await auditor.page.getByText('没有这节课').waitFor();
  assert.equal(await auditor.page.getByText('巡课').count(), 0, 'there is no visit');
  await assertAccessible(auditor.page, 'visit refused');
  await auditor.context.clearCookies();
  await auditor.page.goto(`${site}/room?watch=demo&as=auditor`);
  await auditor.page.waitForURL('**/login?next=**');
});

test('an administrator visits too; more than a page of visits', async () => {
  const { page, context } = await open(await product.login('admin'), '/admin#/lesson/demo');
  const opened = context.waitForEvent('page');
  await page.locator('header a.look-in').click();
  const visit_page = await opened;
  await plays(visit_page, 'the administrator');
  await page.goto(`${site}/admin#/visits`);
  await page.locator('table.visits .chip').first().waitFor();
  await assertAccessibleInBoth(page, 'admin visits now');
  await write(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
    INSERT INTO visit (lesson_id, account_id, ip, started_ms, last_ms, ended_ms)
    SELECT 'demo', (SELECT id FROM account WHERE role = 'auditor' LIMIT 1), '2001:db8:1234:5678:9abc:def0:1234:5678', i * 1000, i * 1000 + 61000, i * 1000 + 61000 FROM n`);
  await page.reload();
  await page.locator('.pager button').nth(1).click();
  await page.getByText(/^2 \/ 3$/).waitFor();
  await page.getByText('1:01').first().waitFor();
  await assertAccessibleInBoth(page, 'admin visits full');
  await assertFits(page, 'admin visits full');
});

test('what cannot be read is said', async () => {
  const { page } = all.at(-1);
  await page.route(/\/(timeline|visits|checks)/, (route) => route.abort());
  await page.goto(`${site}/admin#/lesson/demo`);
  for (const view of ['lesson/demo', 'visits', 'rooms']) {
    await page.goto(`${site}/admin#/${view}`);
    await page.locator('main [role=alert]').first().waitFor();
    await assertAccessibleInBoth(page, `admin ${view} unread`);
  }
});

test('the page loads little, made no error and asked nobody else', async () => {
  const admin = all.find(({ page }) => page.url().includes('/admin'));
  assert.ok((await requests(admin)) <= 12, admin.asked.join('\n'));
  for (const seen of all.filter(({ page }) => !page.isClosed() && !page.url().includes('/login'))) {
    await assertClean(seen);
  }
});
