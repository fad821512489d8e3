// How a room was found by its newest check, and by those before.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { named, t } from '../core/i18n.js';
import { clock, date } from '../core/time.js';
import { CheckedParts } from '../ui/checked.jsx';
import { Chip } from '../ui/chip.jsx';
import { useLoad } from '../ui/load.js';
import { Problem } from '../ui/problem.jsx';
import { checkTone } from '../ui/status.js';
import { whoOf } from '../ui/who.js';

/** @param {{ check: any }} props */
function Verdict({ check }) {
  return (
    <>
      <Chip tone={checkTone[check.verdict]}>{t(`check.verdict.${check.verdict}`)}</Chip>
      <span class="muted numbers">{`${date(check.at_ms)} ${clock(check.at_ms)}`}</span>
      <span class="muted">
        {check.asked_by
          ? t('rooms.check.asked', { name: named(check.asked_by) })
          : t('rooms.check.self')}
      </span>
    </>
  );
}

/** @param {{ room: any }} props */
function History({ room }) {
  const { data, error } = useLoad(() => api.get(`/rooms/${room.id}/checks`), [room.id]);
  return (
    <>
      <Problem error={error} />
      <ol
        class="plain-list history"
        aria-label={t('rooms.check.history.of', { room: whoOf({ room })[0] })}
      >
        {(data?.checks ?? []).map((/** @type {any} */ check) => (
          <li key={check.id}>
            <div class="lesson-line">
              <Verdict check={check} />
            </div>
            <CheckedParts result={check.result} />
          </li>
        ))}
      </ol>
    </>
  );
}

/** @param {{ room: any, newest: any }} props */
export function Checked({ room, newest }) {
  const [opened, setOpened] = useState(false);
  if (!newest) {
    return <p class="muted">{t('rooms.check.none')}</p>;
  }
  return (
    <section class="checked" aria-label={t('rooms.check')}>
      <div class="lesson-line">
        <strong>{t('rooms.check')}</strong>
        <Verdict check={newest} />
      </div>
      <CheckedParts result={newest.result} />
      <details onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>{t('rooms.check.history')}</summary>
        {opened ? <History room={room} /> : null}
      </details>
    </section>
  );
}
