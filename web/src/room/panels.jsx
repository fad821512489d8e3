// What the room's second button and keys open, in a row of its own beneath the picture: a report, the roll call, the help.
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../core/i18n.js';
import { lines } from './keys.js';
import { Spin } from './spin.jsx';

const pupils_most = 200;

/** The first thing of a panel has the focus when it opens. */
function useFirstFocus(selector = 'button') {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    /** @type {HTMLElement | null | undefined} */ (
      element.current?.querySelector(selector)
    )?.focus();
  }, []);
  return element;
}

/** @param {{ choices: [string, string][], note?: string | null, onChoose: (act: string) => void, onClose: () => void }} props
 *  `choices`: [act, key of its words] */
export function Report({ choices, note = null, onChoose, onClose }) {
  const element = useFirstFocus();
  return (
    <section class="news panel" ref={element} aria-label={t('room.report')}>
      <p>{t(note ?? 'room.report.what')}</p>
      <div class="row">
        {choices.map(([act, key]) => (
          <button key={act} type="button" class="choose-one" onClick={() => onChoose(act)}>
            {t(key)}
          </button>
        ))}
        <button type="button" class="choose-one quietly" onClick={onClose}>
          {t('room.back')}
        </button>
      </div>
    </section>
  );
}

/**
 * Two taps: the button that opened this, and "all here". `expected` null: nobody has said it yet.
 * @param {{ expected: number | null, onMark: (counts: { expected: number, present: number }) => void, onClose: () => void }} props
 */
export function RollCall({ expected, onMark, onClose }) {
  const [counts, setCounts] = useState({ expected: expected ?? 0, present: expected ?? 0 });
  const element = useFirstFocus(expected === null ? '.spin' : 'button');
  const missing = counts.expected - counts.present;
  const known = counts.expected > 0;
  const label = missing === 0 ? 'room.roll.all' : 'room.roll.missing';
  return (
    <section class="news panel roll" ref={element} aria-label={t('room.button.roll')}>
      <div class="row">
        <span class="choice">
          <b>{t('room.roll.expected')}</b>
          <Spin
            value={counts.expected}
            most={pupils_most}
            label={t('room.roll.expected')}
            onChange={(value) => setCounts({ expected: value, present: value })}
            onEnter={() => element.current?.querySelector('button')?.focus()}
          />
        </span>
        <span class="choice">
          <b>{t('room.roll.present')}</b>
          <Spin
            value={counts.present}
            most={counts.expected}
            label={t('room.roll.present')}
            onChange={(value) => setCounts({ ...counts, present: value })}
            onEnter={() => element.current?.querySelector('button')?.focus()}
          />
        </span>
        <button
          type="button"
          class="choose-one act"
          aria-disabled={!known}
          onClick={() => known && onMark(counts)}
        >
          {t(known ? label : 'room.roll.say', { n: missing === 0 ? counts.expected : missing })}
        </button>
        <button type="button" class="choose-one quietly" onClick={onClose}>
          {t('room.back')}
        </button>
      </div>
    </section>
  );
}

const names = { PageDown: 'PgDn', PageUp: 'PgUp' };

/** @param {{ onClose: () => void }} props */
export function Help({ onClose }) {
  const element = useFirstFocus();
  return (
    <section class="news panel help" ref={element} aria-label={t('room.help')}>
      <dl>
        <div>
          <dt>OK</dt>
          <dd>{t('room.help.ok')}</dd>
        </div>
        {lines.map(({ keys, word }) => (
          <div key={word}>
            <dt class="numbers">{names[keys[0]] ?? keys[0]}</dt>
            <dd>{t(word)}</dd>
          </div>
        ))}
        <div>
          <dt>◂ ▸</dt>
          <dd>{t('room.help.arrows')}</dd>
        </div>
      </dl>
      <button type="button" class="choose-one quietly" onClick={onClose}>
        {t('room.back')}
      </button>
    </section>
  );
}
