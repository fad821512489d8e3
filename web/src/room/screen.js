// How large words must be on this television: a Han character needs 20 minutes of arc to be read, which is 5.8 mm for
// each metre between the screen and the last row. Kept on this machine. `scaleOf` is pure.

const store = 'tongke.room.screen';
const mm_for_each_metre = 5.8;
/** Height of a 16:9 screen for each inch of its diagonal: 25.4 · 9 / √(16² + 9²). */
const mm_for_each_inch = 12.45;
/** The smallest words of the page, in percent of its height. */
const smallest_vh = 4.6;
const most = 1.6;

export const usual = { inches: 55, metres: 5 };

/** Needed for the smallest words; never smaller than they are made. */
export function scaleOf(/** @type {{ inches: number, metres: number }} */ { inches, metres }) {
  const needed_vh = (100 * metres * mm_for_each_metre) / (inches * mm_for_each_inch);
  return Math.min(most, Math.max(1, Math.round((needed_vh / smallest_vh) * 100) / 100));
}

/** @returns {{ inches: number, metres: number }} */
export function screenHere() {
  try {
    const { inches, metres } = JSON.parse(localStorage.getItem(store) ?? 'null') ?? usual;
    return inches >= 10 && metres >= 1 ? { inches, metres } : usual;
  } catch {
    return usual;
  }
}

/** Words as large as this screen needs, from now on. */
export function setScreen(/** @type {{ inches: number, metres: number }} */ screen) {
  try {
    localStorage.setItem(store, JSON.stringify(screen));
  } catch {
    // it lasts until the page is closed
  }
  applyScreen(screen);
}

export function applyScreen(screen = screenHere()) {
  document.documentElement.style.setProperty('--tv-scale', String(scaleOf(screen)));
}
