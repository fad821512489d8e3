// The one session of a room: it receives the lesson, the board as video and whoever has the floor, and sends what a
// RoomSender gives it; negotiated once. What was shown and played of lesson.video and lesson.audio, and of nothing else,
// is told to the server every 5 s.
import { Player } from './player.js';
import { bufferTargetMs, nothing, progress, read } from './progress.js';
import { forReceiving } from './sdp.js';
import { codecsOf, prefer } from './send.js';
import { MediaSession } from './session.js';

const report_ms = 5000;
/** A report that could not be delivered for so long says nothing that the next ones do not. */
const keep_reports = 24;
/** So many reports without a packet, while the lesson is live: the session is dead, though nobody has noticed. */
const dead_reports = 2;
/** What is received, in this order; where each is shown and heard. */
const slots = /** @type {const} */ ([
  ['lesson.video', 'video', 'lesson'],
  ['lesson.audio', 'audio', 'lesson'],
  ['board.video', 'video', 'board'],
  ['floor.audio', 'audio', 'floor'],
  ['floor.video', 'video', 'floor'],
]);

export class Receiver {
  /**
   * @param {{
   *   socket: import('../core/socket.js').Socket, video: HTMLVideoElement, dispatch: (event: any) => void,
   *   ice_servers: () => any[], is_live: () => boolean, sender?: import('./send.js').RoomSender | null,
   * }} options `is_live`: packets are due; `sender`: none where a person only watches
   */
  constructor({ socket, video, dispatch, ice_servers, is_live, sender = null }) {
    this.sender = sender;
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
      map_sdp: forReceiving,
      gives_up_on: ['codec', 'unauthenticated', 'revoked'],
      prepare: (pc) => this.prepare(pc),
      on_state: (state, error) => this.onState(state, error),
    });
    /** @type {RTCRtpReceiver[]} of the lesson's own slots */
    this.lesson = [];
    /** @type {Record<string, MediaStreamTrack[]>} by where they are shown */
    this.tracks = {};
    /** @type {Map<string, Player>} */
    this.beside = new Map();
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
    for (const player of this.beside.values()) {
      player.clear();
    }
  }

  /** An element beside the lesson's: `board` shows the board's video, `floor` who has the floor, with its sound. */
  attach(/** @type {'board' | 'floor'} */ name, /** @type {HTMLVideoElement} */ element) {
    if (this.beside.get(name)?.video === element) {
      return;
    }
    const player = new Player(element, { on_sound: () => {}, on_picture: () => {} });
    this.beside.set(name, player);
    if (this.tracks[name]) {
      player.show(this.tracks[name]);
    }
  }

  /** A gesture was made: everything sounds. */
  play() {
    this.player.play();
    for (const player of this.beside.values()) {
      player.play();
    }
  }

  /** @private */
  prepare(/** @type {RTCPeerConnection} */ pc) {
    const codecs = {
      video: codecsOf('video', globalThis.RTCRtpReceiver),
      audio: codecsOf('audio', globalThis.RTCRtpReceiver),
    };
    const made = slots.map(([name, kind, place]) => {
      const transceiver = pc.addTransceiver(kind, { direction: 'recvonly' });
      prefer(transceiver, codecs[kind]);
      return { name, place, transceiver };
    });
    const of = (/** @type {string} */ place) =>
      made.filter((slot) => slot.place === place).map((slot) => slot.transceiver.receiver);
    this.lesson = of('lesson');
    const sent = this.sender?.prepare(pc);
    let shown = false;
    pc.ontrack = () => {
      if (!shown) {
        shown = true;
        this.show({ lesson: of('lesson'), board: of('board'), floor: of('floor') });
      }
    };
    return () => ({
      slots: Object.fromEntries(made.map(({ name, transceiver }) => [transceiver.mid ?? '', name])),
      ...(sent ? { tracks: sent() } : {}),
    });
  }

  /** @private */
  show(/** @type {Record<string, RTCRtpReceiver[]>} */ receivers) {
    for (const [place, list] of Object.entries(receivers)) {
      this.tracks[place] = list.map((receiver) => receiver.track);
      const player = place === 'lesson' ? this.player : this.beside.get(place);
      player?.show(this.tracks[place]);
    }
  }

  /** @private */
  onState(/** @type {string} */ state, /** @type {any} */ error) {
    const names = { closed: 'none', offering: 'connecting', connecting: 'connecting', up: 'up' };
    const shown = state === 'refused' ? 'refused' : (names[state] ?? 'stalled');
    if (state === 'up') {
      this.sender?.apply();
    }
    this.dispatch({ type: 'media.state', state: shown, code: error?.code ?? null });
  }

  /** Tells what was shown and played since the last report. @private */
  async report() {
    const pc = this.session.pc;
    if (!pc || this.session.state === 'closed') {
      return;
    }
    const stats = await Promise.all(this.lesson.map((receiver) => receiver.getStats()));
    const now = read(
      stats.flatMap((reports) => [...reports.values()]),
      Date.now(),
      this.player.frames,
    );
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
