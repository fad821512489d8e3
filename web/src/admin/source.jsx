// Sets what a lesson shows while no teacher is on air.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { t } from '../core/i18n.js';
import { Dialog } from '../ui/dialog.jsx';
import { useAct } from '../ui/load.js';
import { Answers } from './answers.jsx';
import { lessonPath, live } from './data.js';

const inputs = {
  demo: [],
  file: ['path'],
  rtsp: ['url', 'user', 'password'],
  v4l2: ['device', 'alsa'],
  none: [],
};
const required = new Set(['path', 'url', 'device']);

/** @param {{ lesson: any, onClose: () => void, onDone: () => void }} props */
export function SourceForm({ lesson, onClose, onDone }) {
  // begins with what the lesson has now
  const now = live.state.peek().board[lesson.id]?.source?.kind;
  const [kind, setKind] = useState(now in inputs ? now : 'demo');
  const { busy, error, act } = useAct();
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const source = { kind, ...(kind === 'file' ? { loop: form.get('loop') === 'on' } : {}) };
    for (const name of inputs[kind]) {
      if (form.get(name)) {
        source[name] = form.get(name);
      }
    }
    if (await act(() => api.put(`${lessonPath(lesson.id)}/source`, source))) {
      onDone();
    }
  };
  return (
    <Dialog title={t('source.title')} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <p class="muted">{t('source.text')}</p>
        <label class="field">
          <span>{t('source.kind')}</span>
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            {Object.keys(inputs).map((name) => (
              <option key={name} value={name}>
                {t(`source.kind.${name}`)}
              </option>
            ))}
          </select>
        </label>
        {inputs[kind].map((/** @type {string} */ name) => (
          <label key={name} class="field">
            <span>{t(`source.${name}`)}</span>
            <input
              name={name}
              type={/** @type {any} */ (name === 'password' ? 'password' : 'text')}
              autocomplete="off"
              required={required.has(name)}
              placeholder={name === 'url' ? 'rtsp://192.168.1.64/stream1' : ''}
            />
          </label>
        ))}
        {kind === 'file' ? (
          <label class="check">
            <input type="checkbox" name="loop" defaultChecked />
            <span>{t('source.loop')}</span>
          </label>
        ) : null}
        <Answers error={error} busy={busy} act={t('source.submit')} onClose={onClose} />
      </form>
    </Dialog>
  );
}
