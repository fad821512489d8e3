// One WebRTC client that is not ours: libwebrtc as @roamhq/wrtc builds it, with VP8 and Opus but without H.264.
// A process of its own, started by client.mjs: wrtc does not always let its process end.
import wrtc from '@roamhq/wrtc';

const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = wrtc.nonstandard;
const rate = 48000;
const width = 640;
const height = 360;
const pc = new wrtc.RTCPeerConnection();

/** Mean brightness of an I420 picture. */
function brightness({ width: w, height: h, data }) {
  let sum = 0;
  for (let i = 0; i < w * h; i += 97) {
    sum += data[i];
  }
  return sum / Math.ceil((w * h) / 97);
}

/** How many times a second a tone swings: from its zero crossings. */
function pitch(samples) {
  let crossings = 0;
  for (let i = 1; i < samples.length; i++) {
    crossings += samples[i - 1] < 0 !== samples[i] < 0 ? 1 : 0;
  }
  return (crossings * rate) / (2 * samples.length);
}

/** Receives a picture and decodes it. */
class Picture {
  pictures = 0;
  sink = new RTCVideoSink(pc.addTransceiver('video', { direction: 'recvonly' }).receiver.track);

  constructor() {
    this.sink.onframe = ({ frame }) => {
      this.pictures++;
      this.picture = { width: frame.width, height: frame.height, brightness: brightness(frame) };
    };
  }

  look() {
    return { ...this.picture, pictures: this.pictures };
  }
}

/** Receives sound and decodes it. */
class Sound {
  heard = [];
  loudest = 0;
  sink = new RTCAudioSink(pc.addTransceiver('audio', { direction: 'recvonly' }).receiver.track);

  constructor() {
    this.sink.ondata = ({ samples, channelCount }) => {
      const mono = samples.filter((_, i) => i % channelCount === 0);
      this.loudest = mono.reduce((most, s) => Math.max(most, Math.abs(s)), this.loudest);
      this.heard.push(...mono);
      this.heard.splice(0, this.heard.length - rate / 2);
    };
  }

  /** What the last half second sounded like; `ever`: the loudest of all. */
  look() {
    const loudest = Math.max(0, ...this.heard.map(Math.abs)) / 32768;
    return { loudest, ever: this.loudest / 32768, pitch: pitch(this.heard) };
  }
}

/** Receives a picture and sound. */
class Viewer {
  video = new Picture();
  audio = new Sound();

  look() {
    return { ...this.video.look(), ...this.audio.look() };
  }
}

/** Sends a grey of this brightness with a bar that moves, and a tone, or one of both. VP8, keyframes only on request. */
class Publisher {
  sent = 0;
  sung = 0;
  video = new RTCVideoSource();
  audio = new RTCAudioSource();

  constructor({ luma, tone }) {
    Object.assign(this, { luma, tone });
    if (luma !== undefined) {
      pc.addTransceiver(this.video.createTrack(), { direction: 'sendonly' });
      setInterval(() => this.draw(), 40);
    }
    if (tone !== undefined) {
      pc.addTransceiver(this.audio.createTrack(), { direction: 'sendonly' });
      setInterval(() => this.sing(), 10);
    }
  }

  draw() {
    const data = new Uint8ClampedArray((width * height * 3) / 2).fill(this.luma, 0, width * height);
    data.fill(128, width * height);
    const bar = (this.sent++ * 4) % (width - 16);
    for (let y = 0; y < height; y++) {
      data.fill(255 - this.luma, y * width + bar, y * width + bar + 16);
    }
    this.video.onFrame({ width, height, data });
  }

  sing() {
    const samples = new Int16Array(rate / 100);
    for (let i = 0; i < samples.length; i++) {
      samples[i] = 8000 * Math.sin((2 * Math.PI * this.tone * this.sung++) / rate);
    }
    this.audio.onData({ samples, sampleRate: rate, bitsPerSample: 16, channelCount: 1, numberOfFrames: samples.length });
  }
}

/** A page: sends like a publisher, if anything, and receives these slots, named `….video` or `….audio`. */
class Page {
  constructor({ luma, tone, slots }) {
    this.sender = new Publisher({ luma, tone });
    this.slots = slots.map((slot) => [slot, slot.endsWith('.audio') ? new Sound() : new Picture()]);
  }

  /** What each slot shows or sounds like now. */
  look() {
    return Object.fromEntries(this.slots.map(([slot, sink]) => [slot, sink.look()]));
  }
}

const kinds = { publisher: Publisher, viewer: Viewer, page: Page };
let client;
const calls = {
  start: (kind, options) => {
    client = new kinds[kind](options);
  },
  offer: async () => {
    await pc.setLocalDescription(await pc.createOffer());
    return pc.localDescription.sdp;
  },
  answer: (sdp) => pc.setRemoteDescription({ type: 'answer', sdp }),
  state: () => ({ connection: pc.connectionState, signaling: pc.signalingState }),
  look: () => client.look(),
  stats: async (kind) => [...(await pc.getStats()).values()].find((s) => s.type === 'inbound-rtp' && s.kind === kind),
};

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', async ({ id, call, words }) => {
  try {
    process.send({ id, result: await calls[call](...words) });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
