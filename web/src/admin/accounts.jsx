// Accounts: who may sign in as what; a new password is shown once.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { named, t } from '../core/i18n.js';
import { Dialog } from '../ui/dialog.jsx';
import { useAct, useLoad } from '../ui/load.js';
import { Problem } from '../ui/problem.jsx';
import { Answers } from './answers.jsx';
import { may_change, me } from './data.js';

/** @param {{ account: any, onClose: () => void }} props */
function Reset({ account, onClose }) {
  const [password, setPassword] = useState(/** @type {string | null} */ (null));
  const { busy, error, act } = useAct();
  const reset = () =>
    act(async () => setPassword((await api.post(`/accounts/${account.id}/password`)).password));
  return (
    <Dialog title={t('accounts.reset.title', { name: named(account) })} onClose={onClose}>
      {password ? (
        <>
          <p class="password">{password}</p>
          <p>{t('accounts.reset.once', { login: account.login })}</p>
          <div class="row">
            <button type="button" class="button act" onClick={onClose}>
              {t('accounts.reset.noted')}
            </button>
          </div>
        </>
      ) : (
        <>
          <p>{t('accounts.reset.text')}</p>
          <Answers
            error={error}
            busy={busy}
            act={t('accounts.reset')}
            onClose={onClose}
            onAct={reset}
            apart
          />
        </>
      )}
    </Dialog>
  );
}

export function AccountsView() {
  const { data, error } = useLoad(() => api.get('/accounts'), []);
  const [resetting, setResetting] = useState(/** @type {any} */ (null));
  return (
    <>
      <div class="heading">
        <h2>{t('admin.accounts')}</h2>
      </div>
      <Problem error={error} />
      <div class="panel">
        <table>
          <thead>
            <tr>
              <th>{t('accounts.name')}</th>
              <th>{t('accounts.login')}</th>
              <th>{t('accounts.role')}</th>
              <th>{t('accounts.school')}</th>
              <th>
                <span class="sr">{t('accounts.reset')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {(data?.accounts ?? []).map((/** @type {any} */ account) => (
              <tr key={account.id}>
                <td>
                  <strong>{named(account)}</strong>
                </td>
                <td>{account.login}</td>
                <td>{t(`role.${account.role}`)}</td>
                <td>{named(account, 'school')}</td>
                <td class="right">
                  {account.disabled ? <span class="muted">{t('accounts.disabled')}</span> : null}
                  {may_change.value && !account.disabled ? (
                    <button
                      type="button"
                      class="button plain"
                      onClick={() => setResetting(account)}
                    >
                      {t('accounts.reset')}
                    </button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {resetting ? (
        <Reset
          account={resetting}
          onClose={() => {
            const own = resetting.id === me.peek()?.id;
            setResetting(null);
            if (own) {
              location.reload(); // all sessions of the account have ended, this one too
            }
          }}
        />
      ) : null}
    </>
  );
}
