// Makes the demo lesson into a folder: pictures as planes of I420 that the pipeline only has to copy, the voice as
// Opus, and lesson.json that says how they go together. Uses GStreamer's and espeak-ng's programs.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as pictures from './pictures.mjs';
import * as sound from './sound.mjs';
import { cards } from './words.mjs';

const fps = 25;
const run = promisify(execFile);

async function gst(...args) {
  try {
    await run('gst-launch-1.0', ['-q', ...args.join(' ! ').split(' ')]);
  } catch (error) {
    throw new Error(`gst-launch-1.0 failed: ${error.stderr || error.message}`);
  }
}

// SVGs of one size to one file that holds them one after the other.
async function draw(svgs, format, out) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tongke-drawing-'));
  try {
    svgs.forEach((svg, i) => {
      fs.writeFileSync(path.join(folder, `${i}.svg`), svg);
    });
    await gst(
      `multifilesrc location=${folder}/%d.svg start-index=0 stop-index=${svgs.length - 1} caps=image/svg+xml,framerate=1/1`,
      'rsvgdec', 'videoconvert', `video/x-raw,format=${format},colorimetry=bt709`, `filesink location=${out}`,
    );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function speak(folder) {
  const parts = cards.map((card) => sound.track(card.say, fps));
  const all = new Int16Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  const wav = path.join(folder, 'voice.wav');
  fs.writeFileSync(wav, sound.wav(all));
  await gst(
    `filesrc location=${wav}`, 'wavparse', 'audioconvert', 'audioresample', 'audio/x-raw,rate=48000,channels=2',
    'opusenc bitrate=48000 frame-size=20 inband-fec=true packet-loss-percentage=10 audio-type=voice', 'oggmux',
    `filesink location=${path.join(folder, 'voice.ogg')}`,
  );
  fs.rmSync(wav);
  return { frames: parts.map((p) => p.length / (sound.rate / fps)), mouth: sound.mouth(all, fps) };
}

async function make(folder) {
  const at = (name) => path.join(folder, name);
  const all = at('cards.i420');
  const [voice] = await Promise.all([
    speak(folder),
    (async () => {
      await draw(cards.map(pictures.card), 'I420', all);
      await draw([...pictures.clock.signs].map(pictures.digit), 'I420', at('digits.i420'));
      await draw([pictures.landscape()], 'I420', at('landscape.i420'));
      for (const s of pictures.sprites) await draw(s.images, 'A420', at(s.file));
    })(),
  ]);
  const bytes = (pictures.width * pictures.height * 3) / 2;
  const planes = fs.readFileSync(all);
  if (planes.length !== bytes * cards.length) throw new Error(`${all} has ${planes.length} bytes, not ${bytes * cards.length}`);
  const files = cards.map((card, i) => {
    const file = `card-${String(i + 1).padStart(2, '0')}.i420`;
    fs.writeFileSync(at(file), planes.subarray(i * bytes, (i + 1) * bytes));
    return { file, frames: voice.frames[i], title: card.title };
  });
  fs.rmSync(all);
  const { width, height, strip, clock } = pictures;
  const lesson = {
    version: 1, width, height, fps, cards: files, mouth: voice.mouth, sound: 'voice.ogg',
    strip: { file: 'landscape.i420', width: strip.width, height: strip.height, y: strip.y, step: strip.step },
    clock: { file: 'digits.i420', width: clock.width, height: clock.height, x: clock.x, y: clock.y },
    sprites: pictures.sprites.map((s) => ({ file: s.file, width: s.width, height: s.height, count: s.images.length })),
    actors: pictures.actors(),
  };
  fs.writeFileSync(at('lesson.json'), `${JSON.stringify(lesson)}\n`);
}

const target = process.argv[2];
if (process.argv.length !== 3 || target.startsWith('-')) {
  console.error('usage: make-demo-lesson DIR');
  process.exit(2);
}
const started = Date.now();
const parent = path.dirname(path.resolve(target));
fs.mkdirSync(parent, { recursive: true });
// What an interrupted making left behind; a younger one may be another's at work.
for (const name of fs.readdirSync(parent).filter((entry) => entry.startsWith('.demo-'))) {
  if (started - fs.statSync(path.join(parent, name)).mtimeMs > 600000) {
    fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}
const folder = fs.mkdtempSync(path.join(parent, '.demo-'));
try {
  console.error('making the demo lesson …');
  await make(folder);
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(folder, target);
  fs.chmodSync(target, 0o755);
  console.error(`the demo lesson is made (${((Date.now() - started) / 1000).toFixed(1)} s)`);
} catch (error) {
  fs.rmSync(folder, { recursive: true, force: true });
  console.error(`the demo lesson could not be made: ${error.message}`);
  process.exit(1);
}
