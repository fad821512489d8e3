// Full screen, a screen that stays on, and a Back key that never leaves a lesson.
import { signal } from '@preact/signals';

const isFull = () =>
  document.fullscreenElement !== null || matchMedia('(display-mode: fullscreen)').matches;

export const is_full = signal(true);

/** Needs a gesture; a browser that refuses stays as it is. */
export function goFull() {
  if (!isFull()) {
    document.documentElement.requestFullscreen?.().catch(() => {
      // a television's browser may have no other size
    });
  }
}

export function watchFull() {
  const look = () => {
    is_full.value = isFull() || !document.fullscreenEnabled;
  };
  look();
  document.addEventListener('fullscreenchange', look);
  matchMedia('(display-mode: fullscreen)').addEventListener('change', look);
}

export function holdBack() {
  history.pushState(null, '', location.href);
  addEventListener('popstate', () => history.pushState(null, '', location.href));
  document.addEventListener('keydown', (event) => {
    if (['BrowserBack', 'GoBack', 'Backspace'].includes(event.key)) {
      event.preventDefault();
    }
  });
}

/** The screen stays on while the page is seen. */
export function stayAwake() {
  const hold = () => {
    if (document.visibilityState === 'visible') {
      navigator.wakeLock?.request('screen').catch(() => {
        // without power the browser may refuse; the kiosk's own setting stands
      });
    }
  };
  hold();
  document.addEventListener('visibilitychange', hold);
}
