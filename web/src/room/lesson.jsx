// The room in a lesson: the picture is the page, a strip beneath says what is going on.
import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { named, t } from '../core/i18n.js';
import { opensAt } from '../core/protocol.js';
import { clock } from '../core/time.js';
import { Chip } from '../ui/chip.jsx';
import { now_ms } from '../ui/clock.js';
import { Icon } from '../ui/icons.jsx';
import { timesOf } from '../ui/who.js';
import { gesture_needed } from './autoplay.js';
import { face } from './face.js';
import { goFull, is_full } from './full.js';

/** @param {{ lesson: any }} props */
function Words({ lesson }) {
  if (!lesson) {
    return null;
  }
  return (
    <p class="about">
      <strong>{named(lesson, 'title')}</strong>
      {lesson.teacher ? <span>{named(lesson.teacher)}</span> : null}
      <span class="numbers">{timesOf(lesson)}</span>
    </p>
  );
}

/** @param {{ shown: import('./face.js').Face, room: any }} props */
function Message({ shown, room }) {
  return (
    <div class="message">
      <p class="place">
        {room ? [named(room, 'school'), named(room)].filter(Boolean).join(' · ') : ''}
      </p>
      <h1>{t(shown.title)}</h1>
      {shown.text ? <p>{t(shown.text)}</p> : null}
      <Words lesson={shown.lesson} />
    </div>
  );
}

/** @param {{ button: import('./face.js').Button, lesson: any, onAct: (act: string) => void }} props */
function BigButton({ button, lesson, onAct }) {
  const time = lesson ? clock(opensAt(lesson)) : '';
  const element = useRef(/** @type {HTMLButtonElement | null} */ (null));
  useEffect(() => element.current?.focus(), [button.key]);
  return (
    <div class="one">
      <button
        type="button"
        class="big"
        aria-disabled={button.act === null}
        ref={element}
        onClick={() => button.act && onAct(button.act)}
      >
        {button.key === 'room.button.sound' ? <Icon name="sound" /> : null}
        {t(button.key, { time })}
      </button>
    </div>
  );
}

/** @param {{ shown: import('./face.js').Face, closing: string | null }} props */
function Strip({ shown, closing }) {
  const [tone, word] = shown.chip;
  return (
    <footer class="strip" aria-live="polite">
      <Chip tone={tone}>{t(closing ? `room.closing.${closing}` : word)}</Chip>
      <span class="title">
        {shown.screen === 'stage'
          ? [named(shown.lesson, 'title'), named(shown.lesson?.teacher)].filter(Boolean).join(' · ')
          : ''}
      </span>
      {is_full.value ? null : (
        <button type="button" class="full" onClick={goFull}>
          <Icon name="full" />
          {t('room.full')}
        </button>
      )}
      <time class="numbers">{clock(now_ms.value)}</time>
    </footer>
  );
}

/**
 * @param {{
 *   state: import('@preact/signals').ReadonlySignal<import('../core/reduce.js').State>, room: any,
 *   onVideo: (element: HTMLVideoElement | null) => void, onAct: (act: string) => void,
 * }} props
 */
export function Lesson({ state, room, onVideo, onAct }) {
  const shown = useComputed(() =>
    face(state.value, { gesture_needed: gesture_needed.value, now_ms: now_ms.value }),
  ).value;
  return (
    <main class={`lesson ${shown.screen}`}>
      <div class="stage">
        <video
          ref={onVideo}
          playsInline
          disablePictureInPicture
          tabIndex={-1}
          aria-label={t('room.video')}
        />
        {shown.screen === 'message' ? (
          <Message shown={shown} room={state.value.you?.room ?? room} />
        ) : null}
      </div>
      {shown.button ? (
        <BigButton button={shown.button} lesson={shown.lesson} onAct={onAct} />
      ) : null}
      <Strip shown={shown} closing={state.value.closing} />
    </main>
  );
}
