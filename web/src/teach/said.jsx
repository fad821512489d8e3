// The line under the head: is the teacher on air, and the one thing that went wrong; and the same for the ear.
import { named, t } from '../core/i18n.js';
import { Icon } from '../ui/icons.jsx';
import { problemText } from '../ui/problem.jsx';
import { airSaid } from './said.js';
import { nameOf } from './tiles.jsx';

/** @typedef {import('./lesson.js').Classroom} Classroom */
/** @typedef {import('./desk.js').Desk} Desk */

/** @param {{ classroom: Classroom, desk: Desk }} props */
function Air({ classroom, desk }) {
  const state = classroom.live.state.value;
  const said = airSaid({
    link: state.link,
    wanted: desk.wanted.value,
    sending: desk.sending.value,
    taken: desk.taken.value,
    lesson: state.lesson,
    publisher: state.publisher,
    you: state.you,
    playing: state.rooms.filter((room) => room.state === 'playing').length,
    expected: state.rooms.length,
  });
  return (
    <p class={`air ${said.tone}`} role="status">
      {t(said.key, said.values)}
    </p>
  );
}

/** What went wrong last, in words; null: nothing did. @returns {{ tone: string, words: string, detail?: string } | null} */
function wrong(/** @type {Classroom} */ classroom, /** @type {Desk} */ desk) {
  const asked = classroom.acts.problem.value;
  const error = desk.problem.value ?? asked?.error;
  if (error) {
    const floor = error.code === 'conflict' && asked?.type === 'floor.give' && !desk.problem.value;
    return {
      tone: 'bad',
      words: floor ? t('teach.floor.not_there') : problemText(error),
      detail: error.detail || error.text,
    };
  }
  const lost = classroom.lost.value;
  if (lost) {
    const name = nameOf(lost.view)[0];
    return { tone: 'warn', words: t(`teach.news.lost.${lost.reason}`, { name }) };
  }
  if (desk.sound_problem.value) {
    return {
      tone: 'bad',
      words: t('teach.sound.not_changed', { why: t(`teach.mic.${desk.sound_problem.value}`) }),
    };
  }
  return null;
}

/** @param {{ classroom: Classroom, desk: Desk }} props */
export function Said({ classroom, desk }) {
  const notice = wrong(classroom, desk);
  return (
    <div class="said">
      <Air classroom={classroom} desk={desk} />
      <div class="notice-place" role="alert">
        {notice ? (
          <p class={`notice ${notice.tone}`} title={notice.detail}>
            <Icon name="alert" />
            <span>{notice.words}</span>
          </p>
        ) : null}
      </div>
    </div>
  );
}

/** For who does not look: hands, bad signals, messages. What went wrong is said by its own line. */
/** @param {{ classroom: Classroom }} props */
export function Announce({ classroom }) {
  const { lesson } = classroom.live.state.value;
  const sentences = classroom.news.value
    .filter(({ key }) => !key.startsWith('teach.news.lost'))
    .map(({ key, room, text }) => {
      const found = lesson?.rooms?.find((/** @type {any} */ each) => each.id === room);
      return t(key, { name: named(found, 'school') || named(found), text });
    });
  return (
    <p class="sr" role="log" aria-live="polite">
      {sentences.join(' ')}
    </p>
  );
}
