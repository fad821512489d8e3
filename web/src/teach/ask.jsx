// A quick question with its result, the time that is left, a countdown.
import { useSignal } from '@preact/signals';
import { t } from '../core/i18n.js';
import { span } from '../core/time.js';
import { now_ms } from '../ui/clock.js';
import { Act } from './button.jsx';
import { reachable } from './reach.js';
import { nameOf } from './tiles.jsx';
import { leftMs, lettersOf, resultOf } from './view.js';

/** @typedef {import('./lesson.js').Classroom} Classroom */

/** @param {{ classroom: Classroom, question: import('../core/protocol.js').Question }} props */
function Result({ classroom, question }) {
  const result = resultOf(question, classroom.rooms.value);
  const open = question.closed_ms === null;
  const { acts } = classroom;
  return (
    <div class="result-of">
      <p class="asked">
        <strong>{question.text || t('teach.question.spoken')}</strong>
        <span class="numbers muted">
          {t(open ? 'teach.question.answered' : 'teach.question.closed', {
            answered: result.answered,
            rooms: result.rooms.length,
          })}
        </span>
      </p>
      <div class="outcome" role="group" aria-label={t('teach.rooms')} {...reachable}>
        <ul class="bars">
          {result.bars.map(({ letter, count, share }) => (
            <li key={letter}>
              <strong>{letter}</strong>
              <meter min={0} max={1} value={share} aria-label={letter} />
              <span class="numbers">{count}</span>
            </li>
          ))}
        </ul>
        <ul class="by-room">
          {result.rooms.map(({ view, counts }) => (
            <li key={view.id}>
              <span>{nameOf(view)[0]}</span>
              <span class={counts ? 'numbers' : 'numbers muted'}>
                {counts
                  ? counts.map((count, i) => `${lettersOf(4)[i]} ${count}`).join(' · ')
                  : t('teach.question.waiting')}
              </span>
            </li>
          ))}
        </ul>
      </div>
      {open ? (
        <Act
          kind="act"
          words={t('teach.question.close')}
          busy={acts.busy('question.close')}
          onPress={() => acts.ask('question.close')}
        />
      ) : null}
    </div>
  );
}

/** @param {{ classroom: Classroom }} props */
export function Ask({ classroom }) {
  const text = useSignal('');
  const { acts } = classroom;
  const question = classroom.live.state.value.class?.question;
  const ask = async (/** @type {number} */ choices) => {
    const said = text.value.trim();
    if (await acts.ask('question.ask', { choices, ...(said ? { text: said } : {}) })) {
      text.value = '';
    }
  };
  if (question && question.closed_ms === null) {
    return <Result classroom={classroom} question={question} />;
  }
  return (
    <>
      <label class="field">
        <span class="sr">{t('teach.question.text')}</span>
        <input
          value={text.value}
          maxLength={100}
          placeholder={t('teach.question.text')}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </label>
      <div class="row">
        {[2, 3, 4].map((choices) => (
          <Act
            key={choices}
            words={lettersOf(choices).join(' ')}
            of={t('teach.question.ask')}
            off={!classroom.running.value}
            busy={acts.busy('question.ask')}
            onPress={() => ask(choices)}
          />
        ))}
      </div>
      {question ? (
        <Result classroom={classroom} question={question} />
      ) : (
        <p class="muted">{t('teach.question.what')}</p>
      )}
    </>
  );
}

const presets_min = [1, 3, 5, 10];

/** @param {{ classroom: Classroom }} props */
export function Time({ classroom }) {
  const { acts } = classroom;
  const now = classroom.live.state.value.class;
  const left_ms = leftMs(now?.countdown, now_ms.value);
  const shown = (now?.time_shown_ms ?? 0) > now_ms.value;
  return (
    <>
      {left_ms === null ? (
        <>
          <p id="countdown">{t('teach.countdown')}</p>
          <fieldset class="row" aria-labelledby="countdown">
            {presets_min.map((minutes) => (
              <Act
                key={minutes}
                words={t('teach.minutes', { minutes })}
                off={!classroom.running.value}
                busy={acts.busy('countdown.start')}
                onPress={() =>
                  acts.ask('countdown.start', { seconds: minutes * 60 }, `countdown:${minutes}`)
                }
              />
            ))}
          </fieldset>
        </>
      ) : (
        <div class="row counting">
          <strong class="numbers">{span(left_ms)}</strong>
          <Act
            icon="stop"
            words={t('teach.countdown.stop')}
            busy={acts.busy('countdown.stop')}
            onPress={() => acts.ask('countdown.stop')}
          />
        </div>
      )}
      <Act
        icon="clock"
        words={t(shown ? 'teach.time.shown' : 'teach.time.show')}
        off={shown || !classroom.running.value}
        busy={acts.busy('time.show')}
        onPress={() => acts.ask('time.show')}
      />
    </>
  );
}
