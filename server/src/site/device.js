// Included in every page of signed-in users: says for whom the device stores drafts, registers the service worker on own devices,
// offers new versions, reminds of what is not on the server, and deletes the data of the account at log-out, with or without a network.
// The unsent text of another account stays until that account signs in again, or somebody asks for its deletion.
(() => {
  const DEVICE_OWNER = '@DEVICE_OWNER@';
  const DATABASE = '@DATABASE@';
  const STORES = ['@OWNER@', '@DRAFTS@', '@CONTEXT@', '@CHUNKS@'];
  const { account, own } = document.currentScript.dataset;
  // Drafts on the device need WebAssembly.
  const capable = typeof WebAssembly === 'object';

  const owner = () => { try { return localStorage.getItem(DEVICE_OWNER); } catch { return null; } };
  const setOwner = (value) => {
    try { value === null ? localStorage.removeItem(DEVICE_OWNER) : localStorage.setItem(DEVICE_OWNER, value); } catch { /* the editor reports it */ }
  };

  /** Runs `act` on the database, if there is one; `none` otherwise. */
  const withDatabase = (none, act) => new Promise((done) => {
    const asked = indexedDB.open(DATABASE);
    asked.onupgradeneeded = () => asked.transaction.abort(); // There is no such store, and none is made.
    asked.onerror = () => done(none);
    asked.onsuccess = () => {
      const db = asked.result;
      // Another tab deletes the database.
      db.onversionchange = () => db.close();
      const close = (value) => { db.close(); done(value); };
      try { act(db, close); } catch { close(none); }
    };
  });
  // Under a lock, as in the device store: a page frozen while it opens the store would block the next one.
  const locked = (what) => (navigator.locks ? navigator.locks.request('@OPENING@', what) : what());

  /** Calls `see` for each row of a store. */
  const each = (store, see) => {
    const rows = store.openCursor();
    rows.onsuccess = () => {
      if (!rows.result) return;
      see(rows.result);
      rows.result.continue();
    };
  };

  /** Whether a row is of this account; rows of earlier versions are of the account that is the owner of the device. */
  const mine = (row) => (row.account ?? owner()) === account;

  /** What is stored: whether for this account, what of it is not on the server, and the number of unsent drafts of others. */
  const inventory = () => {
    const found = { known: false, unsent: false, leftover: false, submission: false, files: false, others: 0, accounts: 0, drafts: [] };
    return locked(() => withDatabase(found, (db, close) => {
      const reading = db.transaction(STORES);
      each(reading.objectStore('@OWNER@'), ({ value }) => {
        found.accounts += 1;
        found.known ||= value.account === account;
      });
      each(reading.objectStore('@DRAFTS@'), ({ key, value }) => {
        if (!mine(value)) {
          found.others += value.unsent || value.submission ? 1 : 0;
          return;
        }
        found.unsent ||= Boolean(value.unsent);
        found.leftover ||= Boolean(value.leftover);
        found.submission ||= Boolean(value.submission);
        if (value.unsent || value.submission) found.drafts.push({ matter: key, ...value });
      });
      each(reading.objectStore('@CHUNKS@'), ({ value }) => { found.files ||= mine(value); });
      reading.oncomplete = () => close(found);
      reading.onabort = () => close(found);
    }));
  };

  /** Number of unsent drafts of other accounts when the page was opened. */
  let others = 0;

  const removeDatabase = () => new Promise((done) => {
    const asked = indexedDB.deleteDatabase(DATABASE);
    asked.onsuccess = asked.onerror = asked.onblocked = done;
  });

  /** Deletes the data of this account. */
  const forget = async () => {
    const { known, accounts } = await inventory();
    if (accounts <= (known ? 1 : 0)) await removeDatabase();
    else await locked(() => withDatabase(undefined, (db, close) => {
      const writing = db.transaction(STORES, 'readwrite');
      for (const name of STORES) each(writing.objectStore(name), (row) => { if (row.key === account || mine(row.value)) row.delete(); });
      writing.oncomplete = writing.onabort = () => close();
    }));
    if (owner() === account) setOwner(null);
  };

  /** Tells the server that unsent drafts of other accounts must stay on this device, so that it does not have the browser clear all. */
  const keepOthers = (form) => {
    const field = document.createElement('input');
    [field.type, field.name, field.value] = ['hidden', 'others', 'yes'];
    form.append(field);
  };

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    const path = new URL(form.action).pathname;
    if (path === '/me/security/close' && others > 0) keepOthers(form);
    if (path !== '/logout') return;
    event.preventDefault();
    const question = '本机还有内容没有保存到服务器，退出后将被清除。确定退出吗？';
    const found = await inventory();
    if (owner() === account && (found.unsent || found.leftover || found.files) && !confirm(question)) {
      location.href = '/offline';
      return;
    }
    if (owner() === account) await forget();
    for (const key of Object.keys(sessionStorage)) if (key.startsWith('registrar-left:')) sessionStorage.removeItem(key);
    if (found.others > 0) keepOthers(form);
    form.submit();
  });

  /** A banner with one button, or without. */
  const bar = (id, words, label, act) => {
    if (document.getElementById(id)) return;
    const line = document.createElement('div');
    line.id = id;
    line.className = 'notice tone-info';
    line.setAttribute('role', 'status');
    const text = document.createElement('p');
    text.textContent = words;
    line.append(text);
    if (label) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'btn btn-sm btn-outline';
      button.textContent = label;
      button.onclick = act;
      line.append(button);
    }
    document.querySelector('main').prepend(line);
  };

  const offer = (worker) => {
    if (!worker) return;
    bar('new-version', '新版本已就绪，刷新后生效', '刷新', () => {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      worker.postMessage('take-over');
    });
  };

  const open = () => { location.href = '/offline'; };
  /** Reminds of what is not on the server, except on pages that edit a draft, which show it themselves. */
  const remind = async ({ drafts, files }) => {
    if (others > 0) bar('unsent-of-others', `本机另有 ${others} 份草稿没有保存到服务器，属于其他账号，请用填写时的账号登录后继续保存`, '查看', open);
    if (document.getElementById('edit') || document.getElementById('sheet') || owner() !== account) return;
    const taken = await Promise.all(drafts.map(takesChanges));
    const alive = drafts.filter((_, number) => taken[number]);
    if (alive.some((draft) => draft.submission)) bar('wish', '有草稿已记下提交，尚未提交', '查看', open);
    if (files || alive.some((draft) => draft.unsent)) bar('unsent', '本机有填写的内容尚未保存到服务器', '查看并保存', open);
  };

  /** Whether the server may still take changes of a draft: not once it was submitted, nor of a sheet that is over. */
  const takesChanges = ({ matter, sheet, leftover }) => sheet ? !leftover : fetch('/api/draft/state', {
    method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify({ matter }),
  }).then((answer) => answer.status !== 403, () => true);

  const watch = (registered) => {
    offer(registered.waiting);
    registered.addEventListener('updatefound', () => {
      const coming = registered.installing;
      coming?.addEventListener('statechange', () => {
        if (coming.state === 'installed' && navigator.serviceWorker.controller) offer(coming);
      });
    });
  };

  /** Deletes the sheet whose post was just carried out: the address of the page has the key of the post. */
  const removeSent = async () => {
    const sent = new URLSearchParams(location.search).get('sent');
    if (!sent || owner() !== account) return;
    await locked(() => withDatabase(undefined, (db, close) => {
      const writing = db.transaction(STORES, 'readwrite');
      each(writing.objectStore('@DRAFTS@'), (row) => { if (row.value.posted === sent && row.value.sheet && mine(row.value)) row.delete(); });
      writing.oncomplete = writing.onabort = () => close();
    }));
  };

  const begin = async () => {
    if (!capable) {
      if (own) bar('no-webassembly', '这个浏览器不支持 WebAssembly，填写的内容不会保存在本机，请联网填写并及时保存。');
      return;
    }
    // The drafts of another account are not opened in this session.
    if (own) setOwner(account);
    else if (owner() !== account) setOwner(null);
    await removeSent();
    const found = await inventory();
    // What this account left on the device comes back when it signs in again.
    if (found.known) setOwner(account);
    others = found.others;
    void remind(found);
    if (navigator.serviceWorker && owner() === account) {
      // Without the service worker everything works on-line; the editor shows where the text is saved.
      navigator.serviceWorker.register('/sw.js').then(watch).catch(() => {});
    }
  };
  void begin();
})();
