// The voice of the demo lesson: espeak-ng's sentences and the pauses between them, as samples of one track.

import { execFileSync } from 'node:child_process';

export const rate = 22050; // espeak-ng's own

function speak({ voice, text, speed }) {
  const wav = execFileSync('espeak-ng', ['-v', voice, '-s', String(speed), '-p', '58', '--stdout', text], { maxBuffer: 1 << 26 });
  const start = wav.indexOf('data') + 8; // its length field is not to be trusted on a pipe
  return new Int16Array(wav.buffer.slice(wav.byteOffset + start, wav.byteOffset + start + ((wav.length - start) & ~1)));
}

function ring() {
  const samples = new Int16Array(rate * 2);
  for (const [at, pitch] of [[0, 784], [0.45, 659], [0.9, 523]]) {
    for (let i = 0; i + at * rate < samples.length; i++) {
      const t = i / rate;
      samples[Math.floor(at * rate) + i] += 7000 * Math.exp(-3.5 * t) * Math.sin(2 * Math.PI * pitch * t);
    }
  }
  return samples;
}

const silence = (ms) => new Int16Array(Math.round((rate * ms) / 1000));

// The parts one after the other, with silence to a whole number of frames.
export function track(say, fps) {
  const parts = say.map((part) => (part.pause ? silence(part.pause) : part.bell ? ring() : speak(part)));
  const frame = rate / fps;
  const length = parts.reduce((sum, p) => sum + p.length, 0);
  const samples = new Int16Array(Math.ceil(length / frame) * frame);
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}

// How far the speaker's mouth is open in each frame, 0 to 3.
export function mouth(samples, fps) {
  const frame = rate / fps;
  let text = '';
  for (let at = 0; at < samples.length; at += frame) {
    let power = 0;
    for (let i = at; i < at + frame; i++) power += samples[i] ** 2;
    const level = Math.sqrt(power / frame);
    text += level < 300 ? '0' : level < 1800 ? '1' : level < 4200 ? '2' : '3';
  }
  return text;
}

export function wav(samples) {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}
