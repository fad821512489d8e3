// Every page as a person meets it, in Chinese and in English: accessible, readable from five metres, usable with keys
// alone, and asking nobody else for anything.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { difference, launch, look, plays } from './browser.mjs';
import {
  assertAccessible,
  assertAccessibleInBoth,
  assertClean,
  focus,
  overflow,
  requests,
  smallTexts,
  speak,
  stretch,
  tabTo,
  visit,
} from './page.mjs';
import { Product, until } from './product.mjs';

const sizes = [
  [1920, 1080],
  [1280, 720],
  [1366, 768],
];
const minute_ms = 60000;

let product;
let browser;
let site;
let admin;
let teacher;
/** One shows Chinese, the other English. */
let rooms;
const all = [];

const visited = async (path, how) => {
  const seen = await visit(browser, site + path, how);
  all.push(seen);
  return seen;
};

/** Through a link that signs in: 0 teacher, 1 and 2 rooms, 3 administrator. */
const signedIn = async (index, how) => {
  const links = await product.links();
  const seen = await visit(browser, links[index].link, how);
  await seen.page.waitForURL(`**${links[index].path}*`);
  all.push(seen);
  return seen;
};

const api = async (page, method, path, data) => {
  const headers = { origin: site };
  const response = await page.request.fetch(`${site}/api/v1${path}`, { method, data, headers });
  assert.ok(response.ok(), `${method} ${path}: ${response.status()} ${await response.text()}`);
  return response.json();
};

async function assertFits(page, what, checked = sizes) {
  for (const [width, height] of checked) {
    await page.setViewportSize({ width, height });
    assert.deepEqual(await overflow(page), [], `${what} at ${width}×${height}`);
  }
}

async function assertReadable(page, what) {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    assert.deepEqual(await smallTexts(page), [], `${what} at ${width}×${height}`);
    assert.deepEqual(await overflow(page), [], `${what} at ${width}×${height}`);
  }
}

/** What both rooms show now: in Chinese, in English. */
async function assertRooms(what, words) {
  for (const { page, lang } of rooms) {
    if (words) {
      await page.getByText(words[lang === 'zh' ? 0 : 1]).first().waitFor({ timeout: 20000 });
    }
    await assertAccessible(page, `room ${what}, ${lang}`);
    await assertReadable(page, `room ${what}, ${lang}`);
    await focus(page);
  }
}

/** A dialog that this button opens, in both languages; then it is closed by Escape, and the focus is back. */
async function assertDialog(page, button, what) {
  await button.click();
  await page.locator('dialog[open]').waitFor();
  await page.waitForLoadState('networkidle');
  await assertAccessibleInBoth(page, what);
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await focus(page);
}

/** Eight seconds of H.264 in white that moves a little. */
const makeFilm = (file) =>
  promisify(execFile)('gst-launch-1.0', [
    ...['-q', '-e', 'videotestsrc', 'num-buffers=200', 'pattern=pinwheel', '!'],
    ...['video/x-raw,width=640,height=360,framerate=25/1', '!', 'x264enc', 'key-int-max=25', 'bframes=0', '!'],
    ...['video/x-h264,profile=constrained-baseline', '!', 'mp4mux', '!', 'filesink', `location=${file}`],
  ]);

before(async () => {
  const port = Number(process.env.TONGKE_TEST_PORT) || undefined;
  product = await Product.start({ port });
  site = `http://localhost:${product.port + 2}`;
});

after(async () => {
  await browser?.close();
  await product?.clean();
});

test('a room whose browser wants a gesture has one button for it', async () => {
  browser = await launch({ asks: true });
  for (const lang of ['zh', 'en']) {
    const pressable = 'button.big[data-act=gesture]';
    const { page, context, told } = await signedIn(1, { lang, tell: pressable });
    await told;
    const button = page.locator(pressable);
    await assertAccessible(page, `room sound, ${lang}`);
    await assertReadable(page, `room sound, ${lang}`);
    await focus(page);
    await page.keyboard.press('Enter');
    await button.waitFor({ state: 'detached' });
    await plays(page, 'the room after the gesture');
    assert.equal(await page.evaluate(() => document.querySelector('video').muted), false);
    await focus(page);
    await context.close();
  }
  await browser.close();
  all.length = 0;
  browser = await launch();
});

test('the first page, the login, an expired link', async () => {
  const front = await visited('/');
  await assertAccessibleInBoth(front.page, 'index');
  await assertFits(front.page, 'index');
  const login = await visited('/login');
  await assertAccessibleInBoth(login.page, 'login');
  for (const seen of [front, login]) {
    assert.ok((await requests(seen)) <= 12, seen.asked.join('\n'));
  }
  await tabTo(login.page, 'input[name=login]');
  await login.page.keyboard.type('teacher');
  await tabTo(login.page, 'input[name=password]');
  await login.page.keyboard.type('wrong');
  await login.page.keyboard.press('Enter');
  await login.page.locator('[role=alert]').waitFor();
  await focus(login.page);
  await assertAccessibleInBoth(login.page, 'wrong password');
  const expired = await visited(`/link/${'x'.repeat(43)}`);
  await expired.page.waitForURL('**/login**');
  await assertAccessibleInBoth(expired.page, 'link expired');
});

test('a room is enrolled with digits and OK, and is full screen, by keys alone', async () => {
  admin = await signedIn(3);
  const { rooms: known } = await api(admin.page, 'GET', '/rooms');
  const { code } = await api(admin.page, 'POST', `/rooms/${known[1].id}/enrol-code`, {});
  const { page, context } = await visited('/room');
  await page.locator('.keypad').waitFor();
  await assertAccessibleInBoth(page, 'enrol');
  await assertReadable(page, 'enrol, en');
  await speak(page, 'zh');
  await assertReadable(page, 'enrol, zh');
  await focus(page);
  await page.keyboard.type(code === '000000' ? '111111' : '000000');
  await page.locator('[role=alert]').waitFor();
  await assertAccessibleInBoth(page, 'wrong code');
  await assertReadable(page, 'a wrong code, en');
  await page.keyboard.type(code.slice(0, 5));
  await tabTo(page, `button[aria-label="${code[5]}"]`);
  await page.keyboard.press('Enter');
  await page.locator('main.lesson').waitFor();
  await plays(page, 'the enrolled room');
  await focus(page);
  await tabTo(page, 'button.full');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.fullscreenElement);
  await focus(page);
  await context.close();
});

test('rooms show the lesson, also in an older browser', async () => {
  rooms = [await signedIn(1, { lang: 'zh' }), await signedIn(2, { lang: 'en', old: true })];
  await Promise.all(rooms.map(({ page }, i) => plays(page, `room ${i}`)));
  await assertRooms('live');
  for (const room of rooms) {
    assert.ok((await requests(room)) <= 12, room.asked.join('\n'));
  }
  await Promise.all(rooms.map(({ page }, i) => plays(page, `room ${i} after a reload`)));
  assert.equal(await rooms[1].page.evaluate(() => typeof structuredClone), 'undefined');
});

test('another source, set in the form, is what the room shows next', async () => {
  const file = join(product.data, 'film.mp4');
  await makeFilm(file);
  const before_it = await look(rooms[0].page);
  const { page } = admin;
  const set = async (kind, fields) => {
    await page.goto(`${site}/admin#/lesson/demo`);
    await page.locator('.acts button').nth(1).click();
    await page.locator('dialog select').selectOption(kind);
    for (const [name, value] of Object.entries(fields)) {
      await page.locator(`dialog input[name=${name}]`).fill(value);
    }
    await page.locator('dialog button[type=submit]').click();
  };
  await set('file', { path: join(product.data, 'nothing.mp4') });
  await page.locator('.source-line .chip.bad').waitFor();
  await assertAccessibleInBoth(page, 'admin source failed');
  await set('file', { path: file });
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.locator('.source-line .chip.good').waitFor();
  await until('the room shows the film', async () => {
    const now = await look(rooms[0].page);
    return now && difference(now, before_it) > 20;
  });
  await plays(rooms[0].page, 'the room with the film');
  await set('demo', {});
  await until('the room shows the demo lesson again', async () => {
    const now = await look(rooms[0].page);
    return now && difference(now, before_it) < 20;
  });
});

test('the teacher starts and mutes by keys alone', async () => {
  teacher = await signedIn(0);
  const { page } = teacher;
  await page.locator('button.start:enabled').waitFor();
  await assertAccessibleInBoth(page, 'teach before');
  await assertFits(page, 'teach before, en');
  await tabTo(page, 'button.start');
  await page.keyboard.press('Enter');
  await page.locator('.air.good').waitFor();
  await focus(page);
  await assertAccessibleInBoth(page, 'teach live');
  for (const lang of ['zh', 'en']) {
    await speak(page, lang);
    await assertFits(page, `teach live, ${lang}`);
  }
  await tabTo(page, 'button.toggle');
  await page.keyboard.press('Enter');
  await page.locator('button.toggle.on').waitFor();
  await focus(page);
  await page.keyboard.press('Enter');
  await page.locator('button.toggle.on').waitFor({ state: 'detached' });
});

test('another page of the teacher takes over; the older one says so and takes back', async () => {
  const second = await teacher.context.newPage();
  await second.goto(`${site}/teach/demo`);
  await second.locator('button.start:enabled').click();
  await second.locator('.air.good').waitFor();
  await teacher.page.getByText('another page of yours').waitFor();
  await focus(teacher.page);
  await assertAccessibleInBoth(teacher.page, 'teach taken');
  await assertFits(teacher.page, 'teach taken');
  await plays(rooms[0].page, 'a room with the second page');
  assert.equal(await second.locator('.air.good').count(), 1, 'nobody took it back by himself');
  await teacher.page.locator('button.start').click();
  await teacher.page.locator('.air.good').waitFor();
  await second.locator('button.start:enabled').waitFor();
  await second.close();
});

test('the administrator sees the lessons and plans one by keys alone', async () => {
  const { page } = admin;
  await page.goto(`${site}/admin#/`);
  await page.locator('.lesson-card .attendees').first().waitFor();
  await assertAccessibleInBoth(page, 'admin lessons');
  await speak(page, 'zh');
  await tabTo(page, '.heading button.act');
  await page.keyboard.press('Enter');
  await page.locator('input[name=title]').waitFor();
  await assertAccessibleInBoth(page, 'admin new lesson');
  await tabTo(page, 'input[name=title]');
  await page.keyboard.type('五年级英语：天气');
  await tabTo(page, 'input[name=room]');
  await page.keyboard.press('Space');
  await tabTo(page, 'button[type=submit]');
  await focus(page);
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.getByText('五年级英语：天气').waitFor();
  await focus(page);
  assert.ok((await requests(admin)) <= 12, admin.asked.join('\n'));
});

test("the administrator's forms of a running lesson", async () => {
  const { page } = admin;
  await page.goto(`${site}/admin#/lesson/demo`);
  await page.locator('.acts').waitFor();
  await speak(page, 'zh');
  await assertDialog(page, page.locator('.acts button').nth(0), 'admin change');
  await assertDialog(page, page.locator('.acts button').nth(1), 'admin source');
  await assertDialog(page, page.locator('.acts button.danger'), 'admin end');
});

test('the teacher ends the lesson by keys, after a question', async () => {
  const { page } = teacher;
  await tabTo(page, 'button.end');
  await page.keyboard.press('Enter');
  await page.locator('dialog[open]').waitFor();
  await assertAccessibleInBoth(page, 'teach end');
  await focus(page);
  await tabTo(page, 'dialog button.danger');
  await page.keyboard.press('Enter');
  await page.locator('.air.good').waitFor({ state: 'detached' });
  await focus(page);
  await assertRooms('over', [/下课了/, /The lesson is over/]);
});

test('the attendance of a sitting that is over says why', async () => {
  const { page } = admin;
  await page.reload();
  await page.locator('.result').first().waitFor();
  await page.locator('.result summary').first().click();
  await page.locator('.why').first().waitFor();
  await assertAccessibleInBoth(page, 'admin attendance');
  await assertDialog(page, page.locator('.result-head button').first(), 'admin correct');
  const csv = await page.request.get(`${site}/api/v1/attendance.csv?lesson=demo`);
  assert.deepEqual([...(await csv.body()).subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  assert.match(await csv.text(), /麻柳铺小学/);
});

test('rooms wait for a lesson that is open', async () => {
  const { rooms: known } = await api(admin.page, 'GET', '/rooms');
  const start_ms = Math.ceil(Date.now() / minute_ms + 5) * minute_ms;
  await api(admin.page, 'POST', '/lessons', {
    title: '四年级音乐：茉莉花',
    title_en: 'Grade 4 music: Jasmine Flower',
    start_ms,
    end_ms: start_ms + 40 * minute_ms,
    room_ids: [known[1].id, known[2].id],
    source: { kind: 'none' },
  });
  await assertRooms('waiting', [/马上就要上课/, /The lesson begins soon/]);
});

test('rooms, accounts, audit', async () => {
  const { page } = admin;
  await page.goto(`${site}/admin#/rooms`);
  await page.locator('button.act').first().waitFor();
  await assertAccessibleInBoth(page, 'admin rooms');
  await assertDialog(page, page.locator('li button.act').first(), 'admin code');
  await assertDialog(page, page.locator('li .button.plain').first(), 'admin revoke');
  await page.goto(`${site}/admin#/accounts`);
  await page.locator('tbody tr').first().waitFor();
  await assertAccessibleInBoth(page, 'admin accounts');
  await assertDialog(page, page.locator('tbody button').first(), 'admin password');
  await page.goto(`${site}/admin#/audit`);
  await page.locator('tbody tr').first().waitFor();
  await assertAccessibleInBoth(page, 'admin audit');
});

test('an auditor sees and changes nothing', async () => {
  const { accounts } = await api(admin.page, 'GET', '/accounts');
  const { id, login } = accounts.find((account) => account.role === 'auditor');
  const { password } = await api(admin.page, 'POST', `/accounts/${id}/password`, {});
  const { page } = await visited('/login?next=/admin');
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('.lesson-card').first().waitFor();
  await assertAccessibleInBoth(page, 'auditor lessons');
  await page.goto(`${site}/admin#/lesson/demo`);
  await page.locator('.result').first().waitFor();
  await assertAccessibleInBoth(page, 'auditor attendance');
  for (const name of ['.acts', '.result-head button', '.heading button.act']) {
    assert.equal(await page.locator(name).count(), 0, name);
  }
});

test('words that are longer by 40 % fit too', async () => {
  for (const { page } of [...rooms, teacher]) {
    await stretch(page);
    assert.deepEqual(
      (await overflow(page)).filter((found) => found.startsWith('page')),
      [],
    );
    await page.reload();
  }
});

test('a server that is gone is said in words', async () => {
  await product.stop();
  await assertRooms('lost', [/正在重连|服务器已停止/, /Reconnecting|Server stopped/]);
  for (const { page } of [teacher, admin]) {
    await page.locator('.bar .chip.warn').waitFor();
    await assertAccessibleInBoth(page, `${page === admin.page ? 'admin' : 'teach'} lost`);
  }
});

test('no page made an error or asked for what is elsewhere', async () => {
  for (const seen of all.filter(({ page }) => !page.isClosed())) {
    await assertClean(seen);
  }
});
