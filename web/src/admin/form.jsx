// Creates or changes a lesson.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { named, t } from '../core/i18n.js';
import { clock, date, endAfter, fromDateAndClock } from '../core/time.js';
import { Dialog } from '../ui/dialog.jsx';
import { useAct, useLoad } from '../ui/load.js';
import { Answers } from './answers.jsx';
import { lessonPath } from './data.js';
import { changedFields, fixedOf, teachersFirst } from './fields.js';

const loadChoices = async () => {
  const [{ accounts }, { rooms }, { persons }] = await Promise.all([
    api.get('/accounts'),
    api.get('/rooms'),
    api.get('/persons'),
  ]);
  return { teachers: teachersFirst(persons, accounts), rooms, persons };
};

/** What the form says, as the fields of POST /lessons. */
function fieldsOf(
  /** @type {HTMLFormElement} */ element,
  /** @type {string} */ kind,
  /** @type {any} */ lesson,
) {
  const form = new FormData(element);
  const fixed = fixedOf(lesson);
  const text = (/** @type {string} */ name) => String(form.get(name) ?? '').trim();
  const ids = (/** @type {string} */ name) => form.getAll(name).map(Number);
  // what may not be changed any more is not in the form's data
  const start_ms = fixed.start ? lesson.start_ms : fromDateAndClock(text('day'), text('from'));
  return {
    title: text('title'),
    title_en: text('title_en'),
    kind,
    teacher_id: Number(form.get('teacher')) || undefined,
    room_ids: kind === 'lesson' ? ids('room') : [],
    person_ids: kind === 'training' ? ids('person') : [],
    start_ms,
    end_ms: fixed.end ? lesson.end_ms : endAfter(start_ms, text('to')),
  };
}

/** @param {{ name: string, legend: string, list: any[], chosen: Set<number> }} props */
function Checks({ name, legend, list, chosen }) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {list.map((thing) => (
        <label key={thing.id} class="check">
          <input
            type="checkbox"
            name={name}
            value={thing.id}
            defaultChecked={chosen.has(thing.id)}
          />
          <span>{[named(thing, 'school'), named(thing)].filter(Boolean).join(' · ')}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** @param {{ lesson: any, start_ms: number }} props */
function Times({ lesson, start_ms }) {
  const from = lesson?.start_ms ?? start_ms;
  const to = lesson?.end_ms ?? start_ms + 40 * 60 * 1000;
  const fixed = fixedOf(lesson);
  if (fixed.end) {
    return <p class="note">{t('form.always')}</p>;
  }
  return (
    <div class="three">
      {fixed.start ? <p class="note">{t('form.begun')}</p> : null}
      <label class="field">
        <span>{t('form.day')}</span>
        <input type="date" name="day" required disabled={fixed.start} defaultValue={date(from)} />
      </label>
      <label class="field">
        <span>{t('form.from')}</span>
        <input type="time" name="from" required disabled={fixed.start} defaultValue={clock(from)} />
      </label>
      <label class="field">
        <span>{t('form.to')}</span>
        <input type="time" name="to" required defaultValue={clock(to)} />
      </label>
    </div>
  );
}

const idsOf = (/** @type {any[] | undefined} */ list) =>
  new Set((list ?? []).map((thing) => thing.id));

/** @param {{ lesson: any, kind: string, setKind: (kind: string) => void, choices: any, start_ms: number }} props */
function Fields({ lesson, kind, setKind, choices, start_ms }) {
  const first = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => first.current?.focus(), []);
  return (
    <>
      <div class="two">
        <label class="field">
          <span>{t('form.title')}</span>
          <input
            ref={first}
            name="title"
            required
            maxLength={80}
            defaultValue={lesson?.title ?? ''}
          />
        </label>
        <label class="field">
          <span>{t('form.title_en')}</span>
          <input name="title_en" maxLength={120} defaultValue={lesson?.title_en ?? ''} />
        </label>
        <label class="field">
          <span>{t('form.kind')}</span>
          <select
            value={kind}
            disabled={fixedOf(lesson).start}
            onChange={(event) => setKind(event.currentTarget.value)}
          >
            <option value="lesson">{t('kind.lesson')}</option>
            <option value="training">{t('kind.training')}</option>
          </select>
        </label>
        <label class="field">
          <span>{t('form.teacher')}</span>
          <select name="teacher" defaultValue={lesson?.teacher?.id}>
            {lesson && !lesson.teacher ? <option value="">{t('form.no_teacher')}</option> : null}
            {choices.teachers.map((/** @type {any} */ person) => (
              <option
                key={person.id}
                value={person.id}
                selected={person.id === lesson?.teacher?.id}
              >
                {[named(person), named(person, 'school')].filter(Boolean).join(' · ')}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Times lesson={lesson} start_ms={start_ms} />
      {kind === 'lesson' ? (
        <Checks
          name="room"
          legend={t('form.rooms')}
          list={choices.rooms}
          chosen={idsOf(lesson?.rooms)}
        />
      ) : (
        <Checks
          name="person"
          legend={t('form.persons')}
          list={choices.persons}
          chosen={idsOf(lesson?.persons)}
        />
      )}
    </>
  );
}

/** @param {{ lesson: any, start_ms: number, onClose: () => void, onDone: (lesson: any) => void }} props */
export function LessonForm({ lesson, start_ms, onClose, onDone }) {
  const choices = useLoad(loadChoices, []);
  const [kind, setKind] = useState(lesson?.kind ?? 'lesson');
  const { busy, error, act } = useAct();
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = fieldsOf(/** @type {HTMLFormElement} */ (event.target), kind, lesson);
    act(async () => {
      const saved = lesson
        ? await api.patch(lessonPath(lesson.id), changedFields(lesson, fields), lesson.etag)
        : await api.post('/lessons', fields);
      onDone(saved);
    });
  };
  return (
    <Dialog wide title={t(lesson ? 'form.change' : 'form.create')} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        {choices.data ? (
          <Fields
            lesson={lesson}
            kind={kind}
            setKind={setKind}
            choices={choices.data}
            start_ms={start_ms}
          />
        ) : null}
        <Answers
          error={error ?? choices.error}
          busy={busy || !choices.data}
          act={t('form.save')}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
