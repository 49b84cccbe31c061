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

  /** Whether a draft on this device has something the server does not. */
  const unsent = () => new Promise((done) => {
    const asked = indexedDB.open(DATABASE);
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = () => done(false);
    asked.onsuccess = () => {
      const rows = asked.result.transaction('draft').objectStore('draft').getAll();
      rows.onerror = () => done(false);
      rows.onsuccess = () => { asked.result.close(); done(rows.result.some((row) => row.unsent)); };
    };
  });

  if (kept() !== null && kept() !== account) void forget();
  if (own) try { localStorage.setItem(KEPT_FOR, account); } catch { /* the editor says so */ }

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (kept() === null || new URL(form.action).pathname !== '/logout') return;
    event.preventDefault();
    const question = '本机还有内容没有保存到服务器，退出后将被清除。确定退出吗？';
    if (await unsent() && !confirm(question)) return;
    await forget();
    form.submit();
  });

  const offer = (worker) => {
    if (!worker || document.getElementById('new-version')) return;
    const bar = document.createElement('div');
    bar.id = 'new-version';
    bar.className = 'notice tone-info';
    bar.setAttribute('role', 'status');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn btn-sm btn-outline';
    button.textContent = '刷新';
    button.onclick = () => {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      worker.postMessage('take-over');
    };
    const text = document.createElement('p');
    text.textContent = '新版本已就绪，刷新后生效';
    bar.append(text, button);
    document.querySelector('main').prepend(bar);
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

  if (navigator.serviceWorker && kept() === account) {
    // A browser that does not take the worker works as before; the editor says where the text is.
    navigator.serviceWorker.register('/sw.js').then(watch).catch(() => {});
  }
})();
