// Debian's Chromium with its fake camera and microphone, and what a test asks of a page.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../integration/server.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');

/**
 * `asks`: plays sound only after a gesture, as it comes from its makers. A page that has the camera need not ask.
 * `sound`: a WAV file that every microphone hears; `picture`: a Y4M file that the camera sees; `cameras`: how many there are.
 */
const options = ({ asks = false, sound = null, picture = null, cameras = 1 } = {}) => ({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox', // tests also run as root
    `--use-fake-device-for-media-stream=device-count=${cameras}`,
    ...(asks ? [] : ['--use-fake-ui-for-media-stream']),
    `--autoplay-policy=${asks ? 'document-user-activation-required' : 'no-user-gesture-required'}`,
    '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding',
    ...(sound ? [`--use-file-for-fake-audio-capture=${sound}`] : []),
    ...(picture ? [`--use-file-for-fake-video-capture=${picture}`] : []),
  ],
});

export function launch({ env, ...how } = {}) {
  return chromium.launch({ ...options(how), env });
}

/** A browser of a person who has installed the certificate that the server offers, in this home folder. */
export async function launch_trusting(product, home) {
  const run = promisify(execFile);
  const reply = await fetch(`http://localhost:${product.port + 2}/ca.crt`);
  const file = join(home, 'ca.crt');
  await writeFile(file, await reply.text());
  const store = join(home, '.pki/nssdb');
  await mkdir(store, { recursive: true });
  await run('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
  await run('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'Tongke', '-i', file]);
  return launch({ env: { ...process.env, HOME: home } });
}

/** A browser whose processes can be killed or stopped all at once, without a word. */
export async function launch_mortal(how) {
  const server = await chromium.launchServer(options(how));
  const browser = await chromium.connect(server.wsEndpoint());
  const tell = (signal) => process.kill(-server.process().pid, signal);
  const gone = new Promise((done) => server.process().once('exit', done));
  const kill = async () => {
    if (server.process().exitCode === null && server.process().signalCode === null) {
      tell('SIGKILL');
    }
    await gone;
    await browser.close();
    await server.close();
  };
  return { browser, kill, freeze: () => tell('SIGSTOP'), thaw: () => tell('SIGCONT') };
}

/** The page's progress reports, each with when the server acknowledged it (`ok_ms`). */
function listen(socket, reports) {
  const by_op = new Map(); // one that is sent again keeps its op
  socket.on('framesent', ({ payload }) => {
    const message = JSON.parse(payload);
    if (message.type === 'progress') {
      const known = reports.find((report) => report.op === message.op);
      by_op.set(message.op, known ?? message);
      if (!known) {
        reports.push(message);
      }
    }
  });
  socket.on('framereceived', ({ payload }) => {
    const { type, op } = JSON.parse(payload);
    if (type === 'ok' && by_op.has(op)) {
      by_op.get(op).ok_ms ??= Date.now();
    }
  });
}

/** A page in a context of its own: another browser, as far as the server can tell. `first` runs in it before its own. */
export async function open(browser, url, first = () => {}) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  const said = [];
  const reports = [];
  page.on('websocket', (socket) => {
    listen(socket, reports);
    socket.on('framereceived', ({ payload }) => {
      const message = JSON.parse(payload);
      said.push(message);
    });
  });
  page.on('pageerror', (error) => said.push({ type: 'pageerror', text: String(error) }));
  await page.addInitScript(first);
  await page.goto(url);
  return { page, context, said, reports };
}

/** What the page's <video> shows and sounds like now. */
export function look(page) {
  return page.evaluate(async () => {
    const video = document.querySelector('video');
    if (!video?.srcObject || video.videoWidth === 0) {
      return null;
    }
    const canvas = new OffscreenCanvas(32, 18);
    const pixels = canvas.getContext('2d');
    pixels.drawImage(video, 0, 0, 32, 18);
    const { data } = pixels.getImageData(0, 0, 32, 18);
    let loudest = 0;
    if (video.srcObject.getAudioTracks().length > 0) {
      globalThis.ear ??= new AudioContext();
      const analyser = globalThis.ear.createAnalyser();
      const source = globalThis.ear.createMediaStreamSource(video.srcObject);
      source.connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      for (let i = 0; i < 20; i++) {
        await new Promise((done) => setTimeout(done, 50));
        analyser.getFloatTimeDomainData(samples);
        loudest = Math.max(loudest, ...samples.map(Math.abs));
      }
      source.disconnect();
    }
    return {
      width: video.videoWidth,
      height: video.videoHeight,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      loudest,
      pixels: [...data],
    };
  });
}

/** Mean difference of two pictures, 0 to 255. */
export function difference(a, b) {
  return a.pixels.reduce((sum, value, i) => sum + Math.abs(value - b.pixels[i]), 0) / a.pixels.length;
}

/** Frames that the <video> has shown of its present stream: another one counts from nothing. */
export function frames(page) {
  return page.evaluate(
    () => document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
  );
}

/** Waits until `more` frames came after now; how long that took. */
export async function plays(page, what, more = 10, limit_ms = 30000) {
  const began = Date.now();
  let last = await frames(page);
  let seen = 0;
  const look_again = async () => {
    const now = await frames(page);
    seen += now < last ? now : now - last;
    last = now;
    return seen >= more;
  };
  await until(`${what} shows pictures`, look_again, limit_ms);
  return Date.now() - began;
}

/** Waits for a picture that moves and for sound that is heard. */
export async function livesUp(page, what, limit_ms = 40000) {
  let first = null;
  return until(
    `${what}: a moving picture and sound`,
    async () => {
      const now = await look(page);
      if (!now) {
        return null;
      }
      first ??= now;
      const moves = now.frames > first.frames + 10 && difference(now, first) > 0.2;
      return moves && now.loudest > 0.005 ? now : null;
    },
    limit_ms,
  );
}
