// The lessons of a day and, of those that run, how each room receives.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { named, t } from '../core/i18n.js';
import { date, dayEnd, dayStart } from '../core/time.js';
import { Attendees } from '../ui/attendees.jsx';
import { Chip } from '../ui/chip.jsx';
import { now_ms } from '../ui/clock.js';
import { useLoad } from '../ui/load.js';
import { Problem } from '../ui/problem.jsx';
import { lessonTone, stateOf } from '../ui/status.js';
import { timesOf, whoOf } from '../ui/who.js';
import { changes, live, may_change } from './data.js';
import { LessonForm } from './form.jsx';
import { SourceLine } from './lesson.jsx';
import { LookIn } from './visits.jsx';

const day_ms = 24 * 3600 * 1000;
const quarter_ms = 15 * 60 * 1000;

const loadDay = async (/** @type {number} */ from_ms) => {
  const query = new URLSearchParams({
    from_ms: String(from_ms),
    to_ms: String(from_ms + day_ms),
    per_page: '200',
  });
  const { lessons } = await api.get(`/lessons?${query}`);
  return lessons.sort((/** @type {any} */ a, /** @type {any} */ b) => a.start_ms - b.start_ms);
};

/** @param {{ lesson: any, board: any }} props */
function Card({ lesson, board }) {
  const open = board && ['open', 'live', 'interrupted'].includes(lesson.state);
  return (
    <li class="panel lesson-card">
      <div class="lesson-line">
        <span class="numbers when">{timesOf(lesson)}</span>
        <a class="lesson-title" href={`#/lesson/${encodeURIComponent(lesson.id)}`}>
          {named(lesson, 'title')}
        </a>
        {lesson.kind === 'training' ? <Chip tone="info">{t('kind.training')}</Chip> : null}
        <span class="muted">{named(lesson.teacher)}</span>
        <span class="gap" />
        {open ? <SourceLine board={board} /> : null}
        {open ? <LookIn lesson={lesson} /> : null}
        <Chip tone={lessonTone[lesson.state]}>{t(`lesson.state.${stateOf(lesson)}`)}</Chip>
      </div>
      {open ? (
        <Attendees rooms={board.rooms} />
      ) : (
        <p class="muted">
          {(lesson.kind === 'training'
            ? lesson.persons.map((/** @type {any} */ person) => whoOf({ person }))
            : lesson.rooms.map((/** @type {any} */ room) => whoOf({ room }))
          )
            .map((/** @type {string[]} */ who) => who[0])
            .join(' · ')}
        </p>
      )}
    </li>
  );
}

/** @param {{ from_ms: number, onDay: (ms: number) => void }} props */
function Days({ from_ms, onDay }) {
  const today = dayStart(now_ms.peek());
  return (
    <div class="days">
      <button type="button" class="button plain" onClick={() => onDay(from_ms - day_ms)}>
        {t('day.before')}
      </button>
      <strong class="numbers">{date(from_ms)}</strong>
      <button type="button" class="button plain" onClick={() => onDay(from_ms + day_ms)}>
        {t('day.after')}
      </button>
      {from_ms === today ? null : (
        <button type="button" class="button plain" onClick={() => onDay(today)}>
          {t('day.today')}
        </button>
      )}
    </div>
  );
}

export function DayView() {
  const [from_ms, setFrom] = useState(() => dayStart(now_ms.peek()));
  const [creating, setCreating] = useState(false);
  const { data, error, reload } = useLoad(() => loadDay(from_ms), [from_ms, changes.value]);
  const board = live.state.value.board;
  const csv = new URLSearchParams({ from_ms: String(from_ms), to_ms: String(dayEnd(from_ms)) });
  return (
    <>
      <div class="heading">
        <h2>{t('admin.lessons')}</h2>
        <Days from_ms={from_ms} onDay={setFrom} />
        <span class="gap" />
        <a class="button plain" href={`/api/v1/attendance.csv?${csv}`} download>
          {t('admin.csv')}
        </a>
        {may_change.value ? (
          <button type="button" class="button act" onClick={() => setCreating(true)}>
            {t('form.create')}
          </button>
        ) : null}
      </div>
      <Problem error={error} />
      {data?.length === 0 ? <p class="panel muted">{t('admin.no_lessons')}</p> : null}
      <ul class="lessons">
        {(data ?? []).map((/** @type {any} */ lesson) => (
          <Card
            key={lesson.id}
            lesson={board[lesson.id]?.lesson ?? lesson}
            board={board[lesson.id]}
          />
        ))}
      </ul>
      {creating ? (
        <LessonForm
          lesson={null}
          start_ms={Math.ceil(Math.max(now_ms.peek(), from_ms) / quarter_ms) * quarter_ms}
          onClose={() => setCreating(false)}
          onDone={(lesson) => {
            setCreating(false);
            setFrom(dayStart(lesson.start_ms));
            reload();
          }}
        />
      ) : null}
    </>
  );
}
