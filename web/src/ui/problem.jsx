// An error said to the person: in words by its code, the server's detail beneath.
import { lang, t } from '../core/i18n.js';

const known = new Set(
  [
    'offline unauthenticated forbidden not_found conflict bad_request bad_field too_large codec',
    'rate_limited unavailable expired wrong_password revoked precondition_failed internal timeout',
    'length_required unsupported_type replaced',
  ]
    .join(' ')
    .split(' '),
);

/** Whose sentence says it all. */
const plain = new Set(['wrong_password', 'unauthenticated', 'offline', 'timeout', 'expired']);

/** Fields with a sentence of their own where they conflict. */
const fields = new Set(['teacher_id', 'room_ids', 'start_ms']);

/** The sentence for an error's code. @param {{ code?: string, field?: string }} error */
export function problemText(error) {
  if (error.code === 'conflict' && fields.has(error.field ?? '')) {
    return t(`problem.conflict.${error.field}`);
  }
  return t(`problem.${known.has(error.code ?? '') ? error.code : 'internal'}`);
}

/** @param {{ error: any }} props */
export function Problem({ error }) {
  if (!error) {
    return null;
  }
  const detail = plain.has(error.code) ? '' : error.detail || error.text;
  return (
    <div class="note bad" role="alert">
      {problemText(error)}
      {detail && lang.value === 'en' ? <small class="detail">{detail}</small> : null}
      {detail && lang.value !== 'en' ? (
        <details>
          <summary>{t('problem.details')}</summary>
          <small class="detail">{detail}</small>
        </details>
      ) : null}
    </div>
  );
}
