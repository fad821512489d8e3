// What a co-teacher tells the server for the room, and how it went.
import { signal } from '@preact/signals';
import { live } from './app.js';

/** The newest thing that was said here: the key of a sentence, and whether it did not arrive. */
export const said = signal(/** @type {{ key: string, bad: boolean } | null} */ (null));
export const busy = signal(/** @type {string | null} */ (null));

/** @param {string} type @param {object} fields @param {string | null} key said when it has arrived */
export async function tell(type, fields, key) {
  busy.value = type;
  try {
    await live.peek()?.socket.request(type, fields);
    said.value = key ? { key, bad: false } : null;
    return true;
  } catch (error) {
    const often = error.code === 'rate_limited';
    const why = error.code === 'conflict' ? 'coteach.said.not_now' : 'coteach.said.not_sent';
    said.value = { key: often ? 'coteach.said.too_often' : why, bad: true };
    return false;
  } finally {
    busy.value = null;
  }
}
