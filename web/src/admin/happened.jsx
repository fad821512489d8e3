// What happened in a sitting: who spoke, who signalled, who was there, and all events. Fetched when it is opened.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { t } from '../core/i18n.js';
import { clockSeconds, date, span } from '../core/time.js';
import { Chip } from '../ui/chip.jsx';
import { useLoad } from '../ui/load.js';
import { Problem } from '../ui/problem.jsx';
import { share } from '../ui/status.js';
import { changes, lessonPath } from './data.js';
import { allSpeech, rollsOf, roomNames, signalCounts, signalOf } from './happened.js';
import { By, Timeline } from './timeline.jsx';

/** @typedef {(room: any) => string} NameOf */

/** What was spoken, of how much in all where that is known. */
function spokeOf(/** @type {number | null} */ spoke_ms, /** @type {number | null} */ all_ms) {
  if (spoke_ms === null) {
    return t('timeline.unmeasured');
  }
  return all_ms === null ? span(spoke_ms) : `${span(spoke_ms)} ÷ ${span(all_ms)}`;
}

function shareSaid(/** @type {number | null} */ all_ms) {
  if (all_ms === null) {
    return t('timeline.share.unknown');
  }
  return all_ms > 0 ? t('timeline.share.how', { all: span(all_ms) }) : t('timeline.share.none');
}

/** @param {{ row: any, all_ms: number | null, nameOf: NameOf }} props */
function Speaker({ row, all_ms, nameOf }) {
  const main = row.room === null;
  return (
    <tr>
      <th scope="row">{main ? t('timeline.main_room') : nameOf(row.room)}</th>
      <td class="share-bar" aria-hidden="true">
        <span class="track">
          <span class="fill" style={{ width: `${(row.share ?? 0) * 100}%` }} />
        </span>
      </td>
      <td class="numbers right">
        <strong>{share(row.share)}</strong>
      </td>
      <td class="numbers right">{spokeOf(row.spoke_ms, all_ms)}</td>
      <td class="numbers right">{main ? '–' : row.turns}</td>
      <td class="numbers right">{main ? '–' : span(row.floor_ms)}</td>
    </tr>
  );
}

/** @param {{ speaking: any[], nameOf: NameOf }} props */
function Speaking({ speaking, nameOf }) {
  const all_ms = allSpeech(speaking);
  return (
    <section class="part">
      <h4>{t('timeline.speaking')}</h4>
      <table class="speaking">
        <thead>
          <tr>
            <th>{t('timeline.where')}</th>
            <td />
            <th class="right">{t('timeline.share')}</th>
            <th class="right">{t('timeline.spoke')}</th>
            <th class="right">{t('timeline.turns')}</th>
            <th class="right">{t('timeline.floor')}</th>
          </tr>
        </thead>
        <tbody>
          {speaking.map((row) => (
            <Speaker key={row.room?.id ?? 0} row={row} all_ms={all_ms} nameOf={nameOf} />
          ))}
        </tbody>
      </table>
      <p class="muted">{shareSaid(all_ms)}</p>
    </section>
  );
}

/** @param {{ events: any[], left_out: number, nameOf: NameOf }} props */
function Signals({ events, left_out, nameOf }) {
  const { kinds, rows } = signalCounts(events);
  return (
    <section class="part">
      <h4>{t('timeline.signals')}</h4>
      {rows.length === 0 ? (
        <p class="muted">{t('timeline.signals.none')}</p>
      ) : (
        <table class="signals">
          <thead>
            <tr>
              <th>{t('timeline.where')}</th>
              {kinds.map((kind) => (
                <th key={kind} class="right">
                  {signalOf(kind)}
                </th>
              ))}
              <th class="right">{t('timeline.sum')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.room.id}>
                <th scope="row">{nameOf(row.room)}</th>
                {kinds.map((kind) => (
                  <td key={kind} class="numbers right">
                    {row.counts[kind] ?? 0}
                  </td>
                ))}
                <td class="numbers right">{row.all}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {left_out > 0 ? (
        <p class="muted">{t('timeline.signals.part', { shown: events.length })}</p>
      ) : null}
    </section>
  );
}

const moment = (/** @type {number} */ ms) => `${date(ms)} ${clockSeconds(ms)}`;

/** @param {{ roll: any, nameOf: NameOf }} props */
function Roll({ roll, nameOf }) {
  return (
    <tr class={roll.counts ? '' : 'muted'}>
      <th scope="row">{nameOf(roll.room)}</th>
      <td class="numbers">
        <Chip tone={roll.counts ? (roll.present === roll.expected ? 'good' : 'warn') : 'still'}>
          {t('timeline.roll', { present: roll.present, expected: roll.expected })}
        </Chip>
      </td>
      <td class="numbers">
        {roll.absent.length > 0 ? roll.absent.join(', ') : <span class="muted">–</span>}
      </td>
      <td class="numbers">{moment(roll.marked_ms)}</td>
      <td class="numbers">{moment(roll.received_ms)}</td>
      <td>
        <By by={roll.by} />
        {roll.counts ? null : <small class="detail">{t('timeline.roll.older')}</small>}
      </td>
    </tr>
  );
}

/** @param {{ rolls: any[], missing: any[], nameOf: NameOf }} props */
function Rolls({ rolls, missing, nameOf }) {
  return (
    <section class="part">
      <h4>{t('timeline.rolls')}</h4>
      {rolls.length > 0 ? (
        <table class="rolls">
          <thead>
            <tr>
              <th>{t('timeline.where')}</th>
              <th>{t('timeline.rolls.count')}</th>
              <th>{t('timeline.rolls.absent')}</th>
              <th>{t('timeline.rolls.marked')}</th>
              <th>{t('timeline.rolls.received')}</th>
              <th>{t('timeline.by')}</th>
            </tr>
          </thead>
          <tbody>
            {rolls.map((roll) => (
              <Roll key={roll.id} roll={roll} nameOf={nameOf} />
            ))}
          </tbody>
        </table>
      ) : null}
      {missing.length > 0 ? (
        <p class="muted">
          {t('timeline.rolls.missing', { rooms: missing.map(nameOf).join(' · ') })}
        </p>
      ) : null}
    </section>
  );
}

/** @param {{ timeline: any, sitting: any }} props */
function Parts({ timeline, sitting }) {
  const { lesson, roll_calls } = timeline;
  const { events, speaking, left_out } = sitting;
  const rooms = [
    ...new Map(
      [...lesson.rooms, ...speaking.map((row) => row.room), ...events.map((event) => event.room)]
        .filter(Boolean)
        .map((room) => [room.id, room]),
    ).values(),
  ];
  const nameOf = roomNames(rooms);
  const { rolls, missing } = rollsOf(roll_calls, sitting, lesson.rooms);
  return (
    <>
      <div class="beside">
        <Speaking speaking={speaking} nameOf={nameOf} />
        <Signals events={events} left_out={left_out} nameOf={nameOf} />
      </div>
      <Rolls rolls={rolls} missing={missing} nameOf={nameOf} />
      <section class="part">
        <h4>{t('timeline.title')}</h4>
        <Timeline events={events} rooms={rooms} nameOf={nameOf} left_out={left_out} />
      </section>
    </>
  );
}

/** @param {{ lesson_id: string, sitting_id: number }} props */
function Loaded({ lesson_id, sitting_id }) {
  const { data, error } = useLoad(
    () => api.get(`${lessonPath(lesson_id)}/timeline?sitting=${sitting_id}`),
    [lesson_id, sitting_id, changes.value],
  );
  const sitting = data?.sittings[0];
  return (
    <>
      <Problem error={error} />
      {sitting ? <Parts timeline={data} sitting={sitting} /> : null}
      {sitting || error ? null : (
        <p class="muted" role="status">
          {t('timeline.loading')}
        </p>
      )}
    </>
  );
}

/** @param {{ lesson_id: string, sitting_id: number, open: boolean }} props `open`: from the start */
export function Happened({ lesson_id, sitting_id, open }) {
  const [opened, setOpened] = useState(open);
  return (
    <details
      class="happened"
      open={opened}
      onToggle={(event) => setOpened(event.currentTarget.open)}
    >
      <summary>{t('timeline.open')}</summary>
      {opened ? <Loaded lesson_id={lesson_id} sitting_id={sitting_id} /> : null}
    </details>
  );
}
