// A film whose flash and beep are one: white and 1 kHz for 80 ms every 2 s, from its first second on.
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const [width, height, fps, seconds, rate] = [320, 180, 25, 12, 48000];
const is_on = (time_s) => (time_s + 1) % 2 < 0.08;

async function raw_picture(path) {
  const file = await open(path, 'w');
  const frame = Buffer.alloc((width * height * 3) / 2, 128);
  for (let i = 0; i < seconds * fps; i++) {
    frame.fill(is_on((i + 0.1) / fps) ? 235 : 16, 0, width * height);
    await file.write(frame);
  }
  await file.close();
}

async function raw_sound(path) {
  const samples = new Int16Array(seconds * rate);
  for (let i = 0; i < samples.length; i++) {
    samples[i] = is_on(i / rate) ? 20000 * Math.sin((2 * Math.PI * 1000 * i) / rate) : 0;
  }
  const file = await open(path, 'w');
  await file.write(Buffer.from(samples.buffer));
  await file.close();
}

/** Makes it in `folder`: H.264 with a keyframe every 3 s and Opus, which pass as they are; its path. */
export async function make_flash(folder) {
  const [picture, sound, film] = ['flash.i420', 'flash.pcm', 'flash.mkv'].map((name) => join(folder, name));
  await raw_picture(picture);
  await raw_sound(sound);
  const pipeline = [
    `filesrc location=${picture} ! rawvideoparse format=i420 width=${width} height=${height} framerate=${fps}/1`,
    `! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=${3 * fps} option-string=scenecut=0`,
    '! video/x-h264,profile=constrained-baseline ! h264parse ! matroskamux name=mux',
    `filesrc location=${sound} ! rawaudioparse format=pcm pcm-format=s16le sample-rate=${rate} num-channels=1`,
    `! audioconvert ! opusenc frame-size=20 ! mux. mux. ! filesink location=${film}`,
  ];
  await promisify(execFile)('gst-launch-1.0', ['-q', ...pipeline.join(' ').split(' ')]);
  return film;
}
