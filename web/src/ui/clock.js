// The server's time, once a second, for whoever draws a clock.
import { signal } from '@preact/signals';

export const now_ms = signal(Date.now());

/** Starts it. @param {() => number} offset_ms how much the server's clock is ahead of this one */
export function startClock(offset_ms) {
  const tick = () => {
    now_ms.value = Date.now() + offset_ms();
  };
  tick();
  return setInterval(tick, 1000);
}
