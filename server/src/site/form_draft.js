// Included in pages with forms that are kept as drafts: saves what is typed within a second, and once more when the page is left. A form is
// found by its status line (`data-form-draft`). Every page has an id and numbers its saves, so that the newest text wins in whatever order
// they arrive. What another page has saved since is merged control by control; where both differ, its author chooses. A page that may store
// the form on the device (`SheetOnDevice`) hears of each change by `form-draft` and hands back what it stores by `form-draft-resume`; the off-line
// page draws a stored form, announces it by `form-draft-open`, and ends it by `form-draft-close`. A page that is left before its last text is
// known to be saved leaves the text to the next page of the form in the same tab, on own devices. The form of a visitor who is not
// signed in (`data-tab-draft`) is kept in the storage of the tab, without passwords and document numbers.
(() => {
  const PAUSE = 800;
  // Browsers refuse larger bodies of requests that outlive their page.
  const KEEPALIVE = 60000;
  const RETRY = [1000, 2000, 4000, 8000, 15000];

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };

  const uuid = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };

  /** What a control had when its page was drawn: its value, or whether it was chosen. */
  const drawnValue = (control) => (control.tagName === 'SELECT'
    ? (Array.from(control.options).find((option) => option.defaultSelected) ?? control.options[0])?.value ?? ''
    : control.defaultValue);
  const isChoice = ({ type }) => type === 'checkbox' || type === 'radio';

  /** Names of the controls that differ from how they were drawn. */
  const touchedIn = (form) => {
    const isTouched = (control) => (isChoice(control) ? control.checked !== control.defaultChecked : control.value !== drawnValue(control));
    const typed = (control) => control.name && !['hidden', 'submit', 'button', 'password', 'file'].includes(control.type);
    return Array.from(form.elements).filter((control) => typed(control) && isTouched(control)).map(({ name }) => name);
  };

  /** Names and values of a form, with the text before the composition in place of one that is being composed. */
  const read = (form, composed) => {
    const pairs = [];
    for (const control of form.elements) {
      const { name, type } = control;
      if (!name || control.disabled || type === 'submit' || type === 'button' || type === 'password') continue;
      // Of a chosen file only the name can be kept, to ask for it again.
      if (type === 'file') {
        for (const file of control.files) pairs.push(['_files', file.name]);
        continue;
      }
      if ((type === 'checkbox' || type === 'radio') && !control.checked) continue;
      pairs.push([name, control === composed.control ? composed.value : control.value]);
    }
    return pairs;
  };

  /** The values of a control in a list. */
  const valuesOf = (list, name) => list.filter(([n, value]) => n === name && value).map(([, value]) => value.replaceAll('\r\n', '\n'));
  const same = (one, two, name) => JSON.stringify(valuesOf(one, name)) === JSON.stringify(valuesOf(two, name));
  const namesOf = (...lists) => [...new Set(lists.flat().map(([name]) => name))];

  /** What differs between two lists: the names, and the values before. */
  const changesOf = (before, now) => {
    const changed = namesOf(before, now).filter((name) => !same(before, now, name));
    return { changed, before: before.filter(([name]) => changed.includes(name)) };
  };

  /** Puts values into the controls of a form and tells the other scripts of the page. */
  const fill = (form, pairs, isOurs) => {
    for (const control of form.elements) {
      if (!control.name || !isOurs(control.name) || control.type === 'hidden') continue;
      const values = pairs.filter(([name]) => name === control.name).map(([, value]) => value);
      const choice = isChoice(control);
      const before = choice ? control.checked : control.value;
      if (choice) control.checked = values.includes(control.value);
      else control.value = values[0] ?? '';
      if ((choice ? control.checked : control.value) === before) continue;
      control.dispatchEvent(new Event('input', { bubbles: true }));
      control.dispatchEvent(new Event('change', { bubbles: true }));
    }
  };

  /** The label of a control and, of a choice, its value as a person reads it. */
  const described = (form, name, value) => {
    const controls = Array.from(form.elements).filter((control) => control.name === name);
    const choice = controls.find((control) => control.value === value && (control.type === 'checkbox' || control.type === 'radio'));
    const text = choice ? choice.closest('label')?.textContent.trim() : value;
    const legend = controls[0]?.closest('fieldset')?.querySelector('legend')?.textContent.trim();
    const label = legend || controls[0]?.labels?.[0]?.textContent.trim() || '';
    return `${label}：${text || value}`;
  };

  /** Composition of a form: the control that is composed in and its text before. */
  const watchComposition = (form, done) => {
    const composed = { control: null, value: '' };
    form.addEventListener('compositionstart', ({ target }) => Object.assign(composed, { control: target, value: target.value }));
    form.addEventListener('compositionend', () => { composed.control = null; done(); });
    return composed;
  };

  const keepOnServer = (line) => {
    const form = line.closest('form');
    const { formDraft, command: part, subject, account } = line.dataset;
    const version = form.elements._draft;
    const state = form.elements._draft_state.value;
    const page = uuid();
    let before = JSON.parse(line.dataset.before || '[]'); // what the server has of the revision that this page grew from
    let base = Number(version.value);
    let seq = 0;          // number of the last save that was sent
    let answered = 0;     // number of the last save that was answered
    let typed = 0;        // number of the last edit
    let settled = 0;      // number of the last edit that is stored
    let posted = null;    // number of the save by the post of the form, of the edit in it, and the key of the post
    let failures = 0;
    let timer = 0;
    let planned = false;
    let over = false;     // the form is not open any more, or was sent
    let asked = null;     // the text of another page, to be chosen from
    const gone = new AbortController(); // ends the listeners with the form

    const leftKey = `registrar-left:${formDraft}:${subject}:${part}`;
    // Only on a device that its user called their own: the storage of a tab is not sealed.
    const own = Boolean(document.querySelector('script[src="/device.js"]')?.dataset.own);
    const remember = () => {
      if (!own) return;
      try { sessionStorage.setItem(leftKey, JSON.stringify({ account, state, base, before, page, pairs: pairs() })); } catch { /* the save is on its way */ }
    };
    const forgetLeft = () => { try { sessionStorage.removeItem(leftKey); } catch { /* nothing is kept */ } };
    /** Shows the text that a page left before the case moved on, until its author puts it away. */
    const showLeft = ({ pairs: texts }) => {
      const shown = element('div', 'notice tone-warn');
      shown.dataset.testid = 'form-draft-left';
      shown.append(element('p', 'notice-title', '情况变化前在本标签页填写、没有保存的内容'));
      for (const [name, value] of texts) if (ours(name) && !name.startsWith('_') && value) shown.append(element('p', 'lines', described(form, name, value)));
      const away = element('button', 'btn btn-outline', '不再保留');
      away.type = 'button';
      away.addEventListener('click', () => { forgetLeft(); shown.remove(); });
      shown.append(away);
      line.after(shown);
    };
    /** What a page of this form left; that of another account stays for it. */
    const takeLeft = () => {
      try {
        const left = JSON.parse(sessionStorage.getItem(leftKey) ?? 'null');
        if (left?.account !== account) return null;
        if (left.state !== state) {
          showLeft(left);
          return null;
        }
        forgetLeft();
        return left;
      } catch {
        return null;
      }
    };

    const composed = watchComposition(form, () => edited());
    const ours = (name) => !name.startsWith('_') || name.startsWith('_pick_') || name.startsWith('_shown_') || ['_slip', '_files', '_charge'].includes(name);
    const pairs = () => read(form, composed).filter(([name]) => ours(name));
    // The time is no news to a reader of the screen, so it is no part of what is announced.
    const saySaved = (at) => {
      let time = line.querySelector('[data-at]');
      if (!time) {
        time = element('span');
        time.dataset.at = '';
        time.setAttribute('aria-hidden', 'true');
        line.replaceChildren('已自动暂存到服务器', time);
      }
      time.textContent = `（${at}）`;
    };
    const say = (text, href, label) => {
      if (line.textContent !== text) line.textContent = text;
      if (!href) return;
      const link = element('a', '', label);
      link.href = href;
      link.target = '_blank';
      link.rel = 'opener';
      line.append(' ', link);
    };

    const unplan = () => { clearTimeout(timer); planned = false; };
    const plan = (wait) => { unplan(); planned = true; timer = setTimeout(send, wait); };
    const edited = () => {
      typed += 1;
      // From the first edit that is not sent, so that typing without a rest is saved too.
      if (!over && !asked && !planned) plan(PAUSE);
      tellSoon();
    };

    /** Says what is typed to whoever stores it on the device. */
    const tell = () => {
      clearTimeout(telling);
      const key = posted?.edit === typed ? posted.key : undefined;
      const detail = JSON.stringify({ pairs: pairs(), before, base, page, seq, settled: settled === typed, over, posted: key });
      line.dispatchEvent(new CustomEvent('form-draft', { bubbles: true, detail }));
    };
    let telling = 0;
    const tellSoon = () => { clearTimeout(telling); telling = setTimeout(tell, 150); };

    const send = (leaving = false) => {
      unplan();
      if (over || asked || settled === typed) return;
      // What the post of the form carries too has its number, so that it is stored once, whichever of the two arrives first.
      const [number, edit] = [leaving && posted?.edit === typed ? posted.number : ++seq, typed];
      if (number === seq) version.value = `${base} ${page} ${number}`;
      const sent = pairs();
      let body = JSON.stringify({ form: formDraft, part, subject, state, account, base, page, seq: number, pairs: sent, since: changesOf(before, sent) });
      if (leaving && new TextEncoder().encode(body).length >= KEEPALIVE) {
        body = JSON.stringify({ form: formDraft, part, subject, state, account, base, page, seq: number, pairs: sent });
      }
      const give = AbortSignal.timeout ? AbortSignal.timeout(20000) : undefined;
      const request = { method: 'POST', body, headers: { 'content-type': 'application/json' }, keepalive: new TextEncoder().encode(body).length < KEEPALIVE };
      if (!leaving) request.signal = give;
      fetch('/api/form-draft', request).then(
        async (response) => answer(number, edit, sent, response.status, await response.json().catch(() => ({}))),
        () => failed(number, unreachable()),
      );
    };
    const unreachable = () => (line.dataset.stored
      ? '暂时连接不上服务器，填写的内容已保存在本机，联网后自动暂存到服务器'
      : '暂时连接不上服务器，填写的内容还在本页，将继续尝试暂存');

    const failed = (number, text) => {
      if (number < seq || over) return;
      say(text);
      plan(RETRY[Math.min(failures++, RETRY.length - 1)]);
    };

    /** Shows what another page changed in controls that nobody has touched since `sent`. */
    const show = (sent, merged, isShown) => {
      const now = pairs();
      const untouched = namesOf(merged, sent).filter((name) => isShown(name) && same(now, sent, name) && !same(merged, sent, name));
      fill(form, merged, (name) => ours(name) && untouched.includes(name));
    };

    const answer = (number, edit, sent, status, reply) => {
      if (number < answered || over) return;
      answered = number;
      if (status === 200) {
        failures = 0;
        settled = Math.max(settled, edit);
        base = reply.revision;
        before = sent;
        if (reply.code === 'merged') {
          before = reply.pairs;
          show(sent, reply.pairs, () => true);
          // What is shown of the other page is on the server, unless it led to further changes.
          if (changesOf(before, pairs()).changed.every((name) => name.startsWith('_'))) settled = typed;
        }
        version.value = `${base} ${page} ${seq}`;
        if (settled === typed) { unplan(); forgetLeft(); saySaved(reply.at); }
        tell();
      } else if (status === 409 && reply.pairs) {
        ask(sent, reply);
      } else if (status === 401) {
        const other = reply.code === 'other_account';
        const text = other ? '当前登录的是另一个账号，填写的内容还在本页，没有保存。' : '登录已失效，填写的内容还在本页，登录后自动继续暂存。';
        const here = encodeURIComponent(location.pathname + location.search);
        say(text, `/login?next=${here}`, '在新页面登录');
        plan(RETRY[RETRY.length - 1]);
      } else if (status === 410 || status === 404) {
        over = true;
        tell();
        say(reply.text || '情况已有变化，本页填写的内容不能再保存。', location.pathname, '查看最新情况');
      } else if (status >= 500 || status === 429 || status === 408) {
        failed(number, reply.text || '服务器暂时无法保存，填写的内容还在本页，将继续尝试暂存');
      } else {
        // The next edit tries again.
        say(`尚未暂存：${reply.text || '页面已过期，请复制填写的内容后刷新'}`);
      }
    };

    /** Where the other text of a question comes from. */
    const ofOtherPage = (at) => ({ title: `您在其他页面保存了不同的内容（${at}）`, choice: '改用其他页面保存的内容', done: `已改用其他页面保存的内容（${at}）` });
    const OF_DEVICE = { title: '本机保存着没有暂存到服务器的内容，与本页刚填写的不同', choice: '改用本机保存的内容', done: '已改用本机保存的内容' };

    /** Shows the other text of controls that this page changed too; the others are merged. `revision`: that of the server that has it. */
    const ask = (sent, { revision, at, pairs: theirs, merged }, words = ofOtherPage(at)) => {
      if (asked) return;
      const differing = merged ? merged.questions : changesOf(theirs, sent).changed;
      if (merged) show(sent, merged.pairs, (name) => !differing.includes(name));
      const values = (list) => list.filter(([name, value]) => differing.includes(name) && value);
      asked = element('div', 'notice tone-bad');
      asked.setAttribute('role', 'group');
      asked.dataset.testid = 'form-draft-older';
      asked.append(element('p', 'notice-title', words.title));
      for (const pair of values(theirs)) asked.append(element('p', 'lines', described(form, ...pair)));
      for (const name of differing.filter((name) => valuesOf(theirs, name).length === 0)) {
        asked.append(element('p', 'lines', `${described(form, name, '').replace(/：.*$/s, '')}：（空）`));
      }
      const choose = (label, act) => {
        const button = element('button', 'btn btn-outline', label);
        button.type = 'button';
        button.addEventListener('click', () => {
          if (revision) [base, before] = [revision, theirs];
          asked.remove();
          asked = null;
          forgetLeft();
          act();
          if (changesOf(before, pairs()).changed.some((name) => !name.startsWith('_'))) {
            typed += 1;
            send();
          } else {
            unplan();
            settled = typed;
            version.value = `${base} ${page} ${seq}`;
            say(words.done);
            tell();
          }
          if (waiting) resume(waiting);
        });
        return button;
      };
      const isText = (name) => Array.from(form.elements).some((control) => control.name === name && (control.tagName === 'TEXTAREA' || control.type === 'text'));
      const joined = () => differing.filter(isText).flatMap((name) => {
        const break_ = form.elements[name].tagName === 'TEXTAREA' ? '\n' : '；';
        return [[name, [...valuesOf(theirs, name), ...valuesOf(pairs(), name)].join(break_)]];
      });
      const row = element('div', 'choices');
      row.append(
        choose('保留本页填写的内容', () => {}),
        choose(words.choice, () => fill(form, theirs, (name) => ours(name) && differing.includes(name))),
      );
      if (differing.some(isText)) row.append(choose('文字两份都保留', () => fill(form, joined(), (name) => differing.includes(name) && isText(name))));
      asked.append(row);
      line.after(asked);
      say('尚未暂存：请选择保留哪一份内容');
      tell();
    };

    // Goes on with what the device stores of this form: all of it, or what the server does not have. What was typed before the device handed
    // it back stays; where both differ, the author chooses.
    let resumed = null;
    let waiting = null; // what the device handed back while its author was asked about something else
    const resume = (handed) => {
      const { pairs: stored, before: old, base: known, page: typedBy, all } = handed;
      waiting = asked && handed;
      if (asked) return;
      // The device may hand back what the tab had left, or what its page had typed before that: it was sent, or asked about, since.
      const isKnown = resumed && (typedBy === resumed.page || changesOf(old, stored).changed.every((name) => same(resumed.pairs, stored, name)));
      if (isKnown) {
        tell();
        return;
      }
      resumed = handed;
      const now = pairs();
      const touched = all ? [] : touchedIn(form);
      // A page that has saved already grew from a later revision; what others changed up to that is asked about too.
      const grown = seq > 0;
      if (!grown) [base, before] = [known, old];
      const changed = all ? namesOf(stored, now) : changesOf(old, stored).changed;
      const isNew = (name) => touched.includes(name) || (grown && !same(before, old, name));
      const differing = changed.filter((name) => ours(name) && isNew(name) && !same(now, stored, name));
      fill(form, stored, (name) => ours(name) && changed.includes(name) && !differing.includes(name));
      if (differing.length > 0) {
        typed += 1;
        ask(pairs(), { pairs: stored, merged: { pairs: pairs(), questions: differing } }, OF_DEVICE);
        return;
      }
      if (changesOf(before, stored).changed.length > 0) {
        typed += 1;
        plan(0);
      } else {
        unplan();
        forgetLeft();
        settled = typed;
      }
      tell();
    };
    line.addEventListener('form-draft-resume', ({ detail }) => resume(JSON.parse(detail)));
    line.addEventListener('form-draft-tell', tell);

    form.addEventListener('input', (event) => { if (!event.isComposing) edited(); });
    form.addEventListener('change', (event) => { if (event.target !== composed.control) edited(); });
    form.addEventListener('submit', () => {
      unplan();
      version.value = `${base} ${page} ${++seq}`;
      posted = { number: seq, edit: typed, key: form.elements._key?.value };
      forgetLeft();
      tell();
    });
    const leave = () => {
      if (over) return;
      // What is posted was told when it was.
      if (posted?.edit !== typed) {
        tell();
        if (settled !== typed) remember();
      }
      send(true);
    };
    const { signal } = gone;
    addEventListener('pagehide', leave, { signal });
    document.addEventListener('visibilitychange', () => (document.visibilityState === 'hidden' ? leave() : send()), { signal });
    addEventListener('online', () => send(), { signal });
    addEventListener('focus', () => send(), { signal });
    line.addEventListener('form-draft-close', () => {
      leave();
      over = true;
      unplan();
      clearTimeout(telling);
      gone.abort();
    });
    const left = takeLeft();
    if (left) resume({ ...left, all: false });
    // What was typed before this script ran.
    if (touchedIn(form).length > 0) edited();
  };

  const keepInTab = (line) => {
    const form = line.closest('form');
    const key = `registrar-form:${line.dataset.tabDraft}`;
    const names = line.dataset.controls.split(' ');
    const ours = (name) => names.includes(name);
    const store = () => {
      try {
        sessionStorage.setItem(key, JSON.stringify(read(form, composed).filter(([name]) => ours(name))));
        line.textContent = '填写的内容暂存在本标签页，密码和证件号码除外';
      } catch { /* without storage nothing is kept */ }
    };
    const composed = watchComposition(form, store);
    const restore = () => {
      try {
        const saved = JSON.parse(sessionStorage.getItem(key) ?? 'null');
        // A page with values shows what was sent just now.
        const shown = Array.from(form.elements).some((control) => ours(control.name) && control.type !== 'hidden' && control.tagName === 'INPUT' && control.type !== 'radio' && control.type !== 'checkbox' && control.value);
        if (!saved || shown) return;
        fill(form, saved, ours);
        line.textContent = '已恢复本标签页中填写的内容，密码和证件号码需要重新填写';
      } catch { /* the text cannot be read */ }
    };
    restore();
    form.addEventListener('input', (event) => { if (!event.isComposing) store(); });
    form.addEventListener('change', store);
    addEventListener('pagehide', store);
  };

  for (const line of document.querySelectorAll('[data-form-draft]')) keepOnServer(line);
  document.addEventListener('form-draft-open', ({ target }) => keepOnServer(target));
  for (const line of document.querySelectorAll('form [data-tab-draft]')) keepInTab(line);
  for (const line of document.querySelectorAll('[data-tab-draft-done]'))
    try { sessionStorage.removeItem(`registrar-form:${line.dataset.tabDraftDone}`); } catch { /* nothing is kept */ }
})();
