// A lesson reaches two rooms, a teacher takes over from the demo source and gives it back, and what the rooms
// saw is on record.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { difference, launch, livesUp, look, open } from './browser.mjs';
import { Product, until } from './product.mjs';

let product;
let browser;
let teacher;
let rooms;
let demo;

before(async () => {
  product = await Product.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await product?.clean();
});

test('the printed links need no password', async () => {
  const pages = await product.links();
  assert.deepEqual(
    pages.map((page) => page.path),
    ['/teach/demo', '/room', '/room', '/admin', '/coteach', '/coteach'],
  );
  for (const page of pages) {
    assert.match(page.link, new RegExp(`^http://localhost:${product.port + 2}/link/`));
  }
  rooms = [await open(browser, pages[1].link), await open(browser, pages[2].link)];
  teacher = await open(browser, pages[0].link);
  await teacher.page.waitForURL('**/teach/demo');
  for (const room of rooms) {
    await room.page.waitForURL('**/room?device=*');
  }
});

test('a link works once', async () => {
  const [first] = await product.links();
  const one = await open(browser, first.link);
  await one.page.waitForURL('**/teach/demo');
  const again = await one.page.request.post(first.link, {
    headers: { origin: `http://localhost:${product.port + 2}` },
    maxRedirects: 0,
  });
  assert.equal(again.status(), 404);
  await one.context.close();
});

test('the demo lesson plays in both rooms', async () => {
  demo = await Promise.all(rooms.map((room, i) => livesUp(room.page, `room ${i}`)));
  for (const seen of demo) {
    assert.equal(seen.width, 1280);
    assert.equal(seen.height, 720);
  }
});

test('the teacher takes over without the rooms doing anything', async () => {
  await teacher.page.locator('button.start').click();
  await until('the teacher is live', async () => {
    const lesson = await product.tongke('lesson', 'show', 'demo');
    return lesson.publisher?.live;
  });
  for (const [i, room] of rooms.entries()) {
    await until(`room ${i} shows the teacher`, async () => {
      const now = await look(room.page);
      return now && difference(now, demo[i]) > 20 ? now : null;
    });
    const seen = await livesUp(room.page, `room ${i} with the teacher`);
    assert.ok(seen.loudest > 0.005);
  }
});

test('the teacher sees both rooms play', async () => {
  await until('both rooms are playing on the teacher page', () => {
    const playing = new Set();
    for (const message of teacher.said) {
      for (const status of message.rooms ?? []) {
        if (status.state === 'playing' && status.fps > 0) {
          playing.add(status.room.id);
        }
      }
    }
    return playing.size === 2;
  });
});

test('the attendance of both rooms is in the database', async () => {
  const on_disk = await until('reports of both rooms on disk', async () => {
    const found = await product.sql(
      `SELECT room_id, sum(frames) AS frames, sum(audio_ms) AS audio_ms,
              sum(last_report_ms - presence.started_ms) AS ms
         FROM presence JOIN sitting ON sitting.id = sitting_id
        WHERE lesson_id = 'demo' AND room_id IS NOT NULL GROUP BY room_id`,
    );
    return found.length === 2 && found.every((room) => room.ms > 10000) ? found : null;
  });
  for (const room of on_disk) {
    assert.ok(room.frames > 100, `frames of room ${room.room_id}: ${room.frames}`);
    assert.ok(room.audio_ms > 5000, `sound of room ${room.room_id}: ${room.audio_ms} ms`);
  }
  assert.deepEqual(await product.sql('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
});

test('the teacher ends the lesson and its attendance is computed', async () => {
  await teacher.page.locator('button.end').click();
  await teacher.page.locator('dialog button.danger, [role=dialog] button.danger').click();
  const results = await until('results of both rooms', async () => {
    const found = await product.sql(
      `SELECT r.room_id, r.status, r.coverage, r.rule_version FROM attendance_result r
         JOIN sitting s ON s.id = r.sitting_id
        WHERE s.lesson_id = 'demo' AND s.ended_ms IS NOT NULL AND r.provisional = 0`,
    );
    return found.length >= 2 ? found : null;
  });
  for (const result of results) {
    assert.ok(result.coverage > 0.5, `coverage of room ${result.room_id}: ${result.coverage}`);
    assert.ok(result.rule_version >= 1);
  }
  for (const { page } of rooms) {
    assert.ok(page.url().includes('/room'));
  }
});

test('no page reported an error of its own', () => {
  for (const { said } of [teacher, ...rooms]) {
    assert.deepEqual(
      said.filter((message) => message.type === 'pageerror'),
      [],
    );
  }
});
