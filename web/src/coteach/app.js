// What the co-teacher's page knows and does: the list of today's lessons, the marks that wait, the lesson that is looked at.
import { computed, effect, signal } from '@preact/signals';
import { api } from '../core/api.js';
import { lang } from '../core/i18n.js';
import { createLive, joined_ms, socketUrl } from '../core/live.js';
import { now_ms, startClock } from '../ui/clock.js';
import { openKeep } from './keep.js';
import { Outbox } from './outbox.js';
import { startShell } from './shell.js';
import { currentOf, keyOf, phaseOf, remind } from './today.js';

const refresh_ms = 60_000;

/** GET /coteach, as it was last heard. */
export const today = signal(/** @type {any} */ (null));
/** Whether it was heard a moment ago: not, where there is no network. */
export const fresh = signal(false);
export const error = signal(/** @type {any} */ (null));
/** Nobody is signed in any more. */
export const signed_out = signal(false);
/** Marks are kept when the page is closed. */
export const lasting = signal(true);
/** The lesson that a person chose; null: the current one. */
export const chosen = signal(/** @type {string | null} */ (null));
export const live = signal(/** @type {ReturnType<typeof createLive> | null} */ (null));
export const outbox = signal(/** @type {Outbox | null} */ (null));

let offset_ms = 0;
/** Of several requests at once the newest says whether there is a network. */
let requests = 0;
/** @type {import('./keep.js').Keep} */
let keep;

export const marks = computed(() => {
  const account = today.value?.account.id;
  return (outbox.value?.marks.value ?? []).filter((mark) => mark.account === account);
});
export const waiting = computed(() => marks.value.filter(({ refused }) => !refused));
/** Of another co-teacher on this machine: sent when they sign in. */
export const others = computed(() => (outbox.value?.marks.value.length ?? 0) - marks.value.length);

/** The list, each lesson as the WebSocket knows it. */
export const items = computed(() =>
  (today.value?.lessons ?? []).map((/** @type {any} */ item) => {
    const lesson = live.value?.state.value.lesson;
    return lesson?.id === item.lesson.id
      ? { ...item, lesson: { ...item.lesson, ...lesson } }
      : item;
  }),
);
const minute = computed(() => Math.floor(now_ms.value / 10_000) * 10_000);
export const item = computed(
  () =>
    items.value.find((/** @type {any} */ one) => keyOf(one) === chosen.value) ??
    currentOf(items.value, minute.value),
);
export const reminding = computed(() => remind(item.value, marks.value, minute.value));

export const toLogin = () => '/login?next=/coteach&reason=expired';

async function setToday(/** @type {any} */ value) {
  today.value = value;
  await keep.setLast(value).catch(() => {
    // the open page has it
  });
}

/** Asks for the list again, then sends what waits. */
export async function refresh() {
  requests += 1;
  const request = requests;
  try {
    const answer = await api.get('/coteach');
    offset_ms = answer.server_ms - Date.now();
    await setToday(answer);
    fresh.value = request === requests || fresh.peek();
    error.value = null;
    signed_out.value = false;
  } catch (problem) {
    fresh.value = request !== requests && fresh.peek();
    signed_out.value = signed_out.peek() || problem.status === 401;
    error.value = today.peek() && problem.code === 'offline' ? null : problem;
    if (
      problem.status === 401 &&
      (outbox.peek()?.marks.peek().length ?? 0) === 0 &&
      !today.peek()
    ) {
      location.replace('/login?next=/coteach');
    }
  }
  await outbox.peek()?.flush();
}

/** The server has it: so does the list, until the next one comes. */
function onSent(/** @type {import('./outbox.js').Mark} */ mark, /** @type {any} */ answer) {
  const now = today.peek();
  fresh.value = true;
  if (!now) {
    return;
  }
  const field = mark.path === '/rollcalls' ? 'roll_call' : 'duty';
  setToday({
    ...now,
    lessons: now.lessons.map((/** @type {any} */ one) =>
      one.lesson.id === mark.body.lesson && one.room.id === mark.body.room
        ? { ...one, [field]: newer(one[field], answer), ...expectedOf(field, answer) }
        : one,
    ),
  });
}

const newer = (/** @type {any} */ old, /** @type {any} */ answer) =>
  old && old.marked_ms > answer.marked_ms ? old : answer;

const expectedOf = (/** @type {string} */ field, /** @type {any} */ answer) =>
  field === 'roll_call' ? { expected: answer.expected } : {};

/** The WebSocket of the lesson that is looked at. */
function follow(/** @type {any} */ of) {
  const made = createLive({
    url: socketUrl(location),
    hello: () => ({
      page: 'coteach',
      as: 'coteacher',
      lesson: of.lesson.id,
      room: of.room.id,
      lang: lang.peek(),
      joined_ms,
    }),
    on_event: (event) => onEvent(made, of, event),
  });
  made.socket.connect();
  return made;
}

function onEvent(/** @type {any} */ made, /** @type {any} */ of, /** @type {any} */ event) {
  if (event.type === 'welcome') {
    offset_ms = event.server_ms - Date.now();
    fresh.value = true;
    refresh();
  } else if (event.type === 'socket.reconnecting') {
    fresh.value = false;
  } else if (event.type === 'revoked' || event.code === 'unauthenticated') {
    signed_out.value = true;
  } else if (event.type === 'class') {
    lookAtRoll(made, of);
  }
}

/** The room's own page may have called the roll. */
function lookAtRoll(/** @type {any} */ made, /** @type {any} */ of) {
  const room = made.state
    .peek()
    .class?.rooms.find((/** @type {any} */ one) => one.id === of.room.id);
  const known = today.peek()?.lessons.find((/** @type {any} */ one) => keyOf(one) === keyOf(of));
  if (room?.roll_call && room.roll_call.at_ms > (known?.roll_call?.marked_ms ?? 0)) {
    refresh();
  }
}

/** The room as the class sees it, or null. */
export const roomNow = computed(() => {
  const state = live.value?.state.value;
  return state?.link === 'online'
    ? (state.class?.rooms.find((one) => one.id === item.value?.room.id) ?? null)
    : null;
});

function followChosen() {
  let key = '';
  effect(() => {
    const now = item.value;
    const on =
      now && !signed_out.value && !['cancelled', 'after'].includes(phaseOf(now, now_ms.peek()));
    const next = on ? keyOf(now) : '';
    if (next !== key) {
      key = next;
      live.peek()?.socket.close('left');
      live.value = on ? follow(now) : null;
    }
  });
}

/** The title says it, and the telephone hums where it may. */
function startReminding() {
  let reminded = false;
  effect(() => {
    if (reminding.value && !reminded) {
      try {
        // a browser refuses it, loudly, on a page that nobody has touched yet
        if (navigator.userActivation?.hasBeenActive) {
          navigator.vibrate?.([120, 80, 120]);
        }
      } catch {
        // not allowed before a person has touched the page
      }
    }
    reminded = reminding.value;
  });
}

function comeBack() {
  live.peek()?.socket.poke();
  refresh();
}

export async function start() {
  keep = await openKeep();
  lasting.value = keep.lasting;
  const box = new Outbox({
    store: keep,
    post: (path, body) => api.post(path, body),
    account: () => today.peek()?.account.id ?? null,
    offset_ms: () => offset_ms,
    on_sent: onSent,
  });
  await box.read().catch(() => {});
  outbox.value = box;
  effect(() => {
    signed_out.value = signed_out.peek() || box.login.value;
  });
  const last = await keep.last().catch(() => null);
  today.value = last;
  startClock(() => offset_ms);
  await refresh();
  followChosen();
  startReminding();
  addEventListener('online', comeBack);
  addEventListener('offline', () => {
    fresh.value = false;
    refresh();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') {
      comeBack();
    }
  });
  addEventListener('pagehide', () => live.peek()?.socket.close('closed'));
  setInterval(refresh, refresh_ms);
  await startShell();
}

/** Keeps a roll call or a handover; what waited for the same and was refused goes. */
export async function mark(/** @type {string} */ path, /** @type {any} */ body) {
  const box = outbox.peek();
  const kept = (await box?.add(path, body)) ?? false;
  for (const old of kept ? marks.peek() : []) {
    if (old.refused && old.path === path && sameRoom(old.body, body)) {
      await box?.drop(old.op);
    }
  }
  return kept;
}

const sameRoom = (/** @type {any} */ a, /** @type {any} */ b) =>
  a.lesson === b.lesson && a.room === b.room;
