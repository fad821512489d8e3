// The tools of the board, loaded when they are first wanted.
import { signal } from '@preact/signals';
import { backoffMs } from '../core/backoff.js';
import { t } from '../core/i18n.js';

/** @type {import('@preact/signals').Signal<typeof import('./editor.jsx').BoardEditor | null>} */
const loaded = signal(null);
let asked = false;

async function load(tries = 0) {
  try {
    loaded.value = (await import('./editor.jsx')).BoardEditor;
  } catch {
    setTimeout(() => load(tries + 1), backoffMs(tries));
  }
}

/** @param {Parameters<typeof import('./editor.jsx').BoardEditor>[0]} props */
export function LazyBoardEditor(props) {
  if (!asked) {
    asked = true;
    load();
  }
  const Editor = loaded.value;
  return Editor ? <Editor {...props} /> : <p role="status">{t('board.reading')}</p>;
}
