// Glass to glass by the pixels: the teacher's camera is a canvas that shows the time in black and white
// blocks; the room reads it from the picture at the moment that it is shown.
import { launch, open, plays } from '../e2e/browser.mjs';
import { until } from '../e2e/product.mjs';

const BITS = 16;

/** In the teacher's page, before it loads: getUserMedia gives the canvas and the fake microphone. */
function showTime(bits) {
  const canvas = document.createElement('canvas');
  canvas.width = 1280;
  canvas.height = 720;
  const pixels = canvas.getContext('2d');
  const draw = () => {
    const now = Date.now() % 2 ** bits;
    for (let i = 0; i < bits; i++) {
      pixels.fillStyle = (now >> i) & 1 ? '#fff' : '#000';
      pixels.fillRect((i * 1280) / bits, 0, 1280 / bits, 720);
    }
    requestAnimationFrame(draw);
  };
  draw();
  const devices = navigator.mediaDevices;
  const real = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    const stream = await real(wanted);
    for (const track of stream.getVideoTracks()) {
      track.stop();
      stream.removeTrack(track);
      stream.addTrack(canvas.captureStream(25).getVideoTracks()[0]);
    }
    return stream;
  };
}

/** In the room's page: delays of the frames shown in `seconds`. */
function readTime({ bits, seconds }) {
  const video = document.querySelector('video');
  const canvas = new OffscreenCanvas(1280, 720);
  const pixels = canvas.getContext('2d', { willReadFrequently: true });
  const delays = [];
  const end = performance.now() + seconds * 1000;
  return new Promise((done) => {
    const frame = (_now, meta) => {
      pixels.drawImage(video, 0, 0, 1280, 720);
      const { data } = pixels.getImageData(0, 360, 1280, 1);
      let then = 0;
      for (let i = 0; i < bits; i++) {
        then |= (data[Math.round(((i + 0.5) * 1280) / bits) * 4] > 128 ? 1 : 0) << i;
      }
      const shown = Math.round(performance.timeOrigin + meta.expectedDisplayTime);
      const apart = (((shown - then) % 2 ** bits) + 2 ** bits) % 2 ** bits;
      delays.push(apart < 2 ** (bits - 1) ? apart : apart - 2 ** bits);
      if (performance.now() < end) {
        video.requestVideoFrameCallback(frame);
      } else {
        done(delays);
      }
    };
    video.requestVideoFrameCallback(frame);
  });
}

export async function measureGlass(product, seconds) {
  const browser = await launch();
  try {
    const pages = await product.links();
    const room = await open(browser, pages[1].link);
    await plays(room.page, 'the room');
    const context = await browser.newContext();
    await context.addInitScript(showTime, BITS);
    const teacher = await context.newPage();
    await teacher.goto(pages[0].link);
    await teacher.locator('button.start').click();
    await until('the teacher is live', async () => {
      const lesson = await product.tongke('lesson', 'show', 'demo');
      return lesson.publisher?.live;
    });
    await plays(room.page, 'the room with the teacher', 50);
    const delays = await room.page.evaluate(readTime, { bits: BITS, seconds });
    delays.sort((a, b) => a - b);
    const at = (share) => delays[Math.floor((delays.length - 1) * share)];
    const first = await room.page.evaluate(() => {
      const [ask] = performance.getEntriesByName('tongke-ask');
      const [picture] = performance.getEntriesByName('tongke-picture');
      return ask && picture ? Math.round(picture.startTime - ask.startTime) : null;
    });
    return { frames: delays.length, p50: at(0.5), p95: at(0.95), max: at(1), first_picture_ms: first };
  } finally {
    await browser.close();
  }
}
