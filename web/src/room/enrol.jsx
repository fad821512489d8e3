// Six digits make this computer the computer of a room. Keys, a keypad, a remote: all type.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../core/api.js';
import { t } from '../core/i18n.js';
import { problemText } from '../ui/problem.jsx';

const length = 6;
const code = signal('');
const busy = signal(false);
const problem = signal(/** @type {any} */ (null));

async function send(/** @type {(device: any) => void} */ onDevice) {
  busy.value = true;
  try {
    const { device, room } = await api.post('/enrol', { code: code.value });
    onDevice({ ...device, room });
  } catch (error) {
    problem.value = error;
    code.value = '';
  }
  busy.value = false;
}

function type(/** @type {string} */ key, /** @type {(device: any) => void} */ onDevice) {
  if (busy.value) {
    return;
  }
  if (key === 'Backspace') {
    code.value = code.value.slice(0, -1);
  } else if (code.value.length < length) {
    problem.value = null;
    code.value += key;
    if (code.value.length === length) {
      send(onDevice);
    }
  }
}

function Digits() {
  return (
    <div class="digits numbers" role="status" aria-label={code.value || t('room.enrol.code')}>
      {Array.from({ length }, (_, i) => (
        <span key={i} class={i === code.value.length ? 'digit here' : 'digit'}>
          {code.value[i] ?? ''}
        </span>
      ))}
    </div>
  );
}

function hint() {
  if (busy.value) {
    return t('room.enrol.busy');
  }
  if (problem.value?.code === 'expired') {
    return t('room.enrol.wrong');
  }
  return problem.value ? problemText(problem.value) : t('room.enrol.where');
}

/** @param {{ onDevice: (device: any) => void }} props */
export function Enrol({ onDevice }) {
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (/^(\d|Backspace)$/.test(event.key)) {
        event.preventDefault();
        type(event.key, onDevice);
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onDevice]);
  return (
    <main class="enrol">
      <section>
        <h1>{t('room.enrol.title')}</h1>
        <Digits />
        <p class={problem.value ? 'wrong' : 'muted'} role={problem.value ? 'alert' : undefined}>
          {hint()}
        </p>
      </section>
      <div class="keypad numbers">
        {['1', '2', '3', '4', '5', '6', '7', '8', '9', '', '0', 'Backspace'].map((key) =>
          key ? (
            <button
              key={key}
              type="button"
              aria-label={key === 'Backspace' ? t('room.enrol.delete') : key}
              onClick={() => type(key, onDevice)}
            >
              {key === 'Backspace' ? '⌫' : key}
            </button>
          ) : (
            <span key="gap" />
          ),
        )}
      </div>
    </main>
  );
}
