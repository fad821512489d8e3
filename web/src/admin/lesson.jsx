// One lesson: what it is, how it runs, who attended, what may be done with it.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { named, t } from '../core/i18n.js';
import { date, dayEnd, dayStart } from '../core/time.js';
import { Attendees } from '../ui/attendees.jsx';
import { Chip } from '../ui/chip.jsx';
import { Dialog } from '../ui/dialog.jsx';
import { useAct, useLoad } from '../ui/load.js';
import { Problem } from '../ui/problem.jsx';
import { lessonTone, sourceTone, stateOf } from '../ui/status.js';
import { timesOf } from '../ui/who.js';
import { Answers } from './answers.jsx';
import { causeKey } from './cause.js';
import { changes, lessonPath, live, may_change } from './data.js';
import { LessonForm } from './form.jsx';
import { Sitting } from './sitting.jsx';
import { SourceForm } from './source.jsx';
import { LookIn } from './visits.jsx';

/** @param {{ lesson: any, onClose: () => void, onDone: () => void }} props */
function End({ lesson, onClose, onDone }) {
  const { busy, error, act } = useAct();
  const end = async () => {
    if (await act(() => api.post(`${lessonPath(lesson.id)}/end`))) {
      onDone();
    }
  };
  return (
    <Dialog title={t('admin.end.title', { title: named(lesson, 'title') })} onClose={onClose}>
      <p>{t('admin.end.text')}</p>
      <Answers
        error={error}
        busy={busy}
        act={t('admin.end')}
        onClose={onClose}
        onAct={end}
        danger
        apart
      />
    </Dialog>
  );
}

/** @param {{ lesson: any, onClose: () => void, onDone: () => void }} props */
function Cancel({ lesson, onClose, onDone }) {
  const { busy, error, act } = useAct();
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const reason = String(form.get('reason')).trim();
    if (await act(() => api.post(`${lessonPath(lesson.id)}/cancel`, { reason }))) {
      onDone();
    }
  };
  return (
    <Dialog title={t('admin.cancel.title', { title: named(lesson, 'title') })} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span>{t('admin.cancel.reason')}</span>
          <textarea name="reason" required rows={2} maxLength={130} />
        </label>
        <Answers error={error} busy={busy} act={t('admin.cancel')} onClose={onClose} danger apart />
      </form>
    </Dialog>
  );
}

/** @param {{ lesson: any, reload: () => void }} props */
function Acts({ lesson, reload }) {
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  const close = () => setOpen(null);
  const done = () => {
    close();
    reload();
  };
  const running =
    lesson.state === 'live' || lesson.state === 'interrupted' || lesson.state === 'open';
  const over = lesson.state === 'ended' || lesson.state === 'cancelled';
  return (
    <div class="acts">
      {over ? null : (
        <button type="button" class="button plain" onClick={() => setOpen('form')}>
          {t('admin.change')}
        </button>
      )}
      <button type="button" class="button plain" onClick={() => setOpen('source')}>
        {t('admin.source')}
      </button>
      <span class="gap" />
      {running ? (
        <button type="button" class="button danger" onClick={() => setOpen('end')}>
          {t('admin.end')}
        </button>
      ) : null}
      {lesson.state === 'scheduled' ? (
        <button type="button" class="button danger" onClick={() => setOpen('cancel')}>
          {t('admin.cancel')}
        </button>
      ) : null}
      {open === 'form' ? (
        <LessonForm lesson={lesson} start_ms={lesson.start_ms} onClose={close} onDone={done} />
      ) : null}
      {open === 'source' ? <SourceForm lesson={lesson} onClose={close} onDone={done} /> : null}
      {open === 'end' ? <End lesson={lesson} onClose={close} onDone={done} /> : null}
      {open === 'cancel' ? <Cancel lesson={lesson} onClose={close} onDone={done} /> : null}
    </div>
  );
}

/** @param {{ cause: string }} props */
function Cause({ cause }) {
  const key = causeKey(cause);
  return (
    <span class="cause">
      {key ? t(key) : null} <small class="muted">{cause}</small>
    </span>
  );
}

/** What a lesson's picture comes from, in a line. @param {{ board: any }} props */
export function SourceLine({ board }) {
  const { source, publisher } = board;
  if (publisher?.live && publisher.cause === 'b_frames') {
    return <Chip tone="bad">{t('admin.publisher.b_frames', { name: named(publisher) })}</Chip>;
  }
  if (publisher?.live) {
    return <Chip tone="good">{t('admin.publisher', { name: named(publisher) })}</Chip>;
  }
  if (!source) {
    return null;
  }
  return (
    <span class="source-line">
      <Chip tone={sourceTone[source.state] ?? 'info'}>
        {source.kind === 'none'
          ? t('source.kind.none')
          : `${t(`source.kind.${source.kind}`)} · ${t(`source.state.${source.state}`)}`}
      </Chip>
      {source.cause ? <Cause cause={source.cause} /> : null}
      {source.restarts > 0 ? (
        <small class="muted">{t('source.restarts', { count: source.restarts })}</small>
      ) : null}
    </span>
  );
}

const csvPath = (/** @type {any} */ lesson) =>
  `/api/v1/attendance.csv?${new URLSearchParams({
    lesson: lesson.id,
    from_ms: String(dayStart(lesson.sitting?.opened_ms ?? lesson.start_ms)),
    to_ms: String(dayEnd(Date.now())),
  })}`;

/** @param {{ id: string }} props */
export function LessonView({ id }) {
  const { data, error } = useLoad(
    () => api.get(`${lessonPath(id)}/attendance`),
    [id, changes.value],
  );
  const fresh = useLoad(() => api.get(lessonPath(id)), [id, changes.value]);
  const lesson = fresh.data ?? data?.lesson;
  const open = ['open', 'live', 'interrupted'].includes(lesson?.state);
  const board = open ? live.state.value.board[id] : null;
  const everything = () => {
    changes.value += 1;
  };
  if (!lesson) {
    return <Problem error={error ?? fresh.error} />;
  }
  return (
    <>
      <p>
        <a href="#/">{t('admin.back')}</a>
      </p>
      <header class="panel">
        <h2>
          {named(lesson, 'title')}
          <Chip tone={lessonTone[lesson.state]}>{t(`lesson.state.${stateOf(lesson)}`)}</Chip>
          {lesson.kind === 'training' ? <Chip tone="info">{t('kind.training')}</Chip> : null}
        </h2>
        <p class="numbers">
          {`${date(lesson.start_ms)} ${timesOf(lesson)} · ${named(lesson.teacher)}`}
        </p>
        {board ? (
          <p>
            <SourceLine board={board} />
          </p>
        ) : null}
        {open ? (
          <p>
            <LookIn lesson={lesson} />
          </p>
        ) : null}
        {may_change.value ? <Acts lesson={lesson} reload={everything} /> : null}
      </header>
      {board && board.rooms.length > 0 ? (
        <section class="panel">
          <h3>{t('admin.now')}</h3>
          <Attendees rooms={board.rooms} />
        </section>
      ) : null}
      <div class="heading">
        <h3>{t('admin.attendance')}</h3>
        <span class="gap" />
        <button type="button" class="button plain" onClick={everything}>
          {t('admin.reload')}
        </button>
        <a class="button plain" href={csvPath(lesson)} download>
          {t('admin.csv')}
        </a>
      </div>
      <Problem error={error} />
      {data?.sittings.length === 0 ? <p class="muted">{t('attendance.no_sitting')}</p> : null}
      {[...(data?.sittings ?? [])]
        .sort((/** @type {any} */ a, /** @type {any} */ b) => b.number - a.number)
        .map((/** @type {any} */ sitting, /** @type {number} */ at) => (
          <Sitting
            key={sitting.id}
            lesson_id={id}
            sitting={sitting}
            newest={at === 0}
            onChanged={everything}
          />
        ))}
    </>
  );
}
