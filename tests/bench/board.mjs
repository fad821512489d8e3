// The board's figures: how soon a stroke is at the other side, what writing costs, how soon a full board opens.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { promisify } from 'node:util';
import { blank, points, stroke } from '../integration/ink.mjs';
import { Server } from '../integration/server.mjs';
import { Socket } from '../integration/websocket.mjs';

const run = promisify(execFile);
const STROKES = 20000;
const POINTS = 40;

const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)];

async function page(server, cookie, hello) {
  const socket = await Socket.open(server.port + 2, { cookie });
  const welcome = await socket.ask({ type: 'hello', ...hello });
  return { socket, epoch: welcome.board.epoch };
}

/** Strokes one after another, each timed from sending to its arrival in a room. */
async function measureStrokes(pc, room, epoch, p, count) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const s = stroke(`b${i}`, p, POINTS);
    const began = performance.now();
    const arrived = room.next((m) => m.type === 'board.entries' && m.entries.some((e) => e.id === s.id));
    pc.send({ type: 'board.add', op: s.id, epoch, entries: [s] });
    await arrived;
    times.push(performance.now() - began);
    await pc.next((m) => m.op === s.id);
    await new Promise((done) => setTimeout(done, 25)); // under what an account may write
  }
  return { p50_ms: percentile(times, 0.5), p95_ms: percentile(times, 0.95), p99_ms: percentile(times, 0.99) };
}

/** A minute of handwriting: 1.5 strokes a second of 40 points, each in pieces of 50 ms and then whole. Bytes, no wire. */
function costOfWriting() {
  let bytes = 0;
  for (let i = 0; i < 90; i++) {
    const s = stroke(`Abcdef${i}`, 'Abcdef1', POINTS);
    bytes += JSON.stringify({ type: 'board.entries', epoch: 1, first: 10000, by: 2, entries: [s] }).length;
    for (let k = 0; k < POINTS; k += 3) {
      const d = points(Array.from({ length: 3 }, (_, n) => [16 * n + 16, 9, 3]), [0, 0, 0]);
      const head = k === 0 ? { p: s.p, t: 'pen', c: 1, w: 30 } : {};
      bytes += JSON.stringify({ type: 'board.ink', s: s.id, i: k, ...head, d }).length;
    }
  }
  return (bytes * 8) / 60 / 1000;
}

async function open(server, cookie, encoding) {
  const began = performance.now();
  const sent = request({
    port: server.port + 2,
    path: '/api/v1/lessons/demo/board',
    headers: { Cookie: cookie, 'Accept-Encoding': encoding },
  });
  sent.end();
  const [reply] = await once(sent, 'response');
  const parts = [];
  for await (const part of reply) {
    parts.push(part);
  }
  const took_ms = performance.now() - began;
  const body = Buffer.concat(parts);
  const coding = reply.headers['content-encoding'] ?? 'identity';
  const { entries } = JSON.parse(coding === 'gzip' ? gunzipSync(body) : body);
  return { coding, took_ms, bytes: body.length, entries: entries.length };
}

/** As if a lesson had been written for long: its entries are put into the database. */
async function fill(server, epoch, from) {
  const rows = [];
  for (let i = 0; i < STROKES; i++) {
    const text = JSON.stringify(stroke(`Abcdef${i.toString(36)}`, 'p', POINTS));
    rows.push(`('demo',${epoch},${from + i},0,NULL,'${text}')`);
  }
  const sql = `.timeout 5000\nBEGIN;\n${rows.map((row) => `INSERT INTO board_entry VALUES ${row};`).join('\n')}\nCOMMIT;\n`;
  const child = run('sqlite3', [join(server.data, 'tongke.db')]);
  child.child.stdin.end(sql);
  await child;
}

export async function measureBoard() {
  const server = await Server.start();
  try {
    const teacher = await server.login('teacher');
    const lesson = await (await server.get('/api/v1/lessons/demo', { headers: { Cookie: teacher } })).json();
    const device = await server.enrol(lesson.rooms[0].id);
    const { socket: pc, epoch } = await page(server, teacher, { page: 'teach', as: 'teacher', lesson: 'demo' });
    const { socket: room } = await page(server, device, { page: 'room', as: 'device' });
    await pc.ask({ type: 'board.add', epoch, entries: [blank('p')] });
    const strokes = await measureStrokes(pc, room, epoch, 'p', 300);
    await server.stop();
    await fill(server, epoch, 302);
    await server.launch();
    const opens = [];
    for (const encoding of ['identity', 'gzip', 'identity', 'gzip']) {
      opens.push(await open(server, device, encoding));
    }
    return { strokes, writing_kbps: costOfWriting(), opens };
  } finally {
    await server.clean();
  }
}

export function printBoard({ strokes, writing_kbps, opens }) {
  const ms = (value) => `${value.toFixed(1)} ms`;
  console.log(`\nboard: a stroke at the other side: p50 ${ms(strokes.p50_ms)}, p95 ${ms(strokes.p95_ms)}, p99 ${ms(strokes.p99_ms)}`);
  console.log(`board: to each room while somebody writes: ${writing_kbps.toFixed(1)} kbit/s`);
  opens.forEach(({ coding, took_ms, bytes, entries }, i) => {
    console.log(`board: ${entries} entries open${i < 2 ? '' : ' again'} (${coding}): ${ms(took_ms)}, ${(bytes / 1024).toFixed(0)} KiB`);
  });
}
