// The board between a teacher and two rooms in Chromium: the same strokes on every screen, also after a room was cut
// off for a minute; PDF files become slides, or are refused with a reason.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, launch_mortal, open } from './browser.mjs';
import { broken, chinese, locked, numbered, scripted } from './pdf.mjs';
import { Product, until } from './product.mjs';

let product;
let browser;
let mortal;
let teacher;
/** The second one is in a browser that can be stopped. */
let rooms;

/** Runs in a room before its page: keeps when the server greeted it and when ink was drawn last. */
function keepTimes() {
  globalThis.times = { welcome: 0, ink: 0 };
  globalThis.WebSocket = class extends WebSocket {
    constructor(...way) {
      super(...way);
      this.addEventListener('message', ({ data }) => {
        if (JSON.parse(data).type === 'welcome') {
          globalThis.times.welcome = performance.now();
        }
      });
    }
  };
  const { fill } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fill = function (...how) {
    globalThis.times.ink = performance.now();
    return fill.apply(this, how);
  };
}

before(async () => {
  product = await Product.start();
  browser = await launch();
  mortal = await launch_mortal();
  const links = await product.links();
  teacher = await open(browser, links[0].link);
  rooms = [
    await open(browser, links[1].link),
    await open(mortal.browser, links[2].link, keepTimes),
  ];
  for (const { page } of rooms) {
    await page.setViewportSize({ width: 1280, height: 720 });
  }
  await teacher.page
    .getByRole('button', { name: /^(板书|Board)/ })
    .first()
    .click();
  await teacher.page.locator('.board-editor').waitFor();
  await teacher.page.locator('.show button').nth(1).click();
});

after(async () => {
  await browser?.close();
  await mortal?.kill();
  await product?.clean();
});

const labels = (page) =>
  page.locator('.sheet').first().getAttribute('aria-label', { timeout: 60000 });

/** The ink of the page that is shown, as small as `width`, and how much of it there is. */
const ink = (page, width = 0) =>
  page.evaluate((wanted) => {
    const canvas = document.querySelector('.sheet canvas');
    if (!canvas) {
      return null;
    }
    const small = new OffscreenCanvas(
      wanted || canvas.width,
      wanted ? Math.round((wanted * 9) / 16) : canvas.height,
    );
    const context = small.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(canvas, 0, 0, small.width, small.height);
    const { data } = context.getImageData(0, 0, small.width, small.height);
    return {
      data: [...data.filter((_, i) => i % 4 === 3)],
      inked: data.filter((v, i) => i % 4 === 3 && v > 0).length,
    };
  }, width);

const apart = (a, b) =>
  a.data.length === b.data.length
    ? a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]), 0) / a.data.length
    : Number.POSITIVE_INFINITY;

/** A curve in the middle of the teacher's page. */
async function write(page, left, top) {
  const box = await page.locator('.sheet').first().boundingBox();
  const at = (i) => [
    box.x + box.width * (left + i / 300),
    box.y + box.height * (top + 0.05 * Math.sin(i / 3)),
  ];
  await page.mouse.move(...at(0));
  await page.mouse.down();
  for (let i = 1; i <= 24; i++) {
    await page.mouse.move(...at(i));
  }
  await page.mouse.up();
}

const strokes = async () => {
  const [{ n }] = await product.sql(
    "SELECT count(*) AS n FROM board_entry WHERE json_extract(entry, '$.k') = 'stroke'",
  );
  return n;
};

const same = (what, page, wanted, limit_ms) =>
  until(
    what,
    async () => {
      const now = await ink(page, 160);
      return now && now.inked > 20 && apart(now, await wanted()) < 1 ? now : null;
    },
    limit_ms,
  );

test('what the teacher writes with the mouse is on the screens of the rooms', async () => {
  await write(teacher.page, 0.1, 0.2);
  await teacher.page.getByRole('button', { name: '红色' }).click();
  await write(teacher.page, 0.1, 0.5);
  await until('two strokes on disk', async () => (await strokes()) === 2);
  for (const room of rooms) {
    await same('the strokes in the room', room.page, () => ink(teacher.page, 160));
    assert.equal(await labels(room.page), '第 1 页，共 1 页');
  }
});

test('a stroke grows in the room before it is finished', async () => {
  const { page } = teacher;
  const live = (p) =>
    p.evaluate(() => {
      const canvas = document.querySelectorAll('.sheet canvas')[1];
      return canvas
        .getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.some((v) => v > 0);
    });
  assert.equal(await live(rooms[0].page), false);
  const box = await page.locator('.sheet').first().boundingBox();
  await page.mouse.move(box.x + 300, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 340, box.y + 320, { steps: 5 });
  await until('the beginning of the stroke', () => live(rooms[0].page));
  const before_it_is_whole = await strokes();
  await page.mouse.up();
  await until('the stroke on disk', async () => (await strokes()) === before_it_is_whole + 1);
  await same('the whole stroke', rooms[0].page, () => ink(page, 160));
});

test('undo takes it back everywhere, redo brings it again', async () => {
  const before_undo = await ink(rooms[0].page, 160);
  await teacher.page.getByRole('button', { name: '撤销' }).click();
  await until('gone', async () => apart(await ink(rooms[0].page, 160), before_undo) > 0.1);
  await teacher.page.keyboard.press('Control+y');
  await until('back', async () => apart(await ink(rooms[0].page, 160), before_undo) === 0);
});

test('a room that was cut off for a minute has the whole board again, like one that was not', async (t) => {
  mortal.freeze();
  const end = Date.now() + 60_000;
  await teacher.page.getByRole('button', { name: '新白板' }).click();
  let n = 0;
  await until(
    'a minute of writing',
    async () => {
      await write(teacher.page, 0.05 + 0.08 * (n % 10), 0.1 + 0.16 * (Math.floor(n / 10) % 5));
      n += 1;
      if (n % 9 === 0) {
        await teacher.page.getByRole('button', { name: '撤销' }).click();
      }
      if (n === 25) {
        await teacher.page.getByRole('button', { name: '新白板' }).click();
      }
      return Date.now() > end;
    },
    90_000,
  );
  const welcomes = () => rooms[1].said.filter(({ type }) => type === 'welcome').length;
  const known = welcomes();
  mortal.thaw();
  await until('the socket of the room is back', () => welcomes() > known, 30_000);
  const whole = await until(
    'the newest page in the room that was away',
    async () => {
      const [a, b] = await Promise.all(rooms.map(({ page }) => ink(page, 320)));
      return a && b && a.inked > 20 && apart(a, b) < 0.05 ? b : null;
    },
    10_000,
  );
  const { welcome, ink: drawn } = await rooms[1].page.evaluate(() => globalThis.times);
  t.diagnostic(`${n} strokes meanwhile; drawn ${Math.round(drawn - welcome)} ms after the welcome`);
  assert.ok(whole.inked > 500);
  for (const label of ['第 3 页，共 3 页', '第 2 页，共 3 页', '第 1 页，共 3 页']) {
    await until(`${label}: the same in both rooms`, async () => {
      const there = await Promise.all(rooms.map(({ page }) => labels(page)));
      const [a, b] = await Promise.all(rooms.map(({ page }) => ink(page, 320)));
      return there.every((one) => one === label) && a.inked > 20 && apart(a, b) < 0.05;
    });
    await teacher.page
      .getByRole('button', { name: '上一页' })
      .click({ timeout: 1000 })
      .catch(() => {});
  }
});

const choose = (name, bytes) =>
  teacher.page
    .locator('.board-editor input[type=file]')
    .setInputFiles({ name, mimeType: 'application/pdf', buffer: bytes });

const said = () =>
  until('it says why', async () => {
    const note = teacher.page.locator('.slide-progress.warn .told');
    return (await note.count()) > 0 && (await note.textContent());
  });

const count = async () => Number(/共 (\d+) 页/.exec(await labels(teacher.page))[1]);

/** How many pixels of the slide that a room shows are dark. */
const dark = (page) =>
  page.evaluate(async () => {
    const image = document.querySelector('.sheet .slide img');
    if (!image?.complete) {
      return 0;
    }
    const canvas = new OffscreenCanvas(480, 270);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, 480, 270);
    const { data } = context.getImageData(0, 0, 480, 270);
    return data.filter((v, i) => i % 4 === 0 && v < 60).length;
  });

test('a PDF becomes slides: the rooms have every page before it is turned to', async (t) => {
  const before_it = await count();
  const began = Date.now();
  await choose('lesson.pdf', numbered(12));
  await until('twelve more pages', async () => (await count()) === before_it + 12, 60_000);
  t.diagnostic(`12 pages in ${Date.now() - began} ms`);
  const files = () =>
    rooms[0].page.evaluate(
      () =>
        performance.getEntriesByType('resource').filter(({ name }) => name.includes('/files/'))
          .length,
    );
  await until('twelve pictures in the room', async () => (await files()) >= 12, 30_000);
  await until('the first of them is shown', async () => (await dark(rooms[0].page)) > 300);
  for (let i = 0; i < 6; i++) {
    await teacher.page.getByRole('button', { name: '下一页' }).click();
  }
  const label = `第 ${before_it + 7} 页，共 ${before_it + 12} 页`;
  await until('page 7 of it', async () => (await labels(rooms[0].page)) === label);
  assert.equal(await files(), 12, 'nothing was fetched for it');
});

test('Chinese text of a PDF without its font is there', async () => {
  const before_it = await count();
  await choose('zh.pdf', chinese('略阳县高台小学'));
  await until('one more page', async () => (await count()) === before_it + 1, 60_000);
  await until('its characters in the room', async () => (await dark(rooms[0].page)) > 1500);
});

test('a script in a PDF is not run, and nothing is asked of anybody else', async () => {
  const before_it = await count();
  const asked = [];
  teacher.page.on('request', (request) => asked.push(request.url()));
  teacher.page.on('dialog', (dialog) => assert.fail(`a dialog: ${dialog.message()}`));
  await choose('script.pdf', scripted());
  await until('one more page', async () => (await count()) === before_it + 1, 60_000);
  const { origin } = new URL(teacher.page.url());
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(origin) && !url.startsWith(`blob:${origin}`)),
    [],
  );
});

test('a PDF that cannot be is refused with the reason, and the board stays', async () => {
  const before_it = await count();
  for (const [name, bytes, reason] of [
    ['broken.pdf', broken(), /已损坏/],
    ['locked.pdf', locked(), /密码/],
    ['many.pdf', numbered(301), /300 页/],
    ['text.pdf', Buffer.from('no pdf at all'), /不是 PDF/],
  ]) {
    await choose(name, bytes);
    assert.match(await said(), reason, name);
    await teacher.page.locator('.slide-progress button').last().click();
  }
  assert.equal(await count(), before_it);
});

/** Runs in the teacher's page before its own: a screen full of small text, on which something moves. */
function fakeScreen() {
  navigator.mediaDevices.getDisplayMedia = async (wanted) => {
    globalThis.screen_wanted = wanted;
    const canvas = document.createElement('canvas');
    canvas.width = 1920;
    canvas.height = 1080;
    const context = canvas.getContext('2d');
    let n = 0;
    const draw = () => {
      context.fillStyle = '#ffffff';
      context.fillRect(0, 0, 1920, 1080);
      context.fillStyle = '#111111';
      context.font = '16px sans-serif';
      for (let i = 0; i < 50; i++) {
        context.fillText(
          `${i} the quick brown fox jumps over the lazy dog 0123456789 `.repeat(3),
          20,
          20 + 21 * i,
        );
      }
      context.fillRect(1700 + ((8 * n) % 200), 20, 20, 20);
      n += 1;
    };
    draw();
    setInterval(draw, 50);
    return canvas.captureStream(20);
  };
}

/** What the room's picture of the screen is like: its size, and how black and white it is. */
const screen = (page) =>
  page.evaluate(() => {
    const video = document.querySelector('.pane.board video');
    if (!video?.videoWidth) {
      return null;
    }
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0);
    const { data } = context.getImageData(20, 0, 800, 1080);
    const light = data.filter((_, i) => i % 4 === 1);
    return {
      width: video.videoWidth,
      height: video.videoHeight,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      black: light.filter((v) => v < 70).length / light.length,
      white: light.filter((v) => v > 225).length / light.length,
    };
  });

test('the shared screen is sharp and slow in the room, and ends with the browser’s own bar', async (t) => {
  const { page } = teacher;
  await page.evaluate(fakeScreen);
  await page.getByRole('button', { name: '开始上课' }).click();
  await page.getByRole('button', { name: '共享屏幕' }).click();
  const enter = rooms[0].page.getByRole('button', { name: '进入课堂' });
  if (await enter.count()) {
    await enter.click();
  }
  const first = await until(
    'the screen in the room',
    async () => {
      const now = await screen(rooms[0].page);
      return now?.width === 1920 && now.black > 0.02 ? now : null;
    },
    40_000,
  );
  const began = Date.now();
  const later = await until(
    'twenty pictures more',
    async () => {
      const now = await screen(rooms[0].page);
      return now && now.frames >= first.frames + 20 ? now : null;
    },
    20_000,
  );
  const fps = ((later.frames - first.frames) * 1000) / (Date.now() - began);
  t.diagnostic(
    `${later.width}×${later.height}, ${fps.toFixed(1)} pictures a second, ${JSON.stringify(later)}`,
  );
  assert.deepEqual([later.width, later.height], [1920, 1080]);
  assert.ok(later.white > 0.6 && later.black > 0.02, 'text is black on white, not grey');
  const wanted = await page.evaluate(() => globalThis.screen_wanted);
  assert.deepEqual([wanted.audio, wanted.video.frameRate.max], [false, 5]);
  // the browser's own bar ends the track without asking the page
  await page.evaluate(() => {
    const [track] = document.querySelector('.shared video').srcObject.getVideoTracks();
    track.stop();
    track.dispatchEvent(new Event('ended'));
  });
  await until('the board again', () => rooms[0].page.locator('.sheet').count());
  assert.equal(await page.locator('.shared').count(), 0);
  const errors = [teacher, ...rooms].flatMap(({ said: all }) =>
    all.filter(({ type }) => type === 'pageerror'),
  );
  assert.deepEqual(errors, []);
});
