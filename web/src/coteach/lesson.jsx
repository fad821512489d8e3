// The lesson itself, seen from the telephone: how the room is, its hand, how well it hears, words to and from the teacher.
import { t } from '../core/i18n.js';
import { Chip } from '../ui/chip.jsx';
import { now_ms } from '../ui/clock.js';
import { busy, said, tell } from './acts.js';
import { item, live, roomNow } from './app.js';
import { Check } from './check.jsx';
import { Messages } from './messages.jsx';
import { Question } from './question.jsx';
import { phaseOf } from './today.js';

/** The teacher's newest words are shown above all else for so long. */
const message_ms = 60_000;

function Room() {
  const room = roomNow.value;
  if (!room) {
    return null;
  }
  /** @returns {[import('../ui/chip.jsx').Tone, string]} */
  const look = () => {
    if (!room.here) {
      return ['bad', 'coteach.room.away'];
    }
    if (room.video) {
      return ['good', 'coteach.room.seen'];
    }
    return room.audio ? ['warn', 'coteach.room.sound'] : ['info', 'coteach.room.here'];
  };
  const [tone, key] = look();
  return (
    <p>
      <Chip tone={tone}>{t(key)}</Chip>
      {room.here ? null : <span class="muted"> {t('coteach.room.away.do')}</span>}
    </p>
  );
}

function Hand() {
  const now = live.value?.state.value.class;
  const id = item.value.room.id;
  const place = (now?.hands ?? []).findIndex(({ room }) => room === id) + 1;
  const has = now?.floor?.room === id;
  const off = !now || !roomNow.value?.here || item.value.lesson.state !== 'live';
  const [key, type] = has
    ? ['coteach.hand.leave', 'floor.leave']
    : place > 0
      ? ['coteach.hand.lower', 'hand.lower']
      : ['coteach.hand.raise', 'hand.raise'];
  return (
    <>
      {has ? <p class="note good">{t('coteach.hand.floor')}</p> : null}
      <button
        type="button"
        class={`button big hand ${place > 0 ? 'plain' : 'act'}`}
        disabled={off}
        aria-disabled={busy.value === type}
        onClick={() => tell(type, {}, null)}
      >
        {t(key, { place })}
      </button>
    </>
  );
}

const kinds = ['cannot_hear', 'too_fast', 'clear'];

function Signals() {
  const off = !live.value?.state.value.class;
  return (
    <div class="signals" role="group" aria-label={t('coteach.signals')}>
      {kinds.map((kind) => (
        <button
          key={kind}
          type="button"
          class="button plain"
          disabled={off}
          onClick={() => tell('signal.send', { kind }, `coteach.said.${kind}`)}
        >
          {t(`coteach.signal.${kind}`)}
        </button>
      ))}
    </div>
  );
}

function Said() {
  return (
    <p class={`said ${said.value?.bad ? 'bad' : ''}`} role="status">
      {said.value ? t(said.value.key) : ''}
    </p>
  );
}

/** What the teacher wants of the class now, above all else: a question, words just said. */
export function Asked() {
  const now = live.value?.state.value.class;
  const question = now?.question ?? null;
  const said_now = (now?.messages ?? [])
    .filter(({ from, at_ms }) => from === 'teacher' && now_ms.value - at_ms < message_ms)
    .pop();
  return (
    <>
      <div role="status">
        {said_now ? (
          <p class="note from-teacher">
            <strong>{t('coteach.from_teacher')}</strong> {said_now.text}
          </p>
        ) : null}
      </div>
      {question && item.value ? <Question key={question.id} question={question} /> : null}
    </>
  );
}

export function InLesson() {
  const state = live.value?.state.value;
  const phase = phaseOf(item.value, now_ms.value);
  if (phase === 'after' || phase === 'cancelled') {
    return phase === 'after' ? <p class="panel">{t('coteach.after')}</p> : null;
  }
  const on = item.value.lesson.state === 'live' || item.value.lesson.state === 'interrupted';
  return (
    <>
      <section class="panel" aria-label={t('coteach.room')}>
        <h2>{t('coteach.room')}</h2>
        {state?.link === 'online' ? <Room /> : <p class="muted">{t('coteach.room.unknown')}</p>}
        {on ? (
          <>
            <Hand />
            <Signals />
          </>
        ) : (
          <p class="muted">{t('coteach.waiting')}</p>
        )}
        {on ? <Said /> : null}
      </section>
      {on ? null : <Check />}
      {on || state?.class ? <Messages /> : null}
    </>
  );
}
