// What a room sends, in the session in which it receives: tracks room.video in three layers and room.audio, negotiated
// before any device is open. How much really goes out is the server's wish (`send`), never more.
import { onlyForwarded } from './sdp.js';

/** From the smallest: a small picture on the teacher's page, the floor on a thin line, the floor. */
export const layers = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 350_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 900_000 },
];
const audio_bps = 40_000;

export const cameraWish = () => ({
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 15, max: 30 },
});

/** The television is in the same room: what it plays has to go out of what is sent. */
export const microphoneWish = () => ({
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
});

/** Codecs that this browser can send or receive, those that are of use here: seven m-lines with all would not fit. */
export function codecsOf(/** @type {'video' | 'audio'} */ kind, /** @type {any} */ Side) {
  const codecs = Side?.getCapabilities?.(kind)?.codecs;
  if (!codecs) {
    return null;
  }
  return kind === 'video'
    ? onlyForwarded(codecs)
    : codecs.filter((/** @type {any} */ codec) => /\/(opus|red)$/i.test(codec.mimeType));
}

/** @param {RTCRtpTransceiver} transceiver @param {any[] | null} codecs */
export function prefer(transceiver, codecs) {
  if (codecs && codecs.length > 0 && 'setCodecPreferences' in transceiver) {
    try {
      transceiver.setCodecPreferences(codecs);
    } catch {
      // a browser that refuses its own list offers all that it has
    }
  }
}

export class RoomSender {
  constructor() {
    /** @type {{ video: MediaStreamTrack | null, audio: MediaStreamTrack | null }} */
    this.tracks = { video: null, audio: null };
    /** @type {{ video: RTCRtpTransceiver, audio: RTCRtpTransceiver } | null} */
    this.sending = null;
    this.wanted = { layers: 0, audio: false };
    /** setParameters one after the other: each begins from what the one before left. */
    this.turn = Promise.resolve();
  }

  /** Adds what is sent to a connection. @returns {() => Record<string, string>} the tracks by mid */
  prepare(/** @type {RTCPeerConnection} */ pc) {
    const stream = new MediaStream();
    const sendEncodings = layers.map((layer) => ({ ...layer, active: false }));
    const video = pc.addTransceiver('video', {
      direction: 'sendonly',
      streams: [stream],
      sendEncodings,
    });
    const audio = pc.addTransceiver('audio', {
      direction: 'sendonly',
      streams: [stream],
      sendEncodings: [{ maxBitrate: audio_bps }],
    });
    prefer(video, codecsOf('video', globalThis.RTCRtpSender));
    prefer(audio, codecsOf('audio', globalThis.RTCRtpSender));
    this.sending = { video, audio };
    this.put('video');
    this.put('audio');
    return () => ({ [video.mid ?? '']: 'room.video', [audio.mid ?? '']: 'room.audio' });
  }

  /** From now this camera or microphone is sent; null: none. */
  use(/** @type {'video' | 'audio'} */ kind, /** @type {MediaStreamTrack | null} */ track) {
    this.tracks[kind] = track;
    if (track && kind === 'video' && 'contentHint' in track) {
      track.contentHint = 'motion';
    }
    this.put(kind);
  }

  /** As many layers of the picture, and sound or none: what the server wants now. */
  want(/** @type {{ layers: number, audio: boolean }} */ wanted) {
    this.wanted = wanted;
    this.apply();
  }

  /** The session is up: encodings may be changed now. */
  apply() {
    this.hush();
    const sender = this.sending?.video.sender;
    this.turn = this.turn.then(async () => {
      const parameters = sender?.getParameters();
      if (sender && parameters?.encodings?.length && setActive(parameters, this.wanted.layers)) {
        await sender.setParameters(parameters).catch(() => {
          // before the answer: applied once the session is up
        });
      }
    });
  }

  /** Whether the microphone goes out. */
  heard() {
    const track = this.tracks.audio;
    return this.wanted.audio && track !== null && track.readyState === 'live' && track.enabled;
  }

  /** @private */
  put(/** @type {'video' | 'audio'} */ kind) {
    this.hush();
    this.sending?.[kind].sender.replaceTrack(this.tracks[kind]).catch(() => {
      // the session was closed meanwhile: the next one takes the track from the start
    });
  }

  /** Without the floor not even silence is a courtesy: the microphone itself is off. @private */
  hush() {
    if (this.tracks.audio) {
      this.tracks.audio.enabled = this.wanted.audio;
    }
  }
}

/** Marks the `count` smallest encodings as active; whether that changed anything. */
export function setActive(/** @type {any} */ parameters, /** @type {number} */ count) {
  let changed = false;
  parameters.encodings.forEach((/** @type {any} */ encoding, /** @type {number} */ index) => {
    const rank = layers.findIndex(({ rid }) => rid === encoding.rid);
    const active = (rank < 0 ? index : rank) < count;
    changed ||= encoding.active !== active;
    encoding.active = active;
  });
  return changed;
}
