// Sends the teacher's camera and microphone: tracks people.video and people.audio. Devices are changed with
// replaceTrack, without another negotiation; for music the sound may have more bits.
import { preferH264 } from './sdp.js';
import { readSent } from './sent.js';
import { MediaSession } from './session.js';

const video_bps = 1_800_000;
const audio_bps = { speech: 48_000, music: 160_000 };

export class Publisher {
  /**
   * @param {{
   *   socket: import('../core/socket.js').Socket, ice_servers: () => any[],
   *   on_state: (state: string, error?: any) => void,
   * }} options
   */
  constructor({ socket, ice_servers, on_state }) {
    /** @type {{ video: MediaStreamTrack | null, audio: MediaStreamTrack | null }} */
    this.tracks = { video: null, audio: null };
    /** @type {import('./devices.js').SoundKind} */
    this.sound = 'speech';
    /** @type {{ video: RTCRtpTransceiver, audio: RTCRtpTransceiver } | null} */
    this.sending = null;
    this.session = new MediaSession({
      socket,
      ice_servers,
      gives_up_on: ['conflict', 'forbidden', 'not_found', 'codec', 'unauthenticated', 'revoked'],
      prepare: (pc) => this.prepare(pc),
      on_state: (state, error) => {
        if (state === 'up') {
          this.cap();
        }
        on_state(state, error);
      },
    });
  }

  /** From now this camera or microphone is sent. */
  async use(/** @type {'video' | 'audio'} */ kind, /** @type {MediaStreamTrack | null} */ track) {
    const before = this.tracks[kind];
    this.tracks[kind] = track;
    try {
      await this.sending?.[kind].sender.replaceTrack(track);
    } catch (error) {
      this.tracks[kind] = before;
      throw error;
    }
  }

  /** What kind of sound the microphone now gives. */
  setSound(/** @type {import('./devices.js').SoundKind} */ kind) {
    this.sound = kind;
    this.cap();
  }

  /** What is going out, from the browser's own counters. */
  async sent() {
    const stats = await this.session.pc?.getStats();
    return readSent(stats?.values() ?? [], performance.now());
  }

  /** @private */
  prepare(/** @type {RTCPeerConnection} */ pc) {
    const stream = new MediaStream();
    const add = (/** @type {'video' | 'audio'} */ kind) =>
      pc.addTransceiver(this.tracks[kind] ?? kind, { direction: 'sendonly', streams: [stream] });
    const video = add('video');
    const audio = add('audio');
    const codecs = RTCRtpSender.getCapabilities?.('video')?.codecs;
    if (codecs && 'setCodecPreferences' in video) {
      video.setCodecPreferences(preferH264(codecs));
    }
    this.sending = { video, audio };
    return () => ({
      tracks: { [video.mid ?? '']: 'people.video', [audio.mid ?? '']: 'people.audio' },
    });
  }

  /** @private */
  cap() {
    const limits = /** @type {const} */ ([
      ['video', video_bps],
      ['audio', audio_bps[this.sound]],
    ]);
    for (const [kind, maxBitrate] of limits) {
      const sender = this.sending?.[kind].sender;
      const parameters = sender?.getParameters();
      if (sender && parameters?.encodings?.length) {
        parameters.encodings[0].maxBitrate = maxBitrate;
        sender.setParameters(parameters).catch(() => {
          // a browser without this limit has its own
        });
      }
    }
  }
}
