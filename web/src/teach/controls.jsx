// What the teacher does all the time: start; then mute, hide, the mode of the lesson, and, far from these, end.
import { useSignal } from '@preact/signals';
import { named, t } from '../core/i18n.js';
import { clock } from '../core/time.js';
import { Dialog } from '../ui/dialog.jsx';
import { Icon } from '../ui/icons.jsx';
import { Modes } from './modes.jsx';
import { elsewhere, startBlocked } from './said.js';

/** @typedef {import('./desk.js').Desk} Desk */
/** @typedef {import('./lesson.js').Classroom} Classroom */

/** @param {{ desk: Desk, lesson: any }} props */
function Start({ desk, lesson }) {
  const blocked = startBlocked(lesson);
  const devices = desk.video.value !== null || desk.audio.value !== null;
  const { link, publisher, you } = desk.live.state.value;
  const online = link === 'online';
  const take = elsewhere({ taken: desk.taken.value, publisher, you });
  return (
    <>
      <button
        type="button"
        class="button act start"
        disabled={blocked !== null || !devices || !online || desk.busy.value}
        onClick={() => desk.start()}
      >
        <Icon name="play" />
        {desk.busy.value ? t('teach.starting') : t(take ? 'teach.take' : 'teach.start')}
      </button>
      {blocked ? (
        <p class="muted">
          {t(blocked, { time: clock(lesson?.reopens_ms ?? lesson?.join_from_ms ?? 0) })}
        </p>
      ) : null}
    </>
  );
}

/** @param {{ on: boolean, icon: any, words: string, hint?: string, onPress: () => void }} props */
function Toggle({ on, icon, words, hint, onPress }) {
  return (
    <button
      type="button"
      class={on ? 'button toggle on' : 'button toggle'}
      aria-pressed={on}
      onClick={onPress}
    >
      <Icon name={icon} />
      <span>{words}</span>
      {hint ? <kbd>{hint}</kbd> : null}
    </button>
  );
}

/** @param {{ desk: Desk }} props */
function OnAir({ desk }) {
  const muted = desk.muted.value;
  const off = desk.picture_off.value;
  return (
    <>
      <Toggle
        on={muted}
        icon={muted ? 'mic_off' : 'mic'}
        words={t(muted ? 'teach.unmute' : 'teach.mute')}
        hint={t('teach.key.space')}
        onPress={() => desk.setMuted(!muted)}
      />
      <Toggle
        on={off}
        icon={off ? 'camera_off' : 'camera'}
        words={t(off ? 'teach.unhide' : 'teach.hide')}
        onPress={() => desk.setPictureOff(!off)}
      />
    </>
  );
}

/** @param {{ desk: Desk, lesson: any, onClose: () => void }} props */
function End({ desk, lesson, onClose }) {
  return (
    <Dialog title={t('teach.end.title', { title: named(lesson, 'title') })} onClose={onClose}>
      <p>{t('teach.end.text')}</p>
      <div class="row apart">
        <button type="button" class="button plain" onClick={onClose}>
          {t('teach.end.no')}
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            onClose();
            desk.end();
          }}
        >
          {t('teach.end.yes')}
        </button>
      </div>
    </Dialog>
  );
}

/** @param {{ desk: Desk, classroom: Classroom }} props */
export function Controls({ desk, classroom }) {
  const asking = useSignal(false);
  const { lesson } = classroom.live.state.value;
  const running = lesson && (lesson.state === 'live' || lesson.state === 'interrupted');
  return (
    <div class="controls">
      {desk.wanted.value ? <OnAir desk={desk} /> : <Start desk={desk} lesson={lesson} />}
      <Modes classroom={classroom} />
      <span class="gap" />
      {desk.wanted.value ? (
        <button
          type="button"
          class="button plain"
          disabled={desk.busy.value}
          onClick={() => desk.release()}
        >
          <Icon name="back" />
          {t('teach.release')}
        </button>
      ) : null}
      {running ? (
        <button
          type="button"
          class="button danger end"
          onClick={() => {
            asking.value = true;
          }}
        >
          <Icon name="stop" />
          {t('teach.end')}
        </button>
      ) : null}
      {asking.value ? (
        <End
          desk={desk}
          lesson={lesson}
          onClose={() => {
            asking.value = false;
          }}
        />
      ) : null}
    </div>
  );
}
