// The measurements of a room's check: devices are opened, the sweep is played and recorded, requests are timed. What comes
// out of it is figured in media/chirp.js and media/figures.js.
import { chirp, findChirp, period_s, sweep } from '../../media/chirp.js';
import { deviceProblem } from '../../media/devices.js';
import { figuresOf, linkOf, loudestDb } from '../../media/figures.js';
import { cameraWish, microphoneWish } from '../../media/send.js';

/** The canceller learns the way from the television first; it is measured afterwards. */
const learning = 3;
const measuring = 3;
const lead_s = 0.3;
const camera_ms = 2000;
const link_ms = 6000;

/** The sound of the check that runs now. @type {AudioContext | null} */
let sounding = null;
let stopped = false;

/** The lesson begins: nothing sounds any more, the measurement ends with an error. */
export function stopMeasuring() {
  stopped = true;
  sounding?.close();
  sounding = null;
}

function goOn() {
  if (stopped) {
    throw Object.assign(new Error('stopped'), { code: 'stopped' });
  }
}

const wait = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/** @returns {Promise<{ state: string, track: MediaStreamTrack | null }>} */
async function open(/** @type {MediaStreamConstraints} */ wish) {
  if (!navigator.mediaDevices) {
    return { state: 'insecure', track: null };
  }
  try {
    const [track] = (await navigator.mediaDevices.getUserMedia(wish)).getTracks();
    return { state: 'on', track };
  } catch (error) {
    return { state: deviceProblem(error), track: null };
  }
}

/** Frames that a camera really gives, not those that it promises. */
async function measureCamera() {
  const { state, track } = await open({ video: cameraWish() });
  const nothing = { state, w: 0, h: 0, fps: 0 };
  if (!track) {
    return nothing;
  }
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  try {
    await video.play();
    const before = video.getVideoPlaybackQuality().totalVideoFrames;
    const began = performance.now();
    await wait(camera_ms);
    const frames = video.getVideoPlaybackQuality().totalVideoFrames - before;
    const fps = (frames * 1000) / (performance.now() - began);
    return { state, w: video.videoWidth, h: video.videoHeight, fps };
  } catch {
    return nothing;
  } finally {
    video.srcObject = null;
    track.stop();
  }
}

/**
 * Plays the sweep `repeats` times and records the microphone meanwhile. The sweep itself is recorded beside it, in the
 * same blocks, so that the browser's own delays cancel out.
 * @param {AudioContext} context @param {MediaStreamTrack} track @param {number} repeats
 * @returns {Promise<{ heard: Float32Array, starts: number[] }>}
 */
async function playAndRecord(context, track, repeats) {
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const both = context.createChannelMerger(2);
  const recorder = context.createScriptProcessor(4096, 2, 1);
  /** @type {[Float32Array[], Float32Array[]]} */
  const blocks = [[], []];
  recorder.onaudioprocess = ({ inputBuffer }) => {
    for (const side of [0, 1]) {
      blocks[side].push(inputBuffer.getChannelData(side).slice());
    }
  };
  const mono = context.createGain();
  mono.channelCount = 1;
  mono.channelCountMode = 'explicit';
  source.connect(mono).connect(both, 0, 0);
  both.connect(recorder);
  recorder.connect(context.destination); // it is silent; without an end it would not run
  const samples = chirp(context.sampleRate);
  const buffer = context.createBuffer(1, samples.length, context.sampleRate);
  buffer.copyToChannel(samples, 0);
  const begin = context.currentTime + lead_s;
  for (let i = 0; i < repeats; i += 1) {
    const player = context.createBufferSource();
    player.buffer = buffer;
    player.connect(context.destination);
    player.connect(both, 0, 1);
    player.start(begin + i * period_s);
  }
  await wait((lead_s + repeats * period_s + 0.4) * 1000);
  recorder.onaudioprocess = null;
  for (const node of [source, mono, both, recorder]) {
    node.disconnect();
  }
  const [heard, played] = blocks.map(join);
  return { heard, starts: startsOf(played, context.sampleRate) };
}

function join(/** @type {Float32Array[]} */ blocks) {
  const whole = new Float32Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
}

/** Where the sweep begins in a recording that holds nothing else. */
function startsOf(/** @type {Float32Array} */ played, /** @type {number} */ rate) {
  const starts = [];
  const step = Math.round(rate * (sweep.seconds + sweep.gap_s / 2));
  for (let i = 0; i < played.length; i += 1) {
    if (played[i] !== 0) {
      starts.push(i - 1); // its first sample is zero
      i += step;
    }
  }
  return starts;
}

/** @param {AudioContext} context @param {MediaTrackConstraints} wish @param {number} repeats @param {number} skip */
async function listen(context, wish, repeats, skip) {
  const { state, track } = await open({ audio: wish });
  if (!track) {
    return { state, found: null, loudest_db: -100 };
  }
  try {
    await wait(300); // a microphone that was just opened may begin with a click
    const { heard, starts } = await playAndRecord(context, track, repeats);
    return {
      state,
      found: findChirp(heard, starts.slice(skip), context.sampleRate),
      loudest_db: loudestDb(heard, context.sampleRate),
    };
  } finally {
    track.stop();
  }
}

async function measureSound(/** @type {(step: string) => void} */ on_step) {
  const context = new AudioContext();
  sounding = context;
  try {
    await Promise.race([context.resume(), wait(1000)]);
    const played = context.state === 'running';
    const off = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    on_step('sound');
    const raw = await listen(context, off, measuring, 0);
    goOn();
    on_step('echo');
    const clean = raw.found?.found
      ? await listen(
          context,
          { ...microphoneWish(), autoGainControl: false, noiseSuppression: false },
          learning + measuring,
          learning,
        )
      : null;
    return { played, raw, clean };
  } finally {
    if (sounding === context) {
      sounding = null;
      context.close();
    }
  }
}

/** One timed request; null where it failed. @returns {Promise<number | null>} ms */
async function timed(/** @type {string} */ path, /** @type {RequestInit} */ how = {}) {
  const began = performance.now();
  try {
    const response = await fetch(`/api/v1/probe${path}`, { cache: 'no-store', ...how });
    await response.arrayBuffer();
    return response.ok ? performance.now() - began : null;
  } catch {
    return null;
  }
}

/** Transfers, larger as long as they are quick, for a few seconds. */
async function transfers(
  /** @type {(bytes: number) => Promise<number | null>} */ one,
  /** @type {number} */ most,
) {
  /** @type {{ bytes: number, ms: number }[]} */
  const done = [];
  const until = performance.now() + link_ms / 2;
  let bytes = 32_768;
  while (performance.now() < until && done.length < 8) {
    const ms = await one(bytes);
    if (ms === null) {
      break;
    }
    done.push({ bytes, ms });
    bytes = ms < 700 ? Math.min(most, bytes * 4) : bytes;
  }
  // the largest tell most; small ones measure the way, not its width
  const largest = Math.max(0, ...done.map((transfer) => transfer.bytes));
  return done.filter((transfer) => transfer.bytes === largest);
}

async function measureLink() {
  /** @type {number[]} */
  const rtts = [];
  for (let i = 0; i < 6; i += 1) {
    const ms = await timed('?bytes=1');
    if (ms !== null && i > 0) {
      rtts.push(ms); // the first may open a connection
    }
  }
  const down = await transfers((bytes) => timed(`?bytes=${bytes}`), 1_000_000);
  const up = await transfers(
    (bytes) =>
      timed('', {
        method: 'POST',
        headers: { 'Content-Type': 'application/octet-stream' },
        body: noise(bytes),
      }),
    262_144,
  );
  return linkOf(rtts, down, up);
}

/** Bytes that do not compress. */
function noise(/** @type {number} */ length) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + 65_536)));
  }
  return bytes;
}

/**
 * Measures everything, one after the other, in less than a minute.
 * @param {(step: 'camera' | 'sound' | 'echo' | 'link') => void} on_step
 */
export async function measure(on_step) {
  stopped = false;
  on_step('camera');
  const camera = await measureCamera();
  goOn();
  const { played, raw, clean } = await measureSound(/** @type {any} */ (on_step));
  goOn();
  on_step('link');
  const link = await measureLink();
  goOn();
  return figuresOf({
    camera,
    mic_state: raw.state,
    loudest_db: raw.loudest_db,
    raw: raw.found,
    clean: clean?.found ?? null,
    played,
    link,
  });
}
