// The room in a lesson: the picture is the page, what happens is told beneath it.
import { useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { named, t } from '../core/i18n.js';
import { joinable } from '../core/protocol.js';
import { now_ms } from '../ui/clock.js';
import { timesOf, whoOf } from '../ui/who.js';
import { own } from './acts.js';
import { gesture_needed } from './autoplay.js';
import { Bar } from './bar.jsx';
import { shownOnBoard } from './board.jsx';
import { face } from './face.js';
import { deviceWord, handsOf, microphoneWord, newsOf, rollReminder } from './news.js';
import { News } from './news.jsx';
import { handUp } from './own.js';
import { Help, Report, RollCall } from './panels.jsx';
import { rollKey } from './roll.js';
import { camera, heard, microphone } from './sending.js';
import { split } from './split.js';
import { panes, Stage } from './stage.jsx';

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

/** The one line beneath the microphone: the most urgent of what there is. */
function lineOf(
  /** @type {any} */ state,
  /** @type {any} */ { shown, nameOf, room, roll_due, refused, visit },
) {
  if (visit) {
    return { text: t('room.visit'), tone: 'info' };
  }
  const said = own.value.said;
  if (said && Date.now() < said.until_ms) {
    return { text: t(said.key), tone: said.bad ? 'bad' : 'good' };
  }
  const device = room === null ? null : deviceWord(camera.value.state, microphone.value.state);
  const floor = state.class?.floor?.room ?? null;
  const hands = handsOf(state);
  if (device) {
    return { text: t(device), tone: 'warn' };
  }
  if (refused) {
    return { text: t('room.roll.refused'), tone: 'bad' };
  }
  if (rollReminder(state, now_ms.value, roll_due)) {
    return { text: t('room.roll.reminder'), tone: 'warn' };
  }
  if (state.class?.mode === 'choral' && floor === null) {
    return { text: t('room.mode.choral'), tone: 'info' };
  }
  if (hands.length > 0) {
    return { text: t('room.hands', { rooms: hands.map(nameOf).join(' · ') }), tone: '' };
  }
  const title = [named(shown.lesson, 'title'), named(shown.lesson?.teacher)];
  return shown.screen === 'stage' ? { text: title.filter(Boolean).join('\n'), tone: '' } : null;
}

/** @param {any} state @param {import('./roll.js').Roll} roll @returns {boolean} */
function rollDue(state, roll) {
  const lesson = state.lesson?.state === 'scheduled' ? null : state.lesson;
  const key = rollKey(lesson ?? state.last_ended);
  const live = (lesson ?? state.last_ended)?.sitting?.live_ms;
  return key !== null && Boolean(live) && !roll.has(key);
}

/** @param {{ panel: string | null, state: any, room: number | null, roll: import('./roll.js').Roll, roll_due: boolean, onAct: (act: string, more?: any) => void }} props */
function Panel({ panel, state, room, roll, roll_due, onAct }) {
  const close = () => onAct('panel.close');
  if (panel === 'help') {
    return <Help onClose={close} />;
  }
  if (panel === 'roll') {
    const known = state.class?.rooms?.find((/** @type {any} */ one) => one.id === room);
    const expected = known?.roll_call?.expected ?? roll.expected();
    return (
      <RollCall
        expected={expected}
        onMark={(counts) => onAct('roll.mark', counts)}
        onClose={close}
      />
    );
  }
  if (panel !== 'report') {
    return null;
  }
  const reaches = state.class !== null && state.link === 'online' && state.lesson;
  const live = state.lesson?.state === 'live';
  const choices = /** @type {[string, string][]} */ ([
    ...(live && reaches ? [['signal.cannot_hear', 'room.signal.cannot_hear']] : []),
    ...(reaches
      ? [
          ['message.picture', 'room.report.picture'],
          ['message.echo', 'room.report.echo'],
          ['message.other', 'room.report.other'],
        ]
      : []),
    ...(roll_due ? [['roll', 'room.roll']] : []),
    ...(live ? [] : [['check', 'room.check']]),
  ]);
  return (
    <Report
      choices={choices}
      note={reaches ? null : 'room.report.nobody'}
      onChoose={onAct}
      onClose={close}
    />
  );
}

/** The smaller buttons beside the one. @returns {[string, string][]} */
function extraOf(/** @type {any} */ state, /** @type {number | null} */ room) {
  if (room === null || state.link === 'refused' || state.link === 'revoked') {
    return [];
  }
  /** @type {[string, string][]} */
  const before = ['live', 'interrupted'].includes(state.lesson?.state)
    ? []
    : [['check', 'room.check']];
  return [['panel.report', 'room.report'], ...before];
}

/**
 * @param {{
 *   state: import('@preact/signals').ReadonlySignal<import('../core/reduce.js').State>, device: any,
 *   panel: import('@preact/signals').ReadonlySignal<string | null>, roll: import('./roll.js').Roll,
 *   onVideo: (name: 'lesson' | 'board' | 'floor', element: HTMLVideoElement | null) => void,
 *   onAct: (act: string, more?: any) => any, away: boolean, role: string | null,
 * }} props `device`: null where a person watches, as `role`; `away`: another view is shown, this one goes on behind it
 */
export function Lesson({ state, device, role, panel, roll, onVideo, onAct, away }) {
  const now = state.value;
  const silent = role === 'admin' || role === 'auditor';
  // only what is so: before the welcome and after the lesson there is no visit on record
  const visit = silent && joinable(now.lesson) && ['online', 'reconnecting'].includes(now.link);
  const room = device ? (now.you?.room?.id ?? device.room?.id ?? null) : null;
  const roll_due = room !== null && rollDue(now, roll);
  const shown = useComputed(() =>
    face(state.value, {
      gesture_needed: gesture_needed.value,
      now_ms: now_ms.value,
      room,
      hand: handUp(own.value, state.value.class, room),
      roll_due,
      board: shownOnBoard() === 'board',
      watch: role !== null,
    }),
  ).value;
  const joined = now.lesson !== null && now.lesson.state !== 'scheduled';
  const find = (/** @type {number | null} */ id) => now.lesson?.rooms?.find((one) => one.id === id);
  const nameOf = (/** @type {number} */ id) => whoOf({ room: find(id) })[0];
  const floor = now.class?.floor?.room ?? null;
  const show = shownOnBoard();
  const message = shown.screen === 'message';
  const layout = panes({ show, floor, room, message, camera: camera.value.track !== null });
  const sends = now.class?.rooms?.find((one) => one.id === floor);
  useEffect(() => {
    document.documentElement.style.setProperty('--split', `${split.value}%`);
  }, [split.value]);
  const mic =
    room !== null && joined && !message
      ? microphoneWord(now, { room, microphone: microphone.value.state, heard: heard.value })
      : null;
  const refused = roll.kept.value.slice(-1)[0]?.refused === true;
  return (
    <main class={`lesson ${shown.screen}`} hidden={away}>
      <Stage
        shown={layout}
        show={show}
        floor={
          floor === null
            ? null
            : {
                room: find(floor),
                video: sends?.video ?? false,
                closed: now.class?.mode === 'choral',
              }
        }
        onVideo={onVideo}
      >
        {message ? <Message shown={shown} room={now.you?.room ?? device?.room} /> : null}
      </Stage>
      {panel.value ? (
        <Panel
          panel={panel.value}
          state={now}
          room={room}
          roll={roll}
          roll_due={roll_due}
          onAct={onAct}
        />
      ) : (
        <News
          news={newsOf(now, now_ms.value)}
          own={room}
          nameOf={nameOf}
          onAnswer={(question, counts) => onAct('answer', { question, counts })}
        />
      )}
      <Bar
        shown={shown}
        closing={now.closing}
        mic={mic}
        line={lineOf(now, { shown, nameOf, room, roll_due, refused, visit })}
        extra={extraOf(now, room)}
        onAct={onAct}
      />
    </main>
  );
}
