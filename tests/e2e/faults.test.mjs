// What happens when a part is killed or goes away while two rooms watch. Times are measured and printed; a test fails
// only when what it waits for does not come, or when what is on record is wrong.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { runs } from '../integration/server.mjs';
import { launch, launch_mortal, livesUp, open, plays } from './browser.mjs';
import { Product, processes, until } from './product.mjs';

let product;
let browser;
let mortal; // the second room's browser
let rooms;
let sitting; // the one that is going on

const told = (room, type) => room.said.filter((message) => message.type === type).length;

/** Since when both rooms show new pictures again, after `began`. */
async function bothPlay(began) {
  await Promise.all(rooms.map((room, i) => plays(room.page, `room ${i}`)));
  return Date.now() - began;
}

/** The last report in which something played that the server said it has. */
const acknowledged = (room) => room.reports.findLast((report) => report.ok_ms && report.frames > 0);

/** Waits until both rooms have reported since. */
function bothReport(since = Date.now()) {
  const has = (room) => (acknowledged(room)?.at_ms ?? 0) > since;
  return until('reports of both rooms on disk', () => rooms.every(has));
}

/** Another process than `before_pid` with this name. */
function another(name, before_pid) {
  return until(`another ${name}`, async () => {
    const now = await processes(name, product.child.pid);
    return now.length > 0 && !now.includes(before_pid);
  });
}

/** Ends the sitting; the results of the one that ended, in the order of the rooms. */
async function end() {
  const id = sitting.id;
  await product.tongke('lesson', 'end', 'demo');
  return product.sql(`SELECT * FROM attendance_result WHERE sitting_id = ${id} ORDER BY room_id`);
}

/** The next sitting, in which both rooms play by themselves. */
async function next() {
  const number = sitting?.number ?? 0;
  const follows = (m) => m.lesson?.sitting?.number > number && m.lesson.state === 'live';
  await until('both rooms are in the next sitting', () =>
    rooms.every((room) => room.said.some(follows)),
  );
  [sitting] = await product.sql("SELECT * FROM sitting WHERE lesson_id = 'demo' ORDER BY id DESC LIMIT 1");
  await bothPlay();
}

const spans = () => product.sql(`SELECT * FROM live_span WHERE sitting_id = ${sitting.id} ORDER BY id`);

before(async () => {
  product = await Product.start({ settings: 'demo_reopen_s = 1\n' });
  browser = await launch();
  mortal = await launch_mortal();
  const pages = await product.links();
  rooms = await Promise.all([open(browser, pages[1].link), open(mortal.browser, pages[2].link)]);
  await Promise.all(rooms.map((room, i) => livesUp(room.page, `room ${i}`)));
  await next();
});

after(async () => {
  await mortal?.kill();
  await browser?.close();
  await product?.clean();
});

test('a second instance says so', async () => {
  const other = await Product.start({ port: product.port, data: product.data }).catch((error) => error);
  assert.match(String(other.message), /in use by another tongke/);
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
  await bothPlay();
  const said = rooms.map((room) => room.said.length);
  const began = Date.now();
  const killed = kill();
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
  const [cut, again] = (await spans()).slice(-2);
  const quiet_ms = again.started_ms - cut.last_ms;
  t.diagnostic(`no live time for ${quiet_ms} ms`);
  assert.equal(cut.closed, 1);
  assert.ok(quiet_ms > 9000, 'the silence counts for nobody');
  assert.ok(Math.abs(cut.last_ms - began) < 3000, 'and begins with the kill');
  await killed;
});

test('kill -9 of the pipeline: its source is back, nothing else notices', async (t) => {
  await end();
  await next();
  await bothReport();
  const before_pid = await product.pid('tongke-pipeline');
  const gone = rooms.map((room) => told(room, 'media.gone'));
  const began = Date.now();
  process.kill(before_pid, 'SIGKILL');
  await another('tongke-pipeline', before_pid);
  await until('the source is live', async () => {
    const { status } = await product.tongke('source', 'show', 'demo');
    return status.state === 'live';
  });
  const live_ms = Date.now() - began;
  const took_ms = await bothPlay(began);
  t.diagnostic(`source live after ${live_ms} ms (2000), rooms play after ${took_ms} ms`);
  const now = rooms.map((room) => told(room, 'media.gone'));
  assert.deepEqual(now, gone, 'no media session ended');
});

test('kill -9 of the streamer: the rooms play again by themselves, the gap counts for nobody', async (t) => {
  const before_pid = await product.pid('tongke-streamer');
  const began = Date.now();
  process.kill(before_pid, 'SIGKILL');
  await another('tongke-streamer', before_pid);
  const took_ms = await bothPlay(began);
  const [cut, again, ...more] = (await spans()).filter((span) => !span.closed || span.last_ms >= began);
  t.diagnostic(
    `rooms play after ${took_ms} ms (5000); live time stops ${cut.last_ms - began} ms after the kill, goes on ${again.started_ms - began} ms after it`,
  );
  assert.equal(cut.cause, 'streamer_down');
  assert.equal(again.closed, 0);
  assert.deepEqual(more, []);
  assert.ok(again.started_ms > cut.last_ms);
  assert.ok(cut.last_ms - began < 1000, 'the live time ends with the streamer');
  await bothReport();
});

test('kill -9 of tongke: nothing acknowledged is lost, the pages rejoin', async (t) => {
  const before_pid = await product.pid('tongke');
  const printed = product.printed;
  await bothReport();
  await plays(rooms[0].page, 'room 0', 50); // 2 s at 25 a second: the kill is between two reports
  const [{ id: run }] = await product.sql('SELECT max(id) AS id FROM server_run');
  const last = rooms.map(acknowledged);
  const began = Date.now();
  process.kill(before_pid, 'SIGKILL');
  await another('tongke', before_pid);
  const took_ms = await bothPlay(began);
  await bothReport();
  assert.deepEqual(await product.sql('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  assert.equal(product.printed, printed, 'nothing is printed twice');
  for (const [i, report] of last.entries()) {
    const id = rooms[i].said.find((m) => m.you?.room).you.room.id;
    const [row] = await product.sql(
      `SELECT * FROM presence WHERE server_run_id = ${run} AND room_id = ${id} ORDER BY id DESC LIMIT 1`,
    );
    t.diagnostic(
      `room ${i}: report ${report.n} acknowledged, ${row.last_n} on disk; the interval ends ${began - row.last_report_ms} ms before the kill`,
    );
    assert.ok(row.last_n >= report.n, 'what was acknowledged is there');
    assert.ok(row.last_report_ms >= report.at_ms, 'the interval reaches to the last report');
    assert.ok(row.last_report_ms <= began, 'and no further');
  }
  const [old, now] = await product.sql(`SELECT * FROM server_run WHERE id >= ${run} ORDER BY id`);
  assert.equal(old.stopped_ms, null);
  assert.ok(old.last_beat_ms <= began && now.started_ms >= began);
  t.diagnostic(
    `rooms play after ${took_ms} ms; last sign ${began - old.last_beat_ms} ms before the kill, started again ${now.started_ms - began} ms after it`,
  );
  const live = await spans();
  const cut = live.findLast((span) => span.started_ms < began);
  assert.equal(cut.cause, 'server_down');
  assert.ok(cut.last_ms <= began && began - cut.last_ms < 8000, 'live until the last heartbeat');
  assert.ok(live.at(-1).started_ms >= now.started_ms, 'the down time counts for nobody');
});

test('afterwards the attendance shows no false absence', async (t) => {
  await bothReport();
  const results = await end();
  const ended = await spans();
  t.diagnostic(
    `live ${ended.map((span) => `${span.last_ms - span.started_ms} ms until ${span.cause}`).join(', ')}`,
  );
  assert.equal(results.length, 2);
  for (const result of results) {
    const [{ last_ms }] = await product.sql(
      `SELECT max(last_report_ms) AS last_ms FROM presence
        WHERE sitting_id = ${sitting.id} AND room_id = ${result.room_id}`,
    );
    // nobody has reported the last seconds yet when a lesson ends
    const due_ms = result.live_ms - Math.max(0, ended.at(-1).last_ms - last_ms);
    const share = result.covered_ms / due_ms;
    t.diagnostic(
      `room ${result.room_id}: ${result.status}, coverage ${result.coverage.toFixed(3)} of ${result.live_ms} ms, ${share.toFixed(3)} until its last report, bridged ${result.bridged_ms} ms`,
    );
    assert.equal(result.status, 'attended');
    assert.ok(share >= 0.95);
    assert.equal(result.provisional, 0);
  }
  assert.deepEqual(
    await product.sql(`SELECT * FROM evidence WHERE sitting_id = ${sitting.id}`),
    [],
    'nothing speaks against them',
  );
});

test('a page that is closed and one whose link falls silent: each ends at its last report', async (t) => {
  await next();
  await bothReport();
  const began = Date.now();
  const last = rooms.map(acknowledged);
  const ids = rooms.map((room) => room.said.find((m) => m.you?.room).you.room.id);
  await rooms[0].page.close({ runBeforeUnload: true });
  mortal.freeze(); // its connections stay and nothing comes any more, as after a power cut
  const evidence = await until(
    'both losses noticed',
    async () => {
      const rows = await product.sql(`SELECT * FROM evidence WHERE sitting_id = ${sitting.id}`);
      const kinds = rows.map((row) => row.kind);
      return kinds.includes('closed') && kinds.includes('connection_lost') ? rows : null;
    },
    60000,
  );
  const noticed_ms = Date.now() - began;
  const results = await end();
  for (const [i, kind, status] of [
    [0, 'closed', 'insufficient'],
    [1, 'connection_lost', 'technical'],
  ]) {
    const [row] = await product.sql(
      `SELECT * FROM presence WHERE sitting_id = ${sitting.id} AND room_id = ${ids[i]} ORDER BY id DESC LIMIT 1`,
    );
    const mine = evidence.find((piece) => piece.room_id === ids[i] && piece.kind === kind);
    const result = results.find((one) => one.room_id === ids[i]);
    t.diagnostic(
      `${kind}: interval ends ${row.last_report_ms - began} ms and evidence is ${mine?.at_ms - began} ms after the loss; ${result.status}, coverage ${result.coverage.toFixed(3)} of ${result.live_ms} ms`,
    );
    assert.ok(mine, `${kind} is the evidence about room ${i}`);
    assert.ok(row.last_n >= last[i].n && row.last_report_ms >= last[i].at_ms);
    assert.ok(row.last_report_ms - began < 2000, 'the interval ends at the last report');
    assert.ok(mine.at_ms - began < 2000, 'and the evidence is of then');
    assert.equal(result.status, status);
  }
  t.diagnostic(`the silence is noticed after ${noticed_ms} ms`);
});

test('the page whose link was silent comes back by itself', async (t) => {
  const began = Date.now();
  mortal.thaw();
  const pages = await product.links();
  rooms[0] = await open(browser, pages[1].link);
  await next();
  t.diagnostic(`both rooms play ${Date.now() - began} ms after the link is back`);
});

/** Whether a server could listen there now. */
function is_free(port, kind) {
  const server = kind === 'udp' ? createSocket('udp4') : createServer();
  return new Promise((done) => {
    server.once('error', () => done(false));
    const ok = () => server.close(() => done(true));
    kind === 'udp' ? server.bind(port, ok) : server.listen(port, ok);
  });
}

test('SIGTERM: the pages are told, the intervals closed, nothing is left', async (t) => {
  await bothReport();
  const below = [
    ...(await processes('tongke', product.child.pid)),
    ...(await processes('tongke-streamer', product.child.pid)),
    ...(await processes('tongke-pipeline', product.child.pid)),
  ];
  assert.equal(below.length, 3);
  const began = Date.now();
  const { code, took_ms } = await product.stop();
  t.diagnostic(`ended after ${took_ms} ms (5000)`);
  assert.equal(code, 0);
  assert.ok(took_ms < 10000);
  assert.ok(!(await Promise.all(below.map(runs))).includes(true), 'every process is gone');
  const { port } = product;
  const ports = [is_free(port), is_free(port, 'udp'), is_free(port + 1), is_free(port + 2)];
  assert.deepEqual(await Promise.all(ports), [true, true, true, true], 'the ports are free');
  for (const [i, room] of rooms.entries()) {
    const closing = room.said.find((message) => message.type === 'server.closing');
    assert.equal(closing?.reason, 'stop', `room ${i} was told`);
  }
  const [run] = await product.sql('SELECT * FROM server_run ORDER BY id DESC LIMIT 1');
  assert.ok(run.stopped_ms >= began, 'the run was closed');
  const last = (await spans()).at(-1);
  assert.deepEqual([last.closed, last.cause], [1, 'server_stop']);
  assert.ok(last.last_ms >= began, 'it was live until then');
  const [{ late }] = await product.sql(
    `SELECT max(last_report_ms) AS late FROM presence WHERE sitting_id = ${sitting.id}`,
  );
  assert.ok(late <= run.stopped_ms);
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
