// The rooms as the teacher sees them all the time: a picture each, what they want, how they are, and one button.
import { useSignal } from '@preact/signals';
import { t } from '../core/i18n.js';
import { Attendees } from '../ui/attendees.jsx';
import { Chip } from '../ui/chip.jsx';
import { Dialog } from '../ui/dialog.jsx';
import { Icon } from '../ui/icons.jsx';
import { attendeeTone, checkTone } from '../ui/status.js';
import { whoOf } from '../ui/who.js';
import { Act } from './button.jsx';
import { Done } from './done.jsx';
import { reachable } from './reach.js';
import './tiles.css';
import { Video } from './video.jsx';
import { columnsOf, insteadOf, rollTone, signalTone } from './view.js';

/** @typedef {import('./view.js').RoomView} RoomView */
/** @typedef {import('./lesson.js').Classroom} Classroom */

/** A room's short name, and the whole one. */
export const nameOf = (/** @type {RoomView} */ view) => whoOf({ room: view.room });

const stateOf = (/** @type {RoomView} */ view) => view.status?.state ?? 'absent';

/** What a room says, and how it is; its check matters before the lesson. @param {{ view: RoomView, live: boolean }} props */
function Marks({ view, live }) {
  const { roll_call, check } = view;
  return (
    <p class="marks">
      {view.signals.map((kind) => (
        <Chip key={kind} tone={signalTone[kind]}>
          {t(`teach.signal.${kind}`)}
        </Chip>
      ))}
      {roll_call ? (
        <Chip tone={rollTone(roll_call)}>
          <span class="numbers">{t('teach.roll', roll_call)}</span>
        </Chip>
      ) : null}
      {check && !live ? (
        <Chip tone={checkTone[check.verdict]}>{t(`teach.check.${check.verdict}`)}</Chip>
      ) : null}
    </p>
  );
}

/** @type {Record<string, 'sound' | 'alert'>} */
const insteadIcon = { sound_only: 'sound', lost: 'alert' };

/**
 * A room's picture; of one that dropped out the last one, under the words that say so.
 * @param {{ view: RoomView, stream: MediaStream | undefined }} props
 */
export function RoomPicture({ view, stream }) {
  const instead = insteadOf(view);
  const last = instead === 'lost' && view.slot !== null;
  return (
    <>
      {instead === null || last ? <Video stream={stream} label={nameOf(view)[0]} /> : null}
      {instead ? (
        <span class={`instead ${instead}${last ? ' over' : ''}`}>
          <Icon name={insteadIcon[instead] ?? 'room'} />
          <span>{t(`teach.instead.${instead}`)}</span>
        </span>
      ) : null}
    </>
  );
}

/** @param {{ classroom: Classroom, view: RoomView }} props */
function Floor({ classroom, view }) {
  const { acts } = classroom;
  const [name] = nameOf(view);
  if (view.floor) {
    return (
      <Act
        kind="take"
        icon="mic_off"
        words={t(acts.busy('floor.take') ? 'teach.floor.taking' : 'teach.floor.take')}
        of={name}
        busy={acts.busy('floor.take')}
        onPress={() => acts.take(`floor:${view.id}`)}
      />
    );
  }
  const giving = acts.awaits('floor.give', view.id);
  return (
    <Act
      kind={view.place > 0 ? 'act give' : 'give'}
      icon="mic"
      words={t(giving ? 'teach.floor.giving' : 'teach.floor.give')}
      of={name}
      busy={giving || acts.busy('floor.give')}
      off={!view.here || !classroom.running.value}
      onPress={() => acts.give(view.id)}
    />
  );
}

/** @param {{ classroom: Classroom, view: RoomView }} props */
function Tile({ classroom, view }) {
  const [name, place] = nameOf(view);
  const state = stateOf(view);
  return (
    <li class={`tile${view.floor ? ' has-floor' : ''}${view.place > 0 ? ' has-hand' : ''}`}>
      <p class="tile-head">
        <strong title={`${name} ${place}`}>{name}</strong>
        {view.floor ? (
          <span class="speaks">
            <Icon name={view.open ? 'sound' : 'mic_off'} />
            {t(view.open ? 'teach.floor.speaks' : 'teach.floor.closed')}
          </span>
        ) : view.place > 0 ? (
          <span class="raised">
            <Icon name="hand" />
            <span class="numbers">{t('teach.hand.place', { place: view.place })}</span>
          </span>
        ) : (
          <Chip tone={attendeeTone[state]}>{t(`attendee.state.${state}`)}</Chip>
        )}
      </p>
      <button
        type="button"
        class="picture-button"
        aria-pressed={view.large}
        title={t('teach.large.of', { name })}
        onClick={() => classroom.enlarge(view.id)}
      >
        <span class="sr">{t('teach.large.of', { name })}</span>
        <RoomPicture view={view} stream={classroom.streams.value[view.slot ?? '']} />
      </button>
      <div class="tile-foot">
        <Marks view={view} live={classroom.live.state.value.lesson?.state === 'live'} />
        <Floor classroom={classroom} view={view} />
      </div>
    </li>
  );
}

/** The rooms that have no place among the pictures, behind one button. @param {{ classroom: Classroom }} props */
function Others({ classroom }) {
  const open = useSignal(false);
  const { others } = classroom.tiles.value;
  const words = t('teach.others', {
    count: others.length,
    playing: others.filter(({ status }) => status?.state === 'playing').length,
  });
  return (
    <>
      <Act
        kind="plain others"
        words={words}
        onPress={() => {
          open.value = true;
        }}
      />
      {open.value ? (
        <Dialog
          wide
          title={words}
          onClose={() => {
            open.value = false;
          }}
        >
          <ul class="other-rooms">
            {others.map((view) => (
              <li key={view.id}>
                <strong>{nameOf(view)[0]}</strong>
                <Chip tone={attendeeTone[stateOf(view)]}>
                  {t(`attendee.state.${stateOf(view)}`)}
                </Chip>
                <Floor classroom={classroom} view={view} />
              </li>
            ))}
          </ul>
          <Done open={open} />
        </Dialog>
      ) : null}
    </>
  );
}

/** @param {{ classroom: Classroom }} props */
export function Tiles({ classroom }) {
  const { tiles, others } = classroom.tiles.value;
  const { lesson, rooms } = classroom.live.state.value;
  if (tiles.length === 0) {
    return (
      <section class="rooms everybody" aria-label={t('teach.persons')} {...reachable}>
        <h2>{t('teach.persons')}</h2>
        {lesson && rooms.length === 0 ? <p class="muted">{t('teach.nobody')}</p> : null}
        <Attendees rooms={rooms} />
      </section>
    );
  }
  return (
    <section class="rooms" aria-label={t('teach.rooms')}>
      <ul class={`tiles columns-${columnsOf(tiles.length)}${tiles.length > 4 ? ' many' : ''}`}>
        {tiles.map((view) => (
          <Tile key={view.id} classroom={classroom} view={view} />
        ))}
      </ul>
      {others.length > 0 ? <Others classroom={classroom} /> : null}
    </section>
  );
}
