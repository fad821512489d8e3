// What the teacher's page holds, and how the parts follow each other: the socket, the desk, the lesson, the board.
import { effect } from '@preact/signals';
import { createBoard } from '../board/feed.js';
import { handOf } from '../board/hand.js';
import { api } from '../core/api.js';
import { lang } from '../core/i18n.js';
import { createLive, joined_ms, socketUrl } from '../core/live.js';
import { joinable } from '../core/protocol.js';
import { Desk } from './desk.js';
import { Classroom } from './lesson.js';

const lesson_id = decodeURIComponent(location.pathname.split('/')[2] ?? '');
/** A second device that only writes: no camera, no microphone, no pictures. */
export const board_only = new URLSearchParams(location.search).has('board');
const here = location.pathname + (board_only ? '?board' : '');
const toLogin = () => location.replace(`/login?next=${encodeURIComponent(here)}`);

export const live = createLive({
  url: socketUrl(location),
  hello: () => ({
    page: 'teach',
    as: 'teacher',
    lesson: lesson_id,
    lang: lang.peek(),
    joined_ms,
  }),
  on_event(event) {
    board.on_event(event);
    if (event.type === 'welcome') {
      onWelcome(event);
    } else if (event.type === 'media.gone') {
      desk.publisher.session.gone(event.peer, event.reason);
      classroom.viewer.session.gone(event.peer, event.reason);
    } else if (event.type === 'revoked' || event.code === 'unauthenticated') {
      toLogin();
    }
  },
});
export const desk = new Desk(live, lesson_id);
export const board = createBoard({ socket: live.socket, api, lesson_id });
export const hand = handOf(board);
export const classroom = new Classroom(live, board, hand);
let opened = false;
/** Camera and microphone, open or refused: they need no server. @type {Promise<void>} */
let devices = Promise.resolve();

function onWelcome(/** @type {any} */ { again, peers, board: head }) {
  board.welcome(head);
  if (again) {
    desk.online(peers);
    classroom.online(peers);
  }
  if (!opened) {
    opened = true;
    devices.then(() => {
      if (!board_only && desk.wasOnAir() && joinable(live.state.peek().lesson)) {
        desk.start();
      }
    });
  }
}

effect(() => {
  const { lesson, link } = live.state.value;
  if (link === 'online' && desk.wanted.peek() && !joinable(lesson)) {
    desk.stop(); // the lesson was ended elsewhere
  }
});
// the mode may have been set by another device of the teacher, or before this page was loaded
effect(() => {
  const mode = live.state.value.class?.mode;
  if (mode) {
    desk.setSound(mode === 'music' ? 'music' : 'speech');
  }
});
// on air, the large place is no longer the teacher's own: the rooms take it, or the board that the rooms see
effect(() => {
  if (desk.wanted.value && classroom.stage.peek() === 'me') {
    classroom.stage.value = classroom.shown.peek() === 'board' ? 'board' : 'rooms';
  }
});
// whoever writes wants it to be seen: once there is a page, the rooms see the board, unless someone said otherwise
effect(() => {
  const shown = classroom.shown.value;
  classroom.show_chosen ||= classroom.show_seen && shown === 'people';
  classroom.show_seen ||= shown === 'board';
  const writing = board_only || (desk.wanted.value && classroom.stage.value === 'board');
  const pages = board.state.value.board.order.length;
  const is_live = live.state.value.lesson?.state === 'live';
  if (writing && is_live && pages > 0 && shown === 'people' && !classroom.show_chosen) {
    hand.show('board');
  }
});

/** Is there somebody signed in? The WebSocket's refusal alone does not say. */
export async function begin() {
  try {
    const response = await fetch('/api/v1/me', { cache: 'no-store' });
    const { accounts } = response.ok ? await response.json() : { accounts: [] };
    if (!accounts.some((/** @type {any} */ account) => account.role === 'teacher')) {
      toLogin();
      return;
    }
  } catch {
    // no server yet: the socket goes on trying
  }
  if (!board_only) {
    devices = desk.begin();
    classroom.follow();
  }
  live.socket.connect();
}
