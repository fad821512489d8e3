// `/teach/{lesson}`: the rooms at a glance, who has the floor and who wants it, the board, and one button to be on air.
import { named, t } from '../core/i18n.js';
import { clock } from '../core/time.js';
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
import { begin, board_only, classroom, desk, hand, live } from './app.js';
import { BoardPage } from './boardpage.jsx';
import { Controls } from './controls.jsx';
import { actOf } from './keys.js';
import { Me } from './me.jsx';
import { Queue } from './queue.jsx';
import { Announce, Said } from './said.jsx';
import { Stage } from './stage.jsx';
import { Tiles } from './tiles.jsx';
import { Tools } from './tools.jsx';
import { FloorSound } from './video.jsx';
import './teach.css';

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

function Page() {
  const { link, refused } = live.state.value;
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
      ) : board_only ? (
        <BoardPage classroom={classroom} />
      ) : (
        <main class={classroom.stage.value === 'board' ? 'desk writing' : 'desk'}>
          <Said classroom={classroom} desk={desk} />
          <Tiles classroom={classroom} />
          <Stage classroom={classroom} desk={desk} />
          <aside class="side">
            {classroom.stage.value === 'me' ? null : <Me desk={desk} />}
            <Queue classroom={classroom} />
            <Tools classroom={classroom} />
          </aside>
          <Controls desk={desk} classroom={classroom} />
        </main>
      )}
      <FloorSound stream={classroom.streams.value['floor.audio']} />
      <Announce classroom={classroom} />
    </div>
  );
}

/** @type {Record<string, () => void>} */
const acts = {
  next: () => classroom.next(),
  music: () => classroom.running.peek() && classroom.toggleMusic(),
  mute: () => desk.setMuted(!desk.muted.peek()),
  board: () => classroom.toggleBoard(),
  take: () => classroom.acts.take(),
  'slide.next': () => hand.step(1),
  'slide.back': () => hand.step(-1),
};

function onKey(/** @type {KeyboardEvent} */ event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const act = actOf(event, {
    typing: /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName),
    dialog: Boolean(document.querySelector('dialog[open]') || target.closest('.all-pages')),
    on_button: /^(BUTTON|A|SUMMARY)$/.test(target.tagName) && target.matches(':focus-visible'),
    on_air: desk.wanted.peek(),
    board: board_only || classroom.stage.peek() === 'board',
    floor: Boolean(live.state.peek().class?.floor) || classroom.acts.busy('floor.give'),
  });
  if (act) {
    event.preventDefault();
    event.stopPropagation();
    acts[act]();
  }
}

mount({ ...status, ...words }, Page);
startClock(() => live.state.peek().clock_offset_ms);
addEventListener('keydown', onKey, true);
startSpatialKeys();
addEventListener('online', () => live.socket.poke());
addEventListener('pagehide', () => live.socket.close('closed'));
begin();
