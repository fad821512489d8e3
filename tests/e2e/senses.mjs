// What a page plays and shows, and what its connections carry: measured in the page, of its own elements.
import { colours } from './devices.mjs';
import { until } from './product.mjs';

/** So loud is a voice at least, and no louder is silence: of full scale. */
export const voice = 0.01;
export const silence = 0.0005;

/** Runs before the page: its connections can be asked for what arrives. */
export function keepConnections() {
  globalThis.connections = [];
  const Plain = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Plain {
    constructor(...args) {
      super(...args);
      globalThis.connections.push(this);
    }
  };
}

/** Runs before the page: what its elements play can be asked for. */
export function senses() {
  const size = 4096;
  const heard = new Map();
  let context;

  /** Two analysers, left and right, of what an element plays; kept as long as it plays that stream. */
  function ears(element) {
    const known = heard.get(element);
    if (known?.stream === element.srcObject) {
      return known.sides;
    }
    known?.source.disconnect();
    context ??= new AudioContext({ sampleRate: 48000 });
    const source = context.createMediaStreamSource(element.srcObject);
    const splitter = context.createChannelSplitter(2);
    source.connect(splitter);
    const sides = [0, 1].map((channel) => {
      const side = context.createAnalyser();
      side.fftSize = size;
      side.smoothingTimeConstant = 0;
      splitter.connect(side, channel);
      return side;
    });
    heard.set(element, { stream: element.srcObject, source, sides });
    return sides;
  }

  const rms = (side) => {
    const samples = new Float32Array(size);
    side.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / size);
  };

  const spectrum = (side) => {
    const bins = new Float32Array(size / 2);
    side.getFloatFrequencyData(bins);
    return bins;
  };

  /** What sounds now, by where: `{rms, pitch, sides}`, `sides` as spectra; elements that do not sound are left out. */
  globalThis.sounds = () => {
    const found = {};
    for (const element of document.querySelectorAll('video, audio')) {
      const plays = element.srcObject?.getAudioTracks().length > 0 && !element.paused && !element.muted && element.volume > 0;
      if (plays) {
        const sides = ears(element);
        const bins = spectrum(sides[0]);
        const top = bins.indexOf(Math.max(...bins));
        const place = element.matches('.pane.teacher *') ? 'lesson' : 'floor';
        found[place] = { rms: Math.max(...sides.map(rms)), pitch: (top * 48000) / size, sides };
      }
    }
    return found;
  };
}

/**
 * The loudest moment at `place` within so many milliseconds: how loud, and its pitch; each of `tones` in decibels at
 * the left and at the right. Silence is only known after a while.
 */
export function hear(page, place, ms = 400, tones = []) {
  return page.evaluate(
    async ([where, span_ms, wanted]) => {
      let best = { rms: 0, pitch: 0, levels: [], plays: false };
      const end = performance.now() + span_ms;
      do {
        await new Promise((done) => setTimeout(done, 20));
        const now = globalThis.sounds()[where];
        best.plays ||= Boolean(now);
        if (now && now.rms > best.rms) {
          const levels = now.sides.map((side) => {
            const bins = new Float32Array(side.frequencyBinCount);
            side.getFloatFrequencyData(bins);
            return wanted.map((tone) => {
              const at = Math.round((tone / 48000) * side.fftSize);
              return Math.max(...bins.slice(at - 2, at + 3));
            });
          });
          best = { rms: now.rms, pitch: now.pitch, levels, plays: true };
        }
      } while (performance.now() < end);
      return best;
    },
    [place, ms, tones],
  );
}

/** Waits until this tone is what `place` of the page plays. */
export function hears(page, what, place, tone, limit_ms) {
  let last;
  return until(
    `${what} hears ${tone} Hz`,
    async () => {
      last = await hear(page, place);
      return last.rms > voice && Math.abs(last.pitch - tone) < 25 ? last : null;
    },
    limit_ms,
  ).catch((error) => {
    error.message += `; it hears ${JSON.stringify(last)}`;
    throw error;
  });
}

/** Waits until nothing sounds there. */
export function hushes(page, what, place) {
  return until(`${what} hears nothing of ${place}`, async () => (await hear(page, place, 600)).rms < silence);
}

/** The name of the colour that a <video> of the page shows, null: none, or no picture. */
export async function colour(page, selector) {
  const mean = await page.evaluate((which) => {
    const video = document.querySelector(which);
    if (!video?.srcObject || video.readyState < 2 || video.videoWidth === 0) {
      return null;
    }
    const pixels = new OffscreenCanvas(8, 8).getContext('2d');
    pixels.drawImage(video, 0, 0, 8, 8);
    const { data } = pixels.getImageData(0, 0, 8, 8);
    return [0, 1, 2].map((c) => data.filter((_, i) => i % 4 === c).reduce((a, b) => a + b, 0) / 64);
  }, selector);
  const like = ([, { rgb }]) => mean?.every((value, c) => Math.abs(value - rgb[c]) < 80);
  return Object.entries(colours).find(like)?.[0] ?? null;
}

export async function shows(page, what, selector, name, limit_ms) {
  let last;
  await until(
    `${what} shows ${name}`,
    async () => {
      last = await colour(page, selector);
      return last === name;
    },
    limit_ms,
  ).catch((error) => {
    error.message += `; it shows ${last}`;
    throw error;
  });
}

/** Statistics of what arrives in this slot, by what the page's last offer called its m-lines. */
export async function arrives(seat, slot) {
  const offer = seat.sent.filter(({ type, slots }) => type === 'media.offer' && Object.values(slots ?? {}).includes(slot)).at(-1);
  const mid = Object.keys(offer?.slots ?? {}).find((key) => offer.slots[key] === slot);
  return seat.page.evaluate(async (wanted) => {
    for (const pc of globalThis.connections.filter((each) => each.connectionState === 'connected')) {
      const receiver = pc.getTransceivers().find((t) => t.mid === wanted[0] && t.receiver.track.kind === wanted[1])?.receiver;
      for (const s of receiver ? (await receiver.getStats()).values() : []) {
        if (s.type === 'inbound-rtp') {
          return { packets: s.packetsReceived, bytes: s.bytesReceived, at_ms: s.timestamp };
        }
      }
    }
    return { packets: 0, bytes: 0, at_ms: performance.timeOrigin + performance.now() };
  }, [mid, slot.split('.')[1]]);
}

/** What the page's microphone sends: packets, and the energy that it has heard so far. */
export function sends(page) {
  return page.evaluate(async () => {
    const found = { packets: 0, energy: 0 };
    for (const pc of globalThis.connections.filter((each) => each.connectionState === 'connected')) {
      for (const s of (await pc.getStats()).values()) {
        if (s.type === 'outbound-rtp' && s.kind === 'audio') {
          found.packets += s.packetsSent;
        } else if (s.type === 'media-source' && s.kind === 'audio') {
          found.energy = Math.max(found.energy, s.totalAudioEnergy ?? 0);
        }
      }
    }
    return found;
  });
}
