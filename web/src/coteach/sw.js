// The service worker of `/coteach`: the page opens without a network. It keeps the page's own files and nothing else; what
// the school's people wrote is kept by the page itself (keep.js) and sent by it.
const prefix = 'tongke-coteach-';
const shell = `${prefix}${SHELL_VERSION}`;
const page = '/coteach';
/** A link that is only slow is not waited for longer. */
const patience_ms = 3000;
/** @type {any} */
const worker = globalThis;

async function install() {
  const cache = await caches.open(shell);
  await cache.addAll(
    [page, ...SHELL_FILES].map(
      (url) => new Request(url, { cache: 'no-cache', credentials: 'omit' }),
    ),
  );
  await worker.skipWaiting();
}

async function activate() {
  for (const other of await caches.keys()) {
    if (other.startsWith(prefix) && other !== shell) {
      await caches.delete(other);
    }
  }
  await worker.clients.claim();
}

const kept = async (/** @type {string} */ path) =>
  (await caches.open(shell)).match(path, { ignoreVary: true });

/** The newest page where the network has it, else the kept one. @param {Request} request */
async function open(request) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience_ms);
  try {
    const answer = await fetch(request, { signal: stop.signal });
    if (answer.ok) {
      return answer;
    }
  } catch {
    // no network, or one that swallows everything
  } finally {
    clearTimeout(timer);
  }
  return (await kept(page)) ?? fetch(request);
}

worker.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) {
    return;
  }
  if (request.mode === 'navigate' && url.pathname === page) {
    event.respondWith(open(request));
  } else if (SHELL_FILES.includes(url.pathname)) {
    event.respondWith(kept(url.pathname).then((answer) => answer ?? fetch(request)));
  }
});

export {}; // names of its own: this file is a module to whoever checks its types
