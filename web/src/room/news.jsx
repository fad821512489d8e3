// The row between picture and bar: what the teacher says to the rooms, or asks them.
import { t } from '../core/i18n.js';
import { clock, span } from '../core/time.js';
import { now_ms } from '../ui/clock.js';
import { Question, Result } from './question.jsx';

/** Longer than any lesson. */
const long_ms = 3 * 3600 * 1000;

/** What needs a whole row; the others share one. */
const whole = new Set(['question', 'result']);

/** @param {{ item: import('./news.js').News, nameOf: (room: number) => string, own: number | null }} props */
function Line({ item, nameOf, own }) {
  if (item.kind === 'message') {
    const size = item.text.length > 60 ? 'long' : '';
    return (
      <p class={`from-teacher ${size}`}>
        <b>{t('room.news.teacher')}</b> {item.text}
      </p>
    );
  }
  if (item.kind === 'countdown') {
    return (
      <p class="big-number">
        {t(item.left_ms > 0 ? 'room.news.countdown' : 'room.news.countdown_over')}{' '}
        <strong class="numbers">{span(Math.ceil(item.left_ms / 1000) * 1000)}</strong>
      </p>
    );
  }
  if (item.kind === 'time') {
    // a lesson that is open all day has no end that pupils wait for
    const minutes = Math.ceil(item.left_ms / 60_000);
    const words =
      item.left_ms > long_ms
        ? t('room.news.clock', { time: clock(now_ms.value) })
        : t('room.news.time', { n: minutes });
    return <p class="big-number">{words}</p>;
  }
  return (
    <p class="warn">
      {item.room === own
        ? t('room.news.lost_own')
        : t('room.news.lost', { room: nameOf(item.room) })}
    </p>
  );
}

/**
 * @param {{
 *   news: import('./news.js').News[], own: number | null, nameOf: (room: number) => string,
 *   onAnswer: (question: number, counts: Record<string, number>) => Promise<boolean>,
 * }} props
 */
export function News({ news, own, nameOf, onAnswer }) {
  const row = news.find(({ kind }) => whole.has(kind));
  const rest = news.filter(({ kind }) => !whole.has(kind));
  return (
    <div class="tidings" aria-live="polite">
      {rest.length > 0 ? (
        <section class={row ? 'news lines tight' : 'news lines'} aria-label={t('room.news')}>
          {rest.map((item) => (
            <Line key={item.kind} item={item} nameOf={nameOf} own={own} />
          ))}
        </section>
      ) : null}
      {row?.kind === 'question' ? (
        <Question
          key={row.question.id}
          question={row.question}
          room={own}
          onAnswer={(counts) => onAnswer(row.question.id, counts)}
        />
      ) : null}
      {row?.kind === 'result' ? <Result question={row.question} /> : null}
    </div>
  );
}
