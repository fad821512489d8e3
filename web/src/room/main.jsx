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
import { gesture_needed, watchAutoplay } from './autoplay.js';
import { pickDevice, roomAddress } from './device.js';
import { Enrol } from './enrol.jsx';
import { goFull, holdBack, stayAwake, watchFull } from './full.js';
import { Lesson } from './lesson.jsx';
import './room.css';

/** @type {import('@preact/signals').Signal<any>} */
const place = signal({ is: 'finding' });
/** `/room?watch=ID`: a person watches a training, signed in, instead of a room. */
const watched = new URLSearchParams(location.search).get('watch');
/** @type {Receiver | null} */
let receiver = null;

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
}

/** A teacher or co-teacher first: a training counts for the person. */
function watch(/** @type {any[]} */ accounts) {
  const roles = ['teacher', 'coteacher', 'admin', 'auditor'];
  const role = roles.find((name) => accounts.some((account) => account.role === name));
  if (!role) {
    location.replace(`/login?next=${encodeURIComponent(`/room?watch=${watched}`)}`);
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

function onVideo(/** @type {HTMLVideoElement | null} */ video) {
  if (!video || receiver) {
    return;
  }
  receiver = new Receiver({
    socket: live.socket,
    video,
    dispatch: live.dispatch,
    ice_servers: () => live.state.peek().ice_servers,
    is_live: () => live.state.peek().lesson?.state === 'live',
  });
  follow(receiver);
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
    }
    lesson = wanted;
    if (wanted !== null) {
      media.open();
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

function onAct(/** @type {string} */ act) {
  if (act === 'enrol' && watched) {
    location.assign('/login');
  } else if (act === 'enrol') {
    live.socket.close();
    place.value = { is: 'enrol' };
  } else {
    goFull();
    receiver?.player.play();
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
    return <Lesson state={live.state} room={now.device?.room} onVideo={onVideo} onAct={onAct} />;
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
startSpatialKeys();
watchAutoplay();
watchFull();
holdBack();
stayAwake();
addEventListener('online', () => live.socket.poke());
addEventListener('pagehide', () => live.socket.close('closed'));
find();
