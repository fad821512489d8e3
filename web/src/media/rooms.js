// What the teacher's page sees and hears of the rooms: one session of fixed slots, negotiated once. The server decides
// what feeds a slot; the stream of a slot stays the same as long as the session.
import { onlyForwarded, withAudioNack } from './sdp.js';
import { MediaSession } from './session.js';

/** How many small pictures there are. */
export const tiles = 8;

export const slots = [
  ...Array.from({ length: tiles }, (_, i) => `room${i + 1}.video`),
  'large.video',
  'floor.audio',
];

export class Rooms {
  /**
   * @param {{
   *   socket: import('../core/socket.js').Socket, ice_servers: () => any[],
   *   on_streams: (streams: Record<string, MediaStream>) => void, on_state: (state: string, error?: any) => void,
   *   RTCPeerConnection?: any, RTCRtpReceiver?: any, MediaStream?: any,
   * }} options `on_streams`: by the name of the slot; those of an earlier session are over
   */
  constructor(options) {
    this.options = options;
    this.session = new MediaSession({
      socket: options.socket,
      ice_servers: options.ice_servers,
      map_sdp: withAudioNack,
      gives_up_on: ['codec', 'forbidden', 'unauthenticated', 'revoked'],
      prepare: (pc) => this.prepare(pc),
      on_state: options.on_state,
      RTCPeerConnection: options.RTCPeerConnection,
    });
  }

  /** Open while the lesson is: asking again changes nothing. */
  want(/** @type {boolean} */ on) {
    if (on) {
      this.session.open();
    } else if (this.session.state !== 'closed') {
      this.session.close();
      this.options.on_streams({});
    }
  }

  /** @private */
  prepare(/** @type {RTCPeerConnection} */ pc) {
    const Receiver = this.options.RTCRtpReceiver ?? globalThis.RTCRtpReceiver;
    const Stream = this.options.MediaStream ?? globalThis.MediaStream;
    const codecs = Receiver?.getCapabilities?.('video')?.codecs;
    const made = slots.map((slot) => {
      const kind = slot.endsWith('.audio') ? 'audio' : 'video';
      const transceiver = pc.addTransceiver(kind, { direction: 'recvonly' });
      if (kind === 'video' && codecs && 'setCodecPreferences' in transceiver) {
        transceiver.setCodecPreferences(onlyForwarded(codecs));
      }
      return { slot, transceiver };
    });
    this.options.on_streams(
      Object.fromEntries(
        made.map(({ slot, transceiver }) => [slot, new Stream([transceiver.receiver.track])]),
      ),
    );
    return () => ({
      slots: Object.fromEntries(made.map(({ slot, transceiver }) => [transceiver.mid ?? '', slot])),
    });
  }
}
