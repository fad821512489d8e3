// One RTCPeerConnection with the server, kept alive: what it carries is negotiated once; when the path fails it asks for
// an ICE restart, and when that does not help, or the server says that the session is gone, it offers anew.
//
//   closed ─ open ─▶ offering ─ answer ─▶ connecting ─ connected ─▶ up
//                      ▲  ▲                   │                     │ disconnected 1.5 s, failed, page reconnected
//                      │  └── backoff ◀───────┴── 6 s, error ◀── restarting ── connected ─▶ up
//                      └── media.gone, whenever
//   offering ─ an error of `gives_up_on` ─▶ refused
//   any ─ media.gone because it was replaced ─▶ refused: the newer session is left alone
import { backoffMs } from '../core/backoff.js';

const connect_ms = 6000;
const disconnected_ms = 1500;
const known = ['closed', 'offering', 'connecting', 'up', 'restarting', 'refused'];

export class MediaSession {
  /**
   * @param {{
   *   socket: import('../core/socket.js').Socket,
   *   prepare: (pc: RTCPeerConnection) => () => { slots?: Record<string, string>, tracks?: Record<string, string> },
   *   map_sdp?: (sdp: string) => string,
   *   on_state: (state: string, error?: any) => void,
   *   ice_servers?: () => any[], gives_up_on?: string[],
   *   RTCPeerConnection?: any, timers?: any, random?: () => number,
   * }} options `prepare` adds tracks and transceivers and returns how to read their mids once they are known;
   * `gives_up_on`: codes of errors after which asking again by itself is no use
   */
  constructor(options) {
    this.options = options;
    this.timers = options.timers ?? {
      set: (/** @type {() => void} */ f, /** @type {number} */ ms) => setTimeout(f, ms),
      clear: (/** @type {any} */ id) => clearTimeout(id),
    };
    this.state = 'closed';
    this.tries = 0;
    /** @type {string | null} */
    this.peer = null;
    /** @type {RTCPeerConnection | null} */
    this.pc = null;
    /** @type {any} */
    this.timer = null;
  }

  open() {
    if (this.state === 'closed' || this.state === 'refused') {
      this.tries = 0;
      this.offer();
    }
  }

  /** Ends it here and at the server. */
  close() {
    const peer = this.peer;
    this.drop();
    this.setState('closed');
    if (peer) {
      this.options.socket.request('media.close', { peer }).catch(() => {
        // the server forgets a peer that falls silent
      });
    }
  }

  /** Connected, and yet nothing comes: begins anew. */
  renew() {
    if (this.state === 'up') {
      this.offer();
    }
  }

  /** The server said `media.gone`. */
  gone(/** @type {string} */ peer, /** @type {string} */ reason = '') {
    if (peer !== this.peer || this.state === 'closed') {
      return;
    }
    if (reason === 'replaced') {
      // offering anew would only throw the newer one out, which would then do the same
      this.drop();
      this.setState('refused', { code: 'replaced' });
      return;
    }
    this.tries = 0;
    this.offer();
  }

  /**
   * The WebSocket is back. `peers`: the sessions of this page that the server still knows; where it does not say, a
   * restart finds out.
   * @param {string[]} [peers]
   */
  online(peers) {
    const kept = !peers || (this.peer !== null && peers.includes(this.peer));
    if (this.state === 'up' && peers && kept && this.pc?.connectionState === 'connected') {
      return;
    }
    if (!kept && this.state !== 'closed' && this.state !== 'refused') {
      this.tries = 0;
      this.offer();
    } else if (this.state === 'up' || this.state === 'restarting' || this.state === 'connecting') {
      this.restart();
    } else if (this.state === 'offering') {
      this.tries = 0;
      this.offer();
    }
  }

  /** @private */
  async offer() {
    this.drop();
    this.setState('offering');
    const PeerConnection = this.options.RTCPeerConnection ?? globalThis.RTCPeerConnection;
    const pc = new PeerConnection({
      iceServers: this.options.ice_servers?.() ?? [],
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
    });
    this.pc = pc;
    pc.onconnectionstatechange = () => this.pc === pc && this.onConnection(pc.connectionState);
    try {
      const mids = this.options.prepare(pc);
      const sdp = await this.describe(pc, {});
      const answer = await this.options.socket.request('media.offer', { sdp, ...mids() });
      await this.take(pc, answer);
    } catch (error) {
      if (this.pc === pc) {
        this.failed(error);
      }
    }
  }

  /** New ICE credentials on the same session: media that still flows goes on meanwhile. @private */
  async restart() {
    const pc = this.pc;
    if (!pc || !this.peer || this.options.socket.state !== 'online') {
      return; // online() comes when the WebSocket is back
    }
    this.timers.clear(this.timer);
    this.setState('restarting');
    try {
      const sdp = await this.describe(pc, { iceRestart: true });
      const answer = await this.options.socket.request('media.restart', { peer: this.peer, sdp });
      await this.take(pc, answer);
    } catch (error) {
      if (this.pc === pc && error?.code !== 'offline') {
        this.offer();
      }
    }
  }

  /** @private @returns {Promise<string>} */
  async describe(/** @type {RTCPeerConnection} */ pc, /** @type {RTCOfferOptions} */ options) {
    const offer = await pc.createOffer(options);
    const sdp = this.options.map_sdp ? this.options.map_sdp(offer.sdp ?? '') : (offer.sdp ?? '');
    await pc.setLocalDescription({ type: 'offer', sdp });
    return sdp;
  }

  /** @private */
  async take(/** @type {RTCPeerConnection} */ pc, /** @type {any} */ answer) {
    if (this.pc !== pc) {
      return;
    }
    this.peer = answer.peer;
    await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    if (this.pc !== pc) {
      return;
    }
    if (this.state === 'offering') {
      this.setState('connecting');
    }
    if (pc.connectionState === 'connected') {
      this.onConnection('connected');
      return;
    }
    this.timer = this.timers.set(() => this.failed({ code: 'timeout' }), connect_ms);
  }

  /** @private */
  onConnection(/** @type {string} */ connection) {
    if (connection === 'connected') {
      this.timers.clear(this.timer);
      this.tries = 0;
      this.setState('up');
    } else if (connection === 'failed' || connection === 'closed') {
      this.restart();
    } else if (connection === 'disconnected' && this.state === 'up') {
      this.timers.clear(this.timer);
      this.timer = this.timers.set(() => this.restart(), disconnected_ms);
    }
  }

  /** @private */
  failed(/** @type {any} */ error) {
    if (this.options.gives_up_on?.includes(error?.code)) {
      this.drop();
      this.setState('refused', error);
      return;
    }
    this.drop();
    this.setState('offering', error);
    this.timer = this.timers.set(
      () => {
        if (this.options.socket.state === 'online') {
          this.offer();
        }
      },
      backoffMs(this.tries, this.options.random),
    );
    this.tries += 1;
  }

  /** @private */
  drop() {
    this.timers.clear(this.timer);
    const pc = this.pc;
    this.pc = null;
    this.peer = null;
    if (pc) {
      pc.onconnectionstatechange = null;
      pc.close();
    }
  }

  /** @private */
  setState(/** @type {string} */ state, /** @type {any} */ error = null) {
    if (!known.includes(state)) {
      throw new Error(`no such state: ${state}`);
    }
    const changed = state !== this.state;
    this.state = state;
    if (changed || error) {
      this.options.on_state(state, error);
    }
  }
}
