// What every view of the administrator's page shares: who is here, where the page is, the live board.
import { computed, signal } from '@preact/signals';
import { api } from '../core/api.js';
import { lang } from '../core/i18n.js';
import { createLive, joined_ms, socketUrl } from '../core/live.js';

/** The account that this page acts as. */
export const me = signal(/** @type {any} */ (null));
/** An auditor sees everything and changes nothing. */
export const may_change = computed(() => me.value?.role === 'admin');

const readRoute = () => location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
/** `#/lesson/demo` → ['lesson', 'demo'] */
export const route = signal(readRoute());
addEventListener('hashchange', () => {
  route.value = readRoute();
  scrollTo(0, 0);
});

/** Counts what was changed: views that list lessons load again. */
export const changes = signal(0);

export const live = createLive({
  url: socketUrl(location),
  hello: () => ({ page: 'admin', as: me.peek()?.role, lang: lang.peek(), joined_ms }),
  on_event(event) {
    if (event.type === 'welcome') {
      loadBoard(event);
    } else if (event.type === 'lesson') {
      changes.value += 1;
    } else if (event.type === 'revoked') {
      toLogin();
    }
  },
});

export function toLogin() {
  location.replace('/login?next=/admin');
}

async function loadBoard(/** @type {any} */ welcome) {
  try {
    const lessons = welcome.lessons ?? (await api.get('/live')).lessons;
    live.dispatch({ type: 'board.loaded', lessons });
    if (welcome.again) {
      changes.value += 1; // what changed while the connection was away
    }
  } catch {
    // the next welcome loads it again
  }
}

export async function begin() {
  try {
    const { accounts } = await api.get('/me');
    const as = (/** @type {string} */ role) =>
      accounts.find((/** @type {any} */ a) => a.role === role);
    me.value = as('admin') ?? as('auditor') ?? null;
    if (!me.value) {
      toLogin();
      return;
    }
    live.socket.connect();
  } catch {
    setTimeout(begin, 1000);
  }
}

export const lessonPath = (/** @type {string} */ id) => `/lessons/${encodeURIComponent(id)}`;
