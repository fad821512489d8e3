// `/teach/{lesson}`: preview, one button to be on air, everybody at a glance, end.
import { effect } from '@preact/signals';
import { lang, named, t } from '../core/i18n.js';
import { createLive, joined_ms, socketUrl } from '../core/live.js';
import { joinable } from '../core/protocol.js';
import { clock } from '../core/time.js';
import { Attendees } from '../ui/attendees.jsx';
import '../ui/bar.css';
import { Chip } from '../ui/chip.jsx';
import { now_ms, startClock } from '../ui/clock.js';
import { Icon } from '../ui/icons.jsx';
import { LangSwitch, mount } from '../ui/page.jsx';
import { Problem } from '../ui/problem.jsx';
import { startSpatialKeys } from '../ui/spatial.js';
import { lessonTone, stateOf } from '../ui/status.js';
import { timesOf } from '../ui/who.js';
import status from '../words/status.js';
import words from '../words/teach.js';
import { Controls } from './controls.jsx';
import { Desk } from './desk.js';
import { Devices, Picture, Sound } from './preview.jsx';
import { airSaid } from './said.js';
import './teach.css';

const lesson_id = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const toLogin = () => location.replace(`/login?next=${encodeURIComponent(location.pathname)}`);

const live = createLive({
  url: socketUrl(location),
  hello: () => ({
    page: 'teach',
    as: 'teacher',
    lesson: lesson_id,
    lang: lang.peek(),
    joined_ms,
  }),
  on_event(event) {
    if (event.type === 'welcome') {
      onWelcome(event);
    } else if (event.type === 'media.gone') {
      desk.publisher.session.gone(event.peer, event.reason);
    } else if (event.type === 'revoked' || event.code === 'unauthenticated') {
      toLogin();
    }
  },
});
const desk = new Desk(live, lesson_id);
let opened = false;
/** Camera and microphone, open or refused: they need no server. @type {Promise<void>} */
let devices = Promise.resolve();

function onWelcome(/** @type {any} */ { again, peers }) {
  if (again) {
    desk.online(peers);
  }
  if (!opened) {
    opened = true;
    devices.then(() => {
      if (desk.wasOnAir() && joinable(live.state.peek().lesson)) {
        desk.start();
      }
    });
  }
}

effect(() => {
  const { lesson, link } = live.state.value;
  if (link === 'online' && desk.wanted.peek() && !joinable(lesson)) {
    desk.stop(); // the lesson was ended elsewhere
  }
});

/** Is there somebody signed in? The WebSocket's refusal alone does not say. */
async function begin() {
  try {
    const response = await fetch('/api/v1/me', { cache: 'no-store' });
    const { accounts } = response.ok ? await response.json() : { accounts: [] };
    if (!accounts.some((/** @type {any} */ account) => account.role === 'teacher')) {
      toLogin();
      return;
    }
  } catch {
    // no server yet: the socket goes on trying
  }
  devices = desk.begin();
  live.socket.connect();
}

function Header() {
  const { lesson, link, closing, you } = live.state.value;
  const calm = link === 'online' && !closing;
  return (
    <header class="bar">
      <Icon name="logo" />
      <h1>{lesson ? named(lesson, 'title') : t('app.name')}</h1>
      {lesson ? (
        <>
          <span class="numbers muted">{timesOf(lesson)}</span>
          <Chip tone={lessonTone[lesson.state]}>{t(`lesson.state.${stateOf(lesson)}`)}</Chip>
        </>
      ) : null}
      <span class="gap" />
      <Chip tone={calm ? 'good' : 'warn'}>
        {t(closing ? `link.closing.${closing}` : `link.${link}`)}
      </Chip>
      <time class="numbers">{clock(now_ms.value)}</time>
      <span>{named(you)}</span>
      <LangSwitch />
    </header>
  );
}

function Air() {
  const state = live.state.value;
  const said = airSaid({
    link: state.link,
    wanted: desk.wanted.value,
    sending: desk.sending.value,
    taken: desk.taken.value,
    lesson: state.lesson,
    publisher: state.publisher,
    you: state.you,
    playing: state.rooms.filter((room) => room.state === 'playing').length,
    expected: state.rooms.length,
  });
  return (
    <p class={`air ${said.tone}`} role="status">
      {t(said.key, said.values)}
    </p>
  );
}

function Everybody() {
  const { rooms, lesson, link } = live.state.value;
  const count = link === 'online' ? 'teach.count' : 'teach.count.before';
  const playing = rooms.filter((room) => room.state === 'playing').length;
  return (
    <aside class="everybody">
      <h2>
        {t(lesson?.kind === 'training' ? 'teach.persons' : 'teach.rooms')}
        {lesson ? (
          <span class="numbers">{t(count, { playing, expected: rooms.length })}</span>
        ) : null}
      </h2>
      {lesson && rooms.length === 0 ? <p class="muted">{t('teach.nobody')}</p> : null}
      <Attendees rooms={rooms} />
    </aside>
  );
}

function Page() {
  const { link, refused, lesson } = live.state.value;
  return (
    <div class="teach">
      <Header />
      {link === 'refused' ? (
        <main class="refused">
          <Problem error={{ code: refused ?? 'internal' }} />
          <a class="button plain" href="/login?for=teacher">
            {t('teach.other_lesson')}
          </a>
        </main>
      ) : (
        <main class="desk">
          <section class="mine" aria-label={t('teach.mine')}>
            <Air />
            <Picture desk={desk} />
            <div class="inputs">
              <Devices desk={desk} />
              <Sound desk={desk} />
            </div>
            <Controls desk={desk} lesson={lesson} />
          </section>
          <Everybody />
        </main>
      )}
    </div>
  );
}

mount({ ...status, ...words }, Page);
startClock(() => live.state.peek().clock_offset_ms);
startSpatialKeys();
addEventListener('online', () => live.socket.poke());
addEventListener('pagehide', () => live.socket.close('closed'));
addEventListener('keydown', (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(
    /** @type {HTMLElement} */ (event.target).tagName,
  );
  if (event.key === ' ' && !typing && desk.wanted.peek()) {
    event.preventDefault();
    desk.setMuted(!desk.muted.peek());
  }
});
begin();
