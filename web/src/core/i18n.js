// Words in two languages: a catalogue maps a key to [Chinese, English]. No DOM here.
import { signal } from '@preact/signals';

/** @typedef {'zh' | 'en'} Lang */

/** @type {import('@preact/signals').Signal<Lang>} */
export const lang = signal('zh');

/** @type {Record<string, string[]>} */
const words = {};

/** Adds catalogues; a page calls it once with those that it uses. @param {Record<string, string[]>[]} catalogues */
export function speak(...catalogues) {
  Object.assign(words, ...catalogues);
}

/** The text of a key in the current language, with `{name}` replaced from `values`. */
export function t(/** @type {string} */ key, /** @type {Record<string, unknown>} */ values = {}) {
  const text = words[key]?.[lang.value === 'en' ? 1 : 0] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/** The name of a thing that has `name` and `name_en` (or title…), in the current language. */
export function named(/** @type {any} */ thing, field = 'name') {
  if (!thing) {
    return '';
  }
  return (
    (lang.value === 'en' && thing[`${field}_en`]) || thing[field] || thing[`${field}_en`] || ''
  );
}

/** The language to begin with: the address, else what was chosen here before, else Chinese. */
export function pickLang(/** @type {string} */ search, /** @type {string | null} */ stored) {
  const asked = new URLSearchParams(search).get('lang') ?? stored;
  return asked === 'en' ? 'en' : 'zh';
}
