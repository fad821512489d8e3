// The lesson as the teacher's page holds it: what the server says, what the teacher asked for, what is looked at here.
// Views read its signals.
import { computed, effect, signal } from '@preact/signals';
import { screenOf } from '../board/screen.js';
import { joinable } from '../core/protocol.js';
import { Rooms } from '../media/rooms.js';
import { now_ms } from '../ui/clock.js';
import { Acts } from './acts.js';
import { lostOf, newsOf, queueOf, roomsOf, tilesOf, unreadOf } from './view.js';

/** @typedef {'me' | 'rooms' | 'board'} Stage */

export class Classroom {
  /**
   * @param {ReturnType<typeof import('../core/live.js').createLive>} live
   * @param {import('../board/feed.js').BoardFeed} board @param {import('../board/hand.js').Hand} hand
   */
  constructor(live, board, hand) {
    this.live = live;
    this.board = board;
    this.hand = hand;
    /** Somebody has said what the rooms see: then writing changes it no more. */
    this.show_chosen = false;
    this.show_seen = false;
    this.acts = new Acts(live.socket);
    /** Streams of the rooms by slot. */
    this.streams = signal(/** @type {Record<string, MediaStream>} */ ({}));
    this.seeing = signal('closed');
    /** What the large place of the page shows. */
    this.stage = signal(/** @type {Stage} */ ('me'));
    this.tool = signal(/** @type {import('./tools.jsx').Panel} */ ('ask'));
    this.seen_message = signal(0);
    /** What an ear is told next. */
    this.news = signal(/** @type {ReturnType<typeof newsOf>} */ ([]));
    this.viewer = new Rooms({
      socket: live.socket,
      ice_servers: () => live.state.peek().ice_servers,
      on_streams: (streams) => {
        this.streams.value = streams;
      },
      on_state: (state) => {
        this.seeing.value = state;
      },
    });
    // what fades by itself needs the clock, nothing else does
    this.rooms = computed(() => {
      const state = live.state.value;
      const fades = state.class && state.class.signals.length > 0;
      return roomsOf(state, fades ? now_ms.value : now_ms.peek());
    });
    this.tiles = computed(() => tilesOf(this.rooms.value));
    this.lost = computed(() => lostOf(this.rooms.value, live.state.value.class, now_ms.value));
    this.unread = computed(() => unreadOf(live.state.value.class, this.seen_message.value));
    this.running = computed(
      () => live.state.value.link === 'online' && joinable(live.state.value.lesson),
    );
    this.shown = computed(() => board.state.value.board.show);
    let before = live.state.peek().class;
    effect(() => {
      const now = live.state.value.class;
      const news = newsOf(before, now);
      before = now;
      if (news.length > 0) {
        this.news.value = news;
      }
    });
  }

  /** Sees the rooms while the lesson is open, before it is started too. */
  follow() {
    effect(() => {
      const { link, lesson } = this.live.state.value;
      if (link === 'online') {
        this.viewer.want(joinable(lesson));
      }
    });
  }

  /** The WebSocket is back. */
  online(/** @type {string[] | undefined} */ peers) {
    this.viewer.session.online(peers);
  }

  /** The floor to the first of the queue. */
  next() {
    const [first] = queueOf(this.rooms.peek(), this.live.state.peek().class);
    return first ? this.acts.give(first.id, 'next') : Promise.resolve(false);
  }

  setMode(/** @type {'speech' | 'music' | 'choral'} */ mode) {
    return this.acts.ask('mode.set', { mode }, `mode:${mode}`);
  }

  toggleMusic() {
    const music = this.live.state.peek().class?.mode === 'music';
    return this.setMode(music ? 'speech' : 'music');
  }

  /** This room's picture large; once more: that of whoever has the floor. */
  enlarge(/** @type {number} */ room) {
    const chosen = this.live.state.peek().class?.large ?? null;
    this.stage.value = 'rooms';
    return this.acts.ask('large.set', { room: chosen === room ? null : room }, `large:${room}`);
  }

  toggleBoard() {
    this.stage.value = this.stage.peek() === 'board' ? 'rooms' : 'board';
  }

  /** What the rooms see beside or instead of the teacher. */
  show(/** @type {'people' | 'board' | 'screen'} */ what) {
    this.show_chosen = true;
    const screen = screenOf(this.hand);
    if (what === 'screen' && screen.state.peek().state === 'off') {
      this.stage.value = 'board'; // where it is said how the sharing goes
      screen.start('screen'); // the rooms see it as soon as it is there
    } else {
      this.hand.show(what);
    }
  }

  readMessages() {
    const messages = this.live.state.peek().class?.messages ?? [];
    this.seen_message.value = Math.max(this.seen_message.peek(), ...messages.map(({ id }) => id));
  }
}
