// The app's own files on a device that works without a connection: the page as the service last gave it, and what it is made of.
// Answers of the API never come by here. What the packer fills in: the files of this release.
const FILES = [/* files */];
const RELEASE = 'baishe-/* release */';

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(RELEASE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = (names) => names.filter((name) => name !== RELEASE);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || /^\/(api|problems|public|\.well-known)(\/|$)/.test(pathname)) return;
  if (request.mode === 'navigate') {
    // The service's page first, so that a new release comes through at once; a connection that gives nothing is none.
    event.respondWith(fetch(request, { signal: AbortSignal.timeout(5000) }).catch(() => caches.match('/')));
  } else if (pathname.startsWith('/assets/')) {
    // Named by what they hold: what is there is what is wanted.
    event.respondWith(caches.match(request, { ignoreVary: true }).then((found) => found ?? fetch(request)));
  }
});
