// On every page of whoever is signed in. What this device keeps for another account goes; a device its user called their own gets the
// service worker; a new version waits until the person says so; and signing out leaves nothing behind, with or without a network.
(() => {
  const KEPT_FOR = 'registrar-account';
  const DATABASE = 'registrar';
  const { account, own } = document.currentScript.dataset;

  const kept = () => { try { return localStorage.getItem(KEPT_FOR); } catch { return null; } };

  const forget = () => {
    try { localStorage.removeItem(KEPT_FOR); } catch { /* nothing is kept where nothing may be */ }
    return new Promise((done) => {
      const asked = indexedDB.deleteDatabase(DATABASE);
      asked.onsuccess = asked.onerror = asked.onblocked = done;
    });
  };

  /** Whether this device has something of a draft, or a file, that the server does not. */
  const looked = () => new Promise((done) => {
    const asked = indexedDB.open(DATABASE);
    asked.onupgradeneeded = () => asked.transaction.abort(); // There is no such store, and none is made.
    asked.onerror = () => done(false);
    asked.onsuccess = () => {
      const both = asked.result.transaction(['draft', 'piece']);
      const rows = both.objectStore('draft').getAll();
      const files = both.objectStore('piece').count();
      both.onabort = () => done(false);
      both.oncomplete = () => { asked.result.close(); done(files.result > 0 || rows.result.some((row) => row.unsent)); };
    };
  });

  // Under a lock, for the reason the store has: a page that is left while it opens the store would keep the next one out.
  const unsent = () => (navigator.locks ? navigator.locks.request('open', looked) : looked());

  if (kept() !== null && kept() !== account) void forget();
  if (own) try { localStorage.setItem(KEPT_FOR, account); } catch { /* the editor says so */ }

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (kept() === null || new URL(form.action).pathname !== '/logout') return;
    event.preventDefault();
    const question = '本机还有内容没有保存到服务器，退出后将被清除。确定退出吗？';
    if (await unsent() && !confirm(question)) {
      location.href = '/offline';
      return;
    }
    await forget();
    form.submit();
  });

  /** A line over the page with one thing to do. */
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

  /** Pages that edit a draft send it themselves. */
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

  if (kept() === account) void remind();
  if (navigator.serviceWorker && kept() === account) {
    // A browser that does not take the worker works as before; the editor says where the text is.
    navigator.serviceWorker.register('/sw.js').then(watch).catch(() => {});
  }
})();
