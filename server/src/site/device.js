// Included in every page of signed-in users: deletes data stored for another account, registers the service worker on own devices,
// offers new versions, and clears the device at log-out, with or without a network.
(() => {
  const DEVICE_OWNER = '@DEVICE_OWNER@';
  const DATABASE = '@DATABASE@';
  const { account, own } = document.currentScript.dataset;

  const owner = () => { try { return localStorage.getItem(DEVICE_OWNER); } catch { return null; } };

  const forget = () => {
    try { localStorage.removeItem(DEVICE_OWNER); } catch { /* without storage nothing is stored */ }
    return new Promise((done) => {
      const asked = indexedDB.deleteDatabase(DATABASE);
      asked.onsuccess = asked.onerror = asked.onblocked = done;
    });
  };

  /** Whether the device has unsent edits or files. */
  const hasUnsent = () => new Promise((done) => {
    const asked = indexedDB.open(DATABASE);
    asked.onupgradeneeded = () => asked.transaction.abort(); // There is no such store, and none is made.
    asked.onerror = () => done(false);
    asked.onsuccess = () => {
      const both = asked.result.transaction(['@DRAFTS@', '@CHUNKS@']);
      const rows = both.objectStore('@DRAFTS@').getAll();
      const files = both.objectStore('@CHUNKS@').count();
      both.onabort = () => done(false);
      both.oncomplete = () => { asked.result.close(); done(files.result > 0 || rows.result.some((row) => row.unsent)); };
    };
  });

  // Under a lock, as in the device store: a page frozen while it opens the store would block the next one.
  const unsent = () => (navigator.locks ? navigator.locks.request('@OPENING@', hasUnsent) : hasUnsent());

  if (owner() !== null && owner() !== account) void forget();
  if (own) try { localStorage.setItem(DEVICE_OWNER, account); } catch { /* the editor reports it */ }

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (owner() === null || new URL(form.action).pathname !== '/logout') return;
    event.preventDefault();
    const question = '本机还有内容没有保存到服务器，退出后将被清除。确定退出吗？';
    if (await unsent() && !confirm(question)) {
      location.href = '/offline';
      return;
    }
    await forget();
    form.submit();
  });

  /** A banner with one button. */
  const bar = (id, words, label, act) => {
    if (document.getElementById(id)) return;
    const line = document.createElement('div');
    line.id = id;
    line.className = 'notice tone-info';
    line.setAttribute('role', 'status');
    const text = document.createElement('p');
    text.textContent = words;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn btn-sm btn-outline';
    button.textContent = label;
    button.onclick = act;
    line.append(text, button);
    document.querySelector('main').prepend(line);
  };

  const offer = (worker) => {
    if (!worker) return;
    bar('new-version', '新版本已就绪，刷新后生效', '刷新', () => {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      worker.postMessage('take-over');
    });
  };

  /** Reminds of unsent edits, except on pages that edit a draft, which send them. */
  const remind = async () => {
    if (document.getElementById('edit') || !(await unsent())) return;
    bar('unsent', '本机有填写的内容还没有保存到服务器', '查看并保存', () => { location.href = '/offline'; });
  };

  const watch = (registered) => {
    offer(registered.waiting);
    registered.addEventListener('updatefound', () => {
      const coming = registered.installing;
      coming?.addEventListener('statechange', () => {
        if (coming.state === 'installed' && navigator.serviceWorker.controller) offer(coming);
      });
    });
  };

  if (owner() === account) void remind();
  if (navigator.serviceWorker && owner() === account) {
    // Without the service worker everything works on-line; the editor shows where the text is saved.
    navigator.serviceWorker.register('/sw.js').then(watch).catch(() => {});
  }
})();
