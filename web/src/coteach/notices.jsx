// What the co-teacher should know before anything else: no network, what waits, what was refused, signed out, roll call due.
import { t } from '../core/i18n.js';
import { problemText } from '../ui/problem.jsx';
import {
  fresh,
  item,
  lasting,
  live,
  marks,
  others,
  outbox,
  reminding,
  signed_out,
  today,
  toLogin,
  waiting,
} from './app.js';
import { shell } from './shell.js';
import { keyOf } from './today.js';

/** Why a mark was refused, in words of its own where a person can do something. */
function refusedText(/** @type {any} */ refused) {
  if (refused.field === 'marked_ms') {
    return t('coteach.refused.clock');
  }
  return refused.code === 'conflict' ? t('coteach.refused.cancelled') : problemText(refused);
}

function Refused() {
  return marks.value
    .filter(({ refused }) => refused)
    .map(({ op, path, body, refused }) => (
      <div class="note bad" role="alert" key={op}>
        <p>
          <strong>
            {t(path === '/rollcalls' ? 'coteach.refused.roll' : 'coteach.refused.handover')}
          </strong>{' '}
          {refusedText(refused)}
        </p>
        {path === '/rollcalls' ? (
          <p class="numbers">
            {t('coteach.roll.numbers', { present: body.present, expected: body.expected })}
          </p>
        ) : null}
        <button type="button" class="button plain" onClick={() => outbox.value?.drop(op)}>
          {t('coteach.refused.drop')}
        </button>
      </div>
    ));
}

function Link() {
  const count = waiting.value.length;
  const offline = today.value && !fresh.value && !signed_out.value;
  if (offline) {
    return (
      <p class="note warn">
        <strong>{t('coteach.offline')}</strong>{' '}
        {count > 0 ? t('coteach.offline.waiting', { n: count }) : t('coteach.offline.text')}
      </p>
    );
  }
  return count > 0 && !signed_out.value ? (
    <p class="note warn">{t('coteach.sending', { n: count })}</p>
  ) : null;
}

function Shell() {
  if (!lasting.value) {
    return <p class="note warn">{t('coteach.shell.memory')}</p>;
  }
  if (shell.value === 'insecure' || shell.value === 'refused') {
    return <p class="note">{t(`coteach.shell.${shell.value}`)}</p>;
  }
  return null;
}

export function Notices() {
  const stale = live.value?.state.value.stale;
  return (
    <div class="notices" role="status">
      {signed_out.value ? (
        <div class="note bad">
          <p>
            <strong>{t('coteach.signed_out')}</strong>{' '}
            {waiting.value.length > 0
              ? t('coteach.signed_out.waiting', { n: waiting.value.length })
              : t('coteach.signed_out.text')}
          </p>
          <a class="button act" href={toLogin()}>
            {t('coteach.login')}
          </a>
        </div>
      ) : null}
      <Refused />
      {reminding.value ? (
        <a class="note remind" href="#roll" key={keyOf(item.value)}>
          {t('coteach.remind')}
        </a>
      ) : null}
      <Link />
      {others.value > 0 ? (
        <p class="note warn">{t('coteach.others_marks', { n: others.value })}</p>
      ) : null}
      {stale ? (
        <p class="note">
          {t('coteach.stale')}{' '}
          <button type="button" class="quiet" onClick={() => location.reload()}>
            {t('coteach.reload')}
          </button>
        </p>
      ) : null}
      <Shell />
    </div>
  );
}
