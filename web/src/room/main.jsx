// `/room`: finds out which room it is, joins that room's lesson by itself, plays it.
import { effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api } from '../core/api.js';
import { backoffMs } from '../core/backoff.js';
import { lang, named, t } from '../core/i18n.js';
import { createLive, joined_ms, socketUrl } from '../core/live.js';
import { joinable } from '../core/protocol.js';
import { Receiver } from '../media/receive.js';
import { startClock } from '../ui/clock.js';
import { LangSwitch, mount } from '../ui/page.jsx';
import { startSpatialKeys } from '../ui/spatial.js';
import words from '../words/room.js';
import { createActs, tellOwn } from './acts.js';
import { gesture_needed, watchAutoplay } from './autoplay.js';
import { boardEvent, joinBoard } from './board.jsx';
import { pickDevice, roomAddress } from './device.js';
import { Enrol } from './enrol.jsx';
import { goFull, holdBack, stayAwake, watchFull } from './full.js';
import { actOf, back } from './keys.js';
import { Lesson } from './lesson.jsx';
import { Roll, rollKey } from './roll.js';
import { applyScreen } from './screen.js';
import { closeDevices, openDevices, startSending, wantSent } from './sending.js';
import { changeSplit } from './split.js';
import './room.css';
import './news.css';
import './before.css';

/** @type {import('@preact/signals').Signal<any>} */
const place = signal({ is: 'finding' });
/** `/room?watch=ID`: a person watches, signed in, instead of a room; `&as=ROLE`: as whom, where this browser is several. */
const watched = new URLSearchParams(location.search).get('watch');
const watches_as = new URLSearchParams(location.search).get('as');
/** `/room?setup`: opens with the check of the devices. */
const wants_setup = new URLSearchParams(location.search).has('setup');
/** @type {Receiver | null} */
let receiver = null;
/** Which row is open beneath the picture: report, roll, help. */
const panel = signal(/** @type {string | null} */ (null));
const roll = new Roll({ post: api.post });
/** The view in which devices are checked, once it is loaded and while it is open. */
const setup = signal(/** @type {any} */ (null));

const live = createLive({
  url: socketUrl(location),
  hello: () => ({
    ...(watched
      ? { page: 'watch', as: place.peek().role, lesson: watched }
      : { page: 'room', as: 'device', device: place.peek().device?.key }),
    lang: lang.peek(),
    joined_ms,
  }),
  on_event(event) {
    tellOwn(event);
    boardEvent(event);
    if (event.type === 'welcome') {
      roll.send();
    } else if (event.type === 'check.run') {
      openSetup(event.by ?? {});
    }
    if (event.type === 'welcome' && event.again) {
      receiver?.session.online(event.peers);
    } else if (event.type === 'media.gone') {
      receiver?.session.gone(event.peer, event.reason);
    }
  },
});

function become(/** @type {any} */ device) {
  const address = roomAddress(location.search, device.key);
  if (receiver) {
    location.replace(address); // enrolled anew: begin anew
    return;
  }
  history.replaceState(null, '', address);
  place.value = { is: 'device', device };
  live.socket.connect();
  if (wants_setup) {
    openSetup();
  }
}

function toLogin() {
  location.replace(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Where nothing says as whom, a teacher or co-teacher first: a training counts for the person. */
function watch(/** @type {any[]} */ accounts) {
  const roles = watches_as ? [watches_as] : ['teacher', 'coteacher', 'admin', 'auditor'];
  const role = roles.find((name) => accounts.some((account) => account.role === name));
  if (!role) {
    toLogin();
    return;
  }
  place.value = { is: 'watch', role };
  live.socket.connect();
}

async function find(tries = 0) {
  try {
    const { devices, accounts } = await api.get('/me');
    if (watched) {
      watch(accounts);
      return;
    }
    const found = pickDevice(devices, new URLSearchParams(location.search).get('device'));
    if (found.is === 'device') {
      become(found.device);
    } else {
      place.value = found;
    }
  } catch {
    // without a server nobody is asked for a code: it may be enrolled already
    setTimeout(() => find(tries + 1), backoffMs(tries));
  }
}

const acts = createActs({ socket: live.socket });

function onVideo(
  /** @type {'lesson' | 'board' | 'floor'} */ name,
  /** @type {HTMLVideoElement | null} */ video,
) {
  if (!video) {
    return;
  }
  if (name !== 'lesson') {
    receiver?.attach(name, video);
  } else if (!receiver) {
    receiver = new Receiver({
      socket: live.socket,
      video,
      dispatch: live.dispatch,
      ice_servers: () => live.state.peek().ice_servers,
      is_live: () => live.state.peek().lesson?.state === 'live',
      sender: watched ? null : startSending(),
    });
    follow(receiver);
  }
}

/** Media while a lesson may be joined, none otherwise. */
function follow(/** @type {Receiver} */ media) {
  let lesson = /** @type {string | null} */ (null);
  effect(() => {
    const state = live.state.value;
    const now = joinable(state.lesson) ? (state.lesson?.id ?? null) : null;
    const here = state.link === 'online' || (state.link === 'reconnecting' && lesson !== null);
    const wanted = here ? now : null;
    if (wanted === lesson) {
      return;
    }
    if (lesson !== null) {
      media.close();
      closeDevices('lesson');
    }
    lesson = wanted;
    if (wanted !== null) {
      openDevices('lesson');
      media.open();
      joinBoard(live.socket, wanted);
    }
  });
  effect(() => {
    // a microphone is on only while this room has the floor, whatever an older wish said
    const { send, class: lessonClass, you } = live.state.value;
    const ours = !lessonClass || lessonClass.floor?.room === you?.room?.id;
    wantSent({ layers: send.layers, audio: send.audio && ours });
  });
  effect(() => {
    // the lesson goes before everything
    if (live.state.value.lesson?.state === 'live') {
      setup.value = null;
    }
  });
  effect(() => {
    const { class: lessonClass, you, lesson: at } = live.state.value;
    const here = lessonClass?.rooms.find(({ id }) => id === you?.room?.id);
    if (here?.roll_call) {
      roll.seen(rollKey(at));
    }
  });
  effect(() => {
    // a lesson is heard: nobody needs to press anything for the next one
    if (live.state.value.picture && !live.state.value.sound_blocked) {
      gesture_needed.value = false;
    }
  });
  effect(() => {
    // a newer page at the server: taken up between lessons, when nobody watches
    if (live.state.value.stale && !joinable(live.state.value.lesson)) {
      location.reload();
    }
  });
}

function enrolAgain() {
  if (watched) {
    toLogin();
  } else {
    live.socket.close();
    place.value = { is: 'enrol' };
  }
}

/** The pupils that were there, kept before anything else. */
function mark(/** @type {{ expected: number, present: number }} */ counts) {
  const state = live.state.peek();
  const lesson = state.lesson?.state === 'scheduled' ? null : state.lesson;
  const of = lesson ?? state.last_ended;
  const room = state.you?.room?.id ?? place.peek().device?.room?.id;
  panel.value = null;
  if (of && room) {
    roll.mark(of, room, counts, Date.now() + state.clock_offset_ms);
    tellOwn({ type: 'own.said', key: 'room.said.roll', now_ms: Date.now() });
  }
}

/** @type {Record<string, (more?: any) => any>} */
const doing = {
  enrol: enrolAgain,
  gesture: () => {
    goFull();
    receiver?.play();
  },
  raise: acts.raise,
  lower: acts.lower,
  leave: acts.leave,
  roll: () => toggle('roll'),
  check: () => openSetup(),
  answer: ({ question, counts }) => acts.answer(question, counts),
  'roll.mark': mark,
  'panel.close': () => toggle(null),
  'panel.report': () => toggle('report'),
  'panel.roll': () => toggle('roll'),
  'panel.help': () => toggle('help'),
  'split.less': () => changeSplit(-1),
  'split.more': () => changeSplit(1),
  'hand.raise': acts.raise,
  'hand.lower': acts.lower,
};

/** Opens the check; `by`: who asked for it from afar, then it begins at once. @param {any} [by] */
async function openSetup(by) {
  const { device } = place.peek();
  if (!device || live.state.peek().lesson?.state === 'live') {
    return;
  }
  try {
    const view = await import('./setup/setup.jsx');
    panel.value = null;
    setup.value = view.Setup;
    if (by) {
      view.runCheck({ device, lesson: live.state.peek().lesson, by });
    }
  } catch {
    tellOwn({ type: 'own.said', key: 'room.said.not_sent', bad: true, now_ms: Date.now() });
  }
}

function toggle(/** @type {string | null} */ name) {
  panel.value = name === panel.peek() ? null : name;
  if (panel.peek() === null) {
    /** @type {HTMLElement | null} */ (document.querySelector('.bar button'))?.focus();
  }
}

/** @param {string} act @param {any} [more] */
function onAct(act, more) {
  const [group, what] = act.split('.');
  if (group === 'signal' || group === 'message') {
    panel.value = null;
    return group === 'signal' ? acts.signal(what) : acts.message(t(`room.report.${what}`));
  }
  return doing[act]?.(more);
}

function onKey(/** @type {KeyboardEvent} */ event) {
  if (place.peek().is !== 'device' || event.defaultPrevented || setup.peek()) {
    return;
  }
  if (back.has(event.key)) {
    if (panel.peek() !== null) {
      toggle(null);
    }
    return;
  }
  const act = actOf(event, { live: live.state.peek().lesson?.state === 'live' });
  if (act) {
    event.preventDefault();
    onAct(act);
  }
}

/** @param {{ devices: any[] }} props */
function Choose({ devices }) {
  const first = useRef(/** @type {HTMLButtonElement | null} */ (null));
  useEffect(() => first.current?.focus(), []);
  return (
    <main class="choose">
      <h1>{t('room.choose')}</h1>
      {devices.map((device, index) => (
        <button
          key={device.key}
          type="button"
          class="big"
          ref={index === 0 ? first : null}
          onClick={() => become(device)}
        >
          {[named(device.room, 'school'), named(device.room)].filter(Boolean).join(' · ')}
        </button>
      ))}
    </main>
  );
}

function Page() {
  const now = place.value;
  if (now.is === 'device' || now.is === 'watch') {
    const SetupView = setup.value;
    const lesson = live.state.value.lesson;
    return (
      <>
        <Lesson
          away={SetupView !== null}
          state={live.state}
          device={now.device ?? null}
          role={now.role ?? null}
          panel={panel}
          roll={roll}
          onVideo={onVideo}
          onAct={onAct}
        />
        {SetupView ? (
          <SetupView
            device={now.device}
            lesson={joinable(lesson) ? lesson : null}
            onClose={() => {
              setup.value = null;
            }}
          />
        ) : null}
      </>
    );
  }
  if (now.is === 'finding') {
    return (
      <main class="choose">
        <h1>{t('room.connecting')}</h1>
      </main>
    );
  }
  return (
    <>
      {now.is === 'choose' ? <Choose devices={now.devices} /> : <Enrol onDevice={become} />}
      <div class="corner">
        <LangSwitch />
      </div>
    </>
  );
}

document.documentElement.classList.add('tv');
mount(words, Page, { focus: true });
startClock(() => live.state.peek().clock_offset_ms);
document.addEventListener('keydown', onKey);
startSpatialKeys();
applyScreen();
watchAutoplay();
watchFull();
holdBack();
stayAwake();
addEventListener('online', () => live.socket.poke());
addEventListener('pagehide', () => live.socket.close('closed'));
find();
