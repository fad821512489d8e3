// The board in the room: read only.
import { signal } from '@preact/signals';
import { createBoard } from '../board/feed.js';
import { BoardView, fetchAhead } from '../board/view.jsx';
import { api } from '../core/api.js';

/** @type {import('@preact/signals').Signal<import('../board/feed.js').BoardFeed | null>} */
const feed = signal(null);
/** What the last welcome said of it, until a lesson is joined. */
let head = /** @type {any} */ (null);

/** What the rooms see: people, board or screen. */
export const shownOnBoard = () => feed.value?.state.value.board.show ?? 'people';

/** A lesson may be joined: its board from now on. */
export function joinBoard(/** @type {any} */ socket, /** @type {string} */ lesson_id) {
  const known = feed.peek();
  if (!known) {
    const made = createBoard({ socket, api, lesson_id });
    made.welcome(head);
    fetchAhead(made);
    feed.value = made;
  } else if (known.lesson_id !== lesson_id) {
    known.of(lesson_id);
    known.welcome({ epoch: -1, n: 1 }); // whatever it is: read it
  }
}

/** Events of the page's WebSocket, as they come. */
export function boardEvent(/** @type {any} */ event) {
  if (event.type === 'welcome') {
    head = event.board ?? null;
    feed.peek()?.welcome(head);
  } else {
    feed.peek()?.on_event(event);
  }
}

export function BoardPlace() {
  return feed.value ? <BoardView board={feed.value} /> : null;
}
