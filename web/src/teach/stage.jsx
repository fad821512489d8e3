// The large place: a room's picture, the board, or, before the lesson, the teacher's own picture and devices.
import { LazyBoardEditor } from '../board/lazy.jsx';
import { t } from '../core/i18n.js';
import { Act } from './button.jsx';
import { Devices, Picture, Sound } from './preview.jsx';
import './stage.css';
import { nameOf, RoomPicture } from './tiles.jsx';

/** @typedef {import('./lesson.js').Classroom} Classroom */
/** @typedef {import('./desk.js').Desk} Desk */

/** @param {{ desk: Desk }} props */
function Mine({ desk }) {
  return (
    <div class="mine">
      <Picture desk={desk} />
      <div class="inputs">
        <Devices desk={desk} />
        <Sound desk={desk} />
      </div>
    </div>
  );
}

/** @param {{ classroom: Classroom }} props */
function Large({ classroom }) {
  const view = classroom.rooms.value.find(({ large }) => large);
  const { acts } = classroom;
  if (!view) {
    return <p class="large empty">{t('teach.large.none')}</p>;
  }
  const chosen = classroom.live.state.value.class?.large === view.id;
  // the large picture has its slot, also of a room without a small one
  const large = { ...view, slot: 'large.video' };
  const [name, place] = nameOf(view);
  return (
    <div class={view.floor ? 'large has-floor' : 'large'}>
      <p class="caption">
        <strong>{name}</strong>
        <span class="muted">{place}</span>
        {view.floor ? <span class="speaks">{t('teach.floor.speaks')}</span> : null}
        {chosen ? (
          <Act
            kind="plain small"
            words={t('teach.large.follow')}
            busy={acts.busy('large.set')}
            onPress={() => acts.ask('large.set', { room: null }, 'large')}
          />
        ) : null}
      </p>
      <div class="picture">
        <RoomPicture view={large} stream={classroom.streams.value['large.video']} />
      </div>
    </div>
  );
}

/** @type {import('./lesson.js').Stage[]} */
const stages = ['board', 'rooms', 'me'];

/** @type {('people' | 'board' | 'screen')[]} */
const shows = ['people', 'board', 'screen'];

/** What the rooms see. @param {{ classroom: Classroom }} props */
export function Show({ classroom }) {
  const shown = classroom.shown.value;
  return (
    <fieldset class="choice-of show">
      <legend>{t('teach.show_in_rooms')}</legend>
      {shows.map((what) => (
        <Act
          key={what}
          kind={what === shown ? 'option small chosen' : 'option small'}
          words={t(`teach.show.${what}`)}
          pressed={what === shown}
          onPress={() => classroom.show(what)}
        />
      ))}
    </fieldset>
  );
}

/** @param {{ classroom: Classroom, desk: Desk }} props */
export function Stage({ classroom, desk }) {
  const chosen = classroom.stage.value;
  return (
    <section class="stage" aria-label={t('teach.stage')}>
      <div class="stage-head">
        <div class="tabs">
          {stages.map((stage) => (
            <button
              key={stage}
              type="button"
              class="tab"
              aria-pressed={stage === chosen}
              onClick={() => {
                classroom.stage.value = stage;
              }}
            >
              {t(`teach.stage.${stage}`)}
              {stage === 'board' ? <kbd>B</kbd> : null}
            </button>
          ))}
        </div>
        <Show classroom={classroom} />
      </div>
      {chosen === 'me' ? <Mine desk={desk} /> : null}
      {chosen === 'rooms' ? <Large classroom={classroom} /> : null}
      {chosen === 'board' ? (
        <div class="at-board">
          <LazyBoardEditor board={classroom.board} />
        </div>
      ) : null}
    </section>
  );
}
