// Whether this page opens without a network: its service worker, or why there is none.
import { signal } from '@preact/signals';

/**
 * `checking`; `ready`; `insecure`: http, or a browser without service workers; `refused`: the browser did not take it (a
 * certificate it does not trust, a private window).
 * @type {import('@preact/signals').Signal<'checking' | 'ready' | 'insecure' | 'refused'>}
 */
export const shell = signal('checking');

export async function startShell() {
  if (!navigator.serviceWorker) {
    shell.value = 'insecure';
    return;
  }
  try {
    await navigator.serviceWorker.register('/coteach-sw.js', { scope: '/coteach' });
    await navigator.serviceWorker.ready;
    shell.value = 'ready';
  } catch {
    // without a network the one that is there serves on, and its update fails
    const there = await navigator.serviceWorker.getRegistration('/coteach').catch(() => null);
    shell.value = there?.active ? 'ready' : 'refused';
  }
}
