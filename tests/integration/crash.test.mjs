// kill -9 of tongke at five moments, while two rooms report: what was acknowledged is in the database, and once.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Server } from './server.mjs';
import { Socket } from './websocket.mjs';

const run = promisify(execFile);
let server;
let rooms;

/** A room's page as far as the server can tell: it reports as if something played. */
class Room {
  constructor(id, cookie) {
    this.id = id;
    this.cookie = cookie;
    this.joined_ms = Date.now();
    this.sent = []; // by n - 1
    this.acknowledged = 0;
  }

  /** Comes in or back, and sends again what was not acknowledged, as a page does. */
  async join() {
    this.socket = await Socket.open(server.port + 2, { cookie: this.cookie });
    const hello = { type: 'hello', page: 'room', as: 'device', joined_ms: this.joined_ms };
    const welcome = await this.socket.ask({ ...hello, ...(this.resume && { resume: this.resume }) });
    assert.equal(welcome.type, 'welcome');
    this.resume = welcome.seq;
    await Promise.all(this.sent.slice(this.acknowledged).map((report) => this.tell(report)));
  }

  report() {
    const n = this.sent.length + 1;
    const report = { type: 'progress', op: `n${n}`, n, at_ms: Date.now(), span_ms: 5000, frames: n, audio_ms: 5000 };
    this.sent.push(report);
    return this.tell(report);
  }

  async tell(report) {
    const answer = await this.socket.ask(report);
    assert.equal(answer.type, 'ok');
    this.acknowledged = Math.max(this.acknowledged, report.n);
  }
}

async function sql(query) {
  const { stdout } = await run('sqlite3', ['-json', join(server.data, 'tongke.db'), query]);
  return stdout.trim() ? JSON.parse(stdout) : [];
}

/** Kills it when `moment` is over; what was acknowledged by then. */
async function kill(moment) {
  const [{ id }] = await sql('SELECT max(id) AS id FROM server_run');
  await moment();
  server.child.kill('SIGKILL');
  const killed = { run: id, ms: Date.now(), rooms: rooms.map((room) => room.acknowledged) };
  await server.exit;
  return killed;
}

async function check(killed) {
  assert.deepEqual(await sql('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  const [old, next] = await sql(`SELECT * FROM server_run WHERE id >= ${killed.run} ORDER BY id`);
  assert.equal(old.stopped_ms, null);
  assert.ok(old.last_beat_ms <= killed.ms && next.started_ms >= killed.ms, 'the down time is on record');
  for (const [i, room] of rooms.entries()) {
    const n = killed.rooms[i];
    const [row] = await sql(
      `SELECT * FROM presence WHERE room_id = ${room.id} AND server_run_id = ${killed.run} ORDER BY id DESC LIMIT 1`,
    );
    if (n > 0 && room.sent[n - 1].run === killed.run) {
      assert.ok(row.last_n >= n, `room ${room.id}: report ${n} was acknowledged, ${row.last_n} is there`);
      assert.ok(row.last_report_ms >= room.sent[n - 1].at_ms, 'the interval reaches to it');
    }
    assert.ok(!row || row.last_report_ms <= killed.ms, 'the interval ends at its last report');
  }
}

before(async () => {
  server = await Server.start();
  const demo = await server.tongke('lesson', 'show', 'demo');
  rooms = [];
  for (const { id } of demo.rooms) {
    rooms.push(new Room(id, await server.enrol(id)));
  }
  await Promise.all(rooms.map((room) => room.join()));
});

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

const quietly = (promise) => promise.catch(() => {}); // the kill takes the answer with it
const burst = (room, count) => Array.from({ length: count }, () => room.report());

const moments = {
  'after an acknowledgement': () => Promise.all(rooms.map((room) => room.report())),
  'with twenty reports under way': async () => {
    rooms.flatMap((room) => burst(room, 20)).forEach(quietly);
  },
  'at the first acknowledgement of twenty': () => {
    const all = rooms.flatMap((room) => burst(room, 20));
    all.forEach(quietly);
    return Promise.any(all);
  },
  'in the middle of twenty': () => {
    const all = rooms.map((room) => burst(room, 20));
    all.flat().forEach(quietly);
    return Promise.all(all.map((reports) => reports[9]));
  },
  'when it has just started': async () => {},
};

for (const [name, moment] of Object.entries(moments)) {
  test(`kill -9 ${name}: nothing acknowledged is lost, nothing counts twice`, async (t) => {
    const [{ id }] = await sql('SELECT max(id) AS id FROM server_run');
    const first = rooms.map((room) => room.sent.length);
    const killed = await kill(moment);
    rooms.forEach((room, i) => {
      for (const report of room.sent.slice(first[i])) {
        report.run = id;
      }
    });
    const before_restart = await sql(`SELECT * FROM presence WHERE server_run_id <= ${id} ORDER BY id`);
    await server.launch();
    await check(killed);
    await Promise.all(rooms.map((room) => room.join()));
    for (const room of rooms) {
      const [{ frames }] = await sql(`SELECT sum(frames) AS frames FROM presence WHERE room_id = ${room.id}`);
      assert.equal(frames, (room.sent.length * (room.sent.length + 1)) / 2);
    }
    const now = await sql(`SELECT * FROM presence WHERE server_run_id <= ${id} ORDER BY id`);
    assert.deepEqual(now, before_restart, 'what the run before wrote stays as it is');
    t.diagnostic(
      `sent ${rooms.map((r) => r.sent.length)}, acknowledged at the kill ${killed.rooms}, all there ${Date.now() - killed.ms} ms later`,
    );
  });
}
