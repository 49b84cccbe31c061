// Encrypts and writes rows of the device store in a worker, so that rendering does not delay saves.

// Time limit for opening the store.
const OPENING_MS = 3000;
let key;
let opened;
let turn = Promise.resolve();

const open = () => new Promise((done, broken) => {
  setTimeout(() => broken(new DOMException('', 'TimeoutError')), OPENING_MS);
  const asked = indexedDB.open('@DATABASE@');
  asked.onupgradeneeded = () => asked.transaction.abort(); // The store has gone, and none is made.
  asked.onerror = () => broken(asked.error);
  asked.onsuccess = () => {
    const db = asked.result;
    db.onversionchange = () => db.close();
    done(db);
  };
});

const save = async ({ store, at, aad, plain, marks }) => {
  const db = await opened;
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(aad);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, plain);
  const writing = db.transaction(store, 'readwrite', { durability: 'strict' });
  writing.objectStore(store).put({ nonce, sealed, ...marks }, at);
  // Commit explicitly; otherwise the transaction ends one event-loop turn later.
  writing.commit?.();
  await new Promise((done, broken) => {
    writing.oncomplete = done;
    writing.onabort = () => broken(writing.error);
  });
};

self.onmessage = ({ data }) => {
  if (data.key) {
    key = data.key;
    // Under a lock, as in the page: a page frozen while it opens the store would block all others.
    opened = navigator.locks ? navigator.locks.request('@OPENING@', open) : open();
    opened.catch(() => {}); // Told with the first row.
    return;
  }
  const { number } = data;
  turn = turn.then(() => save(data)).then(() => postMessage({ number }), (why) => postMessage({ number, broken: why?.name ?? '' }));
};
