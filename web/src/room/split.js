// How wide the board is beside the teacher, in percent: chosen once, remembered here.
import { signal } from '@preact/signals';

const store = 'tongke.room.split';
const least = 60;
const most = 85;
const step = 5;
const usual = 75;

export const clampSplit = (/** @type {number} */ percent) =>
  Number.isFinite(percent) ? Math.min(most, Math.max(least, Math.round(percent))) : usual;

function remembered() {
  try {
    const kept = localStorage.getItem(store);
    return clampSplit(kept === null ? usual : Number(kept));
  } catch {
    return usual;
  }
}

export const split = signal(remembered());

/** A step wider or narrower. */
export function changeSplit(/** @type {1 | -1} */ direction) {
  split.value = clampSplit(split.value + direction * step);
  try {
    localStorage.setItem(store, String(split.value));
  } catch {
    // it lasts until the page is closed
  }
}
