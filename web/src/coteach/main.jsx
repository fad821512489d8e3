// `/coteach`: the co-teacher's page, for a telephone in the village classroom.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { named, t } from '../core/i18n.js';
import { clock, date } from '../core/time.js';
import { Chip } from '../ui/chip.jsx';
import { now_ms } from '../ui/clock.js';
import { Icon } from '../ui/icons.jsx';
import { LangSwitch, mount } from '../ui/page.jsx';
import { Problem } from '../ui/problem.jsx';
import { lessonTone, stateOf } from '../ui/status.js';
import { timesOf } from '../ui/who.js';
import checkWords from '../words/check.js';
import words from '../words/coteach.js';
import status from '../words/status.js';
import { chosen, error, item, items, reminding, start, today } from './app.js';
import './coteach.css';
import { Handover } from './handover.jsx';
import { Asked, InLesson } from './lesson.jsx';
import { Notices } from './notices.jsx';
import { RollCall } from './roll.jsx';
import { keyOf, phaseOf } from './today.js';

const phase = () => phaseOf(item.value, now_ms.value);

/** @param {{ lesson: any }} props */
const State = ({ lesson }) => (
  <Chip tone={lessonTone[lesson.state]}>{t(`lesson.state.${stateOf(lesson)}`)}</Chip>
);

function Lesson() {
  const { lesson, room } = item.value;
  return (
    <section class="lesson" aria-label={t('coteach.lesson')}>
      <p class="row">
        <strong class="numbers">{timesOf(lesson)}</strong>
        <State lesson={lesson} />
      </p>
      <h2>{named(lesson, 'title')}</h2>
      <p class="muted">{[named(lesson.teacher), named(room)].filter(Boolean).join(' · ')}</p>
    </section>
  );
}

function Others() {
  const rest = items.value.filter((/** @type {any} */ one) => keyOf(one) !== keyOf(item.value));
  if (rest.length === 0) {
    return null;
  }
  const choose = (/** @type {string} */ key) => {
    chosen.value = key;
    scrollTo({ top: 0 });
  };
  return (
    <nav class="panel" aria-label={t('coteach.others')}>
      <h2>{t('coteach.others')}</h2>
      <ul class="others">
        {rest.map((/** @type {any} */ one) => (
          <li key={keyOf(one)}>
            <button type="button" class="button plain" onClick={() => choose(keyOf(one))}>
              <span class="numbers">{timesOf(one.lesson)}</span>
              <span class="title">{named(one.lesson, 'title')}</span>
              <State lesson={one.lesson} />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Day() {
  if (!today.value) {
    return error.value ? <Problem error={error.value} /> : <p>{t('coteach.loading')}</p>;
  }
  if (!item.value) {
    return <p class="panel empty">{t('coteach.none')}</p>;
  }
  const key = keyOf(item.value);
  return (
    <>
      <div class="column">
        <Lesson />
        {phase() === 'cancelled' ? (
          <p class="note warn">{t('coteach.cancelled')}</p>
        ) : (
          <RollCall key={`roll ${key}`} />
        )}
      </div>
      <div class="column">
        <InLesson key={`in ${key}`} />
        {phase() === 'cancelled' ? null : <Handover key={`handover ${key}`} />}
        <Others />
        <a class="muted" href="/login?for=teacher">
          {t('coteach.trainings')}
        </a>
      </div>
    </>
  );
}

function Page() {
  const title = useSignal('');
  const { school, account, server_ms } = today.value ?? {};
  title.value = `${reminding.value ? `● ${t('coteach.remind.short')} · ` : ''}${t('coteach.title')}`;
  useEffect(() => {
    document.title = title.value;
  }, [title.value]);
  const old = server_ms && date(server_ms) !== date(now_ms.value);
  return (
    <div class="coteach">
      <header>
        <Icon name="logo" />
        <h1>
          <span>{named(school) || t('coteach.title')}</span>
          <small>{named(account)}</small>
        </h1>
        <time class="numbers">{clock(now_ms.value)}</time>
        <LangSwitch />
      </header>
      <main>
        <Notices />
        {old ? <p class="note warn">{t('coteach.old', { date: date(server_ms) })}</p> : null}
        <Asked />
        <div class="columns">
          <Day />
        </div>
      </main>
    </div>
  );
}

mount({ ...status, ...checkWords, ...words }, Page);
start();
