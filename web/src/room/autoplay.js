// Whether this browser plays sound without a gesture, and whether one was made. The answer comes a moment after the
// page is there; until then nobody is asked for anything.
import { signal } from '@preact/signals';

export const gesture_needed = signal(false);

const wait_ms = 600;

export function watchAutoplay() {
  const context = new AudioContext();
  const settle = () => {
    if (context.state === 'running') {
      gesture_needed.value = false;
      context.close();
    }
  };
  context.onstatechange = settle;
  setTimeout(() => {
    if (context.state === 'suspended') {
      gesture_needed.value = true;
    }
  }, wait_ms);
  const onGesture = () => {
    gesture_needed.value = false;
    if (context.state !== 'closed') {
      context.resume();
    }
  };
  document.addEventListener('pointerdown', onGesture);
  document.addEventListener('keydown', onGesture);
}
