// Receives a lesson: slots lesson.video and lesson.audio, negotiated once, played by a Player, told to the server every
// 5 s by what was really shown and played.
import { Player } from './player.js';
import { bufferTargetMs, nothing, progress, read } from './progress.js';
import { withAudioNack } from './sdp.js';
import { MediaSession } from './session.js';

const report_ms = 5000;
/** A report that could not be delivered for so long says nothing that the next ones do not. */
const keep_reports = 24;
/** So many reports without a packet, while the lesson is live: the session is dead, though nobody has noticed. */
const dead_reports = 2;

export class Receiver {
  /**
   * @param {{
   *   socket: import('../core/socket.js').Socket, video: HTMLVideoElement, dispatch: (event: any) => void,
   *   ice_servers: () => any[], is_live: () => boolean,
   * }} options `is_live`: packets are due
   */
  constructor({ socket, video, dispatch, ice_servers, is_live }) {
    this.is_live = is_live;
    this.socket = socket;
    this.dispatch = dispatch;
    this.player = new Player(video, {
      on_sound: (blocked) => dispatch({ type: 'media.sound', blocked }),
      on_picture: (shown) => dispatch({ type: 'media.picture', shown }),
    });
    this.session = new MediaSession({
      socket,
      ice_servers,
      map_sdp: withAudioNack,
      gives_up_on: ['codec', 'unauthenticated', 'revoked'],
      prepare: (pc) => this.prepare(pc),
      on_state: (state, error) => this.onState(state, error),
    });
    this.n = 0;
    this.waiting = 0;
    this.empty = 0;
    this.before = nothing;
    setInterval(() => this.report(), report_ms);
    setInterval(() => this.player.check(performance.now()), 1000);
  }

  open() {
    performance.mark('tongke-ask');
    this.before = { ...nothing, at_ms: Date.now(), frames: this.player.frames };
    this.session.open();
  }

  close() {
    this.report();
    this.session.close();
    this.player.clear();
  }

  /** @private */
  prepare(/** @type {RTCPeerConnection} */ pc) {
    const video = pc.addTransceiver('video', { direction: 'recvonly' });
    const audio = pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.ontrack = () => this.player.show([video.receiver.track, audio.receiver.track]);
    return () => ({
      slots: { [video.mid ?? '']: 'lesson.video', [audio.mid ?? '']: 'lesson.audio' },
    });
  }

  /** @private */
  onState(/** @type {string} */ state, /** @type {any} */ error) {
    const names = { closed: 'none', offering: 'connecting', connecting: 'connecting', up: 'up' };
    const shown = state === 'refused' ? 'refused' : (names[state] ?? 'stalled');
    this.dispatch({ type: 'media.state', state: shown, code: error?.code ?? null });
  }

  /** Tells what was shown and played since the last report. @private */
  async report() {
    const pc = this.session.pc;
    if (!pc || this.session.state === 'closed') {
      return;
    }
    const stats = await pc.getStats();
    const now = read(stats.values(), Date.now(), this.player.frames);
    const fields = progress(this.before, now, {
      sounding: this.player.sounding(),
      hidden: document.hidden,
    });
    this.keepReady(pc, bufferTargetMs(this.before, now));
    this.watch(now);
    this.before = now;
    this.n += 1;
    this.tell({ n: this.n, ...fields });
  }

  /** @private */
  watch(/** @type {import('./progress.js').Reading} */ now) {
    const due = this.is_live() && this.session.state === 'up';
    this.empty = due && now.received === this.before.received ? this.empty + 1 : 0;
    if (this.empty >= dead_reports) {
      this.empty = 0;
      this.session.renew();
    }
  }

  /** @private */
  async tell(/** @type {any} */ fields) {
    // what was played during an outage is told afterwards, as long as that can matter to the attendance
    const resend = this.waiting < keep_reports;
    this.waiting += 1;
    try {
      await this.socket.request('progress', fields, { resend });
    } catch {
      // refused or offline: the next report has its own time
    } finally {
      this.waiting -= 1;
    }
  }

  /** @private */
  keepReady(/** @type {RTCPeerConnection} */ pc, /** @type {number | null} */ target_ms) {
    for (const receiver of pc.getReceivers()) {
      if ('jitterBufferTarget' in receiver) {
        receiver.jitterBufferTarget = target_ms;
      }
    }
  }
}
