// Silent visits: the way into a lesson that nobody there sees, and who took it.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { named, t } from '../core/i18n.js';
import { clockSeconds, date, span } from '../core/time.js';
import { Chip } from '../ui/chip.jsx';
import { now_ms } from '../ui/clock.js';
import { useLoad } from '../ui/load.js';
import { Problem } from '../ui/problem.jsx';
import { me } from './data.js';
import { roleOf } from './happened.js';
import { Pager, pagesOf } from './pager.jsx';

/** @param {{ lesson: any }} props */
export function LookIn({ lesson }) {
  const query = new URLSearchParams({ watch: lesson.id, as: me.value.role });
  const what = t('visits.look.what', { title: named(lesson, 'title') });
  return (
    <a
      class="button plain look-in"
      href={`/room?${query}`}
      target="_blank"
      rel="noopener"
      title={what}
      aria-label={`${t('visits.look')} · ${what}`}
    >
      {t('visits.look')}
    </a>
  );
}

/** @param {{ visit: any }} props */
function Visit({ visit }) {
  const { lesson, account, started_ms, last_ms, ended_ms, ip } = visit;
  const to_ms = ended_ms ?? Math.max(last_ms, now_ms.value);
  const same_day = date(started_ms) === date(to_ms);
  return (
    <tr>
      <td>
        {named(account)} <small class="muted">{`${roleOf(account.role)} · ${account.login}`}</small>
      </td>
      <td>
        <a href={`#/lesson/${encodeURIComponent(lesson.id)}`}>{named(lesson, 'title')}</a>
      </td>
      <td class="numbers">
        {`${date(started_ms)} ${clockSeconds(started_ms)}–`}
        {ended_ms ? (
          `${same_day ? '' : `${date(ended_ms)} `}${clockSeconds(ended_ms)}`
        ) : (
          <Chip tone="info">{t('visits.now')}</Chip>
        )}
      </td>
      <td class="numbers right">{span(to_ms - started_ms)}</td>
      <td class="numbers">{ip}</td>
    </tr>
  );
}

export function VisitsView() {
  const [page, setPage] = useState(1);
  const { data, error, reload } = useLoad(() => api.get(`/visits?page=${page}`), [page]);
  return (
    <>
      <div class="heading">
        <h2>{t('admin.visits')}</h2>
        <span class="gap" />
        <button type="button" class="button plain" onClick={reload}>
          {t('admin.reload')}
        </button>
        <Pager
          page={page}
          pages={pagesOf(data?.total ?? 0, data?.per_page ?? 50)}
          back="audit.newer"
          on="audit.older"
          of={t('admin.visits')}
          onPage={setPage}
        />
      </div>
      <p class="muted">{t('visits.text')}</p>
      <Problem error={error} />
      {data?.visits.length === 0 ? <p class="panel muted">{t('visits.none')}</p> : null}
      {data?.visits.length > 0 ? (
        <div class="panel">
          <table class="visits">
            <thead>
              <tr>
                <th>{t('visits.who')}</th>
                <th>{t('visits.lesson')}</th>
                <th>{t('visits.when')}</th>
                <th class="right">{t('visits.long')}</th>
                <th>{t('visits.from')}</th>
              </tr>
            </thead>
            <tbody>
              {data.visits.map((/** @type {any} */ visit) => (
                <Visit key={visit.id} visit={visit} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </>
  );
}
