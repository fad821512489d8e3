// The teacher's screen, or a camera over paper, as a sharp slow picture: track board.video, in a session of its own.
//
//   off ─ start ─▶ asking ─ allowed ─▶ on ─ stop, the browser's own bar, refused ─▶ off
//                    └── denied, no such device ─▶ off, and said
import { signal } from '@preact/signals';
import { deviceProblem } from '../media/devices.js';
import { preferH264 } from '../media/sdp.js';
import { MediaSession } from '../media/session.js';

const fps = 5;
const video_bps = 2_000_000;
const size = { width: { ideal: 1920, max: 1920 }, height: { ideal: 1080, max: 1080 } };

/** @typedef {'screen' | 'camera'} Kind */
/** @typedef {{ kind: Kind, state: 'off' | 'asking' | 'on', why: string, error: any, up: boolean }} ScreenState */

/** The browser asks which screen, window or tab. @returns {Promise<MediaStreamTrack>} */
export async function openScreen() {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: { ...size, frameRate: { ideal: fps, max: fps } },
    audio: false,
  });
  return hinted(stream.getVideoTracks()[0], 'text');
}

/** @param {string | null} id @returns {Promise<MediaStreamTrack>} */
export async function openDocumentCamera(id) {
  const which = id ? { deviceId: { exact: id } } : {};
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { ...size, ...which, frameRate: { ideal: fps } },
  });
  return hinted(stream.getVideoTracks()[0], 'detail');
}

function hinted(/** @type {MediaStreamTrack} */ track, /** @type {string} */ hint) {
  if ('contentHint' in track) {
    track.contentHint = hint;
  }
  return track;
}

/** What the sender is told: never smaller, rather slower. */
export function sharp(/** @type {RTCRtpSendParameters} */ parameters) {
  for (const encoding of parameters.encodings ?? []) {
    encoding.maxBitrate = video_bps;
    encoding.maxFramerate = fps;
    encoding.scaleResolutionDownBy = 1;
  }
  return { ...parameters, degradationPreference: /** @type {const} */ ('maintain-resolution') };
}

export class Screen {
  /** @param {import('./hand.js').Hand} hand */
  constructor(hand) {
    this.hand = hand;
    this.state = signal(
      /** @type {ScreenState} */ ({
        kind: 'screen',
        state: 'off',
        why: '',
        error: null,
        up: false,
      }),
    );
    /** @type {MediaStreamTrack | null} */
    this.track = null;
    /** What the rooms saw before. @type {'people' | 'board' | 'screen'} */
    this.before = 'board';
    const { board } = hand;
    this.session = new MediaSession({
      socket: board.socket,
      ice_servers: () => board.ice_servers,
      gives_up_on: ['conflict', 'forbidden', 'not_found', 'codec', 'unauthenticated', 'revoked'],
      prepare: (pc) => this.prepare(pc),
      on_state: (state, error) => this.onSession(state, error),
    });
    board.listen((event) => {
      if (event.type === 'media.gone') {
        this.session.gone(event.peer, event.reason);
      } else if (event.type === 'welcome' && event.again && this.track) {
        this.session.online(event.peers);
      }
    });
  }

  /** @param {Kind} kind @param {string | null} [id] of the camera */
  async start(kind, id = null) {
    if (this.state.peek().state === 'asking') {
      return;
    }
    this.stop();
    this.tell({ kind, state: 'asking', why: '', error: null });
    try {
      const track = await (kind === 'screen' ? openScreen() : openDocumentCamera(id));
      this.track = track;
      track.onended = () => this.track === track && this.stop();
    } catch (error) {
      this.tell({ state: 'off', why: deviceProblem(error) });
      return;
    }
    this.tell({ state: 'on' });
    this.session.open();
  }

  stop() {
    const { track } = this;
    if (!track) {
      return;
    }
    this.track = null;
    track.onended = null;
    track.stop();
    this.session.close();
    this.tell({ state: 'off', up: false });
    if (this.hand.shown.show === 'screen') {
      this.hand.show(this.before);
    }
  }

  dismiss() {
    this.tell({ why: '', error: null });
  }

  /** @private */
  tell(/** @type {Partial<ScreenState>} */ more) {
    this.state.value = { ...this.state.peek(), ...more };
  }

  /** @private */
  onSession(/** @type {string} */ state, /** @type {any} */ error) {
    this.tell({ up: state === 'up' });
    if (state === 'up') {
      this.sharpen();
      const { show } = this.hand.shown;
      if (show !== 'screen') {
        this.before = show;
        this.hand.show('screen');
      }
    } else if (state === 'refused') {
      this.stop();
      this.tell({ why: 'refused', error });
    }
  }

  /** @private */
  prepare(/** @type {RTCPeerConnection} */ pc) {
    const transceiver = pc.addTransceiver(this.track ?? 'video', {
      direction: 'sendonly',
      streams: [new MediaStream()],
      sendEncodings: [{ maxBitrate: video_bps, maxFramerate: fps }],
    });
    const codecs = RTCRtpSender.getCapabilities?.('video')?.codecs;
    if (codecs && 'setCodecPreferences' in transceiver) {
      transceiver.setCodecPreferences(preferH264(codecs));
    }
    this.sender = transceiver.sender;
    return () => ({ tracks: { [transceiver.mid ?? '']: 'board.video' } });
  }

  /** @private */
  sharpen() {
    const { sender } = this;
    sender?.setParameters(sharp(sender.getParameters())).catch(() => {
      // a browser without these limits has its own
    });
  }
}

/** @type {WeakMap<object, Screen>} */
const kept = new WeakMap();

/** The one screen of a board; it goes on while the tools are hidden. */
export function screenOf(/** @type {import('./hand.js').Hand} */ hand) {
  let screen = kept.get(hand);
  if (!screen) {
    screen = new Screen(hand);
    kept.set(hand, screen);
  }
  return screen;
}
