// The attendance of one sitting: each room or person with coverage, intervals as a bar and as text, corrections.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { t } from '../core/i18n.js';
import { clock, clockSeconds, date, span } from '../core/time.js';
import { Chip } from '../ui/chip.jsx';
import { now_ms } from '../ui/clock.js';
import { Dialog } from '../ui/dialog.jsx';
import { useAct } from '../ui/load.js';
import { resultTone, share } from '../ui/status.js';
import { whoOf } from '../ui/who.js';
import { Answers } from './answers.jsx';
import { extent, pieces } from './bar.js';
import { may_change } from './data.js';
import { Happened } from './happened.jsx';

const width = 1000;
const statuses = ['attended', 'partial', 'technical', 'insufficient', 'to_verify', 'absent'];

const known_evidence = new Set([
  'connection_lost',
  'no_media',
  'high_loss',
  'left',
  'closed',
  'revoked',
]);

const spanText = (/** @type {any} */ [from, to, kind]) =>
  `${clockSeconds(from)}–${to ? clockSeconds(to) : t('attendance.now')} ${t(`attendance.kind.${kind ?? 'live'}`)}`;

/** @param {{ sitting: any, intervals: any[] }} props */
function Bar({ sitting, intervals }) {
  const range = extent(sitting, now_ms.peek());
  const layers = [
    ...pieces(sitting.live, range, width, 'live'),
    ...pieces(sitting.down, range, width, 'down'),
    ...pieces(intervals, range, width),
  ];
  return (
    <svg class="bar-line" viewBox={`0 0 ${width} 20`} preserveAspectRatio="none" aria-hidden="true">
      {layers.map((piece, i) => (
        <rect
          key={i}
          class={piece.kind}
          x={piece.x}
          width={piece.width}
          y={piece.kind === 'live' || piece.kind === 'down' ? 0 : 4}
          height={piece.kind === 'live' || piece.kind === 'down' ? 20 : 12}
        />
      ))}
    </svg>
  );
}

/** @param {{ result: any, onClose: () => void, onDone: () => void }} props */
function Correct({ result, onClose, onDone }) {
  const { busy, error, act } = useAct();
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const body = { status: form.get('status'), reason: String(form.get('reason')).trim() };
    if (await act(() => api.post(`/attendance/${result.id}/corrections`, body))) {
      onDone();
    }
  };
  return (
    <Dialog title={t('correct.title', { who: whoOf(result)[0] })} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <p class="muted">{t('correct.text')}</p>
        <label class="field">
          <span>{t('correct.status')}</span>
          <select name="status">
            {statuses.map((status) => (
              <option key={status} value={status}>
                {t(`result.${status}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{t('correct.reason')}</span>
          <textarea name="reason" required rows={3} maxLength={130} />
        </label>
        <Answers error={error} busy={busy} act={t('correct.submit')} onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** The status in a sentence, with the threshold that decided. @param {{ result: any }} props */
function Why({ result }) {
  const { attended_percent: attended, partial_percent: partial } = result.rules ?? {};
  if (result.coverage === null) {
    return <p>{t('attendance.why.nothing')}</p>;
  }
  const figures = {
    covered: span(result.covered_ms),
    bridged: span(result.bridged_ms),
    live: span(result.live_ms),
    share: share(result.coverage),
  };
  return (
    <>
      <p class="numbers">
        {t(result.bridged_ms > 0 ? 'attendance.sum.bridged' : 'attendance.sum', figures)}
      </p>
      <p>{t(`attendance.why.${result.status}`, { attended, partial })}</p>
    </>
  );
}

/** What was noted of a room's link and page. @param {{ entry: any }} props */
function Evidence({ entry }) {
  const kind = known_evidence.has(entry.kind) ? entry.kind : 'note';
  return (
    <li class="numbers">
      {`${clockSeconds(entry.at_ms)} `}
      {t(`evidence.${kind}`, { text: kind === 'high_loss' || kind === 'note' ? entry.text : '' })}
    </li>
  );
}

/** @param {{ result: any }} props */
function Details({ result }) {
  const rules = result.rules ?? {};
  return (
    <details>
      <summary>{t('attendance.why')}</summary>
      <div class="why">
        <Why result={result} />
        <h4>{t('attendance.intervals', { count: result.intervals.length })}</h4>
        <ul class="plain-list numbers">
          {result.intervals.map((/** @type {any} */ interval) => (
            <li key={interval[0]}>{spanText(interval)}</li>
          ))}
        </ul>
        <h4>{t('attendance.evidence', { count: result.evidence.length })}</h4>
        {result.evidence.length === 0 ? <p>{t('attendance.evidence.none')}</p> : null}
        <ul class="plain-list">
          {result.evidence.map((/** @type {any} */ entry) => (
            <Evidence key={`${entry.at_ms}${entry.kind}`} entry={entry} />
          ))}
        </ul>
        <p class="muted">
          {t('attendance.rule', {
            version: result.rule_version,
            time: `${date(result.computed_ms)} ${clockSeconds(result.computed_ms)}`,
          })}
        </p>
        {rules.attended_percent ? (
          <p class="muted">
            {t('attendance.rule.text', {
              attended: rules.attended_percent,
              partial: rules.partial_percent,
              gap: rules.bridge_gap_s,
              most: rules.bridge_share_percent,
            })}
          </p>
        ) : null}
      </div>
    </details>
  );
}

/** @param {{ result: any, sitting: any, onChanged: () => void }} props */
function Result({ result, sitting, onChanged }) {
  const [correcting, setCorrecting] = useState(false);
  const [first, second] = whoOf(result);
  const last = result.corrections.at?.(-1) ?? result.corrections[result.corrections.length - 1];
  return (
    <li class="result">
      <div class="result-head">
        <span class="who">
          <strong>{first}</strong>
          {second ? <small>{second}</small> : null}
        </span>
        <span class="coverage numbers">{share(result.coverage)}</span>
        <span class="muted numbers">
          {t('attendance.covered', {
            covered: span(result.covered_ms),
            live: span(result.live_ms),
          })}
        </span>
        <Chip tone={result.provisional ? 'info' : (resultTone[result.status] ?? 'info')}>
          {t(`result.${result.status}`)}
          {result.provisional ? t('attendance.provisional') : ''}
        </Chip>
        {may_change.value && result.id ? (
          <button type="button" class="button plain" onClick={() => setCorrecting(true)}>
            {t('correct.open')}
          </button>
        ) : null}
      </div>
      <Bar sitting={sitting} intervals={result.intervals} />
      {last ? (
        <ul class="plain-list corrections">
          {result.corrections.map((/** @type {any} */ c) => (
            <li key={c.at_ms}>
              <Chip tone={resultTone[c.status] ?? 'info'}>{t(`result.${c.status}`)}</Chip>{' '}
              {t('correct.said', {
                by: c.by?.name ?? c.by,
                day: date(c.at_ms),
                time: clock(c.at_ms),
                reason: c.reason,
              })}
            </li>
          ))}
        </ul>
      ) : null}
      <Details result={result} />
      {correcting ? (
        <Correct
          result={result}
          onClose={() => setCorrecting(false)}
          onDone={() => {
            setCorrecting(false);
            onChanged();
          }}
        />
      ) : null}
    </li>
  );
}

/** @param {{ lesson_id: string, sitting: any, newest: boolean, onChanged: () => void }} props */
export function Sitting({ lesson_id, sitting, newest, onChanged }) {
  return (
    <section class="panel">
      <h3>
        {t('attendance.sitting', { number: sitting.number })}{' '}
        <span class="muted numbers">
          {`${date(sitting.opened_ms)} ${clock(sitting.opened_ms)}–${sitting.ended_ms ? clock(sitting.ended_ms) : t('attendance.now')}`}
        </span>{' '}
        <span class="muted">
          {t('attendance.live_total', { time: span(sitting.live_total_ms) })}
        </span>
      </h3>
      {sitting.results.length ? (
        <ul class="results">
          {sitting.results.map((/** @type {any} */ result) => (
            <Result
              key={result.room ? `r${result.room.id}` : `p${result.person?.id}`}
              result={result}
              sitting={sitting}
              onChanged={onChanged}
            />
          ))}
        </ul>
      ) : (
        <p class="muted">{t('attendance.none')}</p>
      )}
      <p class="legend">
        <span class="swatch played" /> {t('attendance.kind.played')}
        <span class="swatch bridged" /> {t('attendance.kind.bridged')}
        <span class="swatch live" /> {t('attendance.kind.live')}
        <span class="swatch down" /> {t('attendance.kind.down')}
      </p>
      <Happened lesson_id={lesson_id} sitting_id={sitting.id} open={newest} />
    </section>
  );
}
