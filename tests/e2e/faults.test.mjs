// What happens when a part is killed while two rooms watch. Times are measured and printed; a test fails only when
// what it waits for does not come.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runs } from '../integration/server.mjs';
import { frames, launch, launch_mortal, livesUp, open, plays } from './browser.mjs';
import { Product, processes, until } from './product.mjs';

let product;
let browser;
let rooms;

const told = (room, type) => room.said.filter((message) => message.type === type).length;

/** Since when both rooms show new pictures again, after `began`. */
async function bothPlay(began) {
  await Promise.all(rooms.map((room, i) => plays(room.page, `room ${i}`)));
  return Date.now() - began;
}

before(async () => {
  product = await Product.start();
  browser = await launch();
  const pages = await product.links();
  rooms = [await open(browser, pages[1].link), await open(browser, pages[2].link)];
  await Promise.all(rooms.map((room, i) => livesUp(room.page, `room ${i}`)));
});

after(async () => {
  await browser?.close();
  await product?.clean();
});

test('a second instance says so', async () => {
  const other = await Product.start({ port: product.port, data: product.data }).catch((error) => error);
  assert.match(String(other.message), /in use by another tongke/);
});

test('kill -9 of the pipeline: its source is back, nothing else notices', async (t) => {
  const before_pid = await product.pid('tongke-pipeline');
  const gone = rooms.map((room) => told(room, 'media.gone'));
  const began = Date.now();
  process.kill(before_pid, 'SIGKILL');
  await until('another pipeline', async () => {
    const now = await processes('tongke-pipeline', product.child.pid);
    return now.length > 0 && !now.includes(before_pid);
  });
  await until('the source is live', async () => {
    const { status } = await product.tongke('source', 'show', 'demo');
    return status.state === 'live';
  });
  const live_ms = Date.now() - began;
  const took_ms = await bothPlay(began);
  t.diagnostic(`source live after ${live_ms} ms (2000), rooms play after ${took_ms} ms`);
  assert.deepEqual(
    rooms.map((room) => told(room, 'media.gone')),
    gone,
    'no media session ended',
  );
});

test("kill -9 of the teacher's browser: told in words, then the source plays again", async (t) => {
  const pages = await product.links();
  const { browser: theirs, kill } = await launch_mortal();
  const teacher = await open(theirs, pages[0].link);
  await teacher.page.waitForURL('**/teach/demo');
  await teacher.page.locator('button.start').click();
  await until('the teacher is live', async () => {
    const lesson = await product.tongke('lesson', 'show', 'demo');
    return lesson.publisher?.live;
  });
  await bothPlay(Date.now());
  const said = rooms.map((room) => room.said.length);
  const began = Date.now();
  kill();
  await until('the rooms are told', () =>
    rooms.every((room, i) =>
      room.said.slice(said[i]).some((message) => message.lesson?.state === 'interrupted'),
    ),
  );
  const told_ms = Date.now() - began;
  await until('the source is on air', () =>
    rooms.every((room) => room.said.findLast((m) => m.lesson)?.lesson.state === 'live'),
  );
  const took_ms = await bothPlay(began);
  t.diagnostic(`told after ${told_ms} ms (3000), the source plays after ${took_ms} ms (13000)`);
  const spans = await product.sql(
    'SELECT started_ms, last_ms, closed FROM live_span ORDER BY id DESC LIMIT 2',
  );
  const quiet_ms = spans[0].started_ms - spans[1].last_ms;
  t.diagnostic(`no live time for ${quiet_ms} ms`);
  assert.equal(spans[1].closed, 1);
  assert.ok(quiet_ms > 9000, 'the silence counts for nobody');
  assert.ok(Math.abs(spans[1].last_ms - began) < 3000, 'and begins with the kill');
  await theirs.close().catch(() => {});
});

test('kill -9 of the streamer: the rooms play again by themselves', async (t) => {
  const before_pid = await product.pid('tongke-streamer');
  const began = Date.now();
  process.kill(before_pid, 'SIGKILL');
  await until('another streamer', async () => {
    const now = await processes('tongke-streamer', product.child.pid);
    return now.length > 0 && !now.includes(before_pid);
  });
  const took_ms = await bothPlay(began);
  t.diagnostic(`rooms play after ${took_ms} ms (5000)`);
  assert.ok(took_ms < 20000);
});

test('kill -9 of tongke: nothing acknowledged is lost, the pages rejoin', async (t) => {
  const before_pid = await product.pid('tongke');
  const printed = product.printed;
  const acknowledged = await until('reports of both rooms on disk', async () => {
    const rows = await product.sql(
      'SELECT id, room_id, last_report_ms, frames FROM presence ORDER BY id',
    );
    return new Set(rows.map((row) => row.room_id)).size === 2 ? rows : null;
  });
  const began = Date.now();
  process.kill(before_pid, 'SIGKILL');
  await until('another tongke', async () => {
    const now = await processes('tongke', product.child.pid);
    return now.length > 0 && !now.includes(before_pid);
  });
  const took_ms = await bothPlay(began);
  t.diagnostic(`rooms play after ${took_ms} ms`);
  assert.deepEqual(await product.sql('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  const now = new Map(
    (await product.sql('SELECT id, last_report_ms, frames FROM presence')).map((row) => [
      row.id,
      row,
    ]),
  );
  for (const row of acknowledged) {
    const still = now.get(row.id);
    assert.ok(still, `presence ${row.id} is there`);
    assert.ok(still.last_report_ms >= row.last_report_ms && still.frames >= row.frames);
  }
  assert.equal(product.printed, printed, 'nothing is printed twice');
});

test('afterwards the attendance shows no false absence', async () => {
  // what was live before the rooms were there counts too, so it may take a while until most of it was attended
  await until(
    'both rooms to count as present',
    async () => {
      const lines = await product.tongke('report', 'attendance', '--lesson', 'demo');
      const present = lines.filter((line) => /^(attended|partial)/.test(line['Status (English)']));
      return present.length >= 2;
    },
    60000,
  );
});

test('SIGTERM: the pages are told, the intervals closed, nothing is left', async (t) => {
  const below = [
    ...(await processes('tongke', product.child.pid)),
    ...(await processes('tongke-streamer', product.child.pid)),
    ...(await processes('tongke-pipeline', product.child.pid)),
  ];
  const { code, took_ms } = await product.stop();
  t.diagnostic(`ended after ${took_ms} ms (5000)`);
  assert.equal(code, 0);
  assert.ok(took_ms < 10000);
  for (const [i, room] of rooms.entries()) {
    const closing = room.said.find((message) => message.type === 'server.closing');
    assert.equal(closing?.reason, 'stop', `room ${i} was told`);
  }
  await until('every process to be gone', async () => {
    for (const pid of below) {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        // it is gone
      }
    }
    return true;
  });
  const [run] = await product.sql('SELECT stopped_ms FROM server_run ORDER BY id DESC LIMIT 1');
  assert.ok(run.stopped_ms > 0, 'the run was closed');
  assert.deepEqual(await product.sql('SELECT id FROM live_span WHERE closed = 0'), []);
  assert.ok((await frames(rooms[0].page)) > 0);
});

test('kill -9 of ./run: what it started ends too, in good order', async () => {
  const own = await Product.start();
  const below = [await own.pid('tongke'), await own.pid('tongke-streamer')];
  own.child.kill('SIGKILL');
  await own.exit;
  await until('tongke and the streamer to be gone', async () => {
    const all = await Promise.all(below.map(runs));
    return !all.includes(true);
  });
  const [last] = await own.sql('SELECT stopped_ms FROM server_run ORDER BY id DESC LIMIT 1');
  assert.ok(last.stopped_ms > 0, 'the run was closed');
  await own.clean();
});
