// `/admin`: lessons and how they run, attendance, rooms, accounts, audit. Where in it: the part after `#`.
import { api } from '../core/api.js';
import { named, t } from '../core/i18n.js';
import { clock } from '../core/time.js';
import '../ui/bar.css';
import { Chip } from '../ui/chip.jsx';
import { now_ms, startClock } from '../ui/clock.js';
import { Icon } from '../ui/icons.jsx';
import { LangSwitch, mount } from '../ui/page.jsx';
import { startSpatialKeys } from '../ui/spatial.js';
import words from '../words/admin.js';
import check from '../words/check.js';
import status from '../words/status.js';
import timeline from '../words/timeline.js';
import { AccountsView } from './accounts.jsx';
import './admin.css';
import './happened.css';
import { AuditView } from './audit.jsx';
import { begin, live, may_change, me, route } from './data.js';
import { DayView } from './day.jsx';
import { LessonView } from './lesson.jsx';
import { RoomsView } from './rooms.jsx';
import { VisitsView } from './visits.jsx';

/** @type {[string, string][]} */
const tabs = [
  ['', 'admin.lessons'],
  ['rooms', 'admin.rooms'],
  ['visits', 'admin.visits'],
  ['accounts', 'admin.accounts'],
  ['audit', 'admin.audit'],
];

async function logout() {
  await api.post('/logout', { role: me.peek().role });
  location.replace('/');
}

function Header() {
  const { link, closing } = live.state.value;
  const calm = link === 'online' && !closing;
  const here = route.value[0] === 'lesson' ? '' : route.value[0];
  return (
    <header class="bar">
      <Icon name="logo" />
      <h1>{t('app.name')}</h1>
      <nav aria-label={t('admin.nav')}>
        {tabs.map(([view, word]) => (
          <a key={view} href={`#/${view}`} aria-current={here === view ? 'page' : undefined}>
            {t(word)}
          </a>
        ))}
      </nav>
      <span class="gap" />
      <Chip tone={calm ? 'good' : 'warn'}>
        {t(closing ? `link.closing.${closing}` : `link.${link}`)}
      </Chip>
      <time class="numbers">{clock(now_ms.value)}</time>
      <span>
        {named(me.value)} <small class="muted">{t(`role.${me.value.role}`)}</small>
      </span>
      <button type="button" class="quiet" onClick={logout}>
        {t('admin.logout')}
      </button>
      <LangSwitch />
    </header>
  );
}

function View() {
  const [view, id] = route.value;
  if (view === 'lesson' && id) {
    return <LessonView key={id} id={id} />;
  }
  const views = {
    rooms: RoomsView,
    visits: VisitsView,
    accounts: AccountsView,
    audit: AuditView,
  };
  const Chosen = views[view] ?? DayView;
  return <Chosen />;
}

function Page() {
  if (!me.value) {
    return <p class="waiting muted">{t('link.connecting')}</p>;
  }
  return (
    <div class="admin">
      <Header />
      {may_change.value ? null : <p class="note auditor">{t('admin.auditor')}</p>}
      <main>
        <View />
      </main>
    </div>
  );
}

mount({ ...status, ...check, ...timeline, ...words }, Page);
startClock(() => live.state.peek().clock_offset_ms);
startSpatialKeys();
addEventListener('online', () => live.socket.poke());
begin();
