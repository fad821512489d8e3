// The roll call: all here, submit. Or how many, and whose seats are empty.
import { useState } from 'preact/hooks';
import { named, t } from '../core/i18n.js';
import { clock } from '../core/time.js';
import { Chip } from '../ui/chip.jsx';
import { now_ms } from '../ui/clock.js';
import { item, mark, marks } from './app.js';
import { Stepper } from './stepper.jsx';
import { rollBody, rollOf, setExpected, setPresent, toggleSeat, tooEarly } from './today.js';

const pupils_most = 200;
/** @type {Record<string, import('../ui/chip.jsx').Tone>} */
const tones = { kept: 'good', waiting: 'warn', refused: 'bad' };

/** @param {{ draft: any, onChange: (draft: any) => void }} props */
function Seats({ draft, onChange }) {
  return (
    <fieldset class="seats">
      <legend>{t('coteach.roll.seats')}</legend>
      <div class="grid">
        {Array.from({ length: draft.expected }, (_, i) => i + 1).map((seat) => (
          <button
            key={seat}
            type="button"
            class="seat numbers"
            aria-pressed={draft.absent.includes(seat)}
            aria-label={t('coteach.roll.seat', { n: seat })}
            onClick={() => onChange(toggleSeat(draft, seat))}
          >
            {seat}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** @param {{ draft: any, all: boolean, onChange: (draft: any) => void, onSubmit: () => void, onBack: () => void }} props */
function Draft({ draft, all, onChange, onSubmit, onBack }) {
  const present = draft.expected - draft.missing;
  const stepper = (
    /** @type {string} */ what,
    /** @type {number} */ value,
    /** @type {any} */ set,
  ) => (
    <Stepper
      label={t(`coteach.roll.${what}`)}
      less={t(`coteach.roll.${what}.less`)}
      more={t(`coteach.roll.${what}.more`)}
      value={value}
      most={what === 'expected' ? pupils_most : draft.expected}
      onChange={(next) => onChange(set(draft, next))}
    />
  );
  return (
    <>
      {stepper('expected', draft.expected, setExpected)}
      {all ? null : stepper('present', present, setPresent)}
      {all || draft.expected === 0 ? null : <Seats draft={draft} onChange={onChange} />}
      <p class="sum numbers" role="status">
        {draft.missing === 0
          ? t('coteach.roll.sum_all', { n: present })
          : t('coteach.roll.sum', { present, missing: draft.missing })}
      </p>
      <div class="row">
        <button
          type="button"
          class="button act big submit"
          disabled={draft.expected === 0}
          onClick={onSubmit}
        >
          {t('coteach.roll.submit')}
        </button>
        <button type="button" class="button plain" onClick={onBack}>
          {t('coteach.back')}
        </button>
      </div>
    </>
  );
}

/** @param {{ roll: import('./today.js').Roll }} props */
function Known({ roll }) {
  return (
    <>
      <p class="sum numbers">
        {t('coteach.roll.numbers', { present: roll.present, expected: roll.expected })}
      </p>
      {roll.absent.length > 0 ? (
        <p>{t('coteach.roll.absent', { seats: roll.absent.join(t('coteach.comma')) })}</p>
      ) : null}
      <p class="row">
        <Chip tone={tones[roll.state]}>{t(`coteach.roll.${roll.state}`)}</Chip>
        <span class="muted numbers">
          {clock(roll.at_ms)} {named(roll.by)}
        </span>
      </p>
    </>
  );
}

/** Seats that are numbers; others are the school's own and were not marked here. */
const seatsOf = (/** @type {any} */ roll) =>
  (roll?.absent ?? []).map(Number).filter((/** @type {number} */ seat) => seat > 0);

function begin(/** @type {any} */ roll, /** @type {boolean} */ all) {
  const expected = roll?.expected ?? item.peek().expected ?? 0;
  return all || !roll
    ? { expected, missing: 0, absent: [] }
    : { expected, missing: roll.expected - roll.present, absent: seatsOf(roll) };
}

export function RollCall() {
  const [draft, setDraft] = useState(/** @type {any} */ (null));
  const [all, setAll] = useState(false);
  const [lost, setLost] = useState(false);
  const roll = rollOf(item.value, marks.value);
  const from_ms = tooEarly(item.value, now_ms.value);
  const open = (/** @type {boolean} */ everybody) => {
    setAll(everybody);
    setDraft(begin(roll, everybody));
    requestAnimationFrame(() => {
      const first = document.querySelector('#roll .submit:not(:disabled), #roll input');
      /** @type {HTMLElement | null} */ (first)?.focus();
    });
  };
  const submit = async () => {
    const kept = await mark('/rollcalls', rollBody(item.peek(), draft));
    setLost(!kept);
    if (kept) {
      setDraft(null);
    }
  };
  return (
    <section class="panel roll" id="roll" aria-label={t('coteach.roll')}>
      <h2>{t('coteach.roll')}</h2>
      {lost ? (
        <p class="note bad" role="alert">
          {t('coteach.roll.lost')}
        </p>
      ) : null}
      {draft ? (
        <Draft
          draft={draft}
          all={all}
          onChange={setDraft}
          onSubmit={submit}
          onBack={() => setDraft(null)}
        />
      ) : (
        <>
          {roll ? <Known roll={roll} /> : null}
          {from_ms ? (
            <p class="numbers">{t('coteach.roll.from', { time: clock(from_ms) })}</p>
          ) : null}
          <div class="row">
            <button
              type="button"
              disabled={from_ms !== null}
              class={`button big ${roll ? 'plain' : 'act'}`}
              onClick={() => open(true)}
            >
              {item.value.expected
                ? t('coteach.roll.all', { n: item.value.expected })
                : t('coteach.roll.all_unknown')}
            </button>
            <button
              type="button"
              disabled={from_ms !== null}
              class="button plain big"
              onClick={() => open(false)}
            >
              {t(roll ? 'coteach.roll.correct' : 'coteach.roll.some')}
            </button>
          </div>
        </>
      )}
    </section>
  );
}
