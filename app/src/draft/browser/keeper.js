// Seals what a page keeps on this device and writes it, beside the page: a key that was pressed does not wait while the page is drawn.

// A browser that does not open the store in this time does not let us in.
const OPENING_MS = 3000;
let key;
let opened;
let turn = Promise.resolve();

const open = () => new Promise((done, broken) => {
  setTimeout(() => broken(new DOMException('', 'TimeoutError')), OPENING_MS);
  const asked = indexedDB.open('registrar');
  asked.onupgradeneeded = () => asked.transaction.abort(); // The store has gone, and none is made.
  asked.onerror = () => broken(asked.error);
  asked.onsuccess = () => {
    const db = asked.result;
    db.onversionchange = () => db.close();
    done(db);
  };
});

const keep = async ({ store, at, place, plain, marks }) => {
  const db = await opened;
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(place);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, plain);
  const writing = db.transaction(store, 'readwrite', { durability: 'strict' });
  writing.objectStore(store).put({ nonce, sealed, ...marks }, at);
  // Nothing more comes: without this word the disk waits for one more turn of ours.
  writing.commit?.();
  await new Promise((done, broken) => {
    writing.oncomplete = done;
    writing.onabort = () => broken(writing.error);
  });
};

self.onmessage = ({ data }) => {
  if (data.key) {
    key = data.key;
    // Under a lock, for the reason the page has: who is frozen while it opens the store would keep every other page out.
    opened = navigator.locks ? navigator.locks.request('open', open) : open();
    opened.catch(() => {}); // Told with the first row.
    return;
  }
  const { number } = data;
  turn = turn.then(() => keep(data)).then(() => postMessage({ number }), (why) => postMessage({ number, broken: why?.name ?? '' }));
};
