// Who looks after the room in this lesson; handing it over to somebody of the school, or to a name.
import { useState } from 'preact/hooks';
import { named, t } from '../core/i18n.js';
import { clock } from '../core/time.js';
import { item, mark, marks, today } from './app.js';

/** Who was named last, also where the server does not know it yet. */
function dutyOf() {
  const { lesson, room, duty } = item.value;
  const own = marks.value
    .filter(
      ({ path, body, refused }) =>
        path === '/handovers' && !refused && body.lesson === lesson.id && body.room === room.id,
    )
    .pop();
  if (own) {
    const person = today.value.persons.find(
      (/** @type {any} */ one) => one.id === own.body.person_id,
    );
    return { person, name: own.body.name, at_ms: own.made_ms, waits: true };
  }
  return duty ? { ...duty, waits: false } : null;
}

/** @param {{ onDone: () => void }} props */
function Form({ onDone }) {
  const [person, setPerson] = useState('');
  const [name, setName] = useState('');
  const { lesson, room } = item.value;
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const who = person ? { person_id: Number(person) } : { name: name.trim() };
    if (await mark('/handovers', { lesson: lesson.id, room: room.id, ...who })) {
      onDone();
    }
  };
  return (
    <form class="handover" onSubmit={submit}>
      <label class="field">
        <span>{t('coteach.duty.person')}</span>
        <select value={person} onChange={(event) => setPerson(event.currentTarget.value)}>
          <option value="">{t('coteach.duty.other')}</option>
          {today.value.persons.map((/** @type {any} */ one) => (
            <option key={one.id} value={one.id}>
              {named(one)}
            </option>
          ))}
        </select>
      </label>
      {person ? null : (
        <label class="field">
          <span>{t('coteach.duty.name')}</span>
          <input
            value={name}
            required
            maxLength={20}
            pattern=".*\S.*"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
      )}
      <div class="row">
        <button type="submit" class="button act">
          {t('coteach.duty.submit')}
        </button>
        <button type="button" class="button plain" onClick={onDone}>
          {t('coteach.back')}
        </button>
      </div>
    </form>
  );
}

export function Handover() {
  const [open, setOpen] = useState(false);
  const duty = dutyOf();
  return (
    <section class="panel" aria-label={t('coteach.duty')}>
      <h2>{t('coteach.duty')}</h2>
      <p>
        {duty ? (
          <>
            <strong>{named(duty.person) || duty.name}</strong>{' '}
            <span class="muted numbers">
              {clock(duty.at_ms)} {duty.waits ? t('coteach.roll.waiting') : ''}
            </span>
          </>
        ) : (
          <strong>{named(today.value.account)}</strong>
        )}
      </p>
      {open ? (
        <Form onDone={() => setOpen(false)} />
      ) : (
        <button type="button" class="button plain" onClick={() => setOpen(true)}>
          {t('coteach.duty.hand_over')}
        </button>
      )}
    </section>
  );
}
