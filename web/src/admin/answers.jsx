// How each of the administrator's dialogs ends: what went wrong, the way back, the act.
import { t } from '../core/i18n.js';
import { Problem } from '../ui/problem.jsx';

/**
 * Without `onAct` the act submits the form around it.
 * @param {{
 *   error: any, busy: boolean, act: string, onClose: () => void, onAct?: () => void, danger?: boolean,
 *   apart?: boolean,
 * }} props
 */
export function Answers({ error, busy, act, onClose, onAct, danger = false, apart = false }) {
  return (
    <>
      <Problem error={error} />
      <div class={apart ? 'row apart' : 'row'}>
        <button type="button" class="button plain" onClick={onClose}>
          {t('form.cancel')}
        </button>
        <button
          type={onAct ? 'button' : 'submit'}
          class={`button ${danger ? 'danger' : 'act'}`}
          disabled={busy}
          onClick={onAct}
        >
          {act}
        </button>
      </div>
    </>
  );
}
