// `/login`: signs a person in; a teacher then chooses one of today's lessons.
import { signal } from '@preact/signals';
import { api } from '../core/api.js';
import { named, t } from '../core/i18n.js';
import { home, lessonsOf, safeNext } from '../core/next.js';
import { Chip } from '../ui/chip.jsx';
import { Front } from '../ui/front.jsx';
import { mount } from '../ui/page.jsx';
import { Problem } from '../ui/problem.jsx';
import { lessonTone, stateOf } from '../ui/status.js';
import { timesOf } from '../ui/who.js';
import words from '../words/login.js';
import status from '../words/status.js';

const query = new URLSearchParams(location.search);
const busy = signal(false);
const problem = signal(/** @type {any} */ (null));
/** A teacher's lessons of today: those to give and the trainings to attend. */
const lessons = signal(/** @type {any[] | null} */ (null));

async function showLessons() {
  const { accounts } = await api.get('/me');
  const as = (/** @type {string} */ role) =>
    accounts.find((/** @type {any} */ a) => a.role === role);
  const account = as('teacher') ?? as('coteacher');
  if (account) {
    const { lessons: all } = await api.get('/lessons');
    lessons.value = lessonsOf(account, all);
  }
}

async function submit(/** @type {SubmitEvent} */ event) {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  busy.value = true;
  problem.value = null;
  try {
    const { account } = await api.post('/login', {
      login: String(form.get('login')).trim(),
      password: form.get('password'),
    });
    const next = safeNext(query.get('next')) ?? home(account.role);
    if (next.startsWith('/login')) {
      await showLessons();
      busy.value = false;
    } else {
      location.replace(next);
    }
  } catch (error) {
    problem.value = error;
    busy.value = false;
  }
}

function Form() {
  return (
    <form class="card" onSubmit={submit}>
      <h1>{t('login.title')}</h1>
      {query.get('reason') === 'expired' && !problem.value ? (
        <p class="note warn">{t('login.expired')}</p>
      ) : null}
      <label class="field">
        <span>{t('login.login')}</span>
        <input name="login" autocomplete="username" autocapitalize="none" required maxLength={64} />
      </label>
      <label class="field">
        <span>{t('login.password')}</span>
        <input
          name="password"
          type="password"
          autocomplete="current-password"
          required
          maxLength={256}
        />
      </label>
      <Problem error={problem.value} />
      {problem.value?.retry_after_s ? (
        <p class="muted">{t('login.wait', { seconds: problem.value.retry_after_s })}</p>
      ) : null}
      <button type="submit" class="button act" disabled={busy.value}>
        {busy.value ? t('login.busy') : t('login.submit')}
      </button>
      <p class="muted">{t('login.forgot')}</p>
    </form>
  );
}

async function logout() {
  await api.post('/logout');
  lessons.value = null;
}

function Lessons() {
  return (
    <div class="card wide">
      <h1>{t('login.lessons')}</h1>
      {lessons.value?.length ? (
        <ul>
          {lessons.value.map((lesson) => (
            <li key={lesson.id}>
              <a class="button plain" href={lesson.page}>
                <strong>{named(lesson, 'title')}</strong>
                <span class="numbers">{timesOf(lesson)}</span>
                <Chip tone={lessonTone[lesson.state]}>{t(`lesson.state.${stateOf(lesson)}`)}</Chip>
              </a>
            </li>
          ))}
        </ul>
      ) : (
        <p>{t('login.no_lessons')}</p>
      )}
      <button type="button" class="button plain" onClick={logout}>
        {t('login.logout')}
      </button>
    </div>
  );
}

function Page() {
  return <Front>{lessons.value ? <Lessons /> : <Form />}</Front>;
}

mount({ ...status, ...words }, Page);
if (query.get('for') === 'teacher') {
  showLessons().catch(() => {
    // not signed in yet: the form is there
  });
}
