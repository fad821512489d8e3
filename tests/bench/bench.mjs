// Prints the figures: `tests/bench/run [viewers] [glass] [board] [floor]`.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Product, until } from '../e2e/product.mjs';
import { measureBoard, printBoard } from './board.mjs';
import { measureFloor, printFloor } from './floor.mjs';
import { measureGlass } from './glass.mjs';
import { janusHere, machineAddress, MOUNTPOINT, startJanus } from './janus.mjs';
import { makeLesson } from './media.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const viewers = join(root, 'build/tests/bench/viewers');
const counts = [1, 50, 100, 200];
const seconds = Number(process.env.TONGKE_BENCH_SECONDS ?? 10);
const port = Number(process.env.TONGKE_TEST_PORT ?? 21730);

function load(count, pid, ...server) {
  return new Promise((done, fail) => {
    const args = ['-n', count, '-t', seconds, '-p', pid, ...server].map(String);
    execFile(viewers, args, (error, out, err) => (error ? fail(new Error(err)) : done(JSON.parse(out))));
  });
}

async function loadTongke(product, media) {
  await product.tongke('source', 'set', 'demo', 'file', media);
  await until('the file plays', async () => {
    const { status } = await product.tongke('source', 'show', 'demo');
    return status.kind === 'file' && status.state === 'live';
  });
  const { token } = await product.tongke('token', '--lesson', 'demo', '--watch');
  const pid = await product.pid('tongke-streamer');
  const results = [];
  for (const count of counts) {
    const url = `http://127.0.0.1:${port + 2}/whep/demo`;
    results.push(await load(count, pid, '-b', token, 'whep', url));
  }
  return results;
}

// Janus keeps the sessions of viewers that left for a while: a new one for each count.
async function loadJanus(folder, media) {
  const results = [];
  for (const count of counts) {
    const janus = await startJanus(join(folder, 'janus'), media);
    try {
      results.push(await load(count, janus.pid, '-l', machineAddress(), 'janus', janus.url, MOUNTPOINT));
    } finally {
      await janus.stop();
    }
  }
  return results;
}

/** KiB of resident memory for each viewer more than the first. */
function perViewer(results) {
  const [first, last] = [results[0], results.at(-1)];
  return (last.rss_kib - first.rss_kib) / (last.viewers - first.viewers);
}

function printLoad(tongke, janus) {
  console.log('\nCPU of the server for each viewer of the 1.5 Mbit/s lesson, % of a core');
  console.log('viewers   tongke    janus    ratio   packets/s   lost   first packet p95, ms');
  for (const [i, t] of tongke.entries()) {
    const j = janus?.[i];
    const ratio = j ? (t.cpu_percent_per_viewer / j.cpu_percent_per_viewer).toFixed(2) : '–';
    console.log(
      [
        String(t.viewers).padStart(7),
        t.cpu_percent_per_viewer.toFixed(3).padStart(8),
        (j ? j.cpu_percent_per_viewer.toFixed(3) : '–').padStart(8),
        ratio.padStart(8),
        t.packets_per_s.toFixed(0).padStart(11),
        String(t.lost).padStart(6),
        t.first_packet_ms_p95.toFixed(0).padStart(12),
      ].join(' '),
    );
  }
  console.log(`memory for each viewer, KiB: tongke ${perViewer(tongke).toFixed(0)}`);
  if (janus) {
    console.log(`                             janus  ${perViewer(janus).toFixed(0)}`);
  } else {
    console.log('Janus is not installed: nothing to compare with');
  }
}

const wanted = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'tongke-bench-'));
const product = await Product.start({ port });
try {
  if (wanted.length === 0 || wanted.includes('viewers')) {
    const media = makeLesson(join(folder, 'lesson.mp4'), 60);
    const tongke = await loadTongke(product, media);
    await product.tongke('source', 'set', 'demo', 'demo');
    const janus = janusHere() ? await loadJanus(folder, media) : null;
    printLoad(tongke, janus);
  }
  if (wanted.length === 0 || wanted.includes('glass')) {
    const glass = await measureGlass(product, seconds);
    console.log('\nGlass to glass on this machine, teacher page to room page, both in Chromium, ms');
    console.log(`frames ${glass.frames}, p50 ${glass.p50}, p95 ${glass.p95}, max ${glass.max}`);
    console.log(`first picture after the room page asks, ms: ${glass.first_picture_ms}`);
  }
  if (wanted.length === 0 || wanted.includes('board')) {
    printBoard(await measureBoard());
  }
  if (wanted.length === 0 || wanted.includes('floor')) {
    printFloor(await measureFloor());
  }
} finally {
  await product.clean();
  await rm(folder, { recursive: true, force: true });
}
