// Who has the floor and who wants it: the raised hands in order, one press for the next.
import { t } from '../core/i18n.js';
import { span } from '../core/time.js';
import { now_ms } from '../ui/clock.js';
import { Icon } from '../ui/icons.jsx';
import { Act } from './button.jsx';
import './queue.css';
import { nameOf } from './tiles.jsx';
import { queueOf } from './view.js';

/** @typedef {import('./lesson.js').Classroom} Classroom */

/** @param {{ classroom: Classroom }} props */
function Holder({ classroom }) {
  const now = classroom.live.state.value.class;
  const view = classroom.rooms.value.find(({ floor }) => floor);
  const { acts } = classroom;
  if (now?.mode === 'choral') {
    return (
      <p class="holder closed">
        <Icon name="mic_off" />
        <span>{t('teach.floor.choral')}</span>
      </p>
    );
  }
  if (!view || !now?.floor) {
    return (
      <p class="holder nobody">
        <Icon name="mic_off" />
        <span>{t('teach.floor.nobody')}</span>
      </p>
    );
  }
  return (
    <div class="holder somebody">
      <p>
        <small class="numbers">
          <Icon name="sound" />
          {t('teach.floor.since', { span: span(now_ms.value - now.floor.since_ms) })}
        </small>
        <strong title={nameOf(view)[0]}>{nameOf(view)[0]}</strong>
      </p>
      <Act
        kind="take"
        words={t(acts.busy('floor.take') ? 'teach.floor.taking' : 'teach.floor.take')}
        of={nameOf(view)[0]}
        hint="Esc"
        busy={acts.busy('floor.take')}
        onPress={() => acts.take()}
      />
    </div>
  );
}

/** @param {{ classroom: Classroom }} props */
export function Queue({ classroom }) {
  const { acts } = classroom;
  const now = classroom.live.state.value.class;
  const queue = queueOf(classroom.rooms.value, now);
  const [first, ...rest] = queue;
  const name = first ? nameOf(first)[0] : '';
  const giving = Boolean(first && acts.awaits('floor.give', first.id));
  return (
    <section class="queue" aria-label={t('teach.queue')}>
      <Holder classroom={classroom} />
      <Act
        kind="act next"
        icon="hand"
        words={
          first ? t(giving ? 'teach.floor.giving' : 'teach.next', { name }) : t('teach.next.nobody')
        }
        hint={first ? 'H' : undefined}
        busy={giving || acts.busy('floor.give')}
        off={!first}
        onPress={() => classroom.next()}
      />
      {first ? (
        <ol class="hands">
          {queue.map((view, i) => (
            <li key={view.id}>
              <span class="numbers place">{i + 1}</span>
              <strong>{nameOf(view)[0]}</strong>
              {i > 0 ? (
                <Act
                  kind="plain small"
                  words={t('teach.floor.give')}
                  of={nameOf(view)[0]}
                  busy={acts.busy('floor.give')}
                  onPress={() => acts.give(view.id)}
                />
              ) : null}
              <Act
                kind="plain small"
                words={t('teach.hand.lower')}
                of={nameOf(view)[0]}
                busy={acts.awaits('hand.lower', view.id)}
                onPress={() => acts.ask('hand.lower', { room: view.id }, `hand:${view.id}`)}
              />
              {i === 0 && rest.length > 0 ? (
                <Act
                  kind="plain small all"
                  words={t('teach.hand.lower.all')}
                  busy={acts.busy('hand.lower')}
                  onPress={() => acts.ask('hand.lower', { all: true }, 'hand:all')}
                />
              ) : null}
            </li>
          ))}
        </ol>
      ) : null}
    </section>
  );
}
