// The audit list: who did what, newest first.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { t } from '../core/i18n.js';
import { clockSeconds, date } from '../core/time.js';
import { useLoad } from '../ui/load.js';
import { Problem } from '../ui/problem.jsx';
import { Pager, pagesOf } from './pager.jsx';

/** `lesson.create` in words; an action without its own keeps its name. */
const actionOf = (/** @type {string} */ action) => {
  const key = `audit.action.${action}`;
  const said = t(key);
  return said === key ? action : said;
};

/** `lesson demo`: what it is in words, and which. */
function objectOf(/** @type {string} */ object) {
  const [kind, ...which] = (object ?? '').split(' ');
  const key = `audit.object.${kind}`;
  const said = t(key);
  return [said === key ? kind : said, ...which].join(' ');
}

const short = (/** @type {any} */ value) =>
  value === null || value === undefined ? '' : JSON.stringify(value);

export function AuditView() {
  const [page, setPage] = useState(1);
  const { data, error } = useLoad(() => api.get(`/audit?page=${page}`), [page]);
  return (
    <>
      <div class="heading">
        <h2>{t('admin.audit')}</h2>
        <span class="gap" />
        <Pager
          page={page}
          pages={pagesOf(data?.total ?? 0, data?.per_page ?? 50)}
          back="audit.newer"
          on="audit.older"
          of={t('admin.audit')}
          onPage={setPage}
        />
      </div>
      <Problem error={error} />
      <div class="panel">
        <table class="audit">
          <thead>
            <tr>
              <th>{t('audit.when')}</th>
              <th>{t('audit.who')}</th>
              <th>{t('audit.action')}</th>
              <th>{t('audit.object')}</th>
              <th>{t('audit.what')}</th>
            </tr>
          </thead>
          <tbody>
            {(data?.entries ?? []).map((/** @type {any} */ entry) => (
              <tr key={entry.seq}>
                <td class="numbers">{`${date(entry.at_ms)} ${clockSeconds(entry.at_ms)}`}</td>
                <td>
                  {entry.actor} <small class="muted">{entry.ip}</small>
                </td>
                <td>{actionOf(entry.action)}</td>
                <td>{objectOf(entry.object)}</td>
                <td class="data">
                  {[short(entry.before), short(entry.after)].filter(Boolean).join(' → ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
