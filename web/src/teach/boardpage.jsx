// `/teach/{lesson}?board`: a tablet beside the computer. The board alone, and who has or wants the floor.
import { LazyBoardEditor } from '../board/lazy.jsx';
import { Queue } from './queue.jsx';
import { Show } from './stage.jsx';

/** @param {{ classroom: import('./lesson.js').Classroom }} props */
export function BoardPage({ classroom }) {
  return (
    <main class="board-page">
      <div class="strip">
        <Queue classroom={classroom} />
        <Show classroom={classroom} />
      </div>
      <div class="at-board">
        <LazyBoardEditor board={classroom.board} />
      </div>
    </main>
  );
}
