// What every page begins with: words, language, the mark that it is drawn.
import { render } from 'preact';
import { lang, pickLang, speak, t } from '../core/i18n.js';
import common from '../words/common.js';
import './base.css';
import { keepFocus } from './focus.js';

const store = 'tongke.lang';

function remembered() {
  try {
    return localStorage.getItem(store);
  } catch {
    return null;
  }
}

/** Changes the language here and for the next visit. @param {import('../core/i18n.js').Lang} next */
export function setLang(next) {
  lang.value = next;
  document.documentElement.lang = next === 'en' ? 'en' : 'zh-CN';
  try {
    localStorage.setItem(store, next);
  } catch {
    // a browser that keeps nothing: the choice lasts until the page is closed
  }
}

/**
 * Draws a page into the document.
 * @param {Record<string, string[]>} words
 * @param {() => any} Page
 * @param {{ focus?: boolean }} [how] `focus`: something has it from the start, as a remote control needs
 */
export function mount(words, Page, { focus = false } = {}) {
  speak(common, words);
  setLang(pickLang(location.search, remembered()));
  const root = document.getElementById('page');
  if (root) {
    keepFocus(root, focus);
    render(<Page />, root);
  }
}

export function LangSwitch() {
  return (
    <button
      type="button"
      class="quiet"
      lang={lang.value === 'en' ? 'zh-CN' : 'en'}
      onClick={() => setLang(lang.value === 'en' ? 'zh' : 'en')}
    >
      {t('lang.other')}
    </button>
  );
}
