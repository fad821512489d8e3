// The teacher's question: how many of the class chose each answer; afterwards what all rooms chose.
import { useState } from 'preact/hooks';
import { t } from '../core/i18n.js';
import { busy, tell } from './acts.js';
import { item } from './app.js';
import { Stepper } from './stepper.jsx';

const letters = ['A', 'B', 'C', 'D'];
const pupils_most = 99;

/** @param {{ question: import('../core/protocol.js').Question, asked: string[] }} props */
function Result({ question, asked }) {
  const total = (/** @type {string} */ letter) =>
    question.answers.reduce((sum, { counts }) => sum + (counts[letter] ?? 0), 0);
  const most = Math.max(1, ...asked.map(total));
  return (
    <dl class="result">
      {asked.map((letter) => (
        <div key={letter}>
          <dt>{letter}</dt>
          <dd>
            <meter min={0} max={most} value={total(letter)} aria-label={letter} />{' '}
            <strong class="numbers">{total(letter)}</strong>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** @param {{ question: import('../core/protocol.js').Question }} props */
export function Question({ question }) {
  const sent = question.answers.find(({ room }) => room === item.value.room.id)?.counts ?? null;
  const [counts, setCounts] = useState(/** @type {Record<string, number>} */ (sent ?? {}));
  const asked = letters.slice(0, question.choices);
  const same = sent && asked.every((letter) => (sent[letter] ?? 0) === (counts[letter] ?? 0));
  const closed = question.closed_ms !== null;
  const send = () =>
    tell(
      'question.answer',
      {
        question: question.id,
        counts: Object.fromEntries(asked.map((letter) => [letter, counts[letter] ?? 0])),
      },
      'coteach.said.answer',
    );
  return (
    <section class="panel question" aria-label={t('coteach.question')}>
      <h2>{t(closed ? 'coteach.question.result' : 'coteach.question')}</h2>
      <p>{question.text || t('coteach.question.how_many')}</p>
      {closed ? (
        <Result question={question} asked={asked} />
      ) : (
        <>
          {asked.map((letter) => (
            <Stepper
              key={letter}
              label={letter}
              less={t('coteach.question.less', { letter })}
              more={t('coteach.question.more', { letter })}
              value={counts[letter] ?? 0}
              most={pupils_most}
              onChange={(value) => setCounts({ ...counts, [letter]: Math.max(0, value) })}
            />
          ))}
          <button
            type="button"
            class="button act big"
            aria-disabled={busy.value === 'question.answer' || same === true}
            onClick={() => !same && send()}
          >
            {t(same ? 'coteach.question.sent' : 'coteach.question.send')}
          </button>
        </>
      )}
    </section>
  );
}
