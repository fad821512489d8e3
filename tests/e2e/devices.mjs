// What a fake camera sees and a fake microphone hears: small files, each unlike the others.
import { writeFile } from 'node:fs/promises';

const rate = 48000;
const width = 640;
const height = 360;
const fps = 15;

/** Y, Cb, Cr of what a camera sees, and what a page then finds: red, green, blue. */
export const colours = {
  red: { ycc: [81, 90, 240], rgb: [255, 0, 0] },
  green: { ycc: [145, 54, 34], rgb: [0, 255, 0] },
  blue: { ycc: [41, 240, 110], rgb: [0, 0, 255] },
  yellow: { ycc: [210, 16, 146], rgb: [255, 255, 0] },
};

/** A second of this colour with a grey bar that wanders down: each frame is another one. */
function y4m(colour) {
  const [luma, cb, cr] = colours[colour].ycc;
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420\n`)];
  for (let i = 0; i < fps; i++) {
    const y = Buffer.alloc(width * height, luma);
    const top = Math.floor((i * height) / fps);
    y.fill(luma > 128 ? luma - 60 : luma + 60, top * width, (top + 24) * width);
    const quarter = (width * height) / 4;
    parts.push(Buffer.from('FRAME\n'), y, Buffer.alloc(quarter, cb), Buffer.alloc(quarter, cr));
  }
  return Buffer.concat(parts);
}

/**
 * Two seconds of an instrument at the left and one at the right, the fundamental the loudest, swelling three times a
 * second from `least`: what sounded without a change would be taken for noise and suppressed.
 */
function wav(left, right, least) {
  const frames = 2 * rate;
  const data = Buffer.alloc(44 + frames * 4);
  data.write('RIFF', 0);
  data.writeUInt32LE(36 + frames * 4, 4);
  data.write('WAVEfmt ', 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(2, 22);
  data.writeUInt32LE(rate, 24);
  data.writeUInt32LE(rate * 4, 28);
  data.writeUInt16LE(4, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36);
  data.writeUInt32LE(frames * 4, 40);
  for (let i = 0; i < frames; i++) {
    const swell = least + (1 - least) * Math.sin((Math.PI * 3 * i) / rate) ** 2;
    [left, right].forEach((tone, side) => {
      const sine = (k) => Math.sin((2 * Math.PI * tone * k * i) / rate) / k;
      const value = swell * (sine(1) + 0.6 * (sine(2) + sine(3)));
      data.writeInt16LE(Math.round(value * 9000), 44 + i * 4 + side * 2);
    });
  }
  return data;
}

/** Files for a browser's devices: `launch` takes them as they are. `colour` null: no camera. */
export async function devices(folder, name, { colour = null, tones, least = 0 }) {
  const [left, right = left] = tones;
  const sound = `${folder}/${name}.wav`;
  await writeFile(sound, wav(left, right, least));
  if (colour === null) {
    return { sound, cameras: 0 };
  }
  const picture = `${folder}/${name}.y4m`;
  await writeFile(picture, y4m(colour));
  return { sound, picture };
}
