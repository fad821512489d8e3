// Who is expected and how they are: a line for each room or person.
import { t } from '../core/i18n.js';
import { attendeeKey } from '../core/protocol.js';
import './attendees.css';
import { Chip } from './chip.jsx';
import { attendeeTone, delayOf, measured } from './status.js';
import { whoOf } from './who.js';

/** @param {{ word: string, value: string }} props */
function Figure({ word, value }) {
  return (
    <span class="figure">
      <span class="numbers">{value}</span> <small>{word}</small>
    </span>
  );
}

/** @param {{ status: import('../core/protocol.js').RoomStatus }} props */
function Attendee({ status }) {
  const [first, second] = whoOf(status);
  const active = status.state === 'playing' || status.state === 'trouble';
  const cause = status.cause && status.cause !== 'none' ? status.cause : null;
  return (
    <li class="attendee">
      <span class="who">
        <strong>{first}</strong>
        {second ? <small>{second}</small> : null}
      </span>
      <Chip tone={attendeeTone[status.state]}>{t(`attendee.state.${status.state}`)}</Chip>
      <span class="figures">
        {active ? (
          <>
            <Figure word={t('measure.fps')} value={measured(status.fps)} />
            <Figure word={t('measure.loss')} value={measured(status.loss_pct, ' %', 1)} />
            <Figure word={t('measure.delay')} value={measured(delayOf(status), ' ms')} />
          </>
        ) : null}
        {cause ? <span class="cause">{t(`attendee.cause.${cause}`)}</span> : null}
      </span>
    </li>
  );
}

/** @param {{ rooms: import('../core/protocol.js').RoomStatus[] }} props */
export function Attendees({ rooms }) {
  return (
    <ul class="attendees">
      {rooms.map((status) => (
        <Attendee key={attendeeKey(status)} status={status} />
      ))}
    </ul>
  );
}
