// Sends the teacher's camera and microphone: tracks people.video and people.audio. Devices are changed with
// replaceTrack, without another negotiation.
import { preferH264 } from './sdp.js';
import { MediaSession } from './session.js';

const video_bps = 1_800_000;
const audio_bps = 48_000;

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
    this.tracks[kind] = track;
    await this.sending?.[kind].sender.replaceTrack(track);
  }

  /**
   * What is going out, from the browser's own counters.
   * @returns {Promise<{ audio_packets: number, video_frames: number, rtt_ms: number | null }>}
   */
  async sent() {
    /** @type {{ audio_packets: number, video_frames: number, rtt_ms: number | null }} */
    const sent = { audio_packets: 0, video_frames: 0, rtt_ms: null };
    const stats = await this.session.pc?.getStats();
    for (const report of stats?.values() ?? []) {
      if (report.type === 'outbound-rtp' && report.kind === 'audio') {
        sent.audio_packets += report.packetsSent ?? 0;
      } else if (report.type === 'outbound-rtp') {
        sent.video_frames += report.framesSent ?? 0;
      } else if (report.type === 'candidate-pair' && report.nominated) {
        sent.rtt_ms = Math.round((report.currentRoundTripTime ?? 0) * 1000);
      }
    }
    return sent;
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
      ['audio', audio_bps],
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
