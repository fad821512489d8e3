// An error said to the person: in words by its code, the server's detail beneath.
import { t } from '../core/i18n.js';

const known = new Set(
  [
    'offline unauthenticated forbidden not_found conflict bad_request bad_field too_large codec',
    'rate_limited unavailable expired wrong_password revoked precondition_failed internal timeout',
  ]
    .join(' ')
    .split(' '),
);

/** The sentence for an error's code. @param {{ code?: string }} error */
export function problemText(error) {
  return t(`problem.${known.has(error.code ?? '') ? error.code : 'internal'}`);
}

/** @param {{ error: any }} props */
export function Problem({ error }) {
  if (!error) {
    return null;
  }
  const detail = error.detail || error.text;
  return (
    <p class="note bad" role="alert">
      {problemText(error)}
      {detail ? <small class="detail">{detail}</small> : null}
    </p>
  );
}
