// A quick question: how many of this room chose A, B, C, D; afterwards what all rooms chose.
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../core/i18n.js';
import { Spin } from './spin.jsx';

const letters = ['A', 'B', 'C', 'D'];
const pupils_most = 99;

/** @param {any} question @param {number | null} room */
const ownAnswer = (question, room) =>
  question.answers.find((/** @type {any} */ answer) => answer.room === room)?.counts ?? null;

/** Focuses what follows an element among the things of its row. */
function goOn(/** @type {HTMLElement | null} */ row) {
  const all = /** @type {HTMLElement[]} */ ([
    ...(row?.querySelectorAll('[tabindex="0"], button') ?? []),
  ]);
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  all[at + 1]?.focus();
}

/**
 * @param {{ question: any, room: number | null, onAnswer: (counts: Record<string, number>) => Promise<boolean> }} props
 */
export function Question({ question, room, onAnswer }) {
  const [counts, setCounts] = useState(
    () => ownAnswer(question, room) ?? /** @type {Record<string, number>} */ ({}),
  );
  const [busy, setBusy] = useState(false);
  const row = useRef(/** @type {HTMLDivElement | null} */ (null));
  const sent = ownAnswer(question, room);
  const asked = letters.slice(0, question.choices);
  const same = sent && asked.every((letter) => (sent[letter] ?? 0) === (counts[letter] ?? 0));
  useEffect(() => {
    /** @type {HTMLElement | null | undefined} */ (row.current?.querySelector('.spin'))?.focus();
  }, []);
  const send = async () => {
    setBusy(true);
    const told = Object.fromEntries(asked.map((letter) => [letter, counts[letter] ?? 0]));
    if (await onAnswer(told)) {
      /** @type {HTMLElement | null} */ (document.querySelector('.bar button'))?.focus();
    }
    setBusy(false);
  };
  return (
    <section class="news question" aria-label={t('room.question')}>
      <p>{question.text || t('room.question.how_many')}</p>
      <div class="choices" ref={row}>
        {asked.map((letter) => (
          <span key={letter} class="choice">
            <b aria-hidden="true">{letter}</b>
            <Spin
              value={counts[letter] ?? 0}
              most={pupils_most}
              label={letter}
              onChange={(value) => setCounts({ ...counts, [letter]: value })}
              onEnter={() => goOn(row.current)}
            />
          </span>
        ))}
        <button
          type="button"
          class="choose-one act"
          aria-disabled={busy || same === true}
          onClick={() => !busy && !same && send()}
        >
          {t(same ? 'room.question.sent' : 'room.question.send')}
        </button>
      </div>
    </section>
  );
}

/** @param {{ question: any }} props */
export function Result({ question }) {
  const asked = letters.slice(0, question.choices);
  const total = (/** @type {string} */ letter) =>
    question.answers.reduce(
      (/** @type {number} */ sum, /** @type {any} */ { counts }) => sum + (counts[letter] ?? 0),
      0,
    );
  const most = Math.max(1, ...asked.map(total));
  return (
    <section class="news question" aria-label={t('room.question.result')}>
      <p>{question.text || t('room.question.result')}</p>
      <div class="choices">
        {asked.map((letter) => (
          <span key={letter} class="choice">
            <b>{letter}</b>
            <meter class="sr" min={0} max={most} value={total(letter)}>
              {total(letter)}
            </meter>
            <span
              class={`bar-of of-${Math.round((total(letter) / most) * 10)}`}
              aria-hidden="true"
            />
            <strong class="numbers">{total(letter)}</strong>
          </span>
        ))}
      </div>
    </section>
  );
}
