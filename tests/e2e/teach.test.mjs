// The teacher's page with two villages that send: seen before the lesson, called on by one press, heard in stereo
// when it is music, written for on a second device.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { devices } from './devices.mjs';
import { assertAccessibleInBoth, assertClean, focus, overflow, speak, tabTo, visit } from './page.mjs';
import { Product, until } from './product.mjs';
import { keepConnections } from './senses.mjs';

/** What the microphones hear: one instrument at the left, another at the right. */
const tones = [440, 1000];

let product;
let browser;
let site;
let teacher;
let rooms;
/** What the teacher's page sent, by type. */
const sent = [];

const signedIn = async (index, how) => {
  const links = await product.links();
  const seen = await visit(browser, links[index].link, how);
  await seen.page.waitForURL(`**${links[index].path}*`);
  return seen;
};

const tile = (i) => teacher.page.locator('.tile').nth(i);
const button = (i) => tile(i).locator('.tile-foot .button');

/** The room's one button, when it does this. */
const raise = (i) => rooms[i].page.locator('button.big[data-act=raise]').click();

const asked = (type) => sent.filter((message) => message.type === type).length;

async function assertFits(page, what) {
  for (const [width, height] of [
    [1920, 1080],
    [1366, 768],
  ]) {
    await page.setViewportSize({ width, height });
    assert.deepEqual(await overflow(page), [], `${what} at ${width}×${height}`);
  }
}

/**
 * How loud each tone is in each ear of what the room's picture says, in decibels, and how many kbit/s of sound came
 * within the last second. The page keeps its connections where a test can find them.
 */
const hear = (page) =>
  page.evaluate(async (wanted) => {
    const received = async () => {
      const all = [];
      for (const pc of globalThis.connections) {
        for (const report of (await pc.getStats()).values()) {
          if (report.type === 'inbound-rtp' && report.kind === 'audio') {
            all.push(report);
          }
        }
      }
      return all;
    };
    const video = [...document.querySelectorAll('video')].find((v) => v.srcObject?.getAudioTracks().length > 0);
    if (!video) {
      return null;
    }
    const track = video.srcObject.getAudioTracks()[0];
    const context = new AudioContext({ sampleRate: 48000 });
    const source = context.createMediaStreamSource(new MediaStream([track]));
    const splitter = context.createChannelSplitter(2);
    source.connect(splitter);
    const ears = [0, 1].map((channel) => {
      const ear = context.createAnalyser();
      ear.fftSize = 8192;
      ear.smoothingTimeConstant = 0;
      splitter.connect(ear, channel);
      return ear;
    });
    const earlier = await received();
    await new Promise((done) => setTimeout(done, 1000));
    const kbps = (await received()).map((report) => {
      const before = earlier.find(({ id }) => id === report.id);
      return before ? ((report.bytesReceived - before.bytesReceived) * 8) / (report.timestamp - before.timestamp) : 0;
    });
    const levels = ears.map((ear) => {
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      return wanted.map((tone) => {
        const at = Math.round((tone / 48000) * 8192);
        return Math.max(...bins.slice(at - 2, at + 3));
      });
    });
    await context.close();
    return { levels, kbps: Math.max(...kbps) };
  }, tones);

/** The tones are apart: each is in its own ear and not in the other. */
const apart = ({ levels }) => levels[0][0] - levels[1][0] > 20 && levels[1][1] - levels[0][1] > 20;

before(async () => {
  product = await Product.start({ port: Number(process.env.TONGKE_TEST_PORT) || undefined });
  site = `http://localhost:${product.port + 2}`;
  const { sound } = await devices(product.data, 'stereo', { tones, least: 0.5 });
  browser = await launch({ sound });
});

after(async () => {
  await browser?.close();
  await product?.clean();
});

test('both villages are seen before the lesson is started', async () => {
  teacher = await signedIn(0);
  teacher.page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => sent.push(JSON.parse(payload))),
  );
  await teacher.page.reload();
  rooms = [await signedIn(1), await signedIn(2)];
  for (const room of rooms) {
    await room.context.addInitScript(keepConnections);
    await room.page.reload();
  }
  await teacher.page.locator('button.start:enabled').waitFor();
  for (const i of [0, 1]) {
    await until(`picture ${i} moves`, () =>
      tile(i)
        .locator('video')
        .evaluate((video) => video.getVideoPlaybackQuality().totalVideoFrames > 10)
        .catch(() => false),
    );
  }
  assert.equal(await teacher.page.locator('.air.good').count(), 0);
  await assertAccessibleInBoth(teacher.page, 'teach rooms before');
  await assertFits(teacher.page, 'teach rooms before');
});

test('a hand is said, shown in its place, and given the floor by a key', async () => {
  const { page } = teacher;
  await speak(page, 'zh');
  await page.locator('button.start').click();
  await page.locator('.air.good').waitFor();
  await raise(1);
  await tile(1).locator('.raised').waitFor();
  await page.locator('[role=log]').getByText('仙台坝小学举手了').waitFor({ state: 'attached' });
  await raise(0);
  await page.locator('.hands li').nth(1).getByText('麻柳铺小学').first().waitFor();
  await assertAccessibleInBoth(page, 'teach hands');
  await page.keyboard.press('h');
  await page.locator('.tile.has-floor').waitFor();
  assert.match(await tile(1).getAttribute('class'), /has-floor/);
  await page.locator('.large.has-floor video').waitFor();
  await rooms[1].page.locator('button.big[data-act=leave]').waitFor();
  await focus(page);
  await assertAccessibleInBoth(page, 'teach floor');
  await assertFits(page, 'teach floor');
});

test('a double click calls on a room once; Escape takes the floor back', async () => {
  const { page } = teacher;
  const before_it = asked('floor.give');
  await button(0).dblclick();
  await rooms[0].page.locator('button.big[data-act=leave]').waitFor();
  assert.match(await tile(0).getAttribute('class'), /has-floor/);
  assert.deepEqual([asked('floor.give') - before_it, asked('floor.take')], [1, 0]);
  await page.keyboard.press('Escape');
  await page.locator('.tile.has-floor').waitFor({ state: 'detached' });
  assert.equal(asked('floor.take'), 1);
  await rooms[0].page.locator('button.big[data-act=raise]').waitFor();
});

test('hands are lowered, one and all, by keys alone', async () => {
  const { page } = teacher;
  for (const i of [0, 1]) {
    await raise(i);
    await tile(i).locator('.raised').waitFor();
  }
  await tabTo(page, '.hands li:first-child .button', 60);
  await page.keyboard.press('Enter');
  await until('one hand is left', async () => (await page.locator('.raised').count()) === 1);
  await focus(page);
  await raise(0);
  await tile(0).locator('.raised').waitFor();
  await tabTo(page, '.hands .button.all', 60);
  await page.keyboard.press('Space');
  await page.locator('.raised').first().waitFor({ state: 'detached' });
  await focus(page);
  assert.equal(await page.locator('button.toggle.on').count(), 0, 'the space bar pressed the button and did not mute');
});

test('music arrives in stereo with its bits, speech in one channel', async () => {
  const { page } = teacher;
  await page.keyboard.press('m');
  await page.locator('.me .chip.good').getByText(/立体声|stereo/i).waitFor();
  await until('music is heard on both sides apart', async () => {
    const heard = await hear(rooms[0].page);
    return heard && apart(heard) && heard.kbps >= 96;
  });
  await page.keyboard.press('m');
  await page.locator('.me .chip.good').getByText(/单声道|mono/i).waitFor();
  await until('speech is the same on both sides', async () => {
    const heard = await hear(rooms[0].page);
    return heard && !apart(heard) && heard.kbps < 64;
  });
});

test('a microphone that does not open for music leaves the sound as it was, and it is said', async () => {
  const { page } = teacher;
  await page.evaluate(() => {
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wish) => {
      if (wish.audio?.echoCancellation === false) {
        throw new DOMException('', 'NotReadableError');
      }
      return open(wish);
    };
  });
  await page.keyboard.press('m');
  await page.locator('.notice.bad').waitFor();
  await page.locator('.controls .option.chosen').getByText(/音乐|Music/).waitFor();
  await assertAccessibleInBoth(page, 'teach music refused');
  await page.locator('.me .chip.good').getByText(/单声道|mono/i).waitFor();
  await until('the sound is still heard', async () => {
    const heard = await hear(rooms[0].page);
    return heard && !apart(heard) && heard.kbps > 20;
  });
});

test('a page that is loaded while the lesson is in music sends music', async () => {
  const { page } = teacher;
  await page.reload();
  await page.locator('.me .chip.good').getByText(/立体声|stereo/i).waitFor();
  await until('music is heard again on both sides apart', async () => {
    const heard = await hear(rooms[0].page);
    return heard && apart(heard) && heard.kbps >= 96;
  });
  await page.keyboard.press('m');
  await page.locator('.me .chip.good').getByText(/单声道|mono/i).waitFor();
});

test('a choir: the microphones of the rooms are closed, and it is said', async () => {
  const { page } = teacher;
  await page.locator('.controls .option').nth(2).click();
  await page.locator('.holder.closed').waitFor();
  await assertAccessibleInBoth(page, 'teach choral');
  await page.locator('.controls .option').first().click();
  await page.locator('.holder.closed').waitFor({ state: 'detached' });
});

test('a question, a countdown, a message: asked, seen, over', async () => {
  const { page } = teacher;
  await page.locator('.tools .tab').nth(0).click();
  await page.locator('.panel .row .button').nth(1).click();
  await page.locator('.bars li').nth(2).waitFor();
  await assertAccessibleInBoth(page, 'teach question');
  await assertFits(page, 'teach question');
  await page.locator('.result-of .button').click();
  await page.locator('.result-of .button').waitFor({ state: 'detached' });
  await page.locator('.tools .tab').nth(1).click();
  await page.locator('fieldset.row .button').nth(0).click();
  await page.locator('.counting').waitFor();
  await assertAccessibleInBoth(page, 'teach countdown');
  await page.locator('.counting .button').click();
  await page.locator('.counting').waitFor({ state: 'detached' });
  await page.locator('.tools .tab').nth(2).click();
  await page.locator('.say input').fill('准备好了就举手');
  await page.keyboard.press('h');
  await page.keyboard.press('Enter');
  await page.locator('.messages .mine').getByText('准备好了就举手h').waitFor();
  await rooms[0].page.getByText('准备好了就举手h').first().waitFor();
  await assertAccessibleInBoth(page, 'teach messages');
});

test('a tablet only writes; the rooms see the board by themselves', async () => {
  const { page, context } = teacher;
  const tablet = await context.newPage();
  await tablet.addInitScript(() => {
    globalThis.asked_devices = 0;
    navigator.mediaDevices.getUserMedia = async () => {
      globalThis.asked_devices += 1;
      throw new DOMException('', 'NotAllowedError');
    };
  });
  await tablet.goto(`${site}/teach/demo?board`);
  const sheet = tablet.locator('.surface .sheet');
  await sheet.waitFor();
  await assertAccessibleInBoth(tablet, 'teach tablet');
  await assertFits(tablet, 'teach tablet');
  const box = await sheet.boundingBox();
  await tablet.mouse.move(box.x + 60, box.y + 60);
  await tablet.mouse.down();
  await tablet.mouse.move(box.x + 200, box.y + 120, { steps: 8 });
  await tablet.mouse.up();
  await page.locator('.show .option.chosen').getByText(/板书|Board/).waitFor();
  await rooms[0].page.locator('.pane.board:not([hidden])').waitFor();
  await page.locator('.tools .tab').nth(0).click(); // from the field, where letters are letters
  await page.keyboard.press('b');
  await page.locator('.page-bar .count').getByText(/第 1 页|Page 1/).waitFor();
  await assertAccessibleInBoth(page, 'teach board');
  assert.equal(await page.locator('.tile video').count(), 2, 'the villages stay in sight');
  await tablet.keyboard.press('m');
  await page.locator('.me .chip.good').getByText(/立体声|stereo/i).waitFor();
  await tablet.keyboard.press('m');
  await page.locator('.me .chip.good').getByText(/单声道|mono/i).waitFor();
  assert.equal(await tablet.evaluate(() => globalThis.asked_devices), 0);
  await tablet.locator('.holder').waitFor();
  await tablet.close();
  await page.keyboard.press('b');
  await page.locator('.page-bar').waitFor({ state: 'detached' });
});

test('a room that drops out loses the floor, and it is said', async () => {
  const { page } = teacher;
  await button(1).click();
  await page.locator('.tile.has-floor').waitFor();
  await rooms[1].context.close();
  await page.locator('.notice').getByText(/仙台坝小学|Xiantaiba/).waitFor();
  await page.locator('.tile.has-floor').waitFor({ state: 'detached' });
  await assertAccessibleInBoth(page, 'teach lost');
  await assertClean(teacher);
});
