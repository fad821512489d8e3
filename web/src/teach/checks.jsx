// The check before the lesson, asked for from afar: the room's page checks itself, the result comes back here.
import { t } from '../core/i18n.js';
import { clock } from '../core/time.js';
import { Chip } from '../ui/chip.jsx';
import { checkTone } from '../ui/status.js';
import { Act } from './button.jsx';
import { nameOf } from './tiles.jsx';

/** @param {{ classroom: import('./lesson.js').Classroom }} props */
export function Checks({ classroom }) {
  const { acts } = classroom;
  const { lesson } = classroom.live.state.value;
  const live = lesson?.state === 'live';
  return (
    <>
      <p class="muted">{t(live ? 'teach.check.live' : 'teach.check.what')}</p>
      <ul class="checks" aria-label={t('teach.tools.check')}>
        {classroom.rooms.value.map((view) => (
          <li key={view.id}>
            <strong>{nameOf(view)[0]}</strong>
            {view.check ? (
              <Chip tone={checkTone[view.check.verdict]}>
                {t(`teach.check.${view.check.verdict}`)}{' '}
                <span class="numbers">{clock(view.check.at_ms)}</span>
              </Chip>
            ) : (
              <Chip tone="still">{t('teach.check.none')}</Chip>
            )}
            <Act
              kind="plain small"
              words={t('teach.check.start')}
              of={nameOf(view)[0]}
              off={!view.here || live}
              busy={acts.awaits('check.start', view.id)}
              onPress={() => acts.ask('check.start', { room: view.id }, `check:${view.id}`)}
            />
          </li>
        ))}
      </ul>
    </>
  );
}
