// The room's check before the lesson, started from the telephone: what was found, and what to do.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { t } from '../core/i18n.js';
import { clock } from '../core/time.js';
import { CheckedParts } from '../ui/checked.jsx';
import { Chip } from '../ui/chip.jsx';
import { now_ms } from '../ui/clock.js';
import { checkTone } from '../ui/status.js';
import { tell } from './acts.js';
import { item, roomNow } from './app.js';

/** A check takes less than a minute; after this it is not waited for. */
const patience_ms = 90_000;

/** @param {{ check: any }} props */
function Found({ check }) {
  return (
    <>
      <p class="row">
        <Chip tone={checkTone[check.verdict]}>{t(`check.verdict.${check.verdict}`)}</Chip>
        <span class="muted numbers">{clock(check.at_ms)}</span>
      </p>
      <CheckedParts result={check.result} />
    </>
  );
}

export function Check() {
  const [found, setFound] = useState(/** @type {any} */ (null));
  const [asked_ms, setAsked] = useState(0);
  const room = roomNow.value;
  const at_ms = room?.check?.at_ms ?? 0;
  const id = item.value.room.id;
  useEffect(() => {
    if (at_ms > 0) {
      api
        .get(`/rooms/${id}/checks`)
        .then(({ checks }) => setFound(checks[0] ?? null))
        .catch(() => setFound(null));
    }
  }, [at_ms, id]);
  const running = asked_ms > at_ms && now_ms.value - asked_ms < patience_ms;
  const late = asked_ms > at_ms && !running;
  const start = async () => {
    const from_ms = now_ms.peek();
    if (await tell('check.start', { room: id }, null)) {
      setAsked(from_ms);
    }
  };
  return (
    <section class="panel" aria-label={t('check.title')}>
      <h2>{t('check.title')}</h2>
      {found && !running ? <Found check={found} /> : null}
      {late ? <p class="note warn">{t('coteach.check.late')}</p> : null}
      {running ? <p role="status">{t('check.running')}</p> : null}
      <button type="button" class="button plain" disabled={!room?.here || running} onClick={start}>
        {t(running ? 'check.busy' : 'coteach.check.start')}
      </button>
      {room?.here ? null : <p class="muted">{t('coteach.check.away')}</p>}
    </section>
  );
}
