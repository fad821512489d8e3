// What a page is checked for: accessibility, sizes, where the focus is, what it loads.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const axe = await readFile(require.resolve('axe-core'), 'utf8');

/** Things that a browser of 2021 does not have: taken away before anything of the page runs. */
function makeOld() {
  delete globalThis.structuredClone;
  delete Array.prototype.at;
  delete String.prototype.at;
  delete Object.hasOwn;
  delete Crypto.prototype.randomUUID;
  delete AbortSignal.timeout;
}

/** Runs before the page: keeps what its policy refused. */
function watchPolicy() {
  globalThis.refused = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    globalThis.refused.push(`${event.effectiveDirective} ${event.blockedURI}`),
  );
}

/** Runs before the page: says when there is such an element. Asking from outside would count as a person's gesture. */
function tellOf(selector) {
  const watch = new MutationObserver(() => {
    if (document.querySelector(selector)) {
      watch.disconnect();
      console.debug(`there is ${selector}`);
    }
  });
  watch.observe(document, { subtree: true, childList: true, attributes: true });
}

/** A page in a browser context of its own, with all that it asks for and all that goes wrong in it. */
export async function visit(browser, url, { lang = 'zh', old = false, tell = null, width = 1366, height = 768 } = {}) {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  const seen = { page, context, lang, errors: [], asked: [] };
  await context.addInitScript(watchPolicy);
  await context.addInitScript((chosen) => localStorage.setItem('tongke.lang', chosen), lang);
  if (old) {
    await context.addInitScript(makeOld);
  }
  if (tell) {
    await context.addInitScript(tellOf, tell);
    seen.told = page.waitForEvent('console', (message) => message.text() === `there is ${tell}`);
  }
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('request', (request) => seen.asked.push(request.url()));
  await page.goto(url);
  return seen;
}

/** No error, nothing refused, nothing from elsewhere. */
export async function assertClean(seen) {
  const origin = new URL(seen.page.url()).origin;
  assert.deepEqual(seen.errors, [], seen.page.url());
  assert.deepEqual(await seen.page.evaluate(() => globalThis.refused), [], seen.page.url());
  const elsewhere = seen.asked.filter((url) => !url.startsWith('data:') && new URL(url).origin !== origin);
  assert.deepEqual(elsewhere, []);
}

/** What a load of this page asks for, until it is quiet. */
export async function requests(seen) {
  seen.asked.length = 0;
  await seen.page.reload({ waitUntil: 'load' });
  await seen.page.locator('main').first().waitFor();
  return seen.asked.length;
}

async function runAxe(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
      resultTypes: ['violations'],
    });
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
  });
}

/** With TONGKE_SHOTS=FOLDER every state that is checked is kept as a picture, to be looked at. */
async function keep(page, what) {
  const folder = process.env.TONGKE_SHOTS;
  const before = page.viewportSize();
  for (const [width, height] of folder ? [[1920, 1080], [1366, 768]] : []) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${folder}/${what.replace(/\W+/g, '-')}-${height}.png` });
  }
  if (folder) {
    await page.setViewportSize(before);
  }
}

/** Nothing serious or critical in this state of the page. */
export async function assertAccessible(page, what) {
  await keep(page, what);
  assert.deepEqual(await runAxe(page), [], what);
}

/** The language that the page shows, changed by its own switch, also behind a dialog. */
export async function speak(page, lang) {
  await page.evaluate((wanted) => {
    if (!document.documentElement.lang.startsWith(wanted)) {
      document.querySelector('button.quiet[lang]').click();
    }
  }, lang);
  await page.waitForFunction((wanted) => document.documentElement.lang.startsWith(wanted), lang);
}

/** In both languages, where the page has its switch. */
export async function assertAccessibleInBoth(page, what) {
  for (const lang of ['zh', 'en']) {
    await speak(page, lang);
    await assertAccessible(page, `${what}, ${lang}`);
  }
}

/** Texts under `least` of the window's height, in characters and in lines. */
export function smallTexts(page, least = 0.045) {
  return page.evaluate((share) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const small = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(node);
      const [line] = range.getClientRects();
      const style = getComputedStyle(node.parentElement);
      if (!line || !node.data.trim() || style.visibility === 'hidden' || /script|style/i.test(node.parentElement.tagName)) {
        continue;
      }
      const size = Math.min(line.height, Number.parseFloat(style.fontSize));
      if (size < share * innerHeight - 0.01) {
        small.push(`${node.data}: ${size} px of ${innerHeight}`);
      }
    }
    return small;
  }, least);
}

/** What does not fit: the page itself, and texts that are cut off without a sign. */
export function overflow(page) {
  return page.evaluate(() => {
    const root = document.scrollingElement;
    const found = [];
    if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) {
      found.push(`page ${root.scrollWidth}×${root.scrollHeight} in ${innerWidth}×${innerHeight}`);
    }
    for (const element of document.querySelectorAll('body *')) {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      if (box.width < 2 || box.height < 2 || style.visibility === 'hidden' || element.closest('svg, .sr, option')) {
        continue;
      }
      const scrolls = /auto|scroll/.test(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
      const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      const outside = text && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1);
      const cut =
        text &&
        style.display !== 'inline' &&
        style.textOverflow !== 'ellipsis' &&
        element.scrollWidth > element.clientWidth + 1 &&
        element.tagName !== 'SELECT';
      if (scrolls || outside || cut) {
        found.push(`${element.tagName}.${element.className}: ${element.textContent.slice(0, 40)}`);
      }
    }
    return found;
  });
}

/** Every text longer by `share`, as a translation may be. The page is not to be used afterwards. */
export function stretch(page, share = 0.4) {
  return page.evaluate((more) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.data.trim() && !/^[\d:.,–\s%]+$/.test(node.data)) {
        node.data += node.data.slice(0, Math.ceil(node.data.length * more));
      }
    }
  }, share);
}

/** What has the focus: never nothing. */
export async function focus(page) {
  const at = await page.evaluate(() => {
    const element = document.activeElement;
    return !element || element === document.body
      ? null
      : `${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 30)}`;
  });
  assert.ok(at, `the focus is lost on ${page.url()}`);
  return at;
}

/** Tab until what has the focus matches; the focus is never lost meanwhile. */
export async function tabTo(page, selector, most = 40) {
  for (let i = 0; i < most; i++) {
    const here = await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector);
    if (here) {
      return;
    }
    await page.keyboard.press('Tab');
  }
  assert.fail(`${most} times Tab do not lead to ${selector}`);
}
