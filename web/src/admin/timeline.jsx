// What happened in a sitting, event by event: filtered by room and kind, a page at a time.
import { useState } from 'preact/hooks';
import { named, t } from '../core/i18n.js';
import { clockSeconds } from '../core/time.js';
import { counted, eventSaid, filtered, groupOf, groups, roleOf } from './happened.js';
import { Pager, pagesOf } from './pager.jsx';

const per_page = 100;

/** Whose deed it was; a room's computer is known by its room. @param {{ by: any }} props */
export function By({ by }) {
  if (!by || by.role === 'device') {
    return <span class="muted">{by ? roleOf(by.role) : t('timeline.server')}</span>;
  }
  return (
    <>
      {named(by)} <small class="muted">{roleOf(by.role)}</small>
    </>
  );
}

/** @param {{ events: any[], nameOf: (room: any) => string }} props */
function Table({ events, nameOf }) {
  return (
    <table class="timeline">
      <thead>
        <tr>
          <th>{t('timeline.when')}</th>
          <th>{t('timeline.kind')}</th>
          <th>{t('timeline.what')}</th>
          <th>{t('timeline.where')}</th>
          <th>{t('timeline.by')}</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event, i) => (
          <tr key={i} data-kind={event.kind}>
            <td class="numbers">{clockSeconds(event.at_ms)}</td>
            <td class="muted">{t(`timeline.group.${groupOf(event.kind)}`)}</td>
            <td class="said">{eventSaid(event, nameOf)}</td>
            <td>{event.room ? nameOf(event.room) : <span class="muted">–</span>}</td>
            <td>
              <By by={event.by} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** @param {{ events: any[], rooms: any[], nameOf: (room: any) => string, left_out: number }} props */
export function Timeline({ events, rooms, nameOf, left_out }) {
  const [filter, setFilter] = useState({
    room: '',
    chosen: /** @type {Set<string>} */ (new Set()),
  });
  const [page, setPage] = useState(1);
  const counts = counted(filtered(events, { room: filter.room, chosen: new Set() }));
  const found = filtered(events, filter);
  const pages = pagesOf(found.length, per_page);
  const at = Math.min(page, pages);
  const change = (/** @type {Partial<typeof filter>} */ more) => {
    setFilter({ ...filter, ...more });
    setPage(1);
  };
  const toggle = (/** @type {string} */ group) => {
    const chosen = new Set(filter.chosen);
    if (!chosen.delete(group)) {
      chosen.add(group);
    }
    change({ chosen });
  };
  if (events.length === 0) {
    return <p class="muted">{t('timeline.none')}</p>;
  }
  return (
    <>
      <div class="filter">
        <label class="inline-field">
          <span>{t('timeline.where')}</span>
          <select
            value={filter.room}
            onChange={(event) => change({ room: event.currentTarget.value })}
          >
            <option value="">{t('timeline.rooms.all')}</option>
            {rooms.map((room) => (
              <option key={room.id} value={String(room.id)}>
                {nameOf(room)}
              </option>
            ))}
          </select>
        </label>
        <div class="toggles" role="group" aria-label={t('timeline.kind')}>
          <button
            type="button"
            aria-pressed={filter.chosen.size === 0}
            onClick={() => change({ chosen: new Set() })}
          >
            {t('timeline.group.all')}
          </button>
          {groups
            .filter((group) => counts.has(group) || filter.chosen.has(group))
            .map((group) => (
              <button
                key={group}
                type="button"
                data-group={group}
                aria-pressed={filter.chosen.has(group)}
                onClick={() => toggle(group)}
              >
                {t(`timeline.group.${group}`)} <span class="numbers">{counts.get(group) ?? 0}</span>
              </button>
            ))}
        </div>
      </div>
      {left_out > 0 ? (
        <p class="note">{t('timeline.left_out', { count: left_out, shown: events.length })}</p>
      ) : null}
      {found.length === 0 ? (
        <p class="muted" role="status">
          {t('timeline.nothing')}
        </p>
      ) : (
        <Table events={found.slice((at - 1) * per_page, at * per_page)} nameOf={nameOf} />
      )}
      {pages > 1 ? (
        <Pager
          page={at}
          pages={pages}
          back="timeline.earlier"
          on="timeline.later"
          of={t('timeline.title')}
          onPage={setPage}
        />
      ) : null}
    </>
  );
}
