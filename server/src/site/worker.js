// The service worker: caches the built files and one neutral page, so that drafts of this device open without a network. It handles
// GET only, never caches personal pages, and replaces an older version only on request.
const VERSION = '@VERSION@';
const FILES = @FILES@;
const PAGE = '/offline';
// Their addresses stay the same in every version, so the server's copy comes first.
const SCRIPTS = ['/form_draft.js'];
const CACHE = `registrar-${VERSION}`;

// All files or none: an incomplete page would be worse than none.
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([PAGE, ...SCRIPTS, ...FILES].map((path) => new Request(path, { cache: 'no-cache' })))));
});

self.addEventListener('activate', (event) => {
  const older = (names) => names.filter((name) => name.startsWith('registrar-') && name !== CACHE);
  event.waitUntil(caches.keys().then((names) => Promise.all(older(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((cached) => cached ?? fetch(request)));
  } else if (SCRIPTS.includes(url.pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(url.pathname).then((cached) => cached ?? Response.error())));
  } else if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => caches.match(PAGE).then((cached) => cached ?? Response.error())));
  }
});
