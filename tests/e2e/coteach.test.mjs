// The co-teacher's page over https, with the server's own authority installed in the browser and no flag that ignores
// certificates: it opens without a network, its roll call is kept and arrives once.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch_trusting } from './browser.mjs';
import { assertAccessibleInBoth, assertClean, focus, speak, tabTo, visit } from './page.mjs';
import { Product, until } from './product.mjs';

const sizes = [[360, 640], [390, 844], [1366, 768]];
const phone = { width: 390, height: 844 };
const pupils = 12;

let product;
let home;
let browser;
let port;
let data;

const link = async () => {
  const { pages } = await product.tongke('pages');
  return pages.find(({ path }) => path === '/coteach').others.link;
};

const rows = () => product.sql('SELECT op, expected, present, absent FROM roll_call ORDER BY id');

/** Signed in, the list is there. */
async function open(how = {}, prepare = null) {
  const there = await link();
  const seen = await visit(browser, new URL('/login', there).href, { ...phone, ...how });
  if (prepare) {
    await seen.context.addInitScript(prepare);
  }
  await seen.page.goto(there);
  await seen.page.waitForURL('**/coteach*');
  await seen.page.locator('#roll').waitFor();
  return seen;
}

const shellReady = (page) =>
  page.waitForFunction(async () => {
    const { active } = await navigator.serviceWorker.ready;
    return active.state === 'activated' && navigator.serviceWorker.controller;
  });

async function assertFits(page, what) {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('.coteach *')]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => `${element.tagName}.${element.className}`),
    );
    assert.deepEqual(wide, [], `${what} at ${width}×${height}`);
  }
  await page.setViewportSize(phone);
}

const button = (page, name) => page.getByRole('button', { name });

/** Two taps, where the number of pupils is known; else it is typed. */
async function callRoll(page) {
  await page.locator('#roll').getByRole('button', { name: '全部到齐' }).click();
  const expected = page.locator('#roll input').first();
  if ((await expected.inputValue()) !== String(pupils)) {
    await expected.fill(String(pupils));
  }
  await button(page, '提交').click();
}

before(async () => {
  port = Number(process.env.TONGKE_TEST_PORT) || undefined;
  product = await Product.start({ port });
  ({ port, data } = product);
  home = await mkdtemp(join(tmpdir(), 'tongke-home-'));
  browser = await launch_trusting(product, home);
});

after(async () => {
  await browser?.close();
  await product?.stop();
  for (const folder of [home, data].filter(Boolean)) {
    await rm(folder, { recursive: true, force: true });
  }
});

test('without a network the page opens, the roll call is kept and arrives once', async () => {
  const seen = await open();
  const { page, context } = seen;
  assert.match(page.url(), /^https:/);
  await shellReady(page);
  await assertFits(page, 'a lesson');
  await assertAccessibleInBoth(page, 'coteach: a lesson');
  await speak(page, 'zh');

  await context.setOffline(true);
  await page.reload();
  await page.getByText('没有网络').waitFor();
  await callRoll(page);
  await page.locator('#roll').getByText('等待发送').waitFor();
  await assertFits(page, 'one waits');
  await assertAccessibleInBoth(page, 'coteach: offline, one waits');
  await speak(page, 'zh');
  await page.reload();
  await page.locator('#roll').getByText('等待发送').waitFor();
  assert.deepEqual(await rows(), []);

  await context.setOffline(false);
  await page.locator('#roll').getByText('已收到').waitFor();
  const [only, ...more] = await rows();
  assert.deepEqual(more, []);
  assert.equal(only.present, pupils);
  await page.reload();
  await page.locator('#roll').getByText('已收到').waitFor();
  assert.equal((await rows()).length, 1);
  await assertClean(seen);
  await context.close();
});

test('the server is away: seats are marked, two tabs are open, it arrives once when it is back', async () => {
  const { page, context } = await open();
  await shellReady(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await second.locator('#roll').waitFor();
  const before = (await rows()).length;
  await product.stop();
  await page.reload();
  await page.getByText('没有网络').waitFor();
  await page.locator('#roll').getByRole('button', { name: '更正' }).click();
  await button(page, '3 号缺席').click();
  await assertAccessibleInBoth(page, 'coteach: seats');
  await assertFits(page, 'seats');
  await speak(page, 'zh');
  await button(page, '提交').click();
  await page.locator('#roll').getByText('等待发送').waitFor();
  product = await Product.start({ port, data });
  const { op, present, absent } = await until('the roll call arrives', async () => (await rows())[before]);
  assert.equal(present, pupils - 1);
  assert.deepEqual(JSON.parse(absent), ['3']);
  await page.locator('#roll').getByText('已收到').waitFor();
  await page.reload();
  await page.locator('#roll').getByText('缺席座号：3').waitFor();
  const same = (await rows()).filter((row) => row.op === op);
  assert.equal(same.length, 1);
  assert.equal((await rows()).length, before + 1);
  await context.close();
});

test('a browser without service workers says so; the open page keeps the roll call and sends it', async () => {
  const { page, context } = await open({}, () => {
    Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined });
  });
  await page.getByText('没网时打不开').waitFor();
  const before = (await rows()).length;
  await context.setOffline(true);
  await page.getByText('没有网络').waitFor();
  await callRoll(page);
  await page.locator('#roll').getByText('等待发送').waitFor();
  await context.setOffline(false);
  await page.locator('#roll').getByText('已收到').waitFor();
  assert.equal((await rows()).length, before + 1);
  await context.close();
});

test('the login is gone: said, the roll call is kept and sent after signing in', async () => {
  const { page, context } = await open();
  await shellReady(page);
  const before = (await rows()).length;
  await context.setOffline(true);
  await page.getByText('没有网络').waitFor();
  await callRoll(page);
  await page.locator('#roll').getByText('等待发送').waitFor();
  await context.clearCookies();
  await context.setOffline(false);
  await page.getByText('登录已过期').first().waitFor();
  assert.equal((await rows()).length, before);
  await assertAccessibleInBoth(page, 'coteach: signed out');
  await speak(page, 'zh');
  await page.goto(await link());
  await page.waitForURL('**/coteach*');
  await page.locator('#roll').getByText('已收到').waitFor();
  assert.equal((await rows()).length, before + 1);
  await context.close();
});

test('the keyboard alone calls the roll; the focus is never lost', async () => {
  const { page, context } = await open({ width: 1366, height: 768 });
  const before = (await rows()).length;
  await tabTo(page, '#roll .big');
  await page.keyboard.press('Enter');
  await button(page, '提交').waitFor();
  await focus(page);
  await tabTo(page, '#roll .submit');
  await page.keyboard.press('Enter');
  await until('it is there', async () => (await rows()).length === before + 1);
  await focus(page);
  await context.close();
});

/** A page of the teacher's, reduced to its WebSocket: what it asks, and the newest Class. */
async function teacher() {
  const { pages } = await product.tongke('pages');
  const { page, context } = await visit(browser, pages[0].others.link);
  await page.waitForURL('**/teach/demo*');
  await page.evaluate(async () => {
    const socket = new WebSocket(`wss://${location.host}/ws`, 'tongke.v1');
    await new Promise((done) => {
      socket.onopen = done;
    });
    globalThis.ask = (message) => socket.send(JSON.stringify({ op: String(Math.random()), ...message }));
    const welcome = new Promise((done) => {
      socket.onmessage = ({ data: text }) => {
        const message = JSON.parse(text);
        globalThis.seen = message.class ?? globalThis.seen;
        if (message.type === 'welcome') {
          done();
        }
      };
    });
    globalThis.ask({ type: 'hello', page: 'teach', as: 'teacher', lesson: 'demo', joined_ms: 1 });
    await welcome;
  });
  return {
    context,
    ask: (message) => page.evaluate((what) => globalThis.ask(what), message),
    sees: (what, look) => until(what, async () => look(await page.evaluate(() => globalThis.seen))),
  };
}

test('in the lesson: hand, signal, words to and from the teacher, the answer by counts', async () => {
  const { pages } = await product.tongke('pages');
  const room = await visit(browser, pages[1].others.link);
  await room.page.waitForURL('**/room*');
  const { page, context } = await open();
  const desk = await teacher();
  const raise = button(page, '举手');
  await page.waitForFunction(() => document.querySelector('.hand') && !document.querySelector('.hand').disabled);
  await raise.click();
  await desk.sees('the hand', (now) => now.hands.length === 1);
  await button(page, '取消举手 · 第 1 位').click();
  await desk.sees('the hand fall', (now) => now.hands.length === 0);
  await button(page, '慢一点').click();
  await desk.sees('the signal', (now) => now.signals.some(({ kind }) => kind === 'too_fast'));
  await page.getByText('已告诉老师：慢一点').waitFor();
  await page.getByPlaceholder('写给老师…').fill('第三组在做实验');
  await button(page, '发送').click();
  await desk.sees('the words', (now) => now.messages.some(({ text }) => text === '第三组在做实验'));
  await desk.ask({ type: 'message.send', text: '请打开课本第十页' });
  await page.locator('.from-teacher').getByText('请打开课本第十页').waitFor();
  await desk.ask({ type: 'question.ask', choices: 3, text: '哪一个是苹果？' });
  await page.getByText('哪一个是苹果？').waitFor();
  await button(page, 'B 多一人').click();
  await assertFits(page, 'a question');
  await assertAccessibleInBoth(page, 'coteach: a question');
  await speak(page, 'zh');
  await button(page, '送出').click();
  await desk.sees('the answer', (now) => now.question.answers.some(({ counts }) => counts.B === 1));
  await page.getByText('已送出').first().waitFor();
  await desk.ask({ type: 'question.close' });
  await page.getByText('各教室合计').waitFor();
  await assertAccessibleInBoth(page, 'coteach: its result');
  for (const one of [desk.context, room.context, context]) {
    await one.close();
  }
});

test('nobody signed in: to the sign-in, and from there back', async () => {
  const { page, context } = await visit(browser, new URL('/', await link()).href, phone);
  await page.goto(new URL('/coteach', await link()).href);
  await page.waitForURL('**/login?next=/coteach*');
  await context.close();
});
